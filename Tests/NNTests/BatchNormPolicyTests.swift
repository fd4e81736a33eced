import NN
import Testing
import Torch

/// Which statistics each policy uses, and which it moves.
@Suite struct BatchNormPolicyTests {
    private func norm() throws -> (BatchNorm2d, ParameterStore) {
        let store = try ParameterStore(seed: 1)
        let norm = try BatchNorm2d(store.root, 3)
        try norm.runningMean.fillInPlace(0.5)
        try norm.runningVariance.fillInPlace(4)
        return (norm, store)
    }

    private func batch(_ seed: UInt64) throws -> Tensor {
        try .normal([4, 3, 5, 5], mean: 2, deviation: 3, using: Generator(seed: seed))
    }

    @Test func batchAndRunningLeaveTheStatistics() throws {
        for policy in [BatchNormPolicy.batch, .running] {
            let (norm, store) = try norm()
            let before = try bits(store.state)
            _ = try norm(batch(1), policy)
            #expect(try bits(store.state) == before, "\(policy)")
        }
    }

    @Test func runningUsesTheRunningStatistics() throws {
        let x = try batch(1)
        let expected = try (x - 0.5) / (4 + 1e-5).squareRoot()
        #expect(try norm().0(x, .running).isClose(to: expected, absolute: 1e-6))
    }

    @Test func theOthersUseTheBatch() throws {
        for policy in [BatchNormPolicy.batch, .training, .recalibrating(batch: 0)] {
            let y = try norm().0(batch(1), policy)
            #expect(try y.mean([0, 2, 3]).isClose(to: .zeros([3]), absolute: 1e-5), "\(policy)")
            #expect(try y.variance([0, 2, 3], correction: 0).isClose(to: .ones([3]), relative: 1e-4), "\(policy)")
        }
    }

    @Test func trainingMovesByTheMomentum() throws {
        let (norm, _) = try norm()
        let x = try batch(1)
        _ = try norm(x, .training(momentum: 0.25))
        let mean = try x.mean([0, 2, 3]) * 0.25 + 0.75 * 0.5
        let variance = try x.variance([0, 2, 3]) * 0.25 + 0.75 * 4
        #expect(try norm.runningMean.isClose(to: mean, absolute: 1e-6))
        #expect(try norm.runningVariance.isClose(to: variance, relative: 1e-5))
        #expect(try norm.batchesTracked.integer() == 1)
    }

    /// Whatever stood there before is forgotten with batch 0.
    @Test func recalibrationIsTheMeanOverBatches() throws {
        let (norm, _) = try norm()
        try norm.runningMean.fillInPlace(1e6)
        let batches = try (1...4).map { try batch(UInt64($0)) }
        for (index, x) in batches.enumerated() { _ = try norm(x, .recalibrating(batch: index)) }
        let mean = try Tensor.stacked(batches.map { try $0.mean([0, 2, 3]) }).mean([0])
        let variance = try Tensor.stacked(batches.map { try $0.variance([0, 2, 3]) }).mean([0])
        #expect(try norm.runningMean.isClose(to: mean, absolute: 1e-5))
        #expect(try norm.runningVariance.isClose(to: variance, relative: 1e-5))
        #expect(try norm.batchesTracked.integer() == 4)
    }

    @Test func theScaleStartsWhereItIsTold() throws {
        let store = try ParameterStore(seed: 1)
        let norm = try BatchNorm2d(store.root, 3, scale: 0)
        #expect(try norm(batch(1), .training).absolute().max().item() == 0)
        #expect(store.parameterCount == 6)
    }
}
