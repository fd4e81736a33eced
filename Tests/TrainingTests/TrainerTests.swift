import Datasets
import Experiments
import Foundation
import NN
import TestImages
import Testing
import Torch
import Training

/// The loop around a method, in a folder and in memory.
@Suite struct TrainerTests {
    private func train(epochs: Int = 4, _ change: (inout TrainConfiguration) -> Void = { _ in }) -> TrainConfiguration {
        var train = TrainConfiguration()
        (train.epochs, train.batchSize, train.learningRate, train.warmUpEpochs) = (epochs, 8, 0.05, 0.5)
        change(&train)
        return train
    }

    private func trainer(
        _ method: PixelClassifier, _ train: TrainConfiguration, batches: Int,
        log: LogConfiguration = LogConfiguration(),
        instruments: [any Instrument] = [], run: RunFolder? = nil
    ) throws -> Trainer {
        try train.trainer(
            of: method, batches: batches, phase: "test", settings: SettingNames(section: "finetune"),
            criterion: "accuracy", log: log, instruments: instruments, run: run,
            progress: ProgressReporter(output: Silence()))
    }

    private func loaders(_ count: Int = 32) throws -> (training: BatchLoader, validation: BatchLoader) {
        let data = try PixelClassifier.data()
        return (
            try data.trainingLoader(BarImages(count: count), batchSize: 8, seed: 3),
            try data.evaluationLoader(BarImages(count: 8))
        )
    }

    private func folder(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "supernet-trainer-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func values(_ method: PixelClassifier) throws -> [[Float]] {
        try method.store.state.map { try $0.tensor.array(Float.self) }
    }

    @Test func whatIsLearnedInMemoryIsWhatIsLearnedInAFolder() throws {
        let (training, validation) = try loaders()
        let settings = train { $0.clipNorm = 0.5 }
        let (one, other, third) = (try PixelClassifier(), try PixelClassifier(), try PixelClassifier())
        let start = try values(one)
        try folder { path in
            let run = try RunFolder(path, configuration: Resolved(settings), seed: 1)
            let summary = try trainer(one, settings, batches: 4, run: run).train(on: training, validating: validation)
            #expect(summary.steps == 16 && (summary.validation["accuracy"] ?? 0) > 0.9)
        }
        let brief = try #require(try trainer(other, settings, batches: 4).trainInMemory(on: training))
        #expect(brief.steps == 16 && brief.validation.isEmpty)
        // Without a folder there is no other way to train.
        #expect(try trainer(third, settings, batches: 4).train(on: training, validating: validation).steps == 16)
        #expect(try values(one) == values(other) && values(one) == values(third))
        #expect(try values(one) != start, "a test of nothing otherwise")
        #expect(one.updates == Array(0..<16) && other.updates == one.updates)
    }

    @Test func aCancelledTrainingInMemoryGivesNothing() throws {
        let (training, _) = try loaders()
        let method = try PixelClassifier()
        var asked = 0
        let summary = try trainer(method, train(), batches: 4).trainInMemory(on: training) {
            asked += 1
            return asked > 6
        }
        #expect(summary == nil && method.updates == Array(0..<6), "it is asked before each step")
    }

    /// Left in the middle of an epoch, and continued by a method that knows nothing but the folder.
    @Test func aFolderContinuesToTheSameBits() throws {
        struct Stopped: Error {}
        final class Stop: Instrument {
            func didUpdate(step: Int) throws { if step == 9 { throw Stopped() } }
            func measure(step: Int) throws -> [String: Double] { [:] }
            func state() throws -> [(key: String, tensor: Tensor)] { [] }
            func load(_ state: [(key: String, tensor: Tensor)]) throws {}
        }
        let (training, validation) = try loaders()
        var log = LogConfiguration()
        (log.checkpointEvery, log.every) = (3, 2)
        let settings = train()
        let whole = try PixelClassifier()
        _ = try trainer(whole, settings, batches: 4).trainInMemory(on: training)
        try folder { path in
            #expect(throws: Stopped.self) {
                try trainer(
                    PixelClassifier(), settings, batches: 4, log: log, instruments: [Stop()],
                    run: RunFolder(path, configuration: Resolved(settings), seed: 1)
                ).train(on: training, validating: validation)
            }
            let method = try PixelClassifier(seed: 2)
            let second = try RunFolder(path, configuration: Resolved(settings), seed: 1)
            let summary = try trainer(method, settings, batches: 4, log: log, run: second)
                .train(on: training, validating: validation)
            #expect(summary.steps == 16 && method.updates == Array(9..<16), "from the checkpoint of step 9 on")
            #expect(try values(method) == values(whole))
        }
    }

    @Test func whatCannotBeLearnedFromIsNamedByThePhasesKeyInMemoryToo() throws {
        let data = try PixelClassifier.data()
        let single = try data.trainingLoader(BarImages(count: 1), batchSize: 8, seed: 3)
        #expect(throws: TrainingError.nothingToLearn(images: 1, batchSize: "finetune.batch-size")) {
            try trainer(PixelClassifier(), train(), batches: 1).trainInMemory(on: single)
        }
        let (training, _) = try loaders()
        let error = #expect(throws: TrainingError.self) {
            try trainer(PixelClassifier(), train { $0.learningRate = 1e38 }, batches: 4).trainInMemory(on: training)
        }
        #expect("\(try #require(error))".contains("lower `finetune.learning-rate`"))
    }

    @Test func intervalsBelowOneAreRefused() throws {
        for change: @Sendable (inout LogConfiguration) -> Void in [
            { $0.every = 0 }, { $0.checkpointEvery = -1 }, { $0.evaluateEvery = 0 },
        ] {
            var log = LogConfiguration()
            change(&log)
            #expect(throws: InvalidConfiguration.self) { try log.validate() }
            let made = log
            #expect(throws: TrainingError.self) { try trainer(PixelClassifier(), train(), batches: 4, log: made) }
        }
    }
}
