import Testing

@testable import Reports

struct AdaptationExamplesTests {
    private typealias Samples = AdaptationSamples

    private func content(_ examples: AdaptationExamples) throws -> XMLContent {
        let parts = try examples.markup()
        return try #require(XMLContent(Markup("div", [:], parts).rendered()))
    }

    @Test func rightAndWrongAreFramesSignsAndWords() throws {
        let content = try content(Samples.gallery)
        let classes = content.attributes.compactMap { $0["class"] }.filter { $0.hasPrefix("picture") }
        #expect(classes == ["picture", "picture right", "picture wrong", "picture wrong"])
        #expect(content.text.components(separatedBy: "✓ right").count == 2)
        #expect(content.text.components(separatedBy: "✗ wrong").count == 3)
        #expect(
            content.attributes.compactMap { $0["alt"] } == [
                "query: person 00<42>, camera 3", "rank 1, right: the same person, camera 1 <c>",
                "rank 2, wrong: somebody else, camera 2", "rank 3, wrong: somebody else",
            ])
        #expect(content.text.contains("The nearest is right for 1 of them"))
        let alone = try self.content(.gallery([.init(Samples.image(), person: "1", ranked: [])]))
        #expect(alone.count("img") == 1 && alone.text.contains("right for 0 of them"))
    }

    @Test func agesAreScoredDrawnAndCaptioned() throws {
        let content = try content(Samples.ages)
        #expect(content.text.contains("3 images: 3.00 years off on average, 66.7\u{202F}% of them by at most 5 years."))
        #expect(content.text.contains("true 43, ") && content.text.contains("seen as 41"))
        #expect(content.attributes.compactMap { $0["alt"] } == ["face, true 43, seen as 41"])
        let plotless = try self.content(
            .ages(actual: [], predicted: [], faces: [.init(Samples.image(), actual: 1, predicted: 2)]))
        #expect(plotless.count("svg") == 0 && plotless.count("img") == 1)
    }

    private func plot(_ points: [PlotPoint]) -> AgreementPlot {
        AgreementPlot(
            title: "t", horizontal: "x", vertical: "y", points: points, tolerance: 5, toleranceName: "within 5 years")
    }

    @Test func theDiagonalRunsThroughEqualValuesAndTheBandAboutIt() throws {
        let points = [PlotPoint(20, 20), PlotPoint(60, 60), PlotPoint(40, 45), PlotPoint(40, 46)]
        let svg = plot(points).svg()
        #expect(partsOutside(svg) == [] && svg.label == "t: 4 points, 3 of them within 5 years")
        let content = try #require(XMLContent(svg.document()))
        func all(_ name: String) -> [[String: String]] {
            zip(content.elements, content.attributes).filter { $0.0 == name }.map(\.1)
        }
        let tones = all("circle").compactMap { $0["class"] }
        #expect(tones == ["dot tone-accent", "dot tone-accent", "dot tone-accent", "dot tone-alert"])
        // The diagonal ends at the points of the lowest and the highest value, which are equal along both axes.
        func numbers(_ path: [String: String]) -> [Double] {
            (path["d"] ?? "").split { "ML ".contains($0) }.compactMap { Double($0) }
        }
        let paths = all("path").map(numbers)
        #expect(paths.map(\.count) == [12, 4])
        let ends = [all("circle")[0], all("circle")[1]].flatMap { [Double($0["cx"] ?? ""), Double($0["cy"] ?? "")] }
        #expect(paths[1].map { Optional($0) } == ends)
        // A point that is off by the tolerance lies on the band's edge.
        let (corner, edge) = (paths[0], all("circle")[2])
        let slope = (corner[5] - corner[3]) / (corner[4] - corner[2])
        let x = try #require(Double(edge["cx"] ?? ""))
        let y = try #require(Double(edge["cy"] ?? ""))
        #expect(abs(corner[3] + slope * (x - corner[2]) - y) < 0.05)
    }

    @Test func ofVeryManyOrBadPointsSomeAreDrawn() throws {
        let many = plot((0..<5000).map { PlotPoint(Double($0 % 90), Double($0 % 80)) } + [PlotPoint(.nan, 3)]).svg()
        #expect(many.content.count { $0.rendered().hasPrefix("<circle") } == AgreementPlot.mostPoints)
        let text = try #require(XMLContent(many.document())).text
        #expect(text.contains("2,000 of 5,000 points are drawn.") && text.contains("1 value is left out"))
        for points in [[], [PlotPoint(.infinity, 1)], [PlotPoint(30, 30)], [PlotPoint(0, 0)], [PlotPoint(1, 4)]] {
            let svg = plot(points).svg()
            #expect(partsOutside(svg) == [] && !svg.document().contains("nan"))
        }
    }

    @Test(arguments: [2, 10, 30, 41]) func bothMatricesAreThereWithTheirNames(_ count: Int) throws {
        let content = try content(Samples.confusions(count))
        for text in ["before <b>", "after", "Rows: truth."] { #expect(content.text.contains(text)) }
        #expect(content.count("rect") == (count <= ConfusionSection.mostSquares ? 2 * count * count : 0))
        #expect(content.count("h3") == 2 && content.count("table") == (count == 2 ? 0 : 2))
    }
}
