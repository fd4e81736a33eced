import Architectures
import Datasets
import Experiments
import Foundation
import NN
import Networks
import TestImages
import Testing
import Torch
import Training

@testable import Tasks

@Suite(.serialized) struct NetworkTrainingTests {
    @Test func itLearns() throws {
        let run = SmallRun()
        defer { run.remove() }
        var options = try SmallRun.options(epochs: 20)
        (options.train.mixProbability, options.train.mixup, options.train.cutmix) = (0, 0, 0)
        options.train.learningRate = 0.1
        options.data.augmentation = try Augmentation([.randomCrop(size: 12), .normalize(mean: [0.3], std: [0.3])])
        let result = try run.training(options)()
        #expect((result.validation.accuracy ?? 0) > 0.9)
        #expect((result.test?.accuracy ?? 0) > 0.9)
        let rows = try MetricsLog.read(run.folder + "/metrics.jsonl")
        let losses = rows.compactMap { $0.values["train/loss"] }
        #expect(try #require(losses.last) < #require(losses.first))
        #expect(rows.last?.step == result.steps)
        #expect(rows.contains { $0.values["validation/accuracy"] != nil })
    }

    @Test func aReloadedNetworkGivesTheSameLogitsBitForBit() throws {
        let run = SmallRun()
        defer { run.remove() }
        let training = try run.training(SmallRun.options(epochs: 1))
        _ = try training()
        let images = try Tensor.normal([4, 1, 12, 12], using: Generator(seed: 1))
        let first = try NetworkFile.read(training.networkFile)
        let second = try NetworkFile.read(training.networkFile)
        let logits = try withoutGradients { try first.network(images, .evaluation).array(Float.self) }
        #expect(try withoutGradients { try second.network(images, .evaluation).array(Float.self) } == logits)
        #expect(first.card.classNames == ["top", "middle", "bottom", "none"])
        #expect(first.card.imageSize == 12 && first.card.mean == [0.3])
    }

    @Test func seedsDecide() throws {
        func weights(_ seed: UInt64, threads: Int) throws -> Data {
            let run = SmallRun()
            defer { run.remove() }
            var options = try SmallRun.options(epochs: 1)
            options.seed = seed
            options.data.threads = threads
            let training = try run.training(options)
            _ = try training()
            return try Data(contentsOf: URL(fileURLWithPath: training.networkFile))
        }
        let one = try weights(1, threads: 0)
        #expect(try weights(1, threads: 2) == one, "the number of loading threads plays no part")
        #expect(try weights(2, threads: 0) != one)
    }

    @Test func theValidationSplitIsCutFromTheTrainingImages() throws {
        let run = SmallRun()
        defer { run.remove() }
        let training = try run.training(SmallRun.options())
        let data = training.setup.task.data
        let validation = try #require(data.validation)
        #expect(data.train.count == 60 && validation.count == 20)
        let sources = { (set: any ImageDataset) in Set((0..<set.count).map { set.source(at: $0) }) }
        #expect(sources(data.train).isDisjoint(with: sources(validation)))
    }

    @Test func badImagesStopTheRunOrAreLeftOut() throws {
        let run = SmallRun()
        defer { run.remove() }
        // Of a name of their own, as the register of such images is that of the process.
        let images = BarImages(count: 80, broken: [5, 6], name: "torn bar")
        var options = try SmallRun.options(epochs: 1)
        let error = #expect(throws: DatasetError.self) { try run.training(options, images: images)() }
        #expect(error?.file?.hasPrefix("torn bar") == true)
        // Whoever meets such an image decides then, and the run goes on.
        options.data.skipBadImages = true
        let training = try run.training(options, images: images)
        #expect(training.run.isResumed)
        let result = try training()
        let torn = result.leftOut?.map(\.image).filter { $0.hasPrefix("torn") }
        #expect(torn == ["torn bar 5", "torn bar 6"])
        // As one does that left them out from the start.
        let other = SmallRun()
        defer { other.remove() }
        #expect(try other.training(options, images: images)().validation == result.validation)
    }

    @Test func aLossThatIsNoNumberStopsTheRun() throws {
        let run = SmallRun()
        defer { run.remove() }
        var options = try SmallRun.options()
        options.train.learningRate = 1e30
        options.train.clipNorm = 0
        options.train.warmUpEpochs = 0
        #expect(throws: TrainingError.self) { try run.training(options)() }
    }

    @Test func configurationsThatMakeNoSenseAreRefused() throws {
        for setting in [
            "data.validation-fraction=0", "train.momentum=1", "train.batch-size=1", "device=gpu",
            "network.code=[0]", "train.mixup=1", "train.mix-probability=1", "network.depths=[1]", "train.epochs=0",
            "log.every=0", "train.learning-rate=-1",
            "data.augmentation=[{random-crop: {size: 32}}]", "train.epoch=3", "network.depths=[9223372036854775807, 1]",
        ] {
            #expect(throws: ConfigurationError.self, "\(setting)") {
                try ConfigurationLoader.load(NetworkTrainingConfiguration.self, file: nil, overrides: [setting])
            }
        }
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationLoader.load(NetworkTrainingConfiguration.self, file: nil, overrides: ["train.epoch=3"])
        }
        #expect(error?.description.contains("train.epochs") == true, "the nearest key is named")
    }

    @Test(arguments: try shippedConfigurations()) func shippedConfigurationsLoad(path: String) throws {
        _ = try ConfigurationLoader.load(NetworkTrainingConfiguration.self, file: path)
    }

    static func shippedConfigurations() throws -> [String] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Configs").path
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix("-network.yaml") }
            .sorted()
            .map { folder + "/" + $0 }
    }
}
