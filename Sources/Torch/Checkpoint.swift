import TensorFiles

/// Tensors by key, with text beside them, in a file. Reading never executes anything a file contains.
public struct Checkpoint {
    /// The file that the checkpoint was read from.
    public let path: String
    /// The tensors of the file with their keys, in the order of the file.
    public let tensors: [(key: String, tensor: Tensor)]
    /// Free text by key; empty for PyTorch's own files.
    public let metadata: [String: String]

    /// The tensors whose keys begin with `prefix`, without it.
    public func tensors(under prefix: String) -> [(key: String, tensor: Tensor)] {
        tensors.compactMap { key, tensor in
            key.hasPrefix(prefix) ? (String(key.dropFirst(prefix.count)), tensor) : nil
        }
    }

    /// Reads a safetensors file or one of PyTorch's, whatever its name, onto the CPU. A PyTorch file's nested
    /// dictionaries become dotted keys. What the metadata of a safetensors file calls an alias of a tensor stands under
    /// its own key, too.
    ///
    /// - Throws: `TensorFileError` for a file that is damaged (by its checksums where it has some), hostile or of
    ///   another kind; `TorchError` for a tensor of an element type that is not supported here, by key.
    public static func read(_ path: String) throws -> Checkpoint {
        let file = try TensorFile(path: path)
        var tensors = try file.tensors.map { (key: $0.name, tensor: try Tensor($0)) }
        let known = Dictionary(tensors.map { ($0.key, $0.tensor) }, uniquingKeysWith: { $1 })
        var metadata = file.metadata
        for (alias, key) in file.metadata.sorted(by: { $0.key < $1.key }) where known[alias] == nil {
            guard let tensor = known[key] else { continue }
            tensors.append((alias, tensor))
            metadata[alias] = nil
        }
        return Checkpoint(path: path, tensors: tensors, metadata: metadata)
    }

    /// Reads a file of weights that this project wrote: as ``read(_:)``, and every value must be a number.
    ///
    /// - Throws: as ``read(_:)``; ``CheckpointError`` with the tensors that hold what is no finite number.
    public static func readWeights(_ path: String) throws -> Checkpoint {
        let checkpoint = try read(path)
        try checkpoint.requireFinite()
        return checkpoint
    }

    /// Checks that the tensors hold finite numbers only.
    ///
    /// - Parameter prefix: the prefix of the keys that are checked.
    /// - Throws: ``CheckpointError`` with the tensors that hold what is no finite number.
    public func requireFinite(under prefix: String = "") throws {
        let keys = try tensors.filter { $0.key.hasPrefix(prefix) }.keysWithoutNumbers()
        guard keys.isEmpty else { throw CheckpointError.read(path: path, notFinite: keys) }
    }

    /// The free text of a file, without its tensors; empty for PyTorch's own files.
    ///
    /// - Parameter path: the file.
    /// - Throws: `TensorFileError` for a file that is damaged, hostile or of another kind.
    public static func metadata(of path: String) throws -> [String: String] { try TensorFile(path: path).metadata }

    /// Writes a safetensors file, replacing what is there only once everything is on the disk. Tensors are written
    /// densely in the order of their dimensions, whatever their layout and device. A tensor that stands under several
    /// keys is written under the first; the metadata then has the other keys with the first as their value, which is
    /// how `safetensors.torch.save_model` tells shared tensors. Checksums of the header and of every tensor go into the
    /// metadata, and ``read(_:)`` holds a file against them.
    ///
    /// - Throws: ``CheckpointError`` for tensors that hold what is no finite number, of which nobody can make use
    ///   again; `FileError`. What stood at `path` is then as it was.
    public static func write(
        _ tensors: [(key: String, tensor: Tensor)], metadata: [String: String] = [:], to path: String
    ) throws {
        let bad = try tensors.keysWithoutNumbers()
        guard bad.isEmpty else { throw CheckpointError.write(path: path, notFinite: bad) }
        var metadata = metadata
        var first: [ObjectIdentifier: String] = [:]
        let distinct = tensors.filter { key, tensor in
            guard let kept = first.updateValue(key, forKey: ObjectIdentifier(tensor)) else { return true }
            first[ObjectIdentifier(tensor)] = kept
            metadata[key] = kept
            return false
        }
        let sources = distinct.map { key, tensor in
            TensorSource(name: key, elementType: tensor.dtype.elementType, shape: tensor.shape) { sink in
                try withoutGradients { try tensor.detached().to(.cpu).contiguous().withUnsafeBytes(sink) }
            }
        }
        try SafeTensorsWriter.write(sources, metadata: metadata, checksums: true, to: path)
    }
}

extension Tensor {
    /// Copies a tensor of a file onto the CPU.
    ///
    /// - Throws: `TorchError` for an element type that is not supported here.
    public convenience init(_ stored: StoredTensor) throws {
        guard let dtype = DType(stored.elementType) else {
            throw TorchError(
                .notImplemented, operation: "read '\(stored.name)'", shapes: [stored.shape],
                message: "elements of type \(stored.elementType) are not supported; convert the file to float32")
        }
        let made = try Tensor.empty(stored.shape, dtype: dtype)
        try made.withUnsafeMutableBytes { try stored.copyBytes(to: $0) }
        self.init(sharing: made)
    }
}

extension DType {
    /// The element type of files that corresponds to this one.
    public var elementType: ElementType {
        switch self {
        case .uint8: .uint8
        case .int8: .int8
        case .int16: .int16
        case .int32: .int32
        case .int64: .int64
        case .float16: .float16
        case .float32: .float32
        case .float64: .float64
        case .bool: .bool
        case .bfloat16: .bfloat16
        }
    }

    /// Creates the element type of a file's tensor; nil for the types that only files have.
    public init?(_ elementType: ElementType) {
        guard let found = Self.allCases.first(where: { $0.elementType == elementType }) else { return nil }
        self = found
    }
}

/// Tensors with values that are infinite or no numbers, which no network can work with.
public enum CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
    /// They are in the file at this path, under these keys.
    case read(path: String, notFinite: [String])
    /// They were to be written to this path, under these keys; nothing was.
    case write(path: String, notFinite: [String])

    /// Which tensors of which file, how that comes, and what to do.
    public var description: String {
        switch self {
        case .read(let path, let keys):
            return
                "\(path) has infinite values or values that are no numbers in \(Self.listed(keys)): the training that "
                + "wrote it diverged, or the file is damaged; take one that was written before"
        case .write(let path, let keys):
            return "\(path) was not written: there are infinite values or values that are no numbers in "
                + "\(Self.listed(keys)). The training diverged; lower its learning rate"
        }
    }

    private static func listed(_ keys: [String]) -> String {
        let more = keys.count > 8 ? ", and \(keys.count - 8) more" : ""
        return keys.prefix(8).map { "`\($0)`" }.joined(separator: ", ") + more
    }
}
