import Architectures
import Support
import Testing

@Suite struct SamplingTests {
    /// Points of 1 to 5 candidates.
    private static let mixed = [4, 1, 3, 5, 2]

    /// Pearson's statistic of how often each candidate was taken, summed over the points, lies within four deviations of
    /// its mean for uniform and independent choices.
    private func expectUniform(_ sample: [Architecture], _ space: SearchSpace) {
        var statistic = 0.0
        var freedom = 0.0
        for (point, choices) in space.points.enumerated() {
            let expected = Double(sample.count) / Double(choices.candidates.count)
            for candidate in choices.candidates.indices {
                let found = Double(sample.count { $0[point] == candidate })
                statistic += (found - expected) * (found - expected) / expected
            }
            freedom += Double(choices.candidates.count - 1)
        }
        let deviation = (2 * freedom).squareRoot()
        #expect(abs(statistic - freedom) < 4 * deviation, "chi-square \(statistic) of \(freedom) degrees of freedom")
    }

    @Test(arguments: [mixed, [4, 4, 4, 4]]) func randomArchitecturesAreUniform(candidates: [Int]) throws {
        let space = try SearchSpace(candidates: candidates)
        var generator = SeededGenerator(seed: 1)
        let sample = (0..<2000).map { _ in space.random(using: &generator) }
        for architecture in sample { try space.validate(architecture) }
        expectUniform(sample, space)
        var again = SeededGenerator(seed: 1)
        #expect(space.random(using: &again) == sample[0])
    }

    @Test(arguments: [mixed, [4, 4, 4, 4]])
    func aDisjointPairDiffersWhereverThereIsAChoiceAndEachIsUniform(candidates: [Int]) throws {
        let space = try SearchSpace(candidates: candidates)
        var generator = SeededGenerator(seed: 2)
        let pairs = (0..<2000).map { _ in space.disjointPair(using: &generator) }
        for (first, second) in pairs {
            try space.validate(first)
            try space.validate(second)
            for (point, count) in candidates.enumerated() { #expect((first[point] != second[point]) == (count > 1)) }
        }
        expectUniform(pairs.map(\.0), space)
        expectUniform(pairs.map(\.1), space)
        // Whatever the first takes, the second takes each of the others as often.
        let others = try SearchSpace(candidates: candidates.map { max($0 - 1, 1) })
        let steps = pairs.map { first, second in
            Architecture(
                candidates.indices.map { point in
                    let count = candidates[point]
                    return count == 1 ? 0 : (second[point] - first[point] + count) % count - 1
                })
        }
        expectUniform(steps, others)
    }

    @Test func aFairRoundHasEveryCandidateExactlyOnce() throws {
        let space = try SearchSpace(candidates: [4, 4, 4])
        var generator = SeededGenerator(seed: 3)
        let rounds = (0..<500).map { _ in space.fairRound(using: &generator) }
        for round in rounds {
            #expect(round.count == 4)
            for point in 0..<3 { #expect(round.map { $0[point] }.sorted() == [0, 1, 2, 3]) }
        }
        // Columns are shuffled independently: any row of a round is a uniform architecture.
        expectUniform(rounds.map { $0[0] }, space)
        expectUniform(rounds.map { $0[3] }, space)
        #expect(Set(rounds.map { $0[0] }).count == 64)
    }

    @Test func narrowerPointsGoThroughTheirCandidatesEvenly() throws {
        let space = try SearchSpace(candidates: Self.mixed)
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<100 {
            let round = space.fairRound(using: &generator)
            #expect(round.count == 5)
            for (point, count) in Self.mixed.enumerated() {
                for candidate in 0..<count {
                    let times = round.count { $0[point] == candidate }
                    #expect((5 / count...(5 + count - 1) / count).contains(times))
                }
            }
        }
    }

    @Test func aMutationChangesExactlyOnePoint() throws {
        let space = try SearchSpace(candidates: Self.mixed)
        let parent = Architecture([1, 0, 2, 4, 0])
        var generator = SeededGenerator(seed: 5)
        var changes: [Int: Int] = [:]
        for _ in 0..<2000 {
            let child = space.mutated(parent, using: &generator)
            try space.validate(child)
            #expect(child.distance(to: parent) == 1)
            for point in Self.mixed.indices where child[point] != parent[point] { changes[point, default: 0] += 1 }
        }
        #expect(changes.keys.sorted() == [0, 2, 3, 4])
        for count in changes.values { #expect(abs(count - 500) < 4 * 20) }
        let single = try SearchSpace(candidates: [1, 1])
        #expect(single.mutated(Architecture([0, 0]), using: &generator) == Architecture([0, 0]))
    }

    @Test func pointsMutateWithTheirProbability() throws {
        let space = try SearchSpace(candidates: [5, 5, 5, 5])
        let parent = Architecture([0, 1, 2, 3])
        var generator = SeededGenerator(seed: 6)
        var changed = 0
        for _ in 0..<1000 {
            let child = space.mutated(parent, probability: 0.25, using: &generator)
            try space.validate(child)
            changed += child.distance(to: parent)
            #expect(space.mutated(parent, probability: 0, using: &generator) == parent)
        }
        // Redrawn with 1/4, and then another with 4/5: 800 of 4,000, deviation 25.
        #expect(abs(changed - 800) < 100)
        let redrawn = (0..<1000).map { _ in space.mutated(parent, probability: 1, using: &generator) }
        expectUniform(redrawn, space)
    }

    @Test func aCrossingTakesEveryChoiceFromAParent() throws {
        let space = try SearchSpace(candidates: [5, 5, 5, 5])
        let (a, b) = (Architecture([0, 1, 2, 3]), Architecture([4, 1, 0, 2]))
        var generator = SeededGenerator(seed: 7)
        let children = (0..<1000).map { _ in space.crossed(a, b, using: &generator) }
        for child in children {
            for point in 0..<4 { #expect(child[point] == a[point] || child[point] == b[point]) }
        }
        for point in [0, 2, 3] { #expect(abs(children.count { $0[point] == a[point] } - 500) < 64) }
        #expect(Set(children).count == 8)
    }
}
