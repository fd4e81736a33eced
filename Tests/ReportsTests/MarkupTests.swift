import Foundation
import Testing

@testable import Reports

struct MarkupTests {
    /// Texts that would break out of where they stand.
    static let hostile = [
        "<script>alert(1)</script>", "a & b", "\"quoted\"", "it's", "]]>", "<!-- -->", "&amp;", "\" onload=\"x",
        "back\\slash", "naïve → ✓ 漢字 👟",
    ]

    @Test(arguments: hostile) func textComesBackFromAParserAsItWas(_ text: String) throws {
        let markup = Markup("p", ["title": text, "class": "x"], [.text(text), Markup("b", text: text)])
        let content = try #require(XMLContent(markup.rendered()))
        #expect(content.elements == ["p", "b"])
        #expect(content.text == text + text)
        #expect(content.attributes[0] == ["title": text, "class": "x"])
    }

    @Test func charactersThatXMLForbidsAreReplaced() throws {
        let content = try #require(XMLContent(Markup("p", text: "a\u{0}b\u{8}c\u{1B}d\u{FFFF}e\u{FFFE}").rendered()))
        #expect(content.text == "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}e\u{FFFD}")
    }

    /// Otherwise a name turns round what stands beside it.
    @Test func aNameTurnsNothingBeyondItself() throws {
        let content = try #require(XMLContent(Markup("p", ["title": "\u{2067}x"], text: "a\u{202E}b").rendered()))
        #expect(content.text == "a\u{FFFD}b" && content.attributes[0] == ["title": "\u{FFFD}x"])
        #expect(MarkdownText.escaped("a\u{202E}\u{1B}[1m\tb\r\nc") == "a\u{FFFD}\u{FFFD}\\[1m b c")
    }

    @Test func onlyVoidElementsAndShapesCloseAtOnce() {
        #expect(Markup("br").rendered() == "<br/>")
        #expect(Markup("path", ["d": "M0 0"]).rendered() == "<path d=\"M0 0\"/>")
        #expect(Markup("p").rendered() == "<p></p>")
        #expect(Markup("title").rendered() == "<title></title>")
    }

    @Test func aPageIsWellFormedAndFetchesNothing() throws {
        let page = Page(title: "a < b", content: [Page.section("A & B", lead: "\"lead\"", [.text("text")])]).html()
        let content = try #require(XMLContent(page: page))
        #expect(content.count("script") == 1)
        #expect(content.count("link") == 0)
        #expect(content.text.contains("A & B"))
        for forbidden in ["http:", "https:", "//", "url(", "@import", "src="] {
            #expect(!page.contains(forbidden), "\(forbidden)")
        }
        #expect(page.contains("default-src &#39;none&#39;"))
        #expect(page.contains("script-src &#39;\(PageScript.digest)&#39;"))
        #expect(page.contains("prefers-color-scheme: dark"))
        #expect(page.contains("@media print"))
    }

    @Test func styleSheetsNeedNoEscaping() {
        // A browser takes what stands in <style> as it is.
        for text in [Palette.colours, Palette.drawing, PageStyle.text, PageScript.sorting] {
            #expect(Escaping.escaped(text) == text)
        }
        for tone in Tone.allCases { #expect(Palette.drawing.contains(".\(tone.className) {")) }
    }

    /// A browser runs the script only if the policy has its digest.
    @Test func thePolicyHasTheDigestOfTheScript() throws {
        let tool = Process()
        tool.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tool.arguments = ["sha256sum"]
        let (input, output) = (Pipe(), Pipe())
        (tool.standardInput, tool.standardOutput) = (input, output)
        try tool.run()
        try input.fileHandleForWriting.write(contentsOf: Data(PageScript.sorting.utf8))
        try input.fileHandleForWriting.close()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self).prefix(64)
        let digits = Array(text)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(digits[$0...$0 + 1]), radix: 16)
        }
        try #require(bytes.count == 32)
        #expect(PageScript.digest == "sha256-" + Data(bytes).base64EncodedString())
    }

    @Test func onlyTablesOfRowsThatStandForThemselvesAreSorted() {
        let rows = [["a", "1"], ["b", "2"], ["c", "3"]]
        #expect(Page.table(["name", "count"], rows).rendered().contains("class=\"sortable\""))
        #expect(!Page.table(["name", "count"], Array(rows.prefix(2))).rendered().contains("sortable"))
        #expect(!Page.table(["name"], cells: [[[.text("a")]]]).rendered().contains("sortable"))
    }

    @Test func bracesOfStyleSheetsMatch() {
        for text in [Palette.colours, Palette.drawing, PageStyle.text] {
            #expect(text.count { $0 == "{" } == text.count { $0 == "}" })
        }
    }

    @Test func aDrawingIsAFileOfItsOwn() throws {
        var svg = SVG(width: 10, height: 20.5, label: "a \"b\" <c>")
        svg.line(from: PlotPoint(0, 1), to: PlotPoint(2, 3), style: "grid")
        svg.path([PlotPoint(0, 0), PlotPoint(1.23456, -0.001), PlotPoint(.nan, .infinity)], style: "curve")
        svg.path([], style: "curve")
        svg.rectangle(x: 0, y: 0, width: 1, height: 1, style: "cell", hint: "<hint>")
        svg.circle(at: PlotPoint(1, 1), radius: 2, style: "mark")
        svg.text("<&>", at: PlotPoint(1, 2), anchor: .end, style: "name", rotation: -45)
        svg.text("", at: PlotPoint(1, 2))
        let content = try #require(XMLContent(svg.document()))
        #expect(content.elements == ["svg", "style", "line", "path", "rect", "title", "circle", "text"])
        #expect(content.attributes[0]["viewBox"] == "0 0 10 20.5")
        #expect(content.attributes[0]["aria-label"] == "a \"b\" <c>")
        #expect(content.attributes[3]["d"] == "M0 0L1.23 0L0 0")
        #expect(content.attributes[7]["transform"] == "rotate(-45 1 2)")
        #expect(content.text.contains("<hint>") && content.text.contains("<&>"))
    }
}
