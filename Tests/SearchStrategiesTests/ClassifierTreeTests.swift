import Architectures
import SearchStrategies
import Support
import Testing

/// Boosted trees, and the search by classifiers.
@Suite struct ClassifierTreeTests {
    private func architectures(_ count: Int, seed: UInt64) throws -> [Architecture] {
        var generator = SeededGenerator(seed: seed)
        let space = try TestSpace.wide()
        return (0..<count).map { _ in space.random(using: &generator) }
    }

    /// Rules with the accuracy on unseen architectures that 400 examples must give; each says good of about half.
    static let rules: [(name: String, accuracy: Double, isGood: @Sendable (Architecture) -> Bool)] = [
        ("one choice", 0.99, { $0[3] < 2 }),
        ("either of two", 0.99, { $0[0] == 1 || $0[7] > 1 }),
        ("two that interact", 0.97, { ($0[2] == 0) != ($0[9] > 1) }),
        ("a sum", 0.75, { $0.choices.reduce(0, +) > 23 }),
    ]

    @Test(arguments: rules.indices)
    func treesSeparateAPlantedRuleOnUnseenArchitectures(_ index: Int) throws {
        let rule = Self.rules[index]
        let (examples, unseen) = try (architectures(400, seed: 1), architectures(500, seed: 2))
        func learn() throws -> BoostedTrees {
            try BoostedTrees(
                TestSpace.wide(), good: examples.filter(rule.isGood), bad: examples.filter { !rule.isGood($0) })
        }
        let trees = try learn()
        let right = unseen.count { trees.accepts($0) == rule.isGood($0) }
        #expect(Double(right) / 500 >= rule.accuracy, "\(rule.name)")
        #expect(try learn() == trees)
    }

    @Test
    func treesSayTheSharesWhereThereIsNothingToLearn() throws {
        let (space, examples) = try (TestSpace.wide(), architectures(100, seed: 1))
        let balanced = BoostedTrees(space, good: examples, bad: examples)
        #expect(examples.allSatisfy { abs(balanced.logOdds($0)) < 1e-9 })
        #expect(BoostedTrees(space, good: Array(examples.prefix(3)), bad: []).accepts(examples[50]))
        #expect(!BoostedTrees(space, good: [], bad: []).accepts(examples[50]))
    }

    @Test
    func architecturesComeFromTheGoodPartAndFromASmallerOneLater() throws {
        // Half of the space has the first rule, a quarter both.
        func score(_ architecture: Architecture) -> Double {
            (architecture[3] < 2 ? 2 : 0) + (architecture[8] < 2 ? 1 : 0)
        }
        let sampler = try ConstraintSampler(TestSpace.wide(), seed: 1)
        var search = try ClassifierTree(sampler, firstPhase: 100, thresholds: [150])
        let first = try run(&search, evaluations: 100, batch: 100) { Evaluation($0, score: score($0)) }
        let second = try run(&search, evaluations: 60, batch: 60) { Evaluation($0, score: score($0)) }
        let third = try run(&search, evaluations: 60, batch: 60) { Evaluation($0, score: score($0)) }
        #expect((35...65).contains(first.count { $0.score >= 2 }))
        #expect(second.count { $0.score >= 2 } >= 57)
        #expect(second.count { $0.score == 3 } <= 45)
        #expect(third.count { $0.score == 3 } >= 57)
    }

    @Test
    func thresholdsAreInProportionToTheLengthOfTheSearch() {
        #expect(ClassifierTree.paperThresholds == [400, 800, 1600, 3200])
        #expect(ClassifierTree.thresholds(forLength: 1000) == [400, 800, 1600, 3200])
        #expect(ClassifierTree.thresholds(forLength: 300) == [120, 240, 480, 960])
    }
}
