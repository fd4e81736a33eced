import Foundation
import Support
import Testing

@testable import Experiments

/// Text that others wrote, on its way to a terminal or into a spreadsheet.
@Suite struct ForeignTextTests {
    @Test func whatATerminalObeysIsShown() {
        #expect(TerminalText.shown("a\u{1B}[31mb\u{9B}c\u{7F}") == #"a\u{1B}[31mb\u{9B}c\u{7F}"#)
        #expect(TerminalText.shown("x\u{202E}gnp.exe\u{2066}\u{2028}") == #"x\u{202E}gnp.exe\u{2066}\u{2028}"#)
        #expect(TerminalText.shown("one\r\n\ttwo") == "one\\u{D}\n\ttwo")
        #expect(TerminalText.shown("one\n\ttwo", lines: false) == #"one\u{A}\u{9}two"#)
        for text in ["", "plain", "Zoë 猫 👩‍👩‍👧", "שלום", "back\\slash"] { #expect(TerminalText.shown(text) == text) }
    }

    @Test func progressAndLogShowIt() throws {
        let written = Written()
        let reporter = ProgressReporter(output: written)
        reporter.print("bad image \u{1B}]0;title\u{7}")
        reporter.update(ProgressState(phase: "row\u{1B}[2J", step: 1, steps: 2))
        reporter.finish()
        // The line's own return and erasure are all that is left.
        #expect(written.text.components(separatedBy: "\u{1B}").dropFirst().allSatisfy { $0.hasPrefix("[K") })
        #expect(written.text.contains(#"bad image \u{1B}]0;title\u{7}"#) && written.text.contains(#"row\u{1B}[2J"#))
    }

    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@a", "'@a"), ("\t=a", "'\t=a"), ("\r=", "\"'\r=\""),
        ("'=a", "''=a"), ("''-", "'''-"), ("'a", "'a"), ("a=b", "a=b"), ("a,b", "\"a,b\""),
        ("=\"x\",1", "\"'=\"\"x\"\",1\""),
        ("\"\u{301}", "\"\"\"\u{301}\""), ("", ""), ("a\nb", "\"a\nb\""),
    ]) func aTextIsNoFormulaAndComesBack(text: String, field: String) {
        #expect(CSVField.of(text: text) == field)
        let plain = field.unicodeScalars.first == "\"" ? unquoted(field) : field
        #expect(Array(CSVField.text(of: plain).unicodeScalars) == Array(text.unicodeScalars))
    }
}

/// A quoted field without its quotes, scalar by scalar.
private func unquoted(_ field: String) -> String {
    var result = String.UnicodeScalarView()
    var isSecond = false
    for scalar in field.unicodeScalars.dropFirst().dropLast() {
        isSecond = scalar == "\"" && !isSecond
        if !isSecond { result.append(scalar) }
    }
    return String(result)
}

/// A terminal of eighty columns that keeps what it was sent.
private final class Written: ProgressOutput {
    var text = ""
    var columns: Int? { 80 }
    func write(_ text: String) { self.text += text }
}
