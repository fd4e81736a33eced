import Testing

@testable import Reports

struct AdaptedPathTests {
    private let path = AdaptationSamples.path

    @Test func changesAreCountedNamedAndFramedOnBothSides() throws {
        let names = ArchitectureDiagramTests.candidates
        #expect(path.summary == "2 of 5 choices changed.")
        #expect(
            path.changes == [
                .init(choice: "layer0.0", before: names[0], after: names[1]),
                .init(choice: "layer1.2", before: names[0], after: names[1]),
            ])
        let content = try #require(XMLContent(try path.markup().rendered()))
        #expect(content.count("svg") == 2 && content.count("tr") == 3)
        let frame = "outline \(Tone.alert.className)"
        let framed = zip(content.elements, content.attributes).filter { $0.1["class"] == frame }.map(\.0)
        // On the adapted side a ring around the source's candidate too, and its name struck out.
        #expect(framed == ["rect", "rect", "rect", "circle", "rect", "circle"])
        #expect(content.attributes.count { $0["class"] == "small struck" } == 2)
        for text in names + ["layer0.0", "layer1.2", "2 of 5 choices changed."] { #expect(content.text.contains(text)) }
    }

    @Test func thereMayBeOneChangeOrNone() throws {
        let same = AdaptedPath(source: path.source, adapted: path.source)
        #expect(same.summary == "None of 5 choices changed." && same.changes.isEmpty)
        #expect(try #require(XMLContent(try same.markup().rendered())).count("table") == 0)
        let single = ArchitectureDiagramTests.diagram([1])
        var other = single
        other.stages[1].blocks[0].chosen = ArchitectureDiagramTests.candidates[2]
        #expect(AdaptedPath(source: single, adapted: other).summary == "1 of 1 choice changed.")
        let none = AdaptedPath(source: .init(stages: []), adapted: .init(stages: []))
        #expect(try #require(XMLContent(try none.markup().rendered())).count("svg") == 2)
    }

    @Test func pathsThroughDifferentSpacesAreRefused() {
        var path = path
        path.adapted.stages[1].blocks[1].candidates.append("more")
        path.adapted.stages[2].blocks.removeLast()
        path.source.stages[1].blocks[0].chosen = nil
        let error = ReportError([
            "source path: block layer0.0: none of its 3 candidates is chosen",
            "the source path has 5 choices, the adapted path 4",
            "choice layer0.1: its candidates differ between the source path and the adapted",
        ])
        #expect(throws: error) { try path.markup() }
    }
}
