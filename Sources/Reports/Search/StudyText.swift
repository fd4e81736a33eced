import Experiments
import Foundation
import Results

/// Results of a study's phases as lines of text for a terminal: names and values.
public enum StudyText {
    /// A supernet's training.
    public static func rows(_ result: SupernetResult) -> [(String, String)] {
        [
            ("architectures", architectures(result.architectures)),
            ("parameters", NumberText.grouped(result.parameters)),
            ("training", Quantity.duration(result.seconds) + ", \(NumberText.grouped(result.steps)) steps"),
        ]
            + result.validation.sorted { $0.key < $1.key }.map {
                ("validation \($0.key)", String(format: "%.4f", $0.value))
            }
    }

    /// What a probe reaches, on average over some random paths.
    public static func row(_ result: ProbeResult) -> (String, String) {
        let accuracy = result.validation[Metric.accuracy.name].map { ("accuracy", Metric.accuracy.unit.text($0)) }
        let (name, text) = accuracy ?? ("score", String(format: "%.4f", result.validation["score"] ?? 0))
        return ("\(name) of random paths", text)
    }

    /// A search.
    ///
    /// - Parameters:
    ///   - result: what it gave.
    ///   - metrics: the metrics of the task.
    public static func rows(_ result: SearchResult, metrics: [Metric]) -> [(String, String)] {
        var rows = [
            ("architecture", result.architecture.description),
            ("candidates", result.candidates.joined(separator: "; ")),
            (
                "score",
                String(format: "%.4f of %d paths, ", result.score, result.evaluations)
                    + "statistics: \(result.statistics)"
            ),
        ]
        rows += Fact.cost(result.cost).map { ($0.name, $0.value) }
        if let latency = result.latency {
            let error = 100 * (result.latencyError ?? 0)
            rows.append(
                (
                    "latency",
                    String(format: "%.2f ms predicted, which was off by %.0f %% on whole paths", latency, error)
                ))
        }
        if let score = result.validation {
            rows.append(("validation", score.words(metrics) + " with inherited weights"))
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

    /// A number of architectures, which may be beyond what an integer holds.
    public static func architectures(_ count: Double) -> String {
        abs(count) < 1e15 ? NumberText.grouped(Int(count)) : String(format: "%.1e", count)
    }
}
