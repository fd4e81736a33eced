import Datasets
import Experiments
import NN
import TestImages
import Testing
import Torch
import Training

/// What follows from the settings of a training.
@Suite struct TrainConfigurationTests {
    private func train(_ change: (inout TrainConfiguration) -> Void) -> TrainConfiguration {
        var train = TrainConfiguration()
        change(&train)
        return train
    }

    @Test func valuesOutOfRangeAreRefusedByTheirKeys() throws {
        let changes: [(String, @Sendable (inout TrainConfiguration) -> Void)] = [
            ("epochs", { $0.epochs = 0 }), ("images", { $0.images = -1 }), ("batch-size", { $0.batchSize = 1 }),
            ("learning-rate", { $0.learningRate = -1 }), ("learning-rate", { $0.learningRate = .nan }),
            ("momentum", { $0.momentum = 1 }), ("weight-decay", { $0.weightDecay = -1 }),
            ("label-smoothing", { $0.labelSmoothing = 1 }), ("average-decay", { $0.averageDecay = 1 }),
            ("clip-norm", { $0.clipNorm = .infinity }), ("warm-up-epochs", { $0.warmUpEpochs = 1e6 }),
            ("milestones", { $0.decay = .steps }), ("milestones", { $0.milestones = [2] }),
            ("milestones", { ($0.decay, $0.milestones) = (.steps, [9, 3]) }),
            ("milestones", { ($0.decay, $0.milestones) = (.steps, [20]) }),
            ("nesterov", { ($0.nesterov, $0.momentum) = (true, 0) }), ("mix-probability", { $0.mixup = 0.2 }),
            ("mix-probability", { $0.mixProbability = 0.5 }), ("mix-probability", { $0.mixProbability = 2 }),
        ]
        for (key, change) in changes {
            let error = #expect(throws: InvalidConfiguration.self, "\(key)") { try train(change).validate() }
            #expect("\(try #require(error))".contains(key), "\(key): \(String(describing: error))")
        }
        try TrainConfiguration().validate()
        try TrainConfiguration.network.validate()
    }

    @Test func ratesFallAsTheyAreAsked() throws {
        func factors(_ settings: TrainConfiguration, _ steps: [Int]) -> [Double] {
            let schedule = settings.schedule(batches: 10)
            return steps.map { (schedule.factor(Double($0)) * 1e6).rounded() / 1e6 }
        }
        #expect(factors(train { $0.decay = .none }, [0, 100, 199]) == [1, 1, 1])
        let steps = train { ($0.decay, $0.milestones) = (.steps, [5, 10]) }
        #expect(factors(steps, [0, 49, 50, 99, 100, 199]) == [1, 1, 0.1, 0.1, 0.01, 0.01])
        let cosine = train { ($0.epochs, $0.warmUpEpochs) = (5, 1) }
        #expect(factors(cosine, [0, 10, 30, 50]) == [0.01, 1, 0.5, 0])
        // A warm-up takes its part of the time and moves no milestone.
        let warm = train { ($0.decay, $0.milestones, $0.warmUpEpochs) = (.steps, [5], 0.5) }
        #expect(factors(warm, [0, 5, 49, 50]) == [0.01, 1, 1, 0.1])
    }

    @Test func biasesDecayWhereAllDecay() throws {
        let store = try ParameterStore(seed: 1)
        _ = try Linear(store.root / "fc", 3, 2)
        let some = try train { $0.weightDecay = 0.5 }.optimizer(store)
        #expect(some.groups.map { $0.parameters.map(\.key) } == [["fc.weight"], ["fc.bias"]])
        #expect(some.groups.map(\.weightDecay) == [nil, 0] && some.weightDecay == 0.5)
        let all = try train { ($0.decayAll, $0.momentum, $0.nesterov) = (true, 0.5, true) }.optimizer(store)
        #expect(all.groups.map { $0.parameters.map(\.key) } == [["fc.weight", "fc.bias"]])
        #expect(all.groups.map(\.weightDecay) == [nil] && all.momentum == 0.5 && all.nesterov)
    }

    @Test func batchesAreMixedAsOftenAsAskedAndTheSameAgain() throws {
        let loader = try PixelClassifier.data().trainingLoader(BarImages(count: 8), batchSize: 8, seed: 1)
        let batch = try #require(try loader.batches(epoch: 0).next())
        #expect(try TrainConfiguration().mixing(batch, seed: 1, step: 0) == nil)
        let settings = train { ($0.mixup, $0.cutmix, $0.mixProbability) = (0.2, 1, 0.5) }
        let drawn = try (0..<400).map { try settings.mixing(batch, seed: 1, step: $0) }
        let again = try (0..<400).map { try settings.mixing(batch, seed: 1, step: $0) }
        #expect(drawn == again)
        let other = try (0..<400).map { try settings.mixing(batch, seed: 2, step: $0) }
        #expect(drawn != other, "seeds differ")
        let mixed = drawn.compactMap(\.self)
        #expect((160...240).contains(mixed.count), "about half of the batches")
        let mixups = mixed.count { $0.kind == .mixup }
        #expect((60...140).contains(mixups), "either way about as often: \(mixups) of \(mixed.count)")
        // With one of them alone, every mixed batch is of it.
        let cutmix = train { ($0.cutmix, $0.mixProbability) = (1, 1) }
        #expect(
            try (0..<20).allSatisfy { try cutmix.mixing(batch, seed: 1, step: $0).map { $0.kind != .mixup } == true })
        let mixup = train { ($0.mixup, $0.mixProbability) = (1, 1) }
        #expect(try (0..<20).allSatisfy { try mixup.mixing(batch, seed: 1, step: $0)?.kind == .mixup })
    }
}
