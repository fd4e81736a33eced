import Datasets
import Experiments
import Foundation
import NN
import TestImages
import Testing
import Torch

@testable import Training

/// A training that has left the numbers is stopped, by whatever shows it, with the settings of its phase.
@Suite(.serialized) struct DivergenceTests {
    /// Loses nothing and learns nothing; something of it stops being a number.
    final class Spoiled: Method {
        enum Part: CaseIterable { case loss, weight, statistic, average, validation }

        let store: ParameterStore
        private let part: Part
        private let step: Int
        private let weight: Tensor
        private let statistic: Tensor
        private let average: Tensor

        init(_ part: Part, at step: Int) throws {
            (self.part, self.step) = (part, step)
            store = try ParameterStore(seed: 1)
            weight = try store.root.parameter("weight", [2], .zeros)
            statistic = try store.root.buffer("running_var", .ones([2]))
            average = try .ones([2])
        }

        private func spoil(_ tensor: Tensor, _ value: Double) throws {
            try withoutGradients { try tensor.select(1).fillInPlace(value) }
        }

        func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
            StepOutcome(loss: try Tensor(part == .loss && step >= self.step ? Float.nan : 0.5))
        }

        func didUpdate(step: Int) throws {
            guard step == self.step else { return }
            switch part {
            case .weight: try spoil(weight, .nan)
            case .statistic: try spoil(statistic, .infinity)
            case .average: try spoil(average, .nan)
            case .loss, .validation: break
            }
        }

        func evaluate(_ batches: BatchIterator) throws -> [String: Double] {
            ["accuracy": 1, "loss": part == .validation ? .nan : 0.5]
        }

        func state() throws -> [(key: String, tensor: Tensor)] {
            store.state.map { ($0.key, $0.tensor) } + [("average.weight", average)]
        }

        func load(_ state: [(key: String, tensor: Tensor)]) throws {}
    }

    private func error(_ part: Spoiled.Part, at step: Int, logEvery: Int = 3) throws -> TrainingError? {
        let path = NSTemporaryDirectory() + "supernet-divergence-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try RunFolder(path, configuration: Resolved(TrainConfiguration()), seed: 1)
        var options = Trainer.Options(
            epochs: 2, learningRate: 7, schedule: .constant,
            retention: try CheckpointRetention(last: 9, best: 1, higherIsBetter: true))
        (options.logEvery, options.checkpointEvery) = (logEvery, 4)
        options.settings = SettingNames(section: "supernet")
        let method = try Spoiled(part, at: step)
        let trainer = try Trainer(
            method: method, optimizer: SGD(ParameterGroup.splitByDecay(method.store)), options: options, run: folder,
            progress: ProgressReporter(output: Silence()))
        let data = try PixelClassifier.data()
        let batches = try data.trainingLoader(BarImages(count: 50), batchSize: 5, seed: 1)
        let error = #expect(throws: TrainingError.self) {
            _ = try trainer.train(on: batches, validating: data.evaluationLoader(BarImages(count: 4)))
        }
        // Nothing of it is kept.
        for file in try CheckpointFile.list(in: folder.checkpointsFolder) {
            #expect(try Checkpoint.read(file.path).tensors.keysWithoutNumbers().isEmpty && file.step <= step)
        }
        return error
    }

    @Test(arguments: [
        (Spoiled.Part.loss, Divergence.Sign.loss), (.weight, .tensors(["weight"])),
        (.statistic, .tensors(["running_var"])), (.average, .tensors(["average.weight"])),
    ]) func isNoticedAtTheNextRowOrCheckpoint(_ part: Spoiled.Part, _ sign: Divergence.Sign) throws {
        // Steps 1 to 20; rows at 3, 6, …, checkpoints at 4, 8, …
        for (spoiled, noticed) in [(0, 3), (3, 4), (4, 6), (19, 20)] {
            let error = try error(part, at: spoiled)
            let wanted = Divergence(
                sign, step: noticed, learningRate: 7, settings: SettingNames(section: "supernet"))
            #expect(error == .diverged(wanted), "\(part) after step \(spoiled)")
            let text = "\(wanted)"
            #expect(text.contains("at step \(noticed)") && text.contains("`supernet.learning-rate`"))
            if case .tensors(let keys) = sign { #expect(text.contains("`\(keys[0])`")) }
        }
    }

    @Test func aValidationThatIsNoNumberIsOne() throws {
        #expect(
            try error(.validation, at: 9, logEvery: 100)
                == .diverged(
                    Divergence(
                        .validation("loss"), step: 10, learningRate: 7, settings: SettingNames(section: "supernet"))))
    }

    @Test func aWarmUpWithoutEndIsRefused() throws {
        for epochs in [1e30, .infinity, .nan] {
            var options = TrainConfiguration()
            options.warmUpEpochs = epochs
            #expect(throws: (any Error).self) { try options.validate() }
        }
    }
}
