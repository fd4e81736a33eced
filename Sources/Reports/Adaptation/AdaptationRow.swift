import Metrics
import Results

/// A way of learning the target: the method, a control, or another figure to compare with.
struct AdaptationRow: Equatable {
    /// The part of a row in the comparison.
    enum Kind: Equatable {
        /// Architecture and weights adapted together: the method.
        case joint
        /// The source's path with its weights, fine-tuned: what the method is measured against.
        case weightsOnly
        /// Another control, such as the adapted path from random weights.
        case control
        /// A bound or a reference, such as a network that learned the target's labels.
        case reference

        /// The colour of the row's marks.
        var tone: Tone {
            switch self {
            case .joint: .accent
            case .weightsOnly: .third
            case .control: .fourth
            case .reference: .quiet
            }
        }
    }

    /// The distance of a row's first metric from that of weights only.
    struct Difference: Equatable {
        /// This row's mean less the other's, in the metric's unit as values are given.
        var mean: Double
        /// The p of a paired test over seeds, 0 to 1; nil where none was made.
        var p: Double?
    }

    /// The name of the row, such as `architecture-only`, with the folder of its budget where there are several:
    /// `25-percent/joint`.
    var name: String
    /// The name without that of the budget; nil for `name`.
    var title: String?
    /// The budget that the row belongs to, as it was written; nil where there is one, and for rows of none.
    var budget: String?
    /// The part of the row, which decides its colour and its place in verdicts.
    var kind = Kind.control
    /// A line on how the row was trained; empty for none.
    var explanation = ""
    /// Values by the name of the metric, one for each seed; none for a row that was not run.
    var values: [String: [Double]] = [:]
    /// Passes over the target's images, search included; of several seeds the mean.
    var epochs: Double?
    /// Seconds on the clock; of several seeds the mean.
    var seconds: Double?
    /// Values on the validation images, as `values`.
    var validation: [String: [Double]] = [:]
    /// The number of parameters of the network; of several seeds the mean.
    var parameters: Int?
    /// The number of multiply-adds for one image; of several seeds the mean.
    var multiplyAdds: Int?
    /// The milliseconds that one image takes; of several seeds the mean; nil where they were not measured.
    var latency: Double?
    /// The path of the network's file from the folder of the adaptation; empty for several seeds.
    var weights = ""
    /// The difference of the first metric; nil where it is not known, as for weights only itself.
    var difference: Difference?

    /// The number of seeds of the metric that has most; 0 for a row that was not run.
    var seeds: Int { values.values.map(\.count).max() ?? 0 }

    /// A value for each seed; empty if there are none.
    func values(of metric: Metric) -> [Double] { values[metric.name] ?? [] }

    /// The name of the row among those of its budget.
    var shortName: String { title ?? name }
}

/// An adaptation, of one seed or of several, as rows with the metrics that they are compared by.
struct AdaptationRows: Equatable {
    /// The metrics that some row has, in the order to be read; differences are those of the first.
    var metrics: [Metric]
    /// The method, then the controls and further rows, without those that were not run.
    var rows: [AdaptationRow]
    /// Whether figures are of test images rather than of validation images.
    var isTest = true
    /// The budgets that paths were found for, in their order; none where there was one search.
    var budgets: [AdaptationResult.FoundForBudget] = []
    /// Whether the source is elastic, so that networks of many sizes are compared.
    var isElastic = false

    private static let explanations = [
        AdaptationResult.joint: "architecture and weights adapted together",
        AdaptationControl.weightsOnly.rawValue: "the source's best path with its weights, fine-tuned",
        AdaptationControl.architectureOnly.rawValue: "the adapted path from random weights",
        AdaptationControl.mismatchedWeights.rawValue: "the adapted path with source weights of other candidates",
        AdaptationControl.narrowing.rawValue: "the source, every block narrowed to the same share",
        AdaptationControl.scaling.rawValue: "the source made narrower and shallower by hand, the best of a few",
        AdaptationControl.randomPath.rawValue: "a random path of the adapted supernet",
        AdaptationControl.uniformPath.rawValue: "the path of the adapted supernet whose blocks are all as wide",
        "source-only": "the adapted path, fine-tuned on the labelled domain alone",
        "target-supervised": "the adapted path, fine-tuned with the target's labels",
    ]

    /// Rows and metrics of one's own.
    init(metrics: [Metric], rows: [AdaptationRow]) { (self.metrics, self.rows) = (metrics, rows) }

    /// The rows of an adaptation: figures of the test images, or of validation images where no seed has a test.
    ///
    /// - Parameters:
    ///   - results: one for each seed.
    ///   - metrics: the metrics of the task.
    ///   - names: the names of rows, in the order of the table.
    init(_ results: [AdaptationResult], metrics: [Metric], names: [String]) {
        let isTest = results.contains { $0.outcomes.values.contains { $0.test != nil } }
        func values(_ name: String, _ metric: Metric) -> [Double] {
            results.compactMap { result in
                result.outcomes[name].flatMap { (isTest ? $0.test : $0.validation)?.metrics[metric.name] }
            }
        }
        let shown = metrics.filter { metric in names.contains { !values($0, metric).isEmpty } }
        let weightsOnly = AdaptationControl.weightsOnly.rawValue
        let budgets = results.first?.budgets ?? []
        (self.metrics, self.isTest, self.budgets) = (shown, isTest, budgets)
        isElastic = results.contains { $0.latencies != nil }
        rows = names.compactMap { name in
            let outcomes = results.compactMap { $0.outcomes[name] }
            guard !outcomes.isEmpty else { return nil }
            let budget = budgets.first { name.hasPrefix($0.folder + "/") }
            let title = budget.map { String(name.dropFirst($0.folder.count + 1)) } ?? name
            var row = AdaptationRow(
                name: name, title: budget == nil ? nil : title, budget: budget?.budget, kind: Self.kind(title),
                explanation: Self.explanations[title] ?? "")
            row.values = Dictionary(shown.map { ($0.name, values(name, $0)) }) { first, _ in first }
            row.validation = Dictionary(
                shown.map { metric in (metric.name, outcomes.compactMap { $0.validation.metrics[metric.name] }) }
            ) { first, _ in first }
            row.epochs = SampleSpread(outcomes.map(\.epochs))?.mean
            row.seconds = SampleSpread(outcomes.map(\.seconds))?.mean
            func mean(_ values: [Double]) -> Double? { SampleSpread(values)?.mean }
            row.parameters = mean(outcomes.map { Double($0.cost.parameters) }).map { Int($0.rounded()) }
            row.multiplyAdds = mean(outcomes.map { Double($0.cost.multiplyAdds) }).map { Int($0.rounded()) }
            row.latency = mean(results.compactMap { $0.latencies?[name] })
            if results.count == 1 { row.weights = "\(name)/" }
            if name != weightsOnly, let metric = shown.first {
                row.difference = Self.difference(values(name, metric), values(weightsOnly, metric))
            }
            return row
        }
    }

    private static func kind(_ name: String) -> AdaptationRow.Kind {
        switch name {
        case AdaptationResult.joint: .joint
        case AdaptationControl.weightsOnly.rawValue: .weightsOnly
        case _ where AdaptationControl(rawValue: name) != nil: .control
        default: .reference
        }
    }

    /// One value less the other by seed; nil where they were not run alike.
    static func difference(_ own: [Double], _ other: [Double]) -> AdaptationRow.Difference? {
        guard own.count == other.count, let spread = SampleSpread(zip(own, other).map { $0 - $1 }) else { return nil }
        return .init(mean: spread.mean, p: PairedTest(own, other)?.p)
    }

    /// The method; nil where it was not run. Of several budgets that of the first.
    var joint: AdaptationRow? { rows.first { $0.kind == .joint } }
    /// The method within a budget; nil where it was not run.
    func joint(_ budget: String) -> AdaptationRow? { rows.first { $0.kind == .joint && $0.budget == budget } }
    /// The controls that keep a budget.
    func controls(_ budget: String) -> [AdaptationRow] { rows.filter { $0.kind == .control && $0.budget == budget } }
    /// What the method is measured against; nil where it was not run.
    var weightsOnly: AdaptationRow? { rows.first { $0.kind == .weightsOnly } }

    /// Everything that cannot be shown.
    var problems: [String] {
        rows.flatMap { row in
            let values = metrics.flatMap { metric in
                row.values(of: metric).enumerated().compactMap { seed, value -> String? in
                    let (limits, demand): (ClosedRange<Double>, String) =
                        metric.unit == .share
                        ? (0...1, "not a share of one") : (-1e300...1e300, "not a number that can be drawn")
                    guard !limits.contains(value) else { return nil }
                    return "\(row.name): \(metric.name) of seed \(seed + 1) is \(value), \(demand)"
                }
            }
            let costs = [
                ("epochs", row.epochs), ("seconds", row.seconds), ("milliseconds for an image", row.latency),
            ].compactMap { what, value -> String? in
                guard let value, !(0...TimingSection.mostSeconds).contains(value) else { return nil }
                return "\(row.name): it took \(value) \(what)"
            }
            return values + costs
        }
    }
}
