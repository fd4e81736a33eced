import CZip

/// The directory of a zip archive (PKWARE APPNOTE 6.3.10, with the 64-bit extensions), for records that are stored as
/// they are, as `torch.save` does, or deflated, as anything that packs them again does.
struct ZipArchive {
    /// A file in the archive, as the central directory describes it.
    struct Record {
        var name: String
        var method: Int
        var isEncrypted: Bool
        var checksum: UInt32
        var storedSize: Int
        var size: Int
        var headerOffset: Int
    }

    let file: MappedFile

    /// The records in the order of the directory.
    let records: [Record]

    private var indices: [String: Int] = [:]

    /// Whether records have checksums: PyTorch can be told to leave them out
    /// (`torch.serialization.set_crc32_options(False)`), and writes zero for every one of them then.
    private let hasChecksums: Bool

    /// The bound of all deflated records together, as a multiple of the size of the file. Zeros shrink to a thousandth;
    /// trained weights hardly shrink at all.
    private static let maximumInflation = 64

    /// Reads the central directory.
    init(_ file: MappedFile) throws {
        self.file = file
        let (count, start, size) = try Self.locateDirectory(in: file)
        guard start >= 0, size >= 0, start <= file.byteCount, size <= file.byteCount - start else {
            throw file.error(.unexpectedEnd(offset: start, needed: size))
        }
        var cursor = ByteCursor(file: file, range: start..<start + size)
        var records: [Record] = []
        for _ in 0..<count {
            let offset = cursor.offset
            let record = try Self.readDirectoryEntry(&cursor)
            guard indices.updateValue(records.count, forKey: record.name) == nil else {
                throw Self.malformed(file, offset, "the record \(quoted(record.name)) occurs twice")
            }
            records.append(record)
        }
        self.records = records
        hasChecksums = records.contains { $0.checksum != 0 }
        try refuseBombs()
    }

    private func refuseBombs() throws {
        let most = Self.maximumInflation * file.byteCount + 1 << 26
        var total = 0
        for record in records where record.method == Self.deflated {
            let (sum, overflow) = total.addingReportingOverflow(record.size)
            guard !overflow, sum <= most else {
                throw malformed(record, "what it inflates to is out of all proportion")
            }
            total = sum
        }
    }

    private static let stored = 0
    private static let deflated = 8

    /// Whether the archive has a record of that name.
    func contains(_ name: String) -> Bool { indices[name] != nil }

    /// The bytes of a record: those of the file where it is stored, those that it inflates to where it is deflated. The
    /// former are held against their checksum once they are taken (``StorageRegion/verify()``), the latter here.
    ///
    /// - Throws: ``TensorFileError`` if it is missing, compressed in another way, damaged, encrypted or outside the
    ///   file.
    func region(_ name: String) throws -> StorageRegion {
        guard let index = indices[name] else { throw file.error(key: name, .missingRecord) }
        let record = records[index]
        guard [Self.stored, Self.deflated].contains(record.method) else {
            throw file.error(key: name, .compressedRecord(method: record.method))
        }
        guard !record.isEncrypted else { throw malformed(record, "it is encrypted") }
        guard record.method == Self.deflated || record.size == record.storedSize else {
            throw malformed(record, "it has two different sizes")
        }

        // The local header repeats the name and has padding of its own, which PyTorch uses to align the data.
        var cursor = ByteCursor(file: file, range: record.headerOffset..<file.byteCount)
        guard cursor.offset == record.headerOffset, try cursor.uint32() == 0x0403_4B50 else {
            throw malformed(record, "it has no local header")
        }
        try cursor.skip(22)
        let nameLength = try cursor.uint16()
        let extraLength = try cursor.uint16()
        guard try cursor.utf8(nameLength) == name else { throw malformed(record, "its local header names another") }
        try cursor.skip(extraLength)
        let checksum = hasChecksums ? RegionChecksum(key: name, expected: record.checksum) : nil
        guard record.method == Self.deflated else {
            return try StorageRegion(file: file, offset: cursor.offset, byteCount: record.size, checksum: checksum)
        }
        let inflated = try inflate(
            record, StorageRegion(file: file, offset: cursor.offset, byteCount: record.storedSize))
        let region = try StorageRegion(file: inflated, offset: 0, byteCount: record.size, checksum: checksum)
        try region.verify()
        return region
    }

    private func inflate(_ record: Record, _ region: StorageRegion) throws -> MappedFile {
        try MappedFile(byteCount: record.size, path: file.path) { output in
            let problem = region.withUnsafeBytes { input in
                czip_inflate(
                    input.baseAddress?.assumingMemoryBound(to: UInt8.self), input.count,
                    output.baseAddress?.assumingMemoryBound(to: UInt8.self), output.count)
            }
            if let problem { throw malformed(record, String(cString: problem)) }
        }
    }

    /// Reads every record and compares it with its checksum, where there are checksums.
    ///
    /// - Throws: ``TensorFileError`` with every record that differs or cannot be read.
    func verifyChecksums() throws {
        var problems: [TensorFileError.Problem] = []
        for record in records {
            do {
                try region(record.name).verify()
            } catch let error as TensorFileError {
                problems += error.problems
            }
        }
        guard problems.isEmpty else { throw TensorFileError(path: file.path, problems: problems) }
    }

    private func malformed(_ record: Record, _ reason: String) -> TensorFileError {
        file.error(key: record.name, .malformedArchive(offset: record.headerOffset, reason))
    }

    private static func malformed(_ file: MappedFile, _ offset: Int, _ reason: String) -> TensorFileError {
        file.error(.malformedArchive(offset: offset, reason))
    }

    /// Finds the end-of-directory record, which stands last but for a comment, and follows it.
    private static func locateDirectory(in file: MappedFile) throws -> (count: Int, start: Int, size: Int) {
        let recordSize = 22
        let earliest = max(0, file.byteCount - recordSize - 0xFFFF)
        let candidates = stride(from: file.byteCount - recordSize, through: earliest, by: -1)
        let found = file.withUnsafeBytes { bytes in
            candidates.first { offset in
                bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian == 0x0605_4B50
                    && Int(bytes.loadUnaligned(fromByteOffset: offset + 20, as: UInt16.self).littleEndian)
                        == file.byteCount - offset - recordSize
            }
        }
        guard let found else {
            throw malformed(file, file.byteCount, "it has no end-of-directory record; the file is truncated")
        }
        var cursor = ByteCursor(file: file, range: found + 4..<file.byteCount)
        let disks = [try cursor.uint16(), try cursor.uint16()]
        try cursor.skip(2)
        let count = try cursor.uint16()
        let size = try cursor.uint32()
        let start = try cursor.uint32()
        if count == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF {
            return try locateDirectory64(in: file, before: found)
        }
        guard disks == [0, 0] else { throw malformed(file, found, "it spans several disks") }
        return (count, start, size)
    }

    private static func locateDirectory64(
        in file: MappedFile, before end: Int
    ) throws -> (count: Int, start: Int, size: Int) {
        guard end >= 20 else { throw malformed(file, end, "its 64-bit directory is missing") }
        var locator = ByteCursor(file: file, range: end - 20..<end)
        guard try locator.uint32() == 0x0706_4B50 else {
            throw malformed(file, end - 20, "its 64-bit directory is missing")
        }
        try locator.skip(4)
        let offset = try locator.byteCount64()
        guard offset <= end else { throw malformed(file, end - 20, "its 64-bit directory lies outside the file") }
        var cursor = ByteCursor(file: file, range: offset..<end)
        guard try cursor.uint32() == 0x0606_4B50 else {
            throw malformed(file, offset, "its 64-bit directory is missing")
        }
        try cursor.skip(28)
        let count = try cursor.byteCount64()
        let size = try cursor.byteCount64()
        let start = try cursor.byteCount64()
        return (count, start, size)
    }

    private static func readDirectoryEntry(_ cursor: inout ByteCursor) throws -> Record {
        let offset = cursor.offset
        guard try cursor.uint32() == 0x0201_4B50 else {
            throw malformed(cursor.file, offset, "a directory entry is damaged")
        }
        try cursor.skip(4)
        let flags = try cursor.uint16()
        let method = try cursor.uint16()
        try cursor.skip(4)
        let checksum = try cursor.integer(as: UInt32.self)
        var storedSize = try cursor.uint32()
        var size = try cursor.uint32()
        let nameLength = try cursor.uint16()
        let extraLength = try cursor.uint16()
        let commentLength = try cursor.uint16()
        try cursor.skip(8)
        var headerOffset = try cursor.uint32()
        guard let name = try cursor.utf8(nameLength) else {
            throw malformed(cursor.file, offset, "a record's name is not UTF-8")
        }

        // Values that do not fit stand in the 64-bit extra field instead, in this order.
        let extraEnd = cursor.offset + extraLength
        while cursor.offset + 4 <= extraEnd {
            let tag = try cursor.uint16()
            let length = try cursor.uint16()
            var field = ByteCursor(file: cursor.file, range: try cursor.skip(length)..<cursor.offset)
            guard tag == 1 else { continue }
            if size == 0xFFFF_FFFF { size = try field.byteCount64() }
            if storedSize == 0xFFFF_FFFF { storedSize = try field.byteCount64() }
            if headerOffset == 0xFFFF_FFFF { headerOffset = try field.byteCount64() }
        }
        guard cursor.offset <= extraEnd else { throw malformed(cursor.file, offset, "an extra field is damaged") }
        try cursor.skip(extraEnd - cursor.offset + commentLength)
        guard headerOffset <= cursor.file.byteCount else {
            throw malformed(cursor.file, offset, "the record \(quoted(name)) lies outside the file")
        }
        return Record(
            name: name, method: method, isEncrypted: flags & 1 != 0, checksum: checksum, storedSize: storedSize,
            size: size, headerOffset: headerOffset)
    }
}
