import Architectures
import Datasets
import Experiments
import Foundation
import Support
import TestImages
import Torch
import Training

@testable import Workflows

/// A study small enough for a test, in a folder of its own.
struct SmallStudy {
    let folder: String

    init(folder: String? = nil) {
        self.folder = folder ?? NSTemporaryDirectory() + "supernet-study-" + UUID().uuidString
    }

    /// Of the loader of training images, as `NetworkTraining` has it.
    static func loaderSeed(_ seed: UInt64) -> UInt64 { SeededGenerator(seed: seed, 0xDA7A).state }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// - Parameter epochs: of the supernet and of the found network; more make a run that can be killed in its middle.
    static func options(_ method: MethodConfiguration.Name = .piNAS, epochs: Int = 2) throws -> StudyConfiguration {
        var options = StudyConfiguration()
        options.precision = .float32
        options.data.augmentation = try Augmentation([
            .randomCrop(size: 12, padding: 1), .normalize(mean: [0.3], std: [0.3]),
        ])
        options.data.evaluation = try Augmentation([.centerCrop(12), .normalize(mean: [0.3], std: [0.3])])
        options.data.validationFraction = 0.25
        options.space = try SpaceConfiguration(named: "resnest-tiny", ResNeStOptions.self) { space in
            (space.stem, space.planes, space.depths, space.expansion) = (.small, [16, 16], [1, 2], 1)
        }
        options.method.name = method
        options.method.views = try Augmentation([
            .randomCrop(size: 12, padding: 2), .normalize(mean: [0.3], std: [0.3]),
        ])
        options.method.queueLength = 64
        options.method.dimension = 16
        options.supernet.epochs = epochs
        options.supernet.batchSize = 16
        options.probe.epochs = epochs
        options.probe.batchSize = 16
        options.probe.learningRate = 1
        options.search.evaluations = 30
        options.search.initial = 10
        options.search.round = 5
        options.search.recalibrationImages = 32
        options.search.batchSize = 16
        options.finetune.epochs = epochs
        options.finetune.batchSize = 16
        options.finetune.warmUpEpochs = 0
        options.log.every = 2
        options.log.checkpointEvery = 3
        return options
    }

    func study(_ options: StudyConfiguration, images: Int = 96, changedData: ChangedDataPolicy = .refused) throws
        -> Study
    {
        try Study(
            options: options,
            data: OpenedDataset(layout: .idx, train: BarImages(count: images), test: BarImages(count: 16)),
            path: folder, changedData: changedData, progress: ProgressReporter(output: Silence()))
    }

    /// Every phase, as `supernet run` has them.
    @discardableResult
    func run(_ options: StudyConfiguration, images: Int = 96) throws -> ArchitectureSearch.Result {
        let study = try study(options, images: images)
        _ = try SupernetTraining(study)()
        if !options.method.name.isSupervised { _ = try LinearProbing(study)() }
        let found = try ArchitectureSearch(study)()
        _ = try NetworkPhase(study, .finetune).training()()
        return found
    }

    func bytes(_ file: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file)) }
}
