import Architectures
import Archives
import Foundation
import Testing

@testable import Workflows

@Suite struct CautiousChoiceTests {
    private let costs: CostTable

    init() throws {
        costs = try CostTable(
            ChainSpace(channels: 1, widths: [4, 8], depths: [1, 2]).description(), imageSize: 12, classes: 2)
    }

    private func entry(_ choices: [Int], _ score: Double, error: Double?) -> ArchiveEntry {
        var metrics: [String: Double] = [:]
        metrics[PathScore.standardErrorName] = error
        return ArchiveEntry(
            architecture: Architecture(choices).description, score: score, metrics: metrics, costs: [:],
            policy: "reestimate", seed: 1, round: 0, seconds: 0, time: Date(timeIntervalSince1970: 0))
    }

    private func choice(_ entries: [ArchiveEntry], _ errors: Double) -> [Int]? {
        entries.best(costs: costs, closestTo: Architecture([0, 0, 0]), within: errors)?.architecture.choices
    }

    @Test func whatMayBeLuckChangesNothing() {
        let entries = [
            entry([1, 2, 1], 0.80, error: 0.04), entry([1, 0, 0], 0.77, error: 0.04),
            entry([0, 0, 0], 0.70, error: 0.05),
            entry([0, 1, 0], 0.78, error: 0.04),
        ]
        #expect(choice(entries, 0) == [1, 2, 1], "the best, whatever it changes")
        #expect(choice(entries, 1) == [0, 1, 0], "of two as close, the better one")
        #expect(choice(entries, 3) == [0, 0, 0], "the source's own")
        #expect(choice(Array(entries.reversed()), 1) == [0, 1, 0])
        #expect(choice([], 1) == nil)
    }

    @Test func withoutAStandardErrorTheBestIsTaken() {
        let entries = [entry([0, 0, 0], 0.79, error: nil), entry([1, 2, 1], 0.80, error: nil)]
        #expect(choice(entries, 1) == [1, 2, 1])
        // Of equal scores, the path that changes less.
        #expect(choice([entry([2, 2, 2], 0.8, error: nil), entry([0, 2, 0], 0.8, error: nil)], 1) == [0, 2, 0])
    }
}
