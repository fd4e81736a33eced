import Support
import Testing

@testable import Reports

struct ScatterTests {
    private static let goals = [
        ParetoFront(x: .lower, y: .higher), ParetoFront(x: .lower, y: .lower), ParetoFront(x: .higher, y: .higher),
        ParetoFront(x: .higher, y: .lower),
    ]

    /// By the definition: better or equal in both, and better in one.
    private func beats(_ a: PlotPoint, _ b: PlotPoint, _ front: ParetoFront) -> Bool {
        let x = front.x == .lower ? b.x - a.x : a.x - b.x
        let y = front.y == .lower ? b.y - a.y : a.y - b.y
        return x >= 0 && y >= 0 && (x > 0 || y > 0)
    }

    @Test(arguments: goals) func theFrontIsWhatNoPointBeats(_ front: ParetoFront) {
        var generator = SeededGenerator(seed: 3)
        for count in [0, 1, 2, 7, 60] {
            // Few values, so that there are equal ones.
            let points = (0..<count).map { _ in
                PlotPoint(
                    Double(Int.random(in: 0..<9, using: &generator)), Double(Int.random(in: 0..<9, using: &generator)))
            }
            let expected = points.indices.filter { index in !points.contains { beats($0, points[index], front) } }
            #expect(front.indices(of: points).sorted() == expected)
        }
    }

    @Test(arguments: goals) func noPointLiesBeyondTheStaircase(_ front: ParetoFront) {
        var generator = SeededGenerator(seed: 4)
        let points = (0..<80).map { _ in
            PlotPoint(Double.random(in: 0...1, using: &generator), Double.random(in: 0...1, using: &generator))
        }
        let corners = front.staircase(front.indices(of: points).map { points[$0] })
        for (first, second) in zip(corners, corners.dropFirst()) { #expect(first.x == second.x || first.y == second.y) }
        // Every corner is something that a point of the front reaches.
        for corner in corners { #expect(points.contains { $0 == corner || beats($0, corner, front) }) }
    }

    @Test func pointsThatAreNotFiniteAreOffTheFront() {
        let points = [PlotPoint(.nan, 1), PlotPoint(1, 1), PlotPoint(-.infinity, 2), PlotPoint(2, .nan)]
        #expect(ParetoFront(x: .lower, y: .higher).indices(of: points) == [1])
    }

    private func plot(_ points: [PlotPoint], highlight: ScatterPlot.Highlight? = nil) -> ScatterPlot {
        ScatterPlot(
            title: "Search", horizontal: Axis("multiply-adds", kind: .logarithmic),
            vertical: Axis("accuracy", format: .percent, limits: 0...1), points: points,
            front: ParetoFront(x: .lower, y: .higher), highlight: highlight)
    }

    @Test func aPlotShowsEveryPointTheFrontAndTheHighlight() throws {
        let points = [
            PlotPoint(1e6, 0.8), PlotPoint(2e6, 0.9), PlotPoint(3e6, 0.7), PlotPoint(0, 0.5), PlotPoint(1, .nan),
        ]
        let svg = plot(points, highlight: .init(point: points[1], name: "<chosen> & \"best\"")).svg()
        let content = try #require(XMLContent(svg.document()))
        #expect(content.count("circle") == 3 + 2)
        #expect(content.count("path") == 1)
        #expect(content.text.contains("<chosen> & \"best\"") && content.text.contains("Pareto front"))
        #expect(content.text.contains("2 values are left out: not finite, or not positive."))
    }

    @Test func emptyPlotsAndPointsAloneAreWellFormed() throws {
        let empty = try #require(
            XMLContent(plot([], highlight: .init(point: PlotPoint(.nan, 0), name: "x")).svg().document()))
        #expect(empty.text.contains("no values recorded") && empty.text.contains("1 value is left out"))
        #expect(empty.count("circle") == 0)
        let one = try #require(XMLContent(plot([PlotPoint(5, 0.5)]).svg().document()))
        #expect(one.count("circle") == 1 && one.count("path") == 0)
    }

    @Test func aLimitIsALineThatTheAxisReachesUpTo() throws {
        let points = [PlotPoint(1e6, 0.8), PlotPoint(2e6, 0.9)]
        var plot = plot(points)
        func lines() throws -> [Double] {
            let content = try #require(XMLContent(plot.svg().document()))
            #expect(content.text.contains("<budget>") == (plot.limit != nil))
            return content.attributes.filter { $0["class"] == "limit \(Tone.quiet.className)" }
                .compactMap { $0["x1"].flatMap(Double.init) }
        }
        #expect(try lines().isEmpty)
        for x in [5e5, 2e6, 4e7] {
            plot.limit = .init(x: x, name: "<budget>")
            let places = try lines()
            #expect(places.count == 1 && places.allSatisfy { (0...plot.width).contains($0) })
        }
        plot.limit = .init(x: -1, name: "unplaced")
        let content = try #require(XMLContent(plot.svg().document()))
        #expect(!content.text.contains("unplaced"))
    }

    /// Costs that are nearly alike have long numbers close together.
    @Test func textsBelowAPlotStandApart() {
        let plot = ScatterPlot(
            title: "narrow", horizontal: Axis("multiply-adds"), vertical: Axis("accuracy"),
            points: [PlotPoint(11_541_888, 0.1), PlotPoint(12_073_984, 0.3)])
        let svg = plot.svg()
        let texts = svg.content.compactMap { part -> (y: Double, span: ClosedRange<Double>)? in
            guard case .element("text", let list, let children) = part, case .text(let text)? = children.first else {
                return nil
            }
            let attributes = Dictionary(uniqueKeysWithValues: list.map { ($0.name, $0.value) })
            guard attributes["text-anchor"] == "middle", let x = attributes["x"].flatMap(Double.init),
                let y = attributes["y"].flatMap(Double.init)
            else { return nil }
            let half = TextMeasure.width(text, size: 12) / 2
            return (y, x - half...x + half)
        }
        let lines = Dictionary(grouping: texts, by: \.y).values.map { $0.map(\.span) }
        #expect(lines.contains { $0.count > 2 })
        for line in lines {
            let spans = line.sorted { $0.lowerBound < $1.lowerBound }
            for (left, right) in zip(spans, spans.dropFirst()) { #expect(left.upperBound < right.lowerBound) }
        }
    }
}
