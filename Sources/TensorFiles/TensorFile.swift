/// A file of tensors of any kind that is read here, told apart by its first bytes rather than its name: checkpoints are
/// called `.pth`, `.pth.tar`, `.ckpt`, `.bin` and more.
public struct TensorFile: Sendable {
    /// The file as the caller named it.
    public let path: String
    /// In the order of the file; nested dictionaries of PyTorch's become dotted names.
    public let tensors: [StoredTensor]
    /// Python objects in a file of PyTorch's that are not understood, and therefore not read.
    public let unread: [UnreadObject]
    /// Free text by key; empty for PyTorch's own files.
    public let metadata: [String: String]

    /// Maps the file at `path` and reads its structure.
    ///
    /// - Throws: ``TensorFileError`` for a file that is damaged, hostile or of another kind.
    public init(path: String) throws {
        let file = try MappedFile(path: path)
        self.path = path
        if Self.isPyTorch(file) {
            let read = try PyTorchFile(file)
            (tensors, unread, metadata) = (read.tensors, read.unread, [:])
        } else {
            let read = try SafeTensorsFile(file)
            (tensors, unread, metadata) = (read.tensors, [], read.metadata)
        }
    }

    /// A safetensors file begins with the length of its header, which may look like anything, and then a brace.
    private static func isPyTorch(_ file: MappedFile) -> Bool {
        file.withUnsafeBytes { bytes in
            guard bytes.count > 8, bytes[8] != UInt8(ascii: "{") else { return false }
            return bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes[0] == 0x80
                || bytes.dropFirst(257).starts(with: Array("ustar".utf8))
        }
    }
}
