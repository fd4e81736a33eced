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

/// The header of a safetensors file, read and checked.
struct SafeTensorsHeader {
    private struct Entry {
        var name: String
        var elementType: ElementType
        var shape: [Int]
        var begin: Int
        var end: Int
        var checksum: UInt32?
    }

    private(set) var metadata: [String: String] = [:]
    private var entries: [Entry] = []
    private var problems: [TensorFileError.Problem] = []

    /// The offset at which the tensors' bytes begin.
    private let dataOffset: Int

    /// Reads the header. Broken JSON ends the reading at once; bad entries are collected.
    init(_ file: MappedFile) throws {
        var cursor = ByteCursor(file: file, range: 0..<file.byteCount)
        let length = try cursor.integer(as: UInt64.self)
        guard length <= UInt64(cursor.remaining) else {
            throw file.error(.headerBeyondFile(length: length, available: cursor.remaining))
        }
        guard length <= UInt64(SafeTensorsFile.maximumHeaderLength) else {
            throw file.error(.headerTooLong(length: length))
        }
        dataOffset = cursor.offset + Int(length)
        let range = cursor.offset..<dataOffset
        let dataBytes = file.byteCount - dataOffset
        guard cursor.next == UInt8(ascii: "{") || length == 0 else {
            throw file.error(.malformedHeader(offset: cursor.offset, expected: "'{', which must come first"))
        }

        var reader = JSONHeaderReader(ByteCursor(file: file, range: range))
        try reader.object(of: "a JSON object") { reader, name in
            if name == "__metadata__" {
                try reader.object(of: "an object of strings") { reader, key in
                    metadata[key] = try reader.string("a string")
                }
            } else {
                try readEntry(name, from: &reader, dataBytes: dataBytes)
            }
        }
        try reader.finish()
        if problems.isEmpty { checkLayout(dataBytes: dataBytes) }
        guard problems.isEmpty else { throw TensorFileError(path: file.path, problems: problems) }
        try takeChecksums(in: file)
    }

    /// Takes the checksums out of the metadata, and holds the header against its own.
    private mutating func takeChecksums(in file: MappedFile) throws {
        guard let text = metadata.removeValue(forKey: SafeTensorsChecksums.key) else { return }
        let header = file.withUnsafeBytes { Array($0[..<dataOffset]) }
        guard let values = SafeTensorsChecksums.read(text, header: header, tensors: entries.count) else {
            throw file.error(.damagedHeader)
        }
        for (index, value) in values.enumerated() { entries[index].checksum = value }
    }

    /// The tensors in the order of the header.
    func tensors(in file: MappedFile) throws -> [StoredTensor] {
        try entries.map { entry in
            try StoredTensor(
                name: entry.name, elementType: entry.elementType, shape: entry.shape,
                storage: StorageRegion(
                    file: file, offset: dataOffset + entry.begin, byteCount: entry.end - entry.begin,
                    checksum: entry.checksum.map { RegionChecksum(key: entry.name, expected: $0) }))
        }
    }

    private mutating func readEntry(_ name: String, from reader: inout JSONHeaderReader, dataBytes: Int) throws {
        var typeName: String?
        var shape: [Int]?
        var offsets: [Int]?
        var unknown: String?
        do {
            try reader.object(of: "an object with dtype, shape and data_offsets") { reader, field in
                switch field {
                case "dtype": typeName = try reader.string("a string")
                case "shape": shape = try reader.integers("an array of integers", limit: StoredTensor.maximumRank)
                case "data_offsets": offsets = try reader.integers("an array of two integers", limit: 2)
                default:
                    // Its value could be anything, so reading cannot go on behind it.
                    unknown = field
                    throw reader.malformed("dtype, shape or data_offsets")
                }
            }
        } catch let error as TensorFileError {
            // Name the tensor as well as the field.
            let inner = error.problems[0]
            if let unknown {
                throw TensorFileError(path: error.path, key: name, .unknownField(unknown))
            }
            let key = inner.key.map { "\(name).\($0)" } ?? name
            throw TensorFileError(path: error.path, key: key, inner.fault)
        }
        check(name: name, typeName: typeName, shape: shape, offsets: offsets, dataBytes: dataBytes)
    }

    /// Appends either an entry or what is wrong with it.
    private mutating func check(name: String, typeName: String?, shape: [Int]?, offsets: [Int]?, dataBytes: Int) {
        let before = problems.count
        func missing(_ field: String) -> TensorFileError.Problem { .init(key: name, .missingField(field)) }
        if typeName == nil { problems.append(missing("dtype")) }
        if shape == nil { problems.append(missing("shape")) }
        if offsets?.count != 2 { problems.append(missing("data_offsets")) }

        let elementType = typeName.flatMap(ElementType.init(safeTensorsName:))
        if let typeName, elementType == nil { problems.append(.init(key: name, .unknownElementType(typeName))) }
        if let offsets, offsets.count == 2 {
            let (begin, end) = (offsets[0], offsets[1])
            if begin < 0 || end < begin {
                problems.append(.init(key: name, .invalidOffsets(begin: begin, end: end)))
            } else if end > dataBytes {
                problems.append(.init(key: name, .offsetsBeyondData(begin: begin, end: end, dataBytes: dataBytes)))
            }
        }
        if let shape {
            // Without a type the shape can still be seen to be impossible.
            switch (elementType ?? .uint8).byteCount(of: shape) {
            case .failure(let fault):
                problems.append(.init(key: name, fault))
            case .success(let size):
                if problems.count == before, let offsets, size != offsets[1] - offsets[0] {
                    let actual = offsets[1] - offsets[0]
                    problems.append(.init(key: name, .byteCountMismatch(expected: size, actual: actual)))
                }
            }
        }
        if problems.count == before, let elementType, let shape, let offsets {
            entries.append(
                Entry(name: name, elementType: elementType, shape: shape, begin: offsets[0], end: offsets[1]))
        }
    }

    /// Checks that the tensors cover the data from its first byte to its last, each byte once.
    private mutating func checkLayout(dataBytes: Int) {
        var covered = 0
        var last = ""
        for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
            if entry.begin < covered {
                problems.append(
                    .init(key: entry.name, .overlap(begin: entry.begin, other: last, otherEnd: covered)))
            } else if entry.begin > covered {
                problems.append(.init(key: entry.name, .hole(gap: covered..<entry.begin)))
            }
            if entry.end >= covered { (covered, last) = (entry.end, entry.name) }
        }
        if covered < dataBytes { problems.append(.init(.trailingBytes(count: dataBytes - covered))) }
    }
}
