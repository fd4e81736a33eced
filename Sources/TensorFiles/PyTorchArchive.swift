/// The zip container of `torch.save`: `NAME/data.pkl`, `NAME/byteorder`, and `NAME/data/KEY` for each storage.
struct PyTorchArchive {
    private let archive: ZipArchive
    private let prefix: String

    init(_ file: MappedFile) throws {
        archive = try ZipArchive(file)
        // All records stand under the name that the file had when it was written, and so does the first.
        let first = archive.records.first?.name ?? ""
        guard let slash = first.firstIndex(of: "/") else {
            throw file.error(.notAPyTorchFile("its zip records lie under no common folder"))
        }
        prefix = String(first[...slash])
    }

    func read() throws -> PickleValue {
        let file = archive.file
        if archive.contains(prefix + "constants.pkl") { throw file.error(.torchScript) }
        if archive.contains(prefix + "byteorder") {
            // PyTorch before 2.1 wrote no such record, and only little-endian machines were common.
            let order = try archive.region(prefix + "byteorder").withUnsafeBytes { Array($0.prefix(8)) }
            guard order == Array("little".utf8) else { throw file.error(.bigEndian) }
        }
        var cursor = ByteCursor(try archive.region(prefix + "data.pkl"))
        let graph = try PickleMachine.run(&cursor)
        return try graph.value(of: file) { storage in
            let record = "\(prefix)data/\(storage.key)"
            let region = try archive.region(record)
            guard region.byteCount == storage.byteCount else {
                throw file.error(
                    key: record, .byteCountMismatch(expected: storage.byteCount, actual: region.byteCount))
            }
            return region
        }
    }
}
