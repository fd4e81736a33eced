import Support

/// Finds the records of a TensorBoard event file.
public enum EventFile {
    /// The place of one record.
    public struct Record: Equatable, Sendable {
        /// Its first byte.
        public var offset: Int
        /// The byte after its last.
        public var end: Int
        /// Nil for the file's version.
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
