import Testing

@testable import Reports

struct MarkdownTextTests {
    @Test func whatMarksTextUpIsEscaped() {
        #expect(
            MarkdownText.escaped("a|b *c* _d_ `e` [f](g) $h$ ~i~ \\j")
                == "a\\|b \\*c\\* \\_d\\_ \\`e\\` \\[f\\](g) \\$h\\$ \\~i\\~ \\\\j")
        #expect(MarkdownText.escaped("<b> & \"c\"") == "&lt;b&gt; &amp; \"c\"")
        #expect(MarkdownText.escaped("one\ntwo\r\nthree") == "one two three")
    }

    @Test func tablesHaveARuleAndALineForEachRow() {
        let table = MarkdownText.table(["a|b", "c"], [["1", "2"], ["3", "4"]])
        #expect(table == "| a\\|b | c |\n| --- | ---: |\n| 1 | 2 |\n| 3 | 4 |")
    }

    @Test func blocksEndAfterTheirText() {
        #expect(MarkdownText.block("ls") == "```sh\nls\n```")
        #expect(MarkdownText.block("a ```` b") == "`````sh\na ```` b\n`````")
    }
}
