import Architectures

/// A supernet's scores of the architectures of a benchmark table, to be judged beside the training-free baselines:
/// parameters, multiply-adds and zero-cost proxies.
public struct RankingTrial {
    /// The figure of a trained network that rankings are compared with.
    public enum Measure: String, Sendable, CaseIterable, Codable {
        /// The accuracy of the trained network.
        case accuracy
        /// The cross-entropy of the trained network, negated.
        case loss

        func callAsFunction(_ row: BenchmarkRow) -> Double { self == .accuracy ? row.accuracy : -row.loss }
    }

    /// The benchmark table.
    public let table: BenchmarkTable
    /// Scores by architecture, higher is better; nil to judge the baselines alone.
    public let scores: [Architecture: Double]?
    /// The name of the scores in tables and sentences.
    public let name: String
    /// Zero-cost proxies by name, each with its values in the order of the table.
    public let proxies: [(name: String, values: [Double])]

    /// A trial of some scores.
    ///
    /// - Parameters:
    ///   - table: the benchmark table.
    ///   - scores: the supernet's scores, higher is better; nil for none.
    ///   - name: the name of the scores in tables and sentences.
    ///   - proxies: zero-cost proxies, each with its values in the order of the table.
    public init(
        table: BenchmarkTable, scores: [Architecture: Double]?, name: String = "supernet",
        proxies: [(name: String, values: [Double])]
    ) {
        (self.table, self.scores, self.name, self.proxies) = (table, scores, name, proxies)
    }

    /// Judges the ranking.
    ///
    /// - Parameters:
    ///   - measure: the figure of a trained network that rankings are compared with.
    ///   - half: the half of the table to judge by; nil for all of it.
    ///   - resamples: the number of resamples of the bootstrap.
    /// - Throws: `RankingError`.
    public func judge(by measure: Measure, half: BenchmarkRow.Half? = nil, resamples: Int = 1000) throws
        -> RankingJudgement
    {
        let chosen = table.entries.indices.filter { half == nil || table.entries[$0].rows.first?.half == half }
        let entries = chosen.map { table.entries[$0] }
        var rankers: [Ranker] = []
        if let scores {
            rankers.append(
                Ranker(name: name, kind: .supernet, values: entries.map { scores[$0.architecture] ?? .nan }))
        }
        rankers += [
            Ranker(name: "parameters", kind: .cost, values: entries.map { $0.mean { Double($0.parameters) } }),
            Ranker(name: "multiply-adds", kind: .cost, values: entries.map { $0.mean { Double($0.multiplyAdds) } }),
        ]
        rankers += proxies.map { proxy in
            Ranker(name: proxy.name, kind: .proxy, values: chosen.map { proxy.values[$0] })
        }
        return try RankingJudgement.judge(
            rankers, reference: entries.map { $0.rows.map { measure($0) } }, resamples: resamples)
    }
}
