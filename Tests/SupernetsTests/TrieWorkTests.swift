import Architectures
import NN
import Networks
import Supernets
import Testing
import Torch

/// What is computed, how often, and what is refused.
@Suite struct TrieWorkTests {
    private func evaluator(
        _ supernet: Supernet, policy: StatisticsPolicy = .batch, cacheLimit: Int = 1 << 30
    ) throws -> PathEvaluator {
        var options = PathEvaluator.Options()
        (options.policy, options.precision, options.cacheLimit) = (policy, .float32, cacheLimit)
        return try PathEvaluator(
            supernet, recalibration: policy == .recalibrate ? batches([3, 3], seed: 40) : [],
            validation: batches([2], seed: 50), options: options)
    }

    /// The nodes of the trie: each distinct beginning of an architecture once, and the stem.
    private func nodes(_ architectures: [Architecture], _ supernet: Supernet) -> Int {
        var beginnings: Set<[Int]> = [[]]
        for architecture in architectures {
            var path: [Int] = []
            for segment in supernet.segments where !segment.points.isEmpty {
                path += segment.points.map { architecture[$0] }
                beginnings.insert(path)
            }
        }
        return beginnings.count
    }

    @Test(arguments: SmallSpace.allCases) func sharedBeginningsAreRunOnce(kind: SmallSpace) throws {
        let supernet = try kind.supernet()
        let evaluator = try evaluator(supernet, cacheLimit: 0)
        let architectures = try kind.architectures(6)
        _ = try evaluator.evaluate(architectures) { _, _ in }
        #expect(evaluator.work.run == nodes(architectures, supernet))
        #expect(evaluator.work.alone == Set(architectures).count * supernet.segments.count)
    }

    @Test(arguments: SmallSpace.allCases) func theWorkOfPathsIsToldWithoutEvaluatingThem(
        kind: SmallSpace
    ) throws {
        let supernet = try kind.supernet()
        let evaluator = try evaluator(supernet)
        let architectures = try Set(kind.architectures(6)).sorted()
        let told = evaluator.work(of: architectures)
        #expect(evaluator.work == (0, 0))
        // In two rounds: the second finds the beginnings of the first.
        for round in [architectures.prefix(3), architectures.dropFirst(3)] {
            _ = try evaluator.evaluate(Array(round)) { _, _ in }
        }
        #expect(abs(told * Double(supernet.segments.count) - Double(evaluator.work.run)) < 1e-9)
        #expect(evaluator.work(of: []) == 0)
        #expect(abs(evaluator.work(of: [architectures[0]]) - 1) < 1e-9)
    }

    @Test func theWorkOfASmallTrieCanBeCountedByHand() throws {
        let evaluator = try evaluator(SmallSpace.resnest.supernet())
        let asked = [[0, 0, 0], [0, 0, 1], [0, 1, 0], [2, 0, 0], [0, 0, 0]].map { Architecture($0) }
        _ = try evaluator.evaluate(asked) { _, _ in }
        // The stem; 0 and 2; 00, 01 and 20; 000, 001, 010 and 200.
        #expect(evaluator.work == (1 + 2 + 3 + 4, 4 * 4))
        // A later round has all beginnings, and runs last pieces alone: features are not kept.
        _ = try evaluator.evaluate([Architecture([0, 0, 3]), Architecture([0, 0, 0])]) { _, _ in }
        #expect(evaluator.work == (10 + 2, 16 + 8))
        _ = try evaluator.evaluate([Architecture([2, 1, 0])]) { _, _ in }
        #expect(evaluator.work == (12 + 2, 24 + 4))
        _ = try evaluator.evaluate([]) { _, _ in Issue.record("there is nothing to measure") }
        #expect(evaluator.work == (14, 28))
    }

    /// The cache may hold one activation of the first block, not two: asking for it again costs nothing, coming back to
    /// it after another one costs it again.
    @Test func theLimitCounts() throws {
        let supernet = try SmallSpace.resnest.supernet()
        let x = try images(2, seed: 50)
        let first = try withoutGradients {
            try supernet.activations(x, Architecture([0, 0, 0]), Mode(batchNorm: .batch))[1]
        }
        func runs(limit: Int) throws -> [Int] {
            let evaluator = try evaluator(supernet, cacheLimit: limit)
            var before = 0
            return try [[0, 0, 0], [0, 1, 0], [1, 1, 0], [0, 2, 0]].map { choices in
                _ = try evaluator.evaluate([Architecture(choices)]) { _, _ in }
                defer { before = evaluator.work.run }
                return evaluator.work.run - before
            }
        }
        let bytes = first.elementCount * 4
        #expect(try runs(limit: 100 * bytes) == [4, 2, 3, 2])
        #expect(try runs(limit: bytes - 1) == [4, 3, 3, 3])
        #expect(try runs(limit: 0) == [4, 3, 3, 3])
        // Blocks one and two give the same shape; the second pushes the first out.
        #expect(try runs(limit: bytes) == [4, 3, 3, 3])
        #expect(try runs(limit: 2 * bytes) == [4, 2, 3, 3])
    }

    @Test(arguments: SmallSpace.allCases)
    func eachDistinctPathIsMeasuredOnceInOrder(kind: SmallSpace) throws {
        let evaluator = try evaluator(kind.supernet())
        let asked = try kind.architectures(5)
        var measured: [Architecture] = []
        let answers = try evaluator.evaluate(asked) { architecture, features in
            measured.append(architecture)
            #expect(features.map(\.shape) == [[2, evaluator.supernet.features]])
            #expect(features.allSatisfy { !$0.requiresGradient })
            return architecture.description
        }
        #expect(measured == Set(asked).sorted())
        #expect(answers == asked.map(\.description), "answers come in the order of the questions")
    }

    /// Without recalibration nothing is written, with it nothing but statistics.
    @Test(arguments: SmallSpace.allCases, StatisticsPolicy.allCases)
    func weightsAreOnlyRead(kind: SmallSpace, policy: StatisticsPolicy) throws {
        let supernet = try kind.supernet()
        let before = try bits(supernet.store)
        let evaluator = try evaluator(supernet, policy: policy)
        let architectures = try kind.architectures(3)
        _ = try evaluator.evaluate(architectures) { _, _ in }
        _ = try evaluator.evaluateAlone(architectures[0]) { _, _ in }
        let after = try bits(supernet.store)
        let changed = Set(before.keys.filter { before[$0] != after[$0] })
        let buffers = Set(supernet.store.entries.filter { $0.role == .buffer }.map(\.key))
        #expect(policy == .recalibrate ? !changed.isEmpty && changed.isSubset(of: buffers) : changed.isEmpty)
        #expect(supernet.store.parameters.allSatisfy { $0.tensor.gradient == nil })
    }

    @Test(arguments: SmallSpace.allCases)
    func architecturesOutsideTheSpaceAreRefusedBeforeAnythingRuns(kind: SmallSpace) throws {
        let supernet = try kind.supernet()
        let evaluator = try evaluator(supernet, policy: .recalibrate)
        let before = try bits(supernet.store)
        let zeros = [Int](repeating: 0, count: supernet.space.points.count)
        for choices in [[], Array(zeros.dropLast()), zeros + [0], zeros.dropLast() + [9], [-1] + zeros.dropFirst()] {
            let foreign = Architecture(choices)
            let refusal = try #require(throws: SpaceError.self) { try supernet.space.validate(foreign) }
            #expect(throws: refusal) { try evaluator.evaluate([Architecture(zeros), foreign]) { _, _ in } }
            #expect(throws: refusal) { try evaluator.evaluateAlone(foreign) { _, _ in } }
        }
        #expect(evaluator.work == (0, 0))
        #expect(try bits(supernet.store) == before)
    }

    @Test func anEvaluatorNeedsBatches() throws {
        let supernet = try SmallSpace.resnest.supernet()
        var options = PathEvaluator.Options()
        let some = try batches([2], seed: 1)
        #expect(throws: TorchError.self) {
            try PathEvaluator(supernet, recalibration: [], validation: some, options: options)
        }
        #expect(throws: TorchError.self) {
            try PathEvaluator(supernet, recalibration: some, validation: [], options: options)
        }
        options.policy = .inherit
        #expect(throws: TorchError.self) {
            try PathEvaluator(supernet, recalibration: some, validation: [], options: options)
        }
        #expect(throws: Never.self) {
            try PathEvaluator(supernet, recalibration: [], validation: some, options: options)
        }
    }
}
