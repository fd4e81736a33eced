import Datasets
import Experiments
import Foundation
import Tasks
import TestImages
import Testing
import Torch
import Training

/// A run small enough for a test, in a folder of its own.
struct SmallRun {
    let folder: String

    init() { folder = NSTemporaryDirectory() + "supernet-training-" + UUID().uuidString }

    init(folder: String) { self.folder = folder }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    static func options(epochs: Int = 3) throws -> NetworkTrainingConfiguration {
        var options = NetworkTrainingConfiguration()
        options.data.source = "bars"
        options.data.threads = 1
        options.data.augmentation = try Augmentation([
            .randomCrop(size: 12, padding: 1), .randomErasing(p: 0.5), .normalize(mean: [0.3], std: [0.3]),
        ])
        options.data.evaluation = try Augmentation([.centerCrop(12), .normalize(mean: [0.3], std: [0.3])])
        options.data.validationFraction = 0.25
        options.network.planes = [16, 16]
        options.network.depths = [1, 1]
        options.network.expansion = 1
        options.network.code = [3, 1]
        options.train.epochs = epochs
        options.train.batchSize = 8
        options.train.learningRate = 0.05
        options.train.cutmix = 1
        options.train.mixup = 0.2
        options.train.mixProbability = 0.5
        options.train.averageDecay = 0.9
        options.train.clipNorm = 5
        options.log.every = 3
        options.log.checkpointEvery = 4
        return options
    }

    /// The training that settings name, on bars.
    static func setup(
        _ options: NetworkTrainingConfiguration, _ data: OpenedDataset, section: String = "train"
    ) throws -> NetworkSetup {
        try options.setup(task: options.task.task(options.data, open: .given(data)), section: section)
    }

    func training(
        _ options: NetworkTrainingConfiguration, images: BarImages = BarImages(count: 80), fresh: Bool = false,
        output: any ProgressOutput = Silence()
    ) throws -> NetworkTraining {
        try training(
            options, OpenedDataset(layout: .idx, train: images, test: BarImages(count: 16)), fresh: fresh,
            output: output)
    }

    func training(
        _ options: NetworkTrainingConfiguration, _ data: OpenedDataset, section: String = "train", fresh: Bool = false,
        output: any ProgressOutput = Silence()
    ) throws -> NetworkTraining {
        let run = try RunFolder(
            folder, configuration: Resolved(options), seed: options.seed, command: ["test"], fresh: fresh)
        let setup = try Self.setup(options, data, section: section)
        return NetworkTraining(
            setup, run: run,
            record: DataRecord(folder: folder, of: setup.task.data, root: options.data.source, changes: .refused),
            progress: ProgressReporter(output: output))
    }
}

extension SmallRun {
    /// The file of a trained network.
    ///
    /// - Parameter step: the step after which the training ends by an error, to be continued; nil for none.
    static func weights(
        _ options: NetworkTrainingConfiguration, _ data: OpenedDataset, validation: any ImageDataset,
        stopping step: Int?
    ) throws -> Data {
        let run = SmallRun()
        defer { run.remove() }
        if let step {
            let training = try run.training(options, data)
            let (setup, batches) = (training.setup, try training.setup.loader())
            let trainer = try setup.train.trainer(
                of: setup.method(batches: batches.batchCount), batches: batches.batchCount, phase: "train",
                settings: setup.settings, criterion: "score", log: setup.log,
                instruments: [Interruption(step: step)], run: training.run,
                progress: ProgressReporter(output: Silence()))
            #expect(throws: Interruption.Stopped.self) {
                try trainer.train(on: batches, validating: setup.data.evaluationLoader(validation))
            }
        }
        let training = try run.training(options, data)
        _ = try training()
        return try Data(contentsOf: URL(fileURLWithPath: training.networkFile))
    }
}

/// Ends a training by an error after a step.
final class Interruption: Instrument {
    struct Stopped: Error {}
    private let last: Int

    init(step: Int) { last = step }

    func didUpdate(step: Int) throws { if step == last { throw Stopped() } }
    func measure(step: Int) throws -> [String: Double] { [:] }
    func state() throws -> [(key: String, tensor: Tensor)] { [] }
    func load(_ state: [(key: String, tensor: Tensor)]) throws {}
}
