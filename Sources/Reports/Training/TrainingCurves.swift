import Experiments

/// What was measured while training, as one chart for each metric with a line for each part of the data.
///
/// A metric's name is `part/metric`, such as `train/loss` and `validation/accuracy`; one without a slash stands alone.
public struct TrainingCurves: Sendable, Equatable {
    /// One metric on one part of the data, over training steps.
    public struct Curve: Sendable, Equatable {
        /// The name as `part/metric`.
        public var name: String
        /// The values: x is the step, y the value.
        var points: [PlotPoint]

        /// A curve as it was measured, with whatever values.
        init(_ name: String, _ points: [PlotPoint]) {
            (self.name, self.points) = (name, points)
        }

        fileprivate var part: String { name.lastIndex(of: "/").map { String(name[..<$0]) } ?? "" }
        fileprivate var metric: String {
            name.lastIndex(of: "/").map { String(name[name.index(after: $0)...]) } ?? name
        }
    }

    /// The curves in any order; those of one chart are drawn in this one.
    public var curves: [Curve]
    /// If known, the charts count epochs rather than steps.
    public var stepsPerEpoch: Int?

    /// Curves that were measured, or read elsewhere.
    public init(_ curves: [Curve], stepsPerEpoch: Int? = nil) {
        (self.curves, self.stepsPerEpoch) = (curves, stepsPerEpoch)
    }

    /// The curves of a run's metrics file, one for each name in it.
    public init(rows: [MetricsRow], stepsPerEpoch: Int? = nil) {
        var points: [String: [PlotPoint]] = [:]
        for row in rows {
            for (name, value) in row.values { points[name, default: []].append(PlotPoint(Double(row.step), value)) }
        }
        self.init(points.sorted { $0.key < $1.key }.map { Curve($0.key, $0.value) }, stepsPerEpoch: stepsPerEpoch)
    }

    /// Metrics whose charts come first, in this order.
    private static let leading = ["accuracy", "loss"]
    /// The chart that comes last, and small: it tells how it was trained rather than how well.
    private static let learningRate = "learning-rate"

    /// The charts as a part of a page; nil where nothing was measured.
    func section(_ heading: String, lead: String = "") -> Markup? {
        let charts = charts()
        return charts.isEmpty ? nil : Page.section(heading, lead: lead, [Page.row(charts.map { $0.svg() })])
    }

    /// The charts, in the order to be read.
    func charts() -> [LineChart] {
        func rank(_ metric: String) -> Int {
            metric == Self.learningRate ? Int.max : Self.leading.firstIndex(of: metric) ?? Self.leading.count
        }
        let metrics = Dictionary(grouping: curves, by: \.metric)
        return metrics.sorted { (rank($0.key), $0.key) < (rank($1.key), $1.key) }.map { chart($0.key, $0.value) }
    }

    private func chart(_ metric: String, _ curves: [Curve]) -> LineChart {
        let title = Self.words(metric)
        let isSmall = metric == Self.learningRate
        let perEpoch = stepsPerEpoch.flatMap { $0 > 0 ? Double($0) : nil }
        let values = curves.flatMap { $0.points.map(\.y) }
        var tones = [Tone.accent, .alert, .third, .fourth]
        let series = curves.map { curve in
            // Training is context for what is measured on unseen data.
            let isContext = isSmall || (curve.part == "train" && curves.count > 1)
            let tone = isContext ? Tone.quiet : tones.count > 1 ? tones.removeFirst() : tones[0]
            let points = curve.points.map { PlotPoint($0.x / (perEpoch ?? 1), $0.y) }
            return Series(isSmall || curve.part.isEmpty ? "" : curve.part, points, tone: tone)
        }
        return LineChart(
            title: title,
            horizontal: Axis(perEpoch == nil ? "step" : "epoch", including: 0, isRounded: false),
            vertical: Self.isShare(metric, values)
                ? Axis(title, format: .percent, limits: 0...1)
                : Axis(title, kind: Self.scale(metric, values), including: isSmall ? 0 : nil),
            series: series, width: isSmall ? 250 : 400)
    }

    /// A metric in words, such as `Learning rate` for `learning-rate`.
    private static func words(_ metric: String) -> String {
        let text = metric.replacing("-", with: " ").replacing("_", with: " ")
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    private static func isShare(_ metric: String, _ values: [Double]) -> Bool {
        metric.hasSuffix("accuracy") && values.allSatisfy { !$0.isFinite || (0...1).contains($0) }
    }

    /// Losses that fall by more than a factor of fifty would be a flat line on a linear scale.
    private static func scale(_ metric: String, _ values: [Double]) -> Scale.Kind {
        metric.hasSuffix("loss") ? .spanning(values.filter(\.isFinite), moreThan: 50) : .linear
    }
}
