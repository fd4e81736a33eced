import Testing

@testable import Support

@Suite struct CSVTextTests {
    @Test(arguments: [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]), ("a;b\r\n1,5;2\r\n", [["a", "b"], ["1,5", "2"]]),
        ("a\tb\r1\t", [["a", "b"], ["1", ""]]), ("a,b\n\n , \n\"\",x", [["a", "b"], ["", "x"]]),
        (" a , \"b, \"\"c\"\"\" \n\" d \",e", [["a", "b, \"c\""], [" d ", "e"]]),
        ("\"two\r\nlines\",x\nb,c", [["two\r\nlines", "x"], ["b", "c"]]), ("", []), ("one", [["one"]]),
    ]) func textIsDivided(text: String, records: [[String]]) throws {
        #expect(try CSVText.records(of: text).map(\.fields) == records)
    }

    @Test func linesAreCounted() throws {
        #expect(try CSVText.records(of: "a\n\n\"b\nc\"\r\nd").map(\.line) == [1, 3, 5])
    }

    @Test(arguments: ["a,b\n\"c,d", "a,b\n\"c\" d,e"]) func quotesMustFit(text: String) throws {
        let error = try #require(throws: CSVText.QuoteError.self) { try CSVText.records(of: text) }
        #expect(error.line == 2)
    }

    @Test func fieldsComeBack() throws {
        let fields = ["plain", "a,b", "\"", "x\ny", "é\u{301}", "=1", "'"]
        let text = fields.map(CSVField.of(text:)).joined(separator: ",")
        #expect(try CSVText.records(of: text).first?.fields.map(CSVField.text(of:)) == fields)
    }
}
