import Experiments
import Foundation
import Results
import Support
import Synchronization

/// Results go to standard output, so that they can be piped; progress and messages go to standard error.
enum Console {
    /// A message. Nobody may be there any more to read it, which is no reason to stop.
    static func say(_ text: String) { try? StandardStream.error.write(TerminalText.shown(text) + "\n") }

    /// A message amid progress: the line that is being redrawn is cleared first.
    static func note(_ text: String) {
        if StandardErrorOutput().columns != nil { StandardErrorOutput().write("\r\u{1B}[K") }
        say(text)
    }

    /// A result. Where it cannot be written the work goes on, as its files are worth more than its words, and ``finish()``
    /// says so in the end.
    static func result(_ text: String) { put(TerminalText.shown(text)) }

    /// What another program reads, as it is to the last character; a terminal gets it as ``result(_:)`` is shown.
    static func data(_ text: String) { put(isatty(STDOUT_FILENO) == 0 ? text : TerminalText.shown(text)) }

    private static func put(_ text: String) {
        unwritten.withLock { failure in
            guard failure == nil else { return }
            do throws(FileError) { try StandardStream.output.write(text + "\n") } catch { failure = error }
        }
    }

    /// Why a result could not be written; whatever follows is not written either, lest there be a gap.
    private static let unwritten = Mutex<FileError?>(nil)

    /// - Throws: ``FileError`` if a result could not be written.
    static func finish() throws {
        if let failure = unwritten.withLock({ $0 }) { throw failure }
    }

    /// Lines of a plan or a summary, names aligned. A name is whatever a file is called, and stays on its line.
    static func table(_ rows: [(String, String)]) -> String {
        let rows = rows.map { (TerminalText.shown($0, lines: false), TerminalText.shown($1, lines: false)) }
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { "  " + $0.padding(toLength: width + 2, withPad: " ", startingAt: 0) + $1 }
            .joined(separator: "\n")
    }

    static func percent(_ share: Double) -> String { Metric.Unit.share.text(share) }

    /// 12345678 as 12,345,678.
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
