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

@Suite struct DropoutTests {
    @Test(arguments: [0.1, 0.5, 0.9])
    func theMeanStays(probability: Double) throws {
        let count = 100_000
        let dropped = try Tensor.ones([count]).dropped(probability, .training(Generator(seed: 5))).array(Float.self)
        let keep = 1 - probability
        #expect(dropped.allSatisfy { $0 == 0 || abs(Double($0) * keep - 1) < 1e-6 })
        // Each element is a draw of mean 1 and variance p / (1 - p).
        let mean = dropped.reduce(0) { $0 + Double($1) } / Double(count)
        #expect(abs(mean - 1) < 5 * (probability / keep / Double(count)).squareRoot())
    }

    @Test func withoutAGeneratorItIsTheIdentity() throws {
        let x = try Tensor.ones([4, 3])
        #expect(try x.dropped(0.5, .evaluation) === x)
        #expect(try x.dropped(0.5, .training(nil)) === x)
        #expect(try x.dropped(0, .training(Generator(seed: 1))) === x)
    }

    @Test func theGeneratorDecides() throws {
        func dropped(_ seed: UInt64) throws -> [Float] {
            try Tensor.ones([64]).dropped(0.5, .training(Generator(seed: seed))).array(Float.self)
        }
        #expect(try dropped(1) == dropped(1))
        #expect(try dropped(1) != dropped(2))
    }

    @Test func gradientsPassWhereValuesDo() throws {
        let x = try Tensor.ones([64]).requireGradient()
        let y = try x.dropped(0.25, .training(Generator(seed: 7)))
        try y.sum().backward()
        #expect(try x.gradient?.array(Float.self) == y.array(Float.self))
    }

    @Test(arguments: [1, -0.1, 1.5, Double.nan])
    func probabilitiesOutsideTheRangeAreRefused(probability: Double) throws {
        let x = try Tensor.ones([2])
        for mode in [Mode.evaluation, .training(try Generator(seed: 1))] {
            #expect(try message { _ = try x.dropped(probability, mode) }.contains("not \(probability)"))
        }
    }
}

/// Layers refuse what they cannot be, with the values, and register nothing.
@Suite struct LayerRefusalTests {
    private func refusal(_ make: (Scope) throws -> Void) throws -> String {
        let store = try ParameterStore(seed: 0)
        let text = try message { try make(store.root / "block" / "conv") }
        #expect(store.keys.isEmpty)
        #expect(text.contains("'block.conv'"))
        return text
    }

    @Test func conv2dChannels() throws {
        #expect(
            try refusal { _ = try Conv2d($0, 48, 10, kernel: 3, groups: 5) }
                .contains("in_channels (=48) must be divisible by groups (=5)"))
        #expect(
            try refusal { _ = try Conv2d($0, 10, 48, kernel: 3, groups: 5) }
                .contains("out_channels (=48) must be divisible by groups (=5)"))
        #expect(
            try refusal { _ = try Conv2d($0, 0, -4, kernel: 3, groups: 0) }
                .contains("in_channels (=0), out_channels (=-4) and groups (=0) must be positive"))
    }

    @Test func conv2dSizes() throws {
        for make: (Scope) throws -> Void in [
            { _ = try Conv2d($0, 2, 2, kernel: 0) }, { _ = try Conv2d($0, 2, 2, kernel: 3, stride: 0) },
            { _ = try Conv2d($0, 2, 2, kernel: 3, padding: -1) }, { _ = try Conv2d($0, 2, 2, kernel: 3, dilation: -2) },
        ] {
            #expect(try refusal(make).contains("must be positive"))
        }
        #expect(
            try refusal { _ = try Conv2d($0, 2, 2, kernel: (3, 0), stride: (1, 2), padding: (0, 1)) }
                .contains("kernel (=(3, 0)), stride (=(1, 2)) and dilation (=(1, 1)) must be positive"))
    }

    @Test func splitAttention() throws {
        for (width, radix, cardinality) in [(9, 1, 2), (8, 0, 1), (8, 1, 0)] {
            let text = try refusal {
                _ = try SplitAttention($0, width, radix: radix, cardinality: cardinality, initializer: .defaultWeight)
            }
            #expect(text.contains("radix (=\(radix))") && text.contains("width (=\(width))"))
        }
    }

    /// What only the input shows is refused with the shapes.
    @Test func inputsOfOtherChannels() throws {
        let store = try ParameterStore(seed: 0)
        let conv = try Conv2d(store.root / "conv", 3, 4, kernel: 3)
        #expect(try message { _ = try conv(.zeros([1, 2, 8, 8])) }.contains("[1, 2, 8, 8] and [4, 3, 3, 3]"))
        let norm = try BatchNorm2d(store.root / "bn", 3)
        #expect(throws: TorchError.self) { try norm(.zeros([2, 4, 3, 3]), .training) }
        let linear = try Linear(store.root / "fc", 3, 4)
        #expect(try message { _ = try linear(.zeros([2, 5])) }.contains("[2, 5] and [4, 3]"))
    }
}
