/// The zip container of `torch.save`: `NAME/data.pkl`, `NAME/byteorder`, and `NAME/data/KEY` for each storage.
struct PyTorchArchive {
    private let archive: ZipArchive
    private let prefix: String

    init(_ file: MappedFile) throws {
        archive = try ZipArchive(file)
        // All records stand under the name that the file had when it was written. Whoever packs them again may put
        // others before them, or leave out the folder.
        let pickle = "data.pkl"
        let found = archive.records.map(\.name).filter { $0 == pickle || $0.hasSuffix("/" + pickle) }
        let first = found.count == 1 ? found.first : archive.records.first?.name
        guard let first, first == pickle || first.contains("/") else {
            throw file.error(.notAPyTorchFile("its zip records lie under no common folder"))
        }
        if found.count == 1 {
            prefix = String(first.dropLast(pickle.count))
        } else {
            prefix = String(first.prefix { $0 != "/" }) + "/"
        }
    }

    /// Everything that the file holds, and the names of what is not understood.
    func read() throws -> (root: PickleValue, unknown: [String]) {
        let file = archive.file
        if archive.contains(prefix + "constants.pkl") { throw file.error(.torchScript) }
        if archive.contains(prefix + "byteorder") {
            // PyTorch before 2.1 wrote no such record, and only little-endian machines were common.
            let region = try archive.region(prefix + "byteorder")
            try region.verify()
            let order = region.withUnsafeBytes { Array($0.prefix(8)) }
            guard order == Array("little".utf8) else { throw file.error(.bigEndian) }
        }
        let pickle = try archive.region(prefix + "data.pkl")
        try pickle.verify()
        var cursor = ByteCursor(pickle)
        let graph = try PickleMachine.run(&cursor)
        // Each once: a tensor mentions its storage again, and what is deflated should be inflated once.
        var regions: [String: StorageRegion] = [:]
        let root = try graph.value(of: file) { storage in
            let record = "\(prefix)data/\(storage.key)"
            let region = try regions[record] ?? archive.region(record)
            regions[record] = region
            guard region.byteCount == storage.byteCount else {
                throw file.error(
                    key: record, .byteCountMismatch(expected: storage.byteCount, actual: region.byteCount))
            }
            return region
        }
        return (root, graph.unknownGlobals)
    }
}
