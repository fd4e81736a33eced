import Datasets
import Results
import Testing

@testable import Reports

struct ExampleSectionsTests {
    private func content(_ examples: [Examples], before: [Examples] = [], of count: Int = 8) throws -> XMLContent {
        let sections = ExampleSections(examples: examples, before: before, images: SampleResults.images(count))
        #expect(sections.problems == [])
        return try #require(XMLContent(Markup("div", [:], try sections.markup()).rendered()))
    }

    private func numbers(
        _ actual: [Double], _ predicted: [Double], quantity: String = "age", unit: String = "years"
    ) -> Examples {
        Examples(
            images: Array(actual.indices),
            .numbers(quantity: quantity, unit: unit, actual: actual, predicted: predicted))
    }

    // MARK: - Galleries

    private let gallery = Examples.Query(
        image: 0, identity: 42, camera: 3,
        found: [
            .init(image: 1, camera: 1, isMatch: true), .init(image: 2, camera: 2, isMatch: false),
            .init(image: 9, camera: 2, isMatch: true),
        ])

    @Test func rightAndWrongAreFramesSignsAndWords() throws {
        let content = try content([Examples(images: [], .galleries([gallery]))])
        let classes = content.attributes.compactMap { $0["class"] }.filter { $0.hasPrefix("picture") }
        #expect(classes == ["picture", "picture right", "picture wrong"])
        #expect(content.text.components(separatedBy: "✓ right").count == 2)
        #expect(content.text.components(separatedBy: "✗ wrong").count == 2)
        #expect(
            content.attributes.compactMap { $0["alt"] } == [
                "query: person 42, camera 3", "rank 1, right: the same person, camera 1",
                "rank 2, wrong: somebody else, camera 2",
            ])
        #expect(content.text.contains("The nearest is right for 1 of them"))
        let alone = Examples.Query(image: 0, identity: 1, camera: 1, found: [])
        let lonely = try self.content([Examples(images: [], .galleries([alone]))])
        #expect(lonely.count("img") == 1 && lonely.text.contains("right for 0 of them"))
        #expect(try self.content([Examples(images: [], .galleries([]))]).count("section") == 0)
    }

    // MARK: - Numbers

    @Test func agesAreScoredDrawnAndCaptioned() throws {
        let content = try content([numbers([20, 30, 40], [21, 38, 40])])
        #expect(content.text.contains("3 images: 3.00 years off on average, 66.7\u{202F}% of them by at most 5 years."))
        #expect(content.text.contains("true age, years") && content.text.contains("band: within 5 years"))
        #expect(
            content.attributes.compactMap { $0["alt"] } == [
                "age, true 20, predicted 21 years", "age, true 30, predicted 38 years",
                "age, true 40, predicted 40 years",
            ])
        let gone = try self.content([numbers([20, 30], [20, .nan])], of: 0)
        #expect(gone.count("svg") == 1 && gone.count("img") == 0)
        #expect(try self.content([numbers([], [])]).count("section") == 0)
    }

    @Test func otherQuantitiesHaveTheirOwnNamesAndTolerance() throws {
        let content = try content([
            numbers([0, 2, 6], [0.25, 2, 5], quantity: "number of <discs>", unit: "discs")
        ])
        for text in [
            "Number of <discs>", "Predicted number of <discs> over true number of <discs>",
            "predicted number of <discs>, discs",
            "0.42 discs off on average, 66.7\u{202F}% of them by at most 0.5 discs.",
            "true 6.0, predicted 5.0",
        ] {
            #expect(content.text.contains(text), "\(text)")
        }
        #expect(!content.text.contains("true age") && !content.text.contains("years"))
        let bare = try self.content([numbers([1, 1], [1, 4], quantity: "angle", unit: "")])
        #expect(bare.text.contains("1.50 off on average, 50.0\u{202F}% of them by at most 1."))
    }

    private func section(_ actual: [Double], unit: String) -> NumbersSection {
        NumbersSection(quantity: "q", unit: unit, places: [], actual: actual, predicted: actual, images: nil)
    }

    private static let tolerances: [([Double], Double)] = [
        ([0, 6], 0.5), ([0, 100], 10), ([-0.01, 0.01], 0.002), ([3, 3], 1), ([], 1), ([.nan, 5, 25], 2),
    ]

    @Test(arguments: tolerances) func toleranceIsRoundAndAboutATenthOfTheRange(_ actual: [Double], _ tolerance: Double)
    {
        #expect(section(actual, unit: "cm").tolerance == tolerance)
        #expect(section(actual, unit: "years").tolerance == 5)
    }

    @Test func theWorstAreAmongThePictures() throws {
        let actual = (0..<200).map(Double.init)
        let predicted = actual.map { $0 == 101 ? 0 : $0 }
        let content = try content([numbers(actual, predicted)], of: 200)
        let labels = content.attributes.compactMap { $0["alt"] }
        #expect(labels.contains("age, true 101, predicted 0 years") && (13...24).contains(labels.count))
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

    // MARK: - Classes

    private func classes(_ count: Int) -> Examples {
        // Three of each class, of which one is taken for the next class.
        let actual = (0..<count).flatMap { [$0, $0, $0] }
        let predicted = actual.enumerated().map { $0 % 3 == 2 ? ($1 + 1) % count : $1 }
        return SampleResults.classes(
            actual, predicted, actual.map { _ in 0.5 }, names: (0..<count).map { "class <\($0)>" })
    }

    @Test(arguments: [2, 10, 30, 41]) func bothMatricesAreThereWithTheirNames(_ count: Int) throws {
        let content = try content([classes(count)], before: [numbers([], []), classes(count)], of: 0)
        for text in ["source only", "adapted", "Rows: truth."] { #expect(content.text.contains(text)) }
        #expect(content.count("rect") == (count <= ConfusionSection.mostSquares ? 2 * count * count : 0))
        #expect(content.count("h3") == 2 && content.count("table") == (count == 2 ? 0 : 2))
    }

    @Test func confusionsOfOtherClassesAreNotHeldAgainstEachOther() throws {
        let content = try content([classes(3)], before: [classes(4)])
        #expect(content.count("h3") == 0 && content.text.contains("9 samples of 3 classes, 3 of them wrong."))
    }

    @Test func everyKindOfOutputHasItsSections() throws {
        let content = try content([numbers([1, 2], [1, 2]), classes(2)])
        #expect(content.count("h2") == 4)
    }
}
