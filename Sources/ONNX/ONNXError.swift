/// A network that cannot be written as an ONNX file.
public enum ONNXError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Layers at these paths still have several candidates.
    case choices([String])
    /// Two layers have a tensor under this key.
    case repeatedKey(String)
    /// Everything that is wrong with the tensors.
    case tensors([TensorFault])
    /// The pooling at this path cannot be said for images of any size.
    case needsFixedSize(path: String)
    /// The file would have this many bytes.
    case tooLarge(byteCount: Int)

    /// A tensor that does not fit the network.
    public enum TensorFault: Sendable, Equatable, CustomStringConvertible {
        /// There is none under the key; it would need this shape.
        case missing(key: String, shape: [Int])
        /// The tensor of the key has another shape.
        case shape(key: String, expected: [Int], found: [Int])
        /// The tensor of the key says that it has this shape, but brings another number of values.
        case count(key: String, shape: [Int], found: Int)

        /// The key, what it needs and what there is.
        public var description: String {
            switch self {
            case .missing(let key, let shape): "'\(key)' is missing; the network needs it with the shape \(shape)"
            case .shape(let key, let expected, let found):
                "'\(key)' has the shape \(found); the network needs \(expected)"
            case .count(let key, let shape, let found): "'\(key)' of the shape \(shape) brings \(found) values"
            }
        }
    }

    /// The problem, its place and its remedy as one message.
    public var description: String {
        switch self {
        case .choices(let paths):
            let named = paths.map { "'\($0)'" }.joined(separator: ", ")
            return
                "only a network without choices can be exported; fix it to an architecture first. Choices are left at "
                + named
        case .repeatedKey(let key): return "two layers of the network have a tensor under the key '\(key)'"
        case .tensors(let faults):
            if faults.count == 1 { return "the tensors do not fit the network: \(faults[0])" }
            // A network of other layers has hundreds; a person reads the first few.
            let shown = 20
            var lines = ["the tensors do not fit the network: \(faults.count) problems"]
            lines += faults.prefix(shown).map { "  \($0)" }
            if faults.count > shown { lines.append("  … and \(faults.count - shown) more") }
            return lines.joined(separator: "\n")
        case .needsFixedSize(let path):
            return "layer '\(path)': ONNX has no such pooling over windows that are partly outside for images of any "
                + "size; export for a fixed size"
        case .tooLarge(let byteCount):
            return "the model has \(byteCount) bytes or more; an ONNX file, as every protobuf message, must be smaller "
                + "than 2 GiB (2,147,483,648 bytes), and tensors in files of their own are not supported"
        }
    }
}
