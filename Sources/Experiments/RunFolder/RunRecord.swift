import Foundation
import Support

/// What a run's `run.json` tells of its origin: the seed, and every start with its command, code and versions.
public struct RunRecord: Codable, Equatable, Sendable {
    /// One start of the run: the first, or one that resumed it.
    public struct Start: Codable, Equatable, Sendable {
        /// When, in ISO 8601 and UTC.
        public var time: String
        /// The command line.
        public var command: [String]
        /// The commit of the checkout the process was started in, if it was in one.
        public var gitCommit: String?
        /// Versions by name, such as `supernet` and `libtorch`.
        public var versions: [String: String]
    }

    /// The layout of this file.
    public var format = 1
    /// The seed that the run's random numbers derive from; the same at every start.
    public var seed: UInt64
    /// Every start of the run, the first one first.
    public var starts: [Start]

    /// By key of the configuration, where the files and folders lay that it names; nil in records of before.
    public var places: [String: NamedPlace]?

    init(seed: UInt64) {
        self.seed = seed
        starts = []
    }

    static func read(_ path: String) throws -> RunRecord {
        try JSONDecoder().decode(RunRecord.self, from: Data(try InputFile.readAll(path)))
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(try encoder.encode(self) + Data("\n".utf8), to: path)
    }
}

/// Times of starts.
enum Timestamp {
    /// ISO 8601 in UTC, to the second: `2025-03-01T12:30:00Z`.
    static func text(_ date: Date) -> String {
        date.formatted(.iso8601)
    }
}
