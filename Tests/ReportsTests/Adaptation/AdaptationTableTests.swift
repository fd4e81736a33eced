import Results
import Testing

@testable import Reports

struct AdaptationTableTests {
    private typealias Samples = AdaptationSamples
    private let table = AdaptationTable(Samples.comparison)

    @Test func aRowHasItsSpreadsItsDifferenceAndItsCost() {
        #expect(
            table.heads == [
                "row", "seeds", "rank-1 <r>, %", "MAE, years", "plain", "rank-1 <r> against weights|only, points",
                "epochs", "time", "parameters", "multiply-adds",
            ])
        let cells = table.cells
        #expect(
            cells[0].map(\.text) == [
                "joint <&>", "3", "91.2 ± 0.2", "4.20 ± 0.10", "0.0130 ± 0.0010", "+3.2", "39.3", "1h00m", "1,234,567",
                "98,765,432",
            ])
        #expect(cells[0][0].detail == "both \"together\" & more" && cells[0][5].detail == "p = 0.004")
        #expect(cells[3][5] == .init(text: "−58.0"))
        #expect(cells.allSatisfy { $0.count == table.heads.count })
    }

    @Test func whatIsMissingIsADash() {
        #expect(table.cells[2].map(\.text) == ["not *run*"] + [String](repeating: "–", count: 9))
        #expect(table.cells[3].map(\.text) == ["one seed", "1", "30.0", "–", "–", "−58.0", "–", "–", "–", "–"])
        #expect(table.explanation.contains("–: not measured"))
        #expect(AdaptationTable(AdaptationRows(metrics: [], rows: [])).markup == nil)
        let bare = AdaptationTable(AdaptationRows(metrics: [], rows: [.init(name: "a")]), hasSizes: false)
        #expect(bare.heads == ["row", "seeds", "epochs", "time"] && bare.cells[0].map(\.text) == ["a", "–", "–", "–"])
    }

    @Test func theTextHasOneLineForEachRow() {
        let lines = table.markdown.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2 + Samples.rows.count)
        #expect(lines[2].hasPrefix("| **joint &lt;&amp;&gt;** | 3 | 91.2 ± 0.2 |") && lines[2].contains("(p = 0.004)"))
        #expect(lines[3].hasPrefix("| weights\\|only | 3 |"))
        #expect(lines[4] == "| not \\*run\\* |" + String(repeating: " – |", count: 9))
    }

    @Test(arguments: [
        (0.0, "< 0.001"), (0.0009, "< 0.001"), (0.001, "0.001"), (0.0412, "0.041"), (0.31, "0.31"), (1, "1.00"),
    ]) func pValuesAreShort(_ value: Double, _ text: String) {
        #expect(MetricFigures.p(value) == text)
        #expect(MetricFigures.p(nil) == "–")
    }

    @Test func differencesHaveASignUnlessTheyRoundToNothing() {
        let points = MetricFigures(Metric("m"), rows: [])
        func text(_ mean: Double) -> String { points.differenceWithUnit(.init(mean: mean)) }
        #expect(
            [0.012, -0.012, 0.0001, -0.0001, 0].map(text) == [
                "+1.2 points", "−1.2 points", "0.0 points", "0.0 points", "0.0 points",
            ])
        #expect(points.differenceWithUnit(nil) == "–")
    }

    @Test func otherUnitsHaveTheirNames() {
        let discs = Metric("MAE", unit: .quantity("discs"), isHigherBetter: false)
        let figures = MetricFigures(discs, rows: [.init(name: "a", values: ["MAE": [12.344]])])
        #expect(figures.head == "MAE, discs" && figures.spreadWithUnit([12.344]) == "12.34 discs")
        #expect(figures.differenceWithUnit(.init(mean: -0.5)) == "−0.50 discs")
        #expect(figures.axis.title == "MAE, discs; lower is better")
    }

    @Test func drawingsShowEverySeedInsideTheirBounds() throws {
        for metric in Samples.metrics + [Metric("never measured")] {
            let svg = AdaptationPlot(metric: metric, rows: Samples.rows, title: "t").svg
            #expect(partsOutside(svg) == [])
            let document = svg.document()
            #expect(!document.contains("nan") && XMLContent(document) != nil)
            let values = Samples.rows.map { $0.values(of: metric) }
            // A mark for each mean, and a dot for each seed where there are several.
            let marks = values.count { !$0.isEmpty } + values.filter { $0.count > 1 }.joined().count
            #expect(svg.content.count { $0.rendered().hasPrefix("<circle") } == marks)
        }
        let long = AdaptationRow(name: String(repeating: "Wide name ", count: 30), values: ["rank-1 <r>": [1]])
        #expect(partsOutside(AdaptationPlot(metric: Samples.metrics[0], rows: [long], title: "t").svg) == [])
    }
}
