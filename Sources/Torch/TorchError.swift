import CTorch

/// An operation that libtorch, or this layer over it, refused.
public struct TorchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure that a caller may want to tell apart.
    public enum Kind: String, Sendable {
        /// Shapes, element types or other arguments do not fit.
        case invalidArgument = "invalid argument"
        /// Memory of the host or of a device ran out.
        case outOfMemory = "out of memory"
        /// The operator is unknown, or has no kernel for this device or element type.
        case notImplemented = "not implemented"
        /// The device does not exist here.
        case noSuchDevice = "no such device"
        /// The library libtorch could not be found, loaded or used.
        case notLoaded = "libtorch not loaded"
        /// Anything else that was thrown inside libtorch.
        case other = "error"
    }

    /// The kind of the failure.
    public let kind: Kind
    /// The operation that was asked for, such as `aten::mm`.
    public let operation: String
    /// The shapes of the tensors that it was given, in order.
    public let shapes: [[Int]]
    /// The problem and, where it is known, its remedy.
    public let message: String

    /// A refusal of this layer's own; those of libtorch are made from its last error.
    public init(_ kind: Kind, operation: String, shapes: [[Int]] = [], message: String) {
        self.kind = kind
        self.operation = operation
        self.shapes = shapes
        self.message = message
    }

    /// The error on one line: the kind unless it is an invalid argument, the operation, the problem, and the shapes.
    public var description: String {
        var text = "\(operation): \(message)"
        if kind != .invalidArgument { text = "\(kind.rawValue) in \(text)" }
        if !shapes.isEmpty {
            text +=
                " (given \(shapes.map { "[" + $0.map(String.init).joined(separator: ", ") + "]" }.joined(separator: " and ")))"
        }
        return text
    }

    /// The error that the calling thread's last C call left behind.
    static func last(_ status: ct_status, operation: String, shapes: [[Int]] = []) -> TorchError {
        let whole = ct_is_loaded() ? text(ct_loaded().pointee.last_error()) : "libtorch is not loaded"
        // libtorch appends where in its C++ the check stands; the sentence before it is what a reader needs.
        let sentence = whole.split(separator: "\n", omittingEmptySubsequences: true).prefix { line in
            !line.hasPrefix("Exception raised from") && !line.hasPrefix("frame #")
        }
        return TorchError(
            Kind(status), operation: operation, shapes: shapes, message: sentence.joined(separator: " "))
    }
}

extension TorchError.Kind {
    init(_ status: ct_status) {
        switch status {
        case CT_ERROR_TORCH: self = .invalidArgument
        case CT_ERROR_OUT_OF_MEMORY: self = .outOfMemory
        case CT_ERROR_NOT_IMPLEMENTED: self = .notImplemented
        case CT_ERROR_NOT_LOADED: self = .notLoaded
        default: self = .other
        }
    }
}

/// Throws the last error of this thread unless `status` is fine.
@inline(__always)
func check(_ status: ct_status, _ operation: @autoclosure () -> String) throws {
    if status != CT_OK { throw TorchError.last(status, operation: operation()) }
}

/// A C string that may be absent.
func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
