import Datasets
import Experiments
import Foundation
import TestImages
import Testing
import Training

@testable import Tasks

/// A network whose training leaves the numbers is not written, and the message names the settings of its phase.
@Suite(.serialized) struct NetworkDivergenceTests {
    @Test(arguments: [1e3, 1e5, 1e30]) func aRateThatIsFarTooHighLeavesNoNetwork(rate: Double) throws {
        let run = SmallRun()
        defer { run.remove() }
        var options = try SmallRun.options(epochs: 12)
        (options.train.learningRate, options.train.clipNorm, options.train.warmUpEpochs) = (rate, 0, 0)
        let error = #expect(throws: TrainingError.self) { try run.training(options)() }
        guard case .diverged(let divergence) = error else { throw CancellationError() }
        #expect("\(divergence)".contains("`train.learning-rate`"))
        #expect(!FileManager.default.fileExists(atPath: run.folder + "/network.safetensors"))
    }

    @Test func aBriefTrainingNamesTheSettingsThatItWasGiven() throws {
        var options = try SmallRun.options(epochs: 6)
        (options.train.learningRate, options.train.clipNorm, options.train.warmUpEpochs) = (1e30, 0, 0)
        var settings = SettingNames(section: "finetune")
        (settings.learningRate, settings.warmUp) = ("search.train-learning-rate", nil)
        let training = try options.data.trainingLoader(BarImages(count: 16), batchSize: 8, seed: 1)
        var setup = try SmallRun.setup(options, OpenedDataset(train: BarImages(count: 16)))
        setup.settings = settings
        let error = #expect(throws: TrainingError.self) { try setup.trainBriefly(on: training, scoring: training) }
        let text = "\(try #require(error))"
        #expect(text.contains("lower `search.train-learning-rate`, or set `finetune.clip-norm`"))
        let single = try options.data.trainingLoader(BarImages(count: 1), batchSize: 8, seed: 1)
        #expect(throws: TrainingError.nothingToLearn(images: 1, batchSize: "finetune.batch-size")) {
            try setup.trainBriefly(on: single, scoring: training)
        }
    }
}
