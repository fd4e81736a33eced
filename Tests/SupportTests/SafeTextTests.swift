import Support
import Testing

/// Text that others wrote, on its way to a terminal or into a spreadsheet.
@Suite struct SafeTextTests {
    @Test func whatATerminalObeysIsShown() {
        #expect(TerminalText.shown("a\u{1B}[31mb\u{9B}c\u{7F}") == #"a\u{1B}[31mb\u{9B}c\u{7F}"#)
        #expect(TerminalText.shown("x\u{202E}gnp.exe\u{2066}\u{2028}") == #"x\u{202E}gnp.exe\u{2066}\u{2028}"#)
        #expect(TerminalText.shown("one\r\n\ttwo") == "one\\u{D}\n\ttwo")
        #expect(TerminalText.shown("one\n\ttwo", lines: false) == #"one\u{A}\u{9}two"#)
        for text in ["", "plain", "Zoë 猫 👩‍👩‍👧", "שלום", "back\\slash"] { #expect(TerminalText.shown(text) == text) }
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
