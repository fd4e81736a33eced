/// A checkpoint written by `torch.save`, mapped into memory and read without executing anything.
///
/// Both containers are read: the zip archive of PyTorch 1.6 and later, and the stream of pickles before it. Python
/// objects beyond dictionaries, lists, numbers, texts and tensors are refused by name.
///
/// Tensors that share a storage in Python share a ``StorageRegion`` here; views keep their strides and offsets.
/// `requires_grad`, hooks, devices and attributes of tensors are not kept.
public struct PyTorchFile: Sendable {
    /// How the file holds its pickle and its storages.
    public enum Container: Sendable, Hashable {
        /// A zip archive with one record for each storage.
        case archive
        /// Five pickles followed by the storages.
        case legacy
    }

    /// The file as the caller named it.
    public let path: String

    /// Which of the two containers the file is, judged by its first bytes rather than its name.
    public let container: Container

    /// Everything the file holds.
    public let root: PickleValue

    /// Every tensor in ``root``, in the order of the file, nested keys and positions joined with dots: the tensor of
    /// `{"state_dict": {"conv1.weight": …}}` is named `state_dict.conv1.weight`. A tensor that occurs at several places
    /// is listed at each.
    public let tensors: [StoredTensor]

    private let file: MappedFile
    private let indices: [String: Int]

    /// Maps the file at `path` and reads its structure.
    ///
    /// - Throws: ``TensorFileError`` with every unsupported Python object, every tensor that does not fit its storage,
    ///   or the first damage.
    public init(path: String) throws {
        try self.init(MappedFile(path: path))
    }

    /// Reads a file that is mapped already.
    ///
    /// - Throws: as ``init(path:)``.
    public init(_ file: MappedFile) throws {
        self.file = file
        path = file.path
        switch try Self.recognise(file) {
        case .archive:
            container = .archive
            root = try PyTorchArchive(file).read()
        case .legacy:
            container = .legacy
            root = try PyTorchStream(file).read()
        }
        var collector = TensorCollector(file: file)
        try collector.visit(root)
        tensors = try collector.finish()
        indices = Dictionary(uniqueKeysWithValues: tensors.indices.map { [tensors] in (tensors[$0].name, $0) })
    }

    /// The tensor of that dotted name, nil where there is none.
    public subscript(name: String) -> StoredTensor? {
        indices[name].map { tensors[$0] }
    }

    /// The tensors below a dotted prefix, their names without it: of a nested checkpoint,
    /// `tensors(under: "state_dict")` is what a module loads.
    ///
    /// - Throws: ``TensorFileFault/unknownPrefix(available:)`` if there is none.
    public func tensors(under prefix: String) throws -> [StoredTensor] {
        let start = prefix + "."
        let found = tensors.filter { $0.name.utf8.starts(with: start.utf8) }.map {
            $0.renamed(String(decoding: $0.name.utf8.dropFirst(start.utf8.count), as: UTF8.self))
        }
        guard !found.isEmpty else {
            var available: [String] = []
            if case .dictionary(let entries) = root {
                for case .string(let key) in entries.map(\.key) { available.append(key) }
            }
            throw file.error(key: prefix, .unknownPrefix(available: available))
        }
        return found
    }

    /// Compares every record of a zip archive with its CRC-32, which reads the whole file. The older container has no
    /// checksums, and nothing is done.
    ///
    /// PyTorch can be told not to compute checksums (`torch.serialization.set_crc32_options(False)`); its files then
    /// fail here though they are sound.
    ///
    /// - Throws: ``TensorFileError`` with every record that differs.
    public func verifyChecksums() throws {
        if container == .archive { try ZipArchive(file).verifyChecksums() }
    }

    private static func recognise(_ file: MappedFile) throws -> Container {
        let (isZip, isPickle, isTar) = file.withUnsafeBytes { bytes in
            (
                bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]),
                bytes.starts(with: [0x80]),
                bytes.dropFirst(257).starts(with: Array("ustar".utf8))
            )
        }
        if isZip { return .archive }
        if isTar { throw file.error(.tarContainer) }
        if isPickle { return .legacy }
        let reason =
            file.byteCount == 0
            ? "it is empty" : "it begins neither like a zip archive nor like a pickle of protocol 2 or later"
        throw file.error(.notAPyTorchFile(reason))
    }
}

/// Lists the tensors of a tree with their dotted names.
private struct TensorCollector {
    let file: MappedFile
    private var path = TensorPath()
    private var tensors: [StoredTensor] = []

    init(file: MappedFile) {
        self.file = file
    }

    mutating func visit(_ value: PickleValue) throws {
        switch value {
        case .tensor(let tensor):
            tensors.append(tensor.renamed(try path.name(in: file)))
        case .list(let items), .tuple(let items), .set(let items):
            for (position, item) in items.enumerated() { try visit(item, under: .int(position)) }
        case .dictionary(let entries):
            for entry in entries { try visit(entry.value, under: entry.key) }
        default: break
        }
    }

    private mutating func visit(_ value: PickleValue, under key: PickleValue) throws {
        path.enter(key)
        try visit(value)
        path.leave()
    }

    /// The tensors, if no name occurs twice.
    func finish() throws -> [StoredTensor] {
        var seen: Set<String> = []
        let repeated = tensors.map(\.name).filter { !seen.insert($0).inserted }
        guard repeated.isEmpty else {
            throw TensorFileError(path: file.path, problems: repeated.map { .init(key: $0, .ambiguousName) })
        }
        return tensors
    }
}
