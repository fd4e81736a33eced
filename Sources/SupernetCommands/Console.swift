import Experiments
import Foundation
import Results
import Support
import Synchronization

/// The output of commands: results go to standard output, so that they can be piped; progress and messages go to
/// standard error.
enum Console {
    /// Whether messages and results are left to another process: to rank 0 of several.
    static var isQuiet: Bool {
        get { quiet.load(ordering: .relaxed) }
        set { quiet.store(newValue, ordering: .relaxed) }
    }
    private static let quiet = Atomic(false)

    /// Writes a message. A closed standard error is ignored.
    static func say(_ text: String) {
        guard !isQuiet else { return }
        try? StandardStream.error.write(TerminalText.shown(text) + "\n")
    }

    /// Writes a message during progress: the line that is being redrawn is cleared first.
    static func note(_ text: String) {
        if StandardErrorOutput().columns != nil { StandardErrorOutput().write("\r\u{1B}[K") }
        say(text)
    }

    /// Writes a result. If it cannot be written, the work continues, and ``finish()`` throws the error at the end.
    static func result(_ text: String) { put(TerminalText.shown(text)) }

    /// Writes text for another program without changes; a terminal gets it as ``result(_:)`` shows it.
    static func data(_ text: String) { put(isatty(STDOUT_FILENO) == 0 ? text : TerminalText.shown(text)) }

    private static func put(_ text: String) {
        guard !isQuiet else { return }
        unwritten.withLock { failure in
            guard failure == nil else { return }
            do throws(FileError) { try StandardStream.output.write(text + "\n") } catch { failure = error }
        }
    }

    /// The reason why a result could not be written; later results are not written either, so that there is no gap.
    private static let unwritten = Mutex<FileError?>(nil)

    /// Reports at the end whether all results could be written.
    ///
    /// - Throws: ``FileError`` if a result could not be written.
    static func finish() throws {
        if let failure = unwritten.withLock({ $0 }) { throw failure }
    }

    /// Formats rows of a plan or a summary with aligned names. Line breaks within a cell are replaced.
    static func table(_ rows: [(String, String)]) -> String {
        let rows = rows.map { (TerminalText.shown($0, lines: false), TerminalText.shown($1, lines: false)) }
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { "  " + $0.padding(toLength: width + 2, withPad: " ", startingAt: 0) + $1 }
            .joined(separator: "\n")
    }

    static func percent(_ share: Double) -> String { Metric.Unit.share.text(share) }

    /// Formats 12345678 as 12,345,678.
    static func grouped(_ number: Int) -> String {
        var digits = String(number.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }
}
