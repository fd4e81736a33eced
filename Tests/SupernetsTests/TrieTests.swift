import Architectures
import Foundation
import NN
import Networks
import Supernets
import Support
import Testing
import Torch

/// Many paths as a trie are one path at a time, bit for bit.
@Suite struct TrieTests {
    /// What is compared: features of every validation batch, and the scores that a linear head makes of them.
    struct Outcome: Equatable {
        var features: [Data]
        var scores: [Data]
    }

    struct Case: CustomTestStringConvertible, Sendable {
        var space: SmallSpace
        var policy: StatisticsPolicy
        var precision: Precision
        var format = MemoryFormat.channelsLast

        var testDescription: String { "\(space) \(policy) \(precision) \(format)" }

        static let all =
            SmallSpace.allCases.flatMap { space in
                StatisticsPolicy.allCases.flatMap { policy in
                    Precision.allCases.map { Case(space: space, policy: policy, precision: $0) }
                }
            } + [Case(space: .resnest, policy: .recalibrate, precision: .float32, format: .contiguous)]

        func evaluator(_ supernet: Supernet, cacheLimit: Int) throws -> PathEvaluator {
            var options = PathEvaluator.Options()
            (options.policy, options.precision, options.cacheLimit) = (policy, precision, cacheLimit)
            return try PathEvaluator(
                supernet, recalibration: policy == .recalibrate ? batches([2, 3], seed: 20) : [],
                validation: batches([3, 2], seed: 30), options: options)
        }

        /// Linear scores of features, in the evaluator's precision.
        static func head(of supernet: Supernet) throws -> (Architecture, [Tensor]) throws -> Outcome {
            let weight = try Tensor.normal([5, supernet.features], using: Generator(seed: 2))
            return { _, features in
                Outcome(features: try features.map(bits), scores: try features.map { try bits($0.linear(weight)) })
            }
        }

        /// The definition, with nothing of the evaluator: all recalibration batches, then all validation batches.
        func definition(_ supernet: Supernet, _ architecture: Architecture) throws -> Outcome {
            func run(_ images: Tensor, _ norm: BatchNormPolicy) throws -> Tensor {
                try withPrecision(precision) { try supernet.features(images, architecture, Mode(batchNorm: norm)) }
            }
            return try withoutGradients {
                if policy == .recalibrate {
                    for (number, images) in try batches([2, 3], seed: 20).enumerated() {
                        _ = try run(images, .recalibrating(batch: number))
                    }
                }
                let features = try batches([3, 2], seed: 30).map { try run($0, policy == .batch ? .batch : .running) }
                let head = try Self.head(of: supernet)
                return try withPrecision(precision) { try head(architecture, features) }
            }
        }
    }

    /// Whatever was asked before, in whatever order, and however much is kept: two rounds that overlap, with the
    /// cache on, off, and so small that it forgets all the time.
    @Test(arguments: Case.all) func theTrieIsOnePathAtATime(_ each: Case) throws {
        let architectures = try each.space.architectures(3)
        let alone = try each.space.supernet(format: each.format)
        var expected: [Architecture: Outcome] = [:]
        for architecture in Set(architectures) { expected[architecture] = try each.definition(alone, architecture) }
        #expect(Set(expected.values.map(\.features)).count > 1, "paths are not all alike")
        for limit in [4 << 30, 20_000, 0] {
            let supernet = try each.space.supernet(format: each.format)
            let evaluator = try each.evaluator(supernet, cacheLimit: limit)
            let head = try Case.head(of: supernet)
            var generator = SeededGenerator(seed: UInt64(limit))
            for round in [Array(architectures.prefix(3)), architectures] {
                let order = generator.permutation(round.count)
                let asked = order.map { round[$0] }
                let found = try evaluator.evaluate(asked, head)
                let wrong = zip(asked, found).filter { expected[$0] != $1 }.map(\.0.description)
                #expect(wrong == [], "with \(limit) bytes")
                #expect(found.count == asked.count)
            }
        }
    }

    @Test(arguments: StatisticsPolicy.allCases, Precision.allCases)
    func aPathByItselfFollowsTheDefinition(policy: StatisticsPolicy, precision: Precision) throws {
        let each = Case(space: .resnest, policy: policy, precision: precision)
        let (supernet, twin) = try (each.space.supernet(), each.space.supernet())
        let evaluator = try each.evaluator(supernet, cacheLimit: 0)
        for architecture in try each.space.architectures(3) {
            let isSame =
                try evaluator.evaluateAlone(architecture, Case.head(of: supernet))
                == each.definition(twin, architecture)
            #expect(isSame)
        }
        #expect(evaluator.work == (0, 0), "the trie had no part in it")
    }

    /// What is measured may fail; what was computed until then is no less right.
    @Test func aMeasureThatThrowsSpoilsNothing() throws {
        struct Refusal: Error {}
        let each = Case(space: .resnest, policy: .recalibrate, precision: .float32)
        let evaluator = try each.evaluator(each.space.supernet(), cacheLimit: 1 << 30)
        let architectures = try each.space.architectures(4)
        let last = try #require(architectures.max())
        #expect(throws: Refusal.self) {
            try evaluator.evaluate(architectures) { architecture, _ in
                if architecture == last { throw Refusal() }
            }
        }
        let head = try Case.head(of: evaluator.supernet)
        let fresh = try each.evaluator(each.space.supernet(), cacheLimit: 0)
        let isSame = try evaluator.evaluate(architectures, head) == fresh.evaluate(architectures, head)
        #expect(isSame)
    }

    /// Other weights give other features, but only once the old activations are forgotten.
    @Test func forgettingStartsAfresh() throws {
        let each = Case(space: .resnest, policy: .recalibrate, precision: .float32)
        let supernet = try each.space.supernet()
        let evaluator = try each.evaluator(supernet, cacheLimit: 1 << 30)
        let head = try Case.head(of: supernet)
        let architectures = try each.space.architectures(3)
        _ = try evaluator.evaluate(architectures, head)
        try withoutGradients {
            for entry in supernet.sharedEntries where entry.role == .parameter { try entry.tensor.multiplyInPlace(2) }
        }
        evaluator.forgetActivations()
        let found = try evaluator.evaluate(architectures, head)
        let isSame = try found == architectures.map { try each.definition(supernet, $0) }
        #expect(isSame)
    }
}
