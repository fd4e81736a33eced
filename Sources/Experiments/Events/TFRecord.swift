import Support

/// The framing of TFRecord files: length (8 bytes), its masked CRC (4), the payload, its masked CRC (4); all
/// little-endian.
enum TFRecord {
    static let headerSize = 12
    static let footerSize = 4

    static func frame(_ payload: [UInt8]) -> [UInt8] {
        let length = bytes(UInt64(payload.count))
        return length + bytes(CRC32C.masked(length)) + payload + bytes(CRC32C.masked(payload))
    }

    /// What reading a record can give.
    enum Reading {
        case record([UInt8])
        /// The file ends in the midst of the record.
        case truncated
        case damaged
        case endOfFile
    }

    static func read(_ file: InputFile, at offset: Int) throws -> Reading {
        if offset >= file.size { return .endOfFile }
        let header = try file.read(headerSize, at: offset)
        // After a power failure, a file system may show zeros for what was not on the disk yet.
        guard header.count == headerSize, header.contains(where: { $0 != 0 }) else { return .truncated }
        guard integer(header[8...], UInt32.self) == CRC32C.masked(header[..<8]) else { return .damaged }
        let length = integer(header[..<8], UInt64.self)
        let room = file.size - offset - headerSize - footerSize
        guard room >= 0, length <= UInt64(room) else { return .truncated }
        let rest = try file.read(Int(length) + footerSize, at: offset + headerSize)
        guard rest.count == Int(length) + footerSize else { return .truncated }
        let payload = Array(rest.dropLast(footerSize))
        return integer(rest.suffix(footerSize), UInt32.self) == CRC32C.masked(payload) ? .record(payload) : .damaged
    }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static func integer<I: FixedWidthInteger & UnsignedInteger>(_ bytes: ArraySlice<UInt8>, _: I.Type) -> I {
        bytes.reversed().reduce(0) { $0 << 8 | I($1) }
    }
}
