import Files
import Foundation

/// The run's `log.txt`: one line per message, each with its time in UTC. Lines of earlier starts are kept.
public final class RunLog {
    private let file: OutputFile
    private let now: () -> Date

    /// - Throws: `FileError`.
    public init(_ path: String, now: @escaping () -> Date = { Date() }) throws {
        file = try OutputFile(path, .append)
        self.now = now
        // A killed process may have left half a line.
        let size = try file.size()
        if size > 0, try InputFile(path).read(1, at: size - 1) != [UInt8(ascii: "\n")] { try file.write("\n".utf8) }
    }

    /// Appends `message`; each of its lines gets the time.
    public func write(_ message: String) throws {
        let time = Timestamp.text(now())
        let lines = message.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        try file.write(lines.map { "\(time)  \(TerminalText.shown(String($0)))\n" }.joined().utf8)
    }
}

enum Timestamp {
    /// ISO 8601 in UTC, to the second: `2025-03-01T12:30:00Z`.
    static func text(_ date: Date) -> String {
        date.formatted(.iso8601)
    }
}
