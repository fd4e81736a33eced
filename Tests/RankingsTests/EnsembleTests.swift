import Architectures
import Foundation
import Testing

@testable import Rankings

/// Sums of logarithms of ranks, which come for nothing.
@Suite struct EnsembleTests {
    @Test func ranksAreAddedByTheirLogarithms() {
        let sums = RankingTrial.logarithmsOfRanks([[3, 1, 2, 2], [10, 40, 20, 30]])
        let expected = [
            log(4.0 / 4) + log(1.0 / 4), log(1.0 / 4) + log(4.0 / 4), log(2.5 / 4) + log(2.0 / 4),
            log(2.5 / 4) + log(3.0 / 4),
        ]
        #expect(zip(sums, expected).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(RankingTrial.logarithmsOfRanks([]).isEmpty)
    }

    /// What no single baseline tells, several tell together, and the verdict is against the best of all.
    @Test func aSupernetIsComparedWithEnsemblesToo() throws {
        let count = 40
        let rows = (0..<count).flatMap { number -> [BenchmarkRow] in
            (1...2).map { seed in
                BenchmarkRow(
                    architecture: Architecture([number]), seed: seed, accuracy: Double(number) / 100, loss: 1,
                    parameters: 100 + number % 3, multiplyAdds: 100, seconds: 1, half: .report)
            }
        }
        let table = BenchmarkTable(rows)
        // Two views of the order, each with an error of its own.
        let first = (0..<count).map { Double($0 + ($0 % 2 == 0 ? 9 : -9)) }
        let second = (0..<count).map { Double($0 + ($0 % 2 == 0 ? -9 : 9)) }
        let scores = Dictionary(uniqueKeysWithValues: (0..<count).map { (Architecture([$0]), first[$0]) })
        let trial = RankingTrial(
            table: table, scores: scores, proxies: [("synflow", first), ("jacobian-covariance", second)],
            structures: [("depth in wide windows", (0..<count).map { Double($0 / 8) })])
        let judged = try trial.judge(by: .accuracy, resamples: 60)
        func tau(_ name: String) -> Double? { judged.rankers.first { $0.name == name }?.tau }
        let together = try #require(tau("wide depth, synflow, jacobian"))
        let single = try #require(tau("synflow"))
        #expect(together > single + 0.1 && together > 0.9, "\(together) and \(single)")
        #expect(judged.rankers.contains { $0.name == RankingTrial.allOfThem && $0.kind == .ensemble })
        #expect(judged.rankers.contains { $0.name == "depth in wide windows" && $0.kind == .structure })
        #expect(!judged.rankers.contains { $0.name.hasPrefix("synflow, gradients") }, "a member is missing")
        #expect(!judged.isBeyondNoise && (tau(judged.bestBaseline) ?? 0) >= together)
        #expect(judged.verdict.contains(judged.bestBaseline))
        // Without counts there is none, as in the files of earlier versions.
        let plain = try RankingTrial(table: table, scores: scores, proxies: [("synflow", second)])
            .judge(by: .accuracy, resamples: 60)
        #expect(!plain.rankers.contains { $0.kind == .ensemble })
    }
}
