import Architectures
import Datasets
import Foundation
import NN
import Networks
import Results
import TestImages
import Testing
import Torch
import Training

@testable import Tasks

/// A stand-alone network that learns a task, and the moving average of its weights.
@Suite(.serialized) struct NetworkMethodTests {
    private let bars = OpenedDataset(train: BarImages(count: 32), validation: BarImages(count: 16))

    private func method(
        _ task: any RecognitionTask, _ change: (inout NetworkTrainingConfiguration) throws -> Void = { _ in }
    ) throws -> (method: NetworkMethod, setup: NetworkSetup) {
        var options = try SmallRun.options()
        (options.train.mixup, options.train.cutmix, options.train.mixProbability) = (0, 0, 0)
        options.precision = .float32
        try change(&options)
        let setup = try options.setup(task: task)
        return (try setup.method(batches: 4), setup)
    }

    private func values(_ store: ParameterStore) throws -> [String: [Float]] {
        try Dictionary(uniqueKeysWithValues: store.state.map { ($0.key, try $0.tensor.to(.float32).array(Float.self)) })
    }

    private func score(_ method: NetworkMethod, _ setup: NetworkSetup) throws -> Score {
        try method.measure(setup.data.evaluationLoader(setup.task.validationSet()).batches(epoch: 0), of: .validation)
            .score()
    }

    /// The gradients of a network with dropout follow from the step, whatever came before.
    @Test func aNetworkWithDropoutLearnsTheSameAtTheSameStep() throws {
        let (plain, setup) = try method(ClassificationTask(bars))
        let layer = Layer.sequence([
            .init("conv1", .convolution(.init(8, kernel: 3, stride: 2))), .init("bn1", .batchNorm(scale: 1)),
            .init("", .relu), .init("", .dropout(probability: 0.5, ofChannels: true)), .init("", .globalPool),
        ])
        let batch = try #require(
            try setup.data.evaluationLoader(setup.task.validationSet()).batches(epoch: 0).next())
        func gradients(_ steps: [Int]) throws -> [[Float]] {
            let network = try NetworkMethod.Network(
                layer, channels: 1, task: setup.task, store: ParameterStore(seed: 3))
            let method = try NetworkMethod(network, objective: plain.objective) { network }
            for step in steps {
                try network.store.clearGradients()
                _ = try method.computeGradients(batch, step: step)
            }
            return try network.store.parameters.map { try #require($0.tensor.gradient).array(Float.self) }
        }
        #expect(try gradients([0, 1, 2]) == gradients([2]))
        #expect(try gradients([1]) != gradients([2]))
    }

    @Test func theAverageFollowsItsClosedForm() throws {
        let (method, _) = try method(ClassificationTask(bars)) { $0.train.averageDecay = 0.5 }
        let key = "fc.weight"
        let start = try #require(method.store[key]).array(Float.self)
        #expect(method.result.store !== method.store)
        #expect(try method.result.store[key]?.array(Float.self) == start, "it starts as a copy")
        try withoutGradients {
            try method.store[key]?.fillInPlace(1)
            try method.store["bn1.running_mean"]?.fillInPlace(1)
            try method.store["bn1.num_batches_tracked"]?.fillInPlace(7)
        }
        try method.didUpdate(step: 0)  // decay min(0.5, 1/10)
        try method.didUpdate(step: 1)  // decay min(0.5, 2/11)
        let weight = Float(0.1 * 2.0 / 11)
        let found = try #require(method.result.store[key]).array(Float.self)
        for (value, first) in zip(found, start) {
            #expect(abs(value - (first * weight + (1 - weight))) < 1e-6)
        }
        // Statistics of batch norm are averaged as well, and counts are copied.
        let mean = try #require(method.result.store["bn1.running_mean"]).array(Float.self)
        #expect(mean.allSatisfy { abs($0 - (1 - weight)) < 1e-6 })
        #expect(try #require(method.result.store["bn1.num_batches_tracked"]).integer() == 7)
    }

    @Test func withoutADecayTheNetworkItselfIsHandedOver() throws {
        let (method, _) = try method(ClassificationTask(bars)) { $0.train.averageDecay = 0 }
        #expect(method.result.store === method.store)
        #expect(try method.state().allSatisfy { $0.key.hasPrefix("model.") })
        #expect(throws: StateError.self) { try method.load([]) }
    }

    /// The average is what is measured, for a task without classes, too.
    @Test func theAverageOfATaskIsWhatIsMeasured() throws {
        let (method, setup) = try method(AgeTask(bars)) { $0.train.averageDecay = 0.9 }
        #expect(try Set(method.state().map { $0.key.prefix { $0 != "." } }) == ["model", "average"])
        let optimizer = try setup.train.optimizer(method.store)
        let step = TrainingStep(method: method, optimizer: optimizer)
        let batches = try setup.loader().batches(epoch: 0)
        var number = 0
        while let batch = try batches.next() {
            let outcome = try step(batch, step: number, learningRate: 0.05)
            #expect(outcome.correct == nil, "an age is not right or wrong")
            number += 1
        }
        #expect(try values(method.store) != values(method.result.store))
        let measured = try score(method, setup)
        #expect(measured.count == 16 && measured.value == -(measured.metrics["MAE"] ?? 0))
        #expect(
            try method.evaluate(setup.data.evaluationLoader(setup.task.validationSet()).batches(epoch: 0))
                == measured.figures)
        // With the average's tensors, the network that learns gives the same; with its own it gave another.
        let (plain, other) = try self.method(AgeTask(bars)) { $0.train.averageDecay = 0 }
        try plain.store.load(method.result.store.state)
        #expect(try score(plain, other) == measured)
        try plain.store.load(method.store.state)
        #expect(try score(plain, other).metrics != measured.metrics)
    }

    /// Another method goes on with a saved state, the average with it.
    @Test func aSavedStateIsAllThatIsNeeded() throws {
        func made() throws -> (NetworkMethod, TrainingStep) {
            let (method, setup) = try method(ClassificationTask(bars)) {
                $0.train.averageDecay = 0.9
                ($0.train.cutmix, $0.train.mixProbability) = (1, 0.5)
            }
            return (method, TrainingStep(method: method, optimizer: try setup.train.optimizer(method.store)))
        }
        let ((whole, first), (continued, second)) = (try made(), try made())
        let batch = try #require(try method(ClassificationTask(bars)).setup.loader().batches(epoch: 0).next())
        for number in 0..<3 { try first(batch, step: number, learningRate: 0.05) }
        try continued.load(whole.state().map { ($0.key, try $0.tensor.cloned()) })
        try second.optimizer.load(first.optimizer.state().map { ($0.key, try $0.tensor.cloned()) })
        for number in 3..<6 {
            let (one, other) = (
                try first(batch, step: number, learningRate: 0.05), try second(batch, step: number, learningRate: 0.05)
            )
            #expect(try one.loss.item() == other.loss.item())
        }
        #expect(try values(whole.store) == values(continued.store))
        #expect(try values(whole.result.store) == values(continued.result.store))
        #expect(throws: StateError.self) { try whole.load(whole.state().filter { !$0.key.hasPrefix("average.") }) }
    }

    /// In float32 a step is the plain sum of its parts: network, cross-entropy of smoothed labels, backward.
    @Test func aStepIsTheCrossEntropyOfTheNetwork() throws {
        let (method, setup) = try method(ClassificationTask(bars))
        let (twin, _) = try self.method(ClassificationTask(bars))
        let batch = try #require(try setup.loader().batches(epoch: 0).next())
        let outcome = try method.computeGradients(batch, step: 0)
        let mode = Mode.training(nil)
        let outputs = try twin.network.head.outputs(twin.network.backbone(batch.images(), mode), mode)
        let loss = try outputs.crossEntropy(batch.targets(), smoothing: 0.1)
        try loss.backward()
        #expect(try outcome.loss.item() == loss.item(), "bit for bit")
        let right = zip(try outputs.argmax(1).array(Int64.self), batch.labels).count { $0 == $1 }
        #expect(try outcome.correct?.integer() == right)
        for (own, other) in zip(method.store.parameters, twin.store.parameters) {
            let (found, expected) = (try #require(own.tensor.gradient), try #require(other.tensor.gradient))
            #expect(try found.array(Float.self) == expected.array(Float.self), "\(own.key)")
        }
    }

    @Test func mirroredOutputsAreTheMeanOfBothImages() throws {
        let (method, setup) = try method(ClassificationTask(bars))
        let loader = try setup.data.evaluationLoader(bars.train)
        func loss(_ isMirrored: Bool) throws -> Double {
            try #require(
                try method.measure(loader.batches(epoch: 0), of: .test, isMirrored: isMirrored).score().metrics["loss"])
        }
        let iterator = try loader.batches(epoch: 0)
        let batch = try #require(try iterator.next())
        let expected = try withoutGradients {
            let both = try [batch.images(), batch.images().flipped([3])].map {
                try method.network.head.outputs(method.network.backbone($0, .evaluation), .evaluation)
            }
            return try ((both[0] + both[1]) * 0.5).crossEntropy(batch.targets()).item()
        }
        #expect(try abs(loss(true) - expected) < 1e-6 && loss(true) != loss(false))
    }

    /// Statistics of batch norm come from the images that are shown, and nothing else moves.
    @Test func recalibrationTakesTheStatisticsOfTheImages() throws {
        let (method, setup) = try method(ClassificationTask(bars)) { $0.train.averageDecay = 0.9 }
        let before = try values(method.result.store)
        let learning = try values(method.store)
        try method.recalibrate(setup.data.evaluationLoader(bars.train, batchSize: 8).batches(epoch: 0))
        let after = try values(method.result.store)
        for (key, value) in after where !key.hasSuffix("num_batches_tracked") {
            #expect((value != before[key]) == key.contains("running_"), "\(key)")
        }
        #expect(try values(method.store) == learning)
        let single = try setup.data.evaluationLoader(BarImages(count: 1))
        #expect(throws: TrainingError.self) { try method.recalibrate(single.batches(epoch: 0)) }
    }

    @Test func aBriefTrainingLearnsWhatTheWholeOneLearns() throws {
        let run = SmallRun()
        defer { run.remove() }
        var options = try SmallRun.options(epochs: 2)
        options.precision = .float32
        let training = try run.training(options)
        let whole = try training()
        let setup = training.setup
        func brief(_ isCancelled: () -> Bool = { false }) throws -> (score: Score, seconds: Double)? {
            try setup.trainBriefly(
                on: setup.loader(), scoring: setup.data.evaluationLoader(setup.task.validationSet()),
                isCancelled: isCancelled)
        }
        #expect(try brief()?.score == whole.validation)
        #expect(try brief { true } == nil)
    }
}
