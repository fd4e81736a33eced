/// A safetensors file, mapped into memory.
///
/// The format is eight bytes of header length, a JSON header that names each tensor with its `dtype`, `shape` and
/// `data_offsets`, and the tensors' bytes without gaps. Everything is checked when the file is opened: a file that
/// opens has every element it speaks of, and no byte that it does not speak of.
///
/// safetensors cannot express shared storage or strides, so tensors are contiguous and each has its own region.
public struct SafeTensorsFile: Sendable {
    /// The longest header that the format allows, in bytes.
    public static let maximumHeaderLength = 100_000_000

    /// The file as the caller named it.
    public let path: String

    /// The tensors in the order of the header.
    public let tensors: [StoredTensor]

    /// The `__metadata__` of the header, empty where it has none. The checksums that files of this project's carry
    /// there are not in it: tensors are held against them when they are copied out.
    public let metadata: [String: String]

    private let indices: [String: Int]

    /// Maps the file at `path` and checks its header.
    ///
    /// - Throws: ``TensorFileError`` with every bad entry that was found.
    public init(path: String) throws {
        try self.init(MappedFile(path: path))
    }

    /// Reads a file that is mapped already.
    ///
    /// - Throws: ``TensorFileError`` with every bad entry that was found.
    public init(_ file: MappedFile) throws {
        let header = try SafeTensorsHeader(file)
        path = file.path
        metadata = header.metadata
        tensors = try header.tensors(in: file)
        indices = Dictionary(uniqueKeysWithValues: tensors.indices.map { [tensors] in (tensors[$0].name, $0) })
    }

    /// The tensors' names in the order of the header.
    public var names: [String] { tensors.map(\.name) }

    /// The tensor of that name, nil where there is none.
    public subscript(name: String) -> StoredTensor? {
        indices[name].map { tensors[$0] }
    }
}
