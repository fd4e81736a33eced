import Architectures
import Rankings

/// A supernet's scores before a truth, with everything that could rank as well for nothing.
public struct RankingTrial {
    /// What a network's truth is.
    public enum Measure: String, Sendable, CaseIterable, Codable {
        /// The accuracy of the trained network.
        case accuracy
        /// Less its cross-entropy.
        case loss

        func callAsFunction(_ row: BenchmarkRow) -> Double { self == .accuracy ? row.accuracy : -row.loss }
    }

    /// The truth.
    public let truth: BenchmarkTable
    /// By architecture, higher is better; nil to judge trivial rankings alone.
    public let scores: [Architecture: Double]?
    /// What `scores` are called.
    public let name: String
    /// By name, each in the order of the table.
    public let proxies: [(name: String, values: [Double])]

    /// - Parameters:
    ///   - truth: the table.
    ///   - scores: of the supernet; nil for none.
    ///   - name: what the scores are called.
    ///   - proxies: zero-cost proxies.
    public init(
        truth: BenchmarkTable, scores: [Architecture: Double]?, name: String = "supernet",
        proxies: [(name: String, values: [Double])]
    ) {
        self.truth = truth
        self.scores = scores
        self.name = name
        self.proxies = proxies
    }

    /// Judges the ranking.
    ///
    /// - Parameters:
    ///   - measure: what the truth of a network is.
    ///   - half: of the table; nil for all of it.
    ///   - resamples: of the bootstrap.
    /// - Throws: `RankingError`.
    public func judge(by measure: Measure, half: BenchmarkRow.Half? = nil, resamples: Int = 1000) throws
        -> RankingJudgement
    {
        let chosen = truth.entries.indices.filter { half == nil || truth.entries[$0].rows.first?.half == half }
        let entries = chosen.map { truth.entries[$0] }
        var predictors: [Ranker] = []
        if let scores {
            predictors.append(
                Ranker(
                    name: name, kind: .supernet, values: entries.map { scores[$0.architecture] ?? .nan }))
        }
        predictors += [
            Ranker(name: "parameters", kind: .cost, values: entries.map { $0.mean { Double($0.parameters) } }),
            Ranker(name: "multiply-adds", kind: .cost, values: entries.map { $0.mean { Double($0.multiplyAdds) } }),
        ]
        predictors += proxies.map { proxy in
            Ranker(name: proxy.name, kind: .proxy, values: chosen.map { proxy.values[$0] })
        }
        return try RankingJudgement.judge(
            predictors: predictors, truth: entries.map { $0.rows.map { measure($0) } }, resamples: resamples)
    }
}
