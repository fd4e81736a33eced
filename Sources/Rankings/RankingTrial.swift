import Architectures
import Foundation
import Metrics

/// A supernet's scores of the architectures of a benchmark table, to be judged beside the training-free baselines:
/// parameters, multiply-adds, counts of layers and paths, zero-cost proxies, and ensembles of these.
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
    /// Counts of layers and paths by name, each with its values in the order of the table.
    public let structures: [(name: String, values: [Double])]

    /// Ensembles that come for nothing, each with its members, beside that of everything. They were picked with all shipped tables
    /// in view: that makes the comparison harder for a supernet, not easier.
    static let ensembles: [(name: String, members: [String])] = [
        (
            "synflow, gradients, jacobian, parameters",
            ["synflow", "gradient-norm", "jacobian-covariance", "parameters"]
        ),
        ("wide depth, synflow, jacobian", ["depth in wide windows", "synflow", "jacobian-covariance"]),
    ]
    /// The name of the ensemble of all that comes for nothing.
    static let allOfThem = "all that is free"

    /// A trial of some scores.
    ///
    /// - Parameters:
    ///   - table: the benchmark table.
    ///   - scores: the supernet's scores, higher is better; nil for none.
    ///   - name: the name of the scores in tables and sentences.
    ///   - proxies: zero-cost proxies, each with its values in the order of the table.
    ///   - structures: counts of layers and paths likewise.
    public init(
        table: BenchmarkTable, scores: [Architecture: Double]?, name: String = "supernet",
        proxies: [(name: String, values: [Double])], structures: [(name: String, values: [Double])] = []
    ) {
        (self.table, self.scores, self.name) = (table, scores, name)
        (self.proxies, self.structures) = (proxies, structures)
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
        rankers += structures.map { structure in
            Ranker(name: structure.name, kind: .structure, values: chosen.map { structure.values[$0] })
        }
        if !structures.isEmpty, !proxies.isEmpty { rankers += Self.ensembles(of: rankers) }
        return try RankingJudgement.judge(
            rankers, reference: entries.map { $0.rows.map { measure($0) } }, resamples: resamples)
    }
}

extension RankingTrial {
    /// The ensembles whose members are all there, and that of everything that comes for nothing.
    private static func ensembles(of rankers: [Ranker]) -> [Ranker] {
        let free = rankers.filter { $0.kind != .supernet }
        let named = Dictionary(free.map { ($0.name, $0.values) }) { first, _ in first }
        let all = ensembles + [(name: allOfThem, members: free.map(\.name))]
        return all.compactMap { name, members in
            let lists = members.compactMap { named[$0] }
            guard lists.count == members.count else { return nil }
            return Ranker(name: name, kind: .ensemble, values: logarithmsOfRanks(lists))
        }
    }

    /// The sum over several lists of the logarithm of each value's rank, from 1 for the least to n, divided by n; equal values
    /// share the mean of their ranks (Lee and Ham, "AZ-NAS", CVPR 2024).
    static func logarithmsOfRanks(_ lists: [[Double]]) -> [Double] {
        guard let count = lists.first?.count, count > 0 else { return [] }
        var sums = [Double](repeating: 0, count: count)
        for list in lists {
            for (place, rank) in Spearman.ranks(list).enumerated() { sums[place] += log(rank / Double(count)) }
        }
        return sums
    }
}
