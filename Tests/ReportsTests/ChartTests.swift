import Foundation
import Support
import Testing

@testable import Reports

struct ChartTests {
    private func chart(_ series: [Series], kind: Scale.Kind = .linear) -> LineChart {
        LineChart(title: "Loss <&>", horizontal: Axis("step"), vertical: Axis("Loss <&>", kind: kind), series: series)
    }

    private func line(_ count: Int, _ value: (Int) -> Double) -> [PlotPoint] {
        (0..<count).map { PlotPoint(Double($0), value($0)) }
    }

    private func content(_ svg: SVG) throws -> XMLContent {
        let content = try #require(XMLContent(svg.document()))
        // No coordinate may be other than a short number.
        for attributes in content.attributes {
            for (name, value) in attributes where name != "aria-label" {
                #expect(!value.contains("nan") && !value.contains("inf"), "\(name)=\(value)")
            }
        }
        return content
    }

    @Test func aLineHasItsNameAndLastValue() throws {
        let content = try content(chart([Series("train \"a\"", line(50) { 2 / Double($0 + 1) })]).svg())
        #expect(content.count("path") == 1)
        #expect(content.text.contains("train \"a\"") && content.text.contains("0.040"))
        #expect(content.text.contains("Loss <&>"))
    }

    @Test func emptyChartsSaySo() throws {
        for series in [[], [Series("a", [])], [Series("a", [PlotPoint(0, .nan), PlotPoint(.infinity, 1)])]] {
            let content = try content(chart(series).svg())
            #expect(content.text.contains("no values recorded"))
            #expect(content.count("path") == 0 && content.count("circle") == 0)
        }
    }

    @Test func onePointIsADot() throws {
        for kind in [Scale.Kind.linear, .logarithmic] {
            let content = try content(chart([Series("a", [PlotPoint(3, 0.5)])], kind: kind).svg())
            #expect(content.count("circle") == 1 && content.count("path") == 0)
            #expect(content.text.contains("0.500"))
        }
    }

    @Test func valuesWithoutAPlaceLeaveAGapAndANote() throws {
        var points = line(60) { Double($0) + 1 }
        points[10].y = .nan
        points[30].y = .infinity
        points[59].x = .nan
        let content = try content(chart([Series("a", points)]).svg())
        #expect(content.count("path") == 3)
        #expect(content.text.contains("3 values are left out: not finite."))

        let positive = [PlotPoint(0, 1), PlotPoint(1, 0), PlotPoint(2, 2), PlotPoint(3, -1), PlotPoint(4, 3)]
        let logarithmic = try self.content(chart([Series("a", positive)], kind: .logarithmic).svg())
        #expect(logarithmic.text.contains("2 values are left out: not finite, or not positive."))
        #expect(logarithmic.count("circle") == 3)

        let one = try self.content(chart([Series("a", [PlotPoint(0, 1), PlotPoint(1, 1e301)])]).svg())
        #expect(one.text.contains("1 value is left out"))
    }

    @Test func everyMarkLiesInsideTheDrawing() throws {
        let values = [1.0, 1.0000000001, -5, 1e12, 3]
        let svg = chart([Series("a", line(5) { values[$0] }), Series("b", line(5) { -values[$0] })]).svg()
        for attributes in try content(svg).attributes {
            guard let x = attributes["cx"].flatMap(Double.init), let y = attributes["cy"].flatMap(Double.init) else {
                continue
            }
            #expect((0...svg.width).contains(x) && (0...svg.height).contains(y))
        }
    }

    @Test func manyNoisyPointsDrawAShortFileWithTheirMean() throws {
        var generator = SeededGenerator(seed: 5)
        let noisy = line(200_000) { _ in Double.random(in: 0...1, using: &generator) }
        let document = chart([Series("a", noisy)]).svg().document()
        #expect(document.utf8.count < 60_000)
        let content = try #require(XMLContent(document))
        #expect(content.count("path") == 2)
        #expect(content.text.contains("running mean"))

        let smooth = try self.content(chart([Series("a", line(5000) { Double($0) })]).svg())
        #expect(smooth.count("path") == 1 && !smooth.text.contains("running mean"))
    }

    @Test func thinningKeepsEachColumnsEnvelope() {
        var generator = SeededGenerator(seed: 6)
        let points = (0..<5000).map { PlotPoint(Double($0) / 100, Double.random(in: -1...1, using: &generator)) }
        let kept = Decimation.thinned(points, column: 0.5)
        #expect(kept.count <= 4 * 100)
        let (before, after) = (
            Dictionary(grouping: points) { Int($0.x / 0.5) }, Dictionary(grouping: kept) { Int($0.x / 0.5) }
        )
        #expect(before.keys == after.keys)
        for (column, points) in before {
            #expect(after[column]?.map(\.y).min() == points.map(\.y).min())
            #expect(after[column]?.map(\.y).max() == points.map(\.y).max())
            #expect(after[column]?.first == points.first && after[column]?.last == points.last)
        }
        #expect(kept.map(\.x) == kept.map(\.x).sorted())
        let few = Array(points.prefix(3))
        #expect(Decimation.thinned(few) == few && Decimation.thinned([]).isEmpty)
    }

    @Test func meansKeepTheWholeMean() {
        let points = line(1003) { Double($0 % 7) }
        let means = Decimation.means(points, column: 10)
        #expect(means.count == 100)  // the last three points joined the column before
        let counts = [Int](repeating: 10, count: 99) + [13]
        let sum = zip(means, counts).reduce(0) { $0 + $1.0.y * Double($1.1) }
        #expect(abs(sum - points.reduce(0) { $0 + $1.y }) < 1e-6)
        #expect(Decimation.means([PlotPoint(1, 2)], column: 5) == [PlotPoint(1, 2)])
        #expect(Decimation.means([], column: 5).isEmpty)
    }

    @Test func labelsKeepTheirOrderAndDistance() {
        var generator = SeededGenerator(seed: 7)
        for count in 0..<9 {
            let wanted = (0..<count).map { _ in Double.random(in: 0...100, using: &generator) }
            let places = LabelLayout.spread(wanted, height: 12, within: 0...100)
            let order = wanted.indices.sorted { wanted[$0] < wanted[$1] }
            for (first, second) in zip(order, order.dropFirst()) {
                #expect(places[second] - places[first] >= 12 - 1e-9)
            }
            #expect(places.allSatisfy { (-1e-9...100 + 1e-9).contains($0) })
        }
        #expect(LabelLayout.spread([10, 50, 90], height: 12, within: 0...100) == [10, 50, 90])
        #expect(LabelLayout.spread([50, 50], height: 12, within: 0...100) == [44, 56])
        #expect(LabelLayout.spread([0, 0, 0, 0], height: 12, within: 0...20) == [-8, 4, 16, 28])
    }
}
