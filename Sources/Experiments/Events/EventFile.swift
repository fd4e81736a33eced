import Support

/// Finds the records of a TensorBoard event file.
public enum EventFile {
    /// The place of one record.
    public struct Record: Equatable, Sendable {
        /// The offset of the record's first byte.
        public var offset: Int
        /// The byte after its last.
        public var end: Int
        /// The step of the event; nil for the file's version.
        public var step: Int?
    }

    /// All whole records, in order. A record that was half written when a process died is left out.
    ///
    /// - Throws: ``EventError/damaged(path:offset:)`` for a record within the file that fails its checksum,
    ///   `FileError`.
    public static func records(of path: String) throws -> [Record] {
        let scan = try scan(path)
        if let damage = scan.damage { throw EventError.damaged(path: path, offset: damage) }
        return scan.records
    }

    /// The byte at which the records up to and including `step` end: where to cut the file to go on from that step.
    ///
    /// - Throws: ``EventError/damaged(path:offset:)`` if damage comes before the end of that step's records,
    ///   `FileError`.
    public static func position(after step: Int, in path: String) throws -> Int {
        let scan = try scan(path)
        if let later = scan.records.first(where: { $0.step.map { $0 > step } ?? false }) { return later.offset }
        if let damage = scan.damage { throw EventError.damaged(path: path, offset: damage) }
        return scan.records.last?.end ?? 0
    }

    /// The records up to the file's end or the first damage.
    static func scan(_ path: String) throws -> (records: [Record], damage: Int?) {
        let file = try InputFile(path)
        var records: [Record] = []
        var offset = 0
        while true {
            switch try TFRecord.read(file, at: offset) {
            case .record(let payload):
                let end = offset + TFRecord.headerSize + payload.count + TFRecord.footerSize
                records.append(Record(offset: offset, end: end, step: EventMessage.step(of: payload)))
                offset = end
            case .damaged: return (records, offset)
            case .truncated, .endOfFile: return (records, nil)
            }
        }
    }
}

/// The framing of TFRecord files: length (8 bytes), its masked CRC (4), the payload, its masked CRC (4); all
/// little-endian.
enum TFRecord {
    static let headerSize = 12
    static let footerSize = 4

    static func frame(_ payload: [UInt8]) -> [UInt8] {
        let length = bytes(UInt64(payload.count))
        return length + bytes(CRC32C.masked(length)) + payload + bytes(CRC32C.masked(payload))
    }

    /// The outcomes of reading a record.
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

/// The Castagnoli cyclic redundancy check (RFC 3720, appendix B.4), and its masked form, by which TFRecord files guard
/// their records.
enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
    }

    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8 }
    }

    /// Rotated and shifted, so that a checksum of data that holds checksums is still a good one.
    static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let crc = checksum(bytes)
        return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
    }
}
