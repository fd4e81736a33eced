import Experiments
import Testing

@testable import Reports

struct TrainingCurvesTests {
    private func rows(_ names: [String], _ value: (Int) -> Double = { Double($0) }) -> [MetricsRow] {
        (1...4).map { step in
            MetricsRow(step: step * 10, values: Dictionary(uniqueKeysWithValues: names.map { ($0, value(step)) }))
        }
    }

    @Test func metricsBecomeChartsAndPartsTheirLines() {
        let names = [
            "train/loss", "validation/loss", "train/learning-rate", "validation/rank-1", "train/accuracy", "plain",
        ]
        let charts = TrainingCurves(rows: rows(names)).charts()
        #expect(charts.map(\.title) == ["Accuracy", "Loss", "Plain", "Rank 1", "Learning rate"])
        #expect(charts[1].series.map(\.name) == ["train", "validation"])
        #expect(charts[1].series.map(\.tone) == [.quiet, .accent])
        #expect(charts[0].series.map(\.tone) == [.accent])
        #expect(charts[4].width < charts[0].width)
        #expect(charts[1].series[0].points == [10, 20, 30, 40].map { PlotPoint($0, $0 / 10) })
        #expect(charts[1].horizontal.title == "step")
        #expect(TrainingCurves(rows: []).charts().isEmpty)
    }

    @Test func stepsBecomeEpochsIfTheirNumberIsKnown() {
        let chart = TrainingCurves(rows: rows(["train/loss"]), stepsPerEpoch: 20).charts()[0]
        #expect(chart.horizontal.title == "epoch")
        #expect(chart.series[0].points.map(\.x) == [0.5, 1, 1.5, 2])
        #expect(TrainingCurves(rows: rows(["train/loss"]), stepsPerEpoch: 0).charts()[0].horizontal.title == "step")
    }

    @Test func sharesArePercentagesAndSteepLossesLogarithmic() {
        let share = TrainingCurves(rows: rows(["train/accuracy"]) { Double($0) / 10 }).charts()[0]
        #expect(share.vertical.format == .percent && share.vertical.limits == 0...1)
        let odd = TrainingCurves(rows: rows(["train/accuracy"]) { Double($0) * 10 }).charts()[0]
        #expect(odd.vertical.format == .number && odd.vertical.limits == nil)
        let steep = TrainingCurves(rows: rows(["train/loss"]) { 10 / Double($0 * $0 * $0) }).charts()[0]
        #expect(steep.vertical.kind == .logarithmic)
        let negative = TrainingCurves(rows: rows(["train/loss"]) { Double($0) - 2 }).charts()[0]
        #expect(negative.vertical.kind == .linear)
        let broken = TrainingCurves(rows: rows(["train/loss"]) { $0 == 2 ? .nan : 1 }).charts()[0]
        #expect(broken.vertical.kind == .linear && broken.series[0].points.count == 4)
    }
}
