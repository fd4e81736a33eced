import Support

/// A tensor to be written: its name, type and shape, and a way to its bytes, which are asked for only when their turn
/// comes.
public struct TensorSource {
    /// Takes the next stretch of a tensor's bytes.
    public typealias Sink = (UnsafeRawBufferPointer) throws -> Void

    /// The tensor's key in the file.
    public let name: String

    /// The type of the elements.
    public let elementType: ElementType

    /// The extents, outermost first; `[]` for a scalar.
    public let shape: [Int]

    let withBytes: (Sink) throws -> Void

    /// A tensor whose bytes a closure hands over.
    ///
    /// - Parameters:
    ///   - name: the tensor's key in the file.
    ///   - elementType: the type of the elements.
    ///   - shape: the extents, outermost first; `[]` for a scalar.
    ///   - withBytes: calls the sink with the elements in row-major order, little-endian, in one stretch or in several.
    ///     It is called once.
    public init(
        name: String, elementType: ElementType, shape: [Int], withBytes: @escaping (Sink) throws -> Void
    ) {
        self.name = name
        self.elementType = elementType
        self.shape = shape
        self.withBytes = withBytes
    }

    /// A tensor from bytes in memory: its elements in row-major order, little-endian.
    public init(name: String, elementType: ElementType, shape: [Int], bytes: [UInt8]) {
        self.init(name: name, elementType: elementType, shape: shape) { sink in
            try bytes.withUnsafeBytes(sink)
        }
    }

    /// A tensor from another file. A view with gaps or in another order is copied out when it is written.
    public init(_ tensor: StoredTensor) {
        self.init(name: tensor.name, elementType: tensor.elementType, shape: tensor.shape) { sink in
            try tensor.storage.verify()
            try tensor.withUnsafeBytes(sink)
        }
    }
}

/// Writes safetensors files, byte for byte as the reference implementation does of the same tensors and metadata.
public enum SafeTensorsWriter {
    /// Writes `tensors` and `metadata` to `path`, replacing what is there only once everything is on the disk.
    ///
    /// The layout is a function of the contents: larger elements first, then by name, and metadata by key. So the order
    /// of `tensors` does not matter, every tensor is aligned to its element size, and equal contents give equal files.
    /// Bytes stream from the sources; nothing is held.
    ///
    /// With `checksums`, the metadata gets one more key, with a CRC-32 of the header and of every tensor;
    /// ``SafeTensorsFile`` holds a file against them, and to other readers they are a text. What is written to a pipe
    /// or a device has none.
    ///
    /// safetensors cannot share storage: tensors that share memory are written once each. Whoever wants one copy passes
    /// one of them, and restores the others from it.
    ///
    /// - Throws: ``TensorFileError`` with every tensor that cannot be written (a name twice or reserved, a type that
    ///   safetensors lacks, an impossible shape) and for a source with too few or too many bytes; `FileError` for
    ///   failures of the disk; also whatever a source throws. In all cases `path` is left as it was, and no temporary
    ///   file stays.
    public static func write(
        _ tensors: [TensorSource], metadata: [String: String] = [:], checksums: Bool = false, to path: String
    ) throws {
        let layout = try SafeTensorsLayout(tensors, metadata: metadata, checksums: checksums, path: path)
        try AtomicFile.write(to: path) { file in
            // What goes through a pipe cannot be completed afterwards.
            let isPlain = checksums && !file.canOverwrite
            try write(
                isPlain ? SafeTensorsLayout(tensors, metadata: metadata, checksums: false, path: path) : layout,
                to: file, path: path)
        }
    }

    static func write(_ layout: SafeTensorsLayout, to file: OutputFile, path: String) throws {
        try file.write(layout.header)
        var checksums: [CRC32] = []
        for (source, size) in layout.entries {
            var written = 0
            var checksum = CRC32()
            func mismatch(_ actual: Int) -> TensorFileError {
                TensorFileError(
                    path: path, key: source.name, .byteCountMismatch(expected: size, actual: actual))
            }
            try source.withBytes { bytes in
                guard bytes.count <= size - written else { throw mismatch(written + bytes.count) }
                try file.write(bytes)
                if layout.hasChecksums { checksum.update(bytes) }
                written += bytes.count
            }
            guard written == size else { throw mismatch(written) }
            checksums.append(checksum)
        }
        // Each tensor is asked for once, so that what it adds up to is known too late for the header.
        if layout.hasChecksums, let made = SafeTensorsChecksums.digits(of: checksums, header: layout.header) {
            try file.overwrite(made.digits, at: made.offset)
        }
    }
}
