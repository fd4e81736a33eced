import Architectures
import Foundation
import SearchStrategies
import Support

/// Search spaces to test on.
enum TestSpace {
    /// 16 choice points of 4 candidates, as in Pi-NAS: 4.3e9 architectures.
    static func wide() throws -> SearchSpace { try of(points: 16, candidates: 4) }

    static func of(points: Int, candidates: Int) throws -> SearchSpace {
        try SearchSpace(
            "test", (0..<points).map { point in ChoicePoint("p\(point)", (0..<candidates).map { "c\($0)" }) })
    }
}

/// Scores made up of an effect of each choice, an interaction of each two neighbouring choices of half the size, and
/// noise of measurement.
struct Landscape: Sendable {
    let space: SearchSpace
    /// Mean and standard deviation of the true scores of random architectures.
    let mean: Double
    let deviation: Double
    private let seed: UInt64
    private let effects: [[Double]]
    private let interactions: [[[Double]]]

    init(_ space: SearchSpace, seed: UInt64) {
        var generator = SeededGenerator(seed: seed, 1)
        let sizes = space.points.map(\.candidates.count)
        let effects = sizes.map { size in (0..<size).map { _ in generator.normal() } }
        let interactions = zip(sizes, sizes.dropFirst()).map { left, right in
            (0..<left).map { _ in (0..<right).map { _ in 0.5 * generator.normal() } }
        }
        let scores = (0..<500).map { _ in
            Self.score(space.random(using: &generator), effects, interactions)
        }
        let mean = scores.reduce(0, +) / 500
        self.space = space
        self.seed = seed
        self.effects = effects
        self.interactions = interactions
        self.mean = mean
        deviation = (scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 499).squareRoot()
    }

    func score(_ architecture: Architecture) -> Double { Self.score(architecture, effects, interactions) }

    /// With noise of 0.3 standard deviations of the true scores, the same whenever an architecture is measured.
    func measured(_ architecture: Architecture) -> Double {
        var generator = SeededGenerator(seed: seed, stream: architecture.choices.map(UInt64.init))
        return score(architecture) + 0.3 * deviation * generator.normal()
    }

    private static func score(
        _ architecture: Architecture, _ effects: [[Double]], _ interactions: [[[Double]]]
    ) -> Double {
        let choices = architecture.choices
        var sum = zip(effects, choices).reduce(0) { $0 + $1.0[$1.1] }
        for (point, table) in interactions.enumerated() { sum += table[choices[point]][choices[point + 1]] }
        return sum
    }
}

/// Runs a search: asks for batches and tells what `evaluate` says, up to a number of evaluations, until `stop`, or
/// until nothing more comes.
@discardableResult
func run(
    _ search: inout some SearchStrategy, evaluations: Int, batch: Int = 10,
    until stop: (Evaluation) -> Bool = { _ in false }, _ evaluate: (Architecture) -> Evaluation
) throws -> [Evaluation] {
    var all: [Evaluation] = []
    while all.count < evaluations {
        let asked = try search.ask(min(batch, evaluations - all.count))
        if asked.isEmpty { break }
        let told = asked.map(evaluate)
        try search.tell(told)
        all += told
        if told.contains(where: stop) { break }
    }
    return all
}
