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

/// Batches of which one image is left, and data sets of one image.
@Suite(.serialized) struct SingleImageTests {
    /// Pairs, of many of which one image cannot be read; every path ends in a batch norm of 1x1 pixels.
    private func options(epochs: Int = 3) throws -> NetworkTrainingConfiguration {
        var options = try SmallRun.options(epochs: epochs)
        options.data.skipBadImages = true
        options.train.batchSize = 2
        (options.train.mixProbability, options.train.mixup, options.train.cutmix) = (0, 0, 0)
        return options
    }

    private let images = BarImages(count: 40, broken: Set(stride(from: 0, to: 40, by: 3)))

    @Test func aSingleImageIsNotLearnedFromAndItsStepCounts() throws {
        let run = SmallRun()
        defer { run.remove() }
        let training = try run.training(options(), images: images)
        let result = try training()
        #expect(result.steps == 3 * 15, "of 30 training images, whatever can be read of them")
        let state = try NetworkFile.read(training.networkFile).network.store.state
        #expect(try state.map { ($0.key, $0.tensor) }.keysWithoutNumbers().isEmpty)
        // Batches with statistics, and no others.
        let batches = try training.setup.loader()
        var whole = 0
        let iterator = try batches.batches(epoch: 0)
        while let batch = try iterator.next() { whole += batch.isLearnable ? 1 : 0 }
        #expect((1..<15).contains(whole), "a test of nothing otherwise")
        let tracked = try #require(state.first { $0.key.hasSuffix("num_batches_tracked") })
        #expect(try (1..<45).contains(tracked.tensor.integer()))
    }

    @Test func aRunWithSingleImagesContinuesToTheSameBytes() throws {
        let (whole, broken) = (SmallRun(), SmallRun())
        defer {
            whole.remove()
            broken.remove()
        }
        let expected = try whole.training(options(), images: images)()
        _ = try broken.training(options(), images: images)()
        // As a kill leaves it: without the result, and with the checkpoint before the last.
        let checkpoints = try CheckpointFile.list(in: broken.folder + "/checkpoints")
        #expect(checkpoints.count > 1)
        for name in ["result.json", "network.safetensors"] {
            try FileManager.default.removeItem(atPath: "\(broken.folder)/\(name)")
        }
        try FileManager.default.removeItem(atPath: try #require(checkpoints.last).path)
        #expect(try broken.training(options(), images: images)().validation == expected.validation)
        func bytes(_ run: SmallRun) throws -> Data {
            try Data(contentsOf: URL(fileURLWithPath: run.folder + "/network.safetensors"))
        }
        #expect(try bytes(broken) == bytes(whole))
    }

    @Test func nothingToLearnFromIsSaidWithThePhasesKey() throws {
        func train(_ images: BarImages, in run: SmallRun) throws {
            var options = try options(epochs: 1)
            options.log.checkpointEvery = 2
            let data = OpenedDataset(train: images, validation: BarImages(count: 8), test: BarImages(count: 4))
            _ = try run.training(options, data, section: "finetune")()
        }
        // All but one cannot be read: of every pair one is bad, whatever the order.
        for images in [BarImages(count: 1), BarImages(count: 9, broken: Set(1..<9))] {
            let run = SmallRun()
            defer { run.remove() }
            // Again from the checkpoint in the middle of the pass.
            for _ in 0..<2 {
                let error = #expect(throws: TrainingError.self) { try train(images, in: run) }
                #expect(error == .nothingToLearn(images: images.count, batchSize: "finetune.batch-size"))
                #expect("\(try #require(error))".contains("`finetune.batch-size`"))
            }
            #expect(try CheckpointFile.list(in: run.folder + "/checkpoints").count == (images.count > 1 ? 1 : 0))
            #expect(!FileManager.default.fileExists(atPath: run.folder + "/network.safetensors"))
        }
        let two = SmallRun()
        defer { two.remove() }
        try train(BarImages(count: 2), in: two)
    }
}
