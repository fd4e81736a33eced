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

    /// Of an elastic source the largest of equals, which has more room to learn in.
    @Test func ofEqualsTheLargestIsTaken() {
        let size = { (choices: [Int]) in costs.cost(of: Architecture(choices)).multiplyAdds }
        // One path of each of four sizes, the smallest first.
        var bySize: [Int: [Int]] = [:]
        for first in 0..<4 { for second in 0..<4 { bySize[size([first, second, 0])] = [first, second, 0] } }
        let paths = bySize.sorted { $0.key < $1.key }.prefix(4).map(\.value)
        #expect(paths.count == 4)
        let scores = [0.80, 0.78, 0.77, 0.70]
        let entries = zip(paths, scores).map { entry($0, $1, error: 0.025) }
        func largest(_ errors: Double) -> [Int]? {
            entries.largest(costs: costs, within: errors)?.architecture.choices
        }
        #expect(largest(0) == paths[0])
        #expect(largest(1) == paths[1], "0.775 and better count as equal to 0.80")
        #expect(largest(1.5) == paths[2])
        #expect(largest(9) == paths[3])
        let unknown = zip(paths, scores).map { entry($0, $1, error: nil) }
        #expect(unknown.largest(costs: costs, within: 9)?.architecture.choices == paths[0])
    }

    @Test func withoutAStandardErrorTheBestIsTaken() {
        let entries = [entry([0, 0, 0], 0.79, error: nil), entry([1, 2, 1], 0.80, error: nil)]
        #expect(choice(entries, 1) == [1, 2, 1])
        // Of equal scores, the path that changes less.
        #expect(choice([entry([2, 2, 2], 0.8, error: nil), entry([0, 2, 0], 0.8, error: nil)], 1) == [0, 2, 0])
    }
}
