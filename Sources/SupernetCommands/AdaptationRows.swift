import Metrics
import Rankings
import Reports
import Results
import Tasks
import Workflows

/// The rows of an adaptation, of one seed or of several, in the terms of a report.
struct AdaptationRows {
    /// One a seed.
    let results: [Adaptation.Result]
    /// What the task is told by.
    let metrics: [Metric]
    /// Names, in the order of the table.
    let names: [String]

    private static let explanations = [
        Adaptation.joint: "architecture and weights adapted together",
        AdaptationControl.weightsOnly.rawValue: "the source's best path with its weights, fine-tuned",
        AdaptationControl.architectureOnly.rawValue: "the adapted path from random weights",
        AdaptationControl.mismatchedWeights.rawValue: "the adapted path with source weights of other candidates",
        "source-only": "the adapted path, fine-tuned on the labelled domain alone",
        "target-supervised": "the adapted path, fine-tuned with the target's labels",
    ]

    /// Metrics of the test, or of validation where no seed has a test, that some row has.
    var shownMetrics: [AdaptationReport.Metric] {
        metrics.filter { metric in names.contains { !values($0, metric.name).isEmpty } }.map {
            AdaptationReport.Metric(
                $0.name, unit: $0.unit == .share ? .percent : .years, isHigherBetter: $0.isHigherBetter)
        }
    }

    /// Whether figures are of test images.
    var isTest: Bool { results.contains { $0.outcomes.values.contains { $0.test != nil } } }

    /// All rows that were run.
    var rows: [AdaptationReport.Row] {
        names.compactMap { name in
            let outcomes = results.compactMap { $0.outcomes[name] }
            guard let first = outcomes.first else { return nil }
            func mean(_ value: (Adaptation.Outcome) -> Double) -> Double {
                outcomes.reduce(0) { $0 + value($1) } / Double(outcomes.count)
            }
            return AdaptationReport.Row(
                name, kind: Self.kind(name), explanation: Self.explanations[name] ?? "",
                values: Dictionary(shownMetrics.map { ($0.name, values(name, $0.name)) }) { first, _ in first },
                epochs: mean(\.epochs), seconds: mean(\.seconds),
                parameters: results.count == 1 ? first.cost.parameters : nil,
                multiplyAdds: results.count == 1 ? first.cost.multiplyAdds : nil, difference: difference(name))
        }
    }

    private static func kind(_ name: String) -> AdaptationReport.Row.Kind {
        switch name {
        case Adaptation.joint: .joint
        case AdaptationControl.weightsOnly.rawValue: .weightsOnly
        case _ where AdaptationControl(rawValue: name) != nil: .control
        default: .reference
        }
    }

    private func values(_ name: String, _ metric: String) -> [Double] {
        results.compactMap { result in
            result.outcomes[name].flatMap { (isTest ? $0.test : $0.validation)?.metrics[metric] }
        }
    }

    /// The method against weights only by the first metric, over the seeds; nil where they were not run alike.
    var test: PairedTest? { pairs(Adaptation.joint).flatMap { PairedTest($0.own, $0.other) } }

    /// A row's values of the first metric and those of weights only, by seed; nil where they were not run alike.
    private func pairs(_ name: String) -> (own: [Double], other: [Double])? {
        guard let metric = shownMetrics.first?.name else { return nil }
        let (own, other) = (values(name, metric), values(AdaptationControl.weightsOnly.rawValue, metric))
        return own.count == other.count && !own.isEmpty ? (own, other) : nil
    }

    /// Of the first metric, against weights only, over the seeds.
    private func difference(_ name: String) -> AdaptationReport.Difference? {
        guard name != AdaptationControl.weightsOnly.rawValue, let (own, other) = pairs(name) else { return nil }
        let mean = zip(own, other).reduce(0) { $0 + $1.0 - $1.1 } / Double(own.count)
        return AdaptationReport.Difference(mean, p: PairedTest(own, other)?.p)
    }
}
