/// A checkpoint written by `torch.save`, mapped into memory and read without executing anything.
///
/// Both containers are read: the zip archive of PyTorch 1.6 and later, and the stream of pickles before it. Of Python
/// objects beyond dictionaries, lists, numbers, texts and tensors, no more is read than what they are (``unread``); a
/// module that was saved whole gives the tensors of its `state_dict`.
///
/// Tensors that share a storage in Python share a ``StorageRegion`` here; views keep their strides and offsets.
/// `requires_grad`, hooks, devices and attributes of tensors are not kept.
public struct PyTorchFile: Sendable {
    /// The formats in which PyTorch stores a pickle and its storages.
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

    /// The whole content of the file.
    public let root: PickleValue

    /// Every tensor in ``root``, in the order of the file, nested keys and positions joined with dots: the tensor of
    /// `{"state_dict": {"conv1.weight": …}}` is named `state_dict.conv1.weight`. A tensor that occurs at several places
    /// is listed at each.
    public let tensors: [StoredTensor]

    /// The objects in ``root`` that are not understood, with what they hold, in the order of the file, as far as they
    /// are listed.
    public let unread: [UnreadObject]

    private let file: MappedFile
    private let indices: [String: Int]

    /// Maps the file at `path` and reads its structure.
    ///
    /// - Throws: ``TensorFileError`` with every tensor that does not fit its storage, or the first damage; for a file
    ///   without tensors, with every Python object that is not understood.
    public init(path: String) throws {
        try self.init(MappedFile(path: path))
    }

    /// Reads a file that is mapped already.
    ///
    /// - Throws: as ``init(path:)``.
    public init(_ file: MappedFile) throws {
        self.file = file
        path = file.path
        let unknown: [String]
        switch try Self.recognise(file) {
        case .archive:
            container = .archive
            (root, unknown) = try PyTorchArchive(file).read()
        case .legacy:
            container = .legacy
            (root, unknown) = try PyTorchStream(file).read()
        }
        var collector = TensorCollector(file: file)
        try collector.visit(root)
        tensors = try collector.finish()
        unread = collector.unread
        guard !tensors.isEmpty || unknown.isEmpty else {
            throw TensorFileError(path: path, problems: unknown.map { .init(.unsupportedGlobal($0)) })
        }
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

    /// Compares every record of a zip archive with its CRC-32, which reads the whole file; those of tensors that are
    /// copied out are compared then. The older container has no checksums, nor have archives that PyTorch was told to
    /// write without; then nothing is done.
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

/// A Python object in a file that is not understood, and therefore not read.
public struct UnreadObject: Sendable, Hashable, CustomStringConvertible {
    /// The object's place in the file; nested keys and positions are joined with dots.
    public let name: String
    /// The full name of its class or of the function that gives it, such as `argparse.Namespace`.
    public let type: String

    /// An object of that type at that place; neither is looked at.
    public init(name: String, type: String) { (self.name, self.type) = (name, type) }

    /// The place, and the type in brackets.
    public var description: String { name.isEmpty ? type : "\(name) (\(type))" }
}

/// Lists the tensors of a tree with their dotted names.
private struct TensorCollector {
    /// The most objects that are listed.
    private static let listedObjects = 1000

    let file: MappedFile
    private(set) var unread: [UnreadObject] = []
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
        case .object(let type) where unread.count < Self.listedObjects:
            unread.append(.init(name: try path.name(in: file), type: type))
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
