import Experiments
import Results
import Workflows

/// Results of phases as lines of a table.
enum StudySummary {
    static func rows(_ result: SupernetTraining.Result) -> [(String, String)] {
        [
            ("architectures", Profile.text(result.architectures)),
            ("parameters", Console.grouped(result.parameters)),
            ("training", Quantity.duration(result.seconds) + ", \(Console.grouped(result.steps)) steps"),
        ]
            + result.validation.sorted { $0.key < $1.key }.map {
                ("validation \($0.key)", String(format: "%.4f", $0.value))
            }
    }

    /// What a probe reaches, on average over some random paths.
    static func row(_ result: ProbeResult) -> (String, String) {
        let accuracy = result.validation[Metric.accuracy.name].map { ("accuracy", Console.percent($0)) }
        let (name, text) = accuracy ?? ("score", String(format: "%.4f", result.validation["score"] ?? 0))
        return ("\(name) of random paths", text)
    }

    /// A score in words: the accuracy, or the task's metrics by their names.
    static func text(_ score: Score, _ metrics: [Metric]) -> String {
        if let accuracy = score.accuracy { return Console.percent(accuracy) }
        let texts = metrics.compactMap { metric in
            score.metrics[metric.name].map { "\(metric.name) \(Console.text($0, metric.unit))" }
        }
        return texts.isEmpty ? String(format: "%.4f", score.value) : texts.joined(separator: ", ")
    }

    static func rows(_ result: ArchitectureSearch.Result, _ metrics: [Metric]) -> [(String, String)] {
        var rows = [
            ("architecture", result.architecture.description),
            ("candidates", result.candidates.joined(separator: "; ")),
            (
                "score",
                String(format: "%.4f of %d paths, ", result.score, result.evaluations)
                    + "statistics: \(result.statistics)"
            ),
            ("parameters", Console.grouped(result.cost.parameters)),
            ("multiply-adds", Console.grouped(result.cost.multiplyAdds)),
        ]
        if let latency = result.latency {
            rows.append(
                (
                    "latency",
                    String(
                        format: "%.2f ms predicted, which was off by %.0f %% on whole paths", latency,
                        100 * (result.latencyError ?? 0))
                ))
        }
        if let validation = result.validation {
            rows.append(("validation", text(validation, metrics) + " with inherited weights"))
        }
        func tau(_ value: Double?) -> String { value.map { String(format: "%.2f", $0) } ?? "not defined" }
        rows.append(
            (
                "tau of score",
                "with parameters \(tau(result.tauParameters)), with multiply-adds \(tau(result.tauMultiplyAdds))"
            ))
        rows.append(("time", Quantity.duration(result.seconds)))
        return rows
    }
}
