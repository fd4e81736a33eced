import Architectures
import Datasets
import Experiments
import Foundation
import Methods
import Results
import Support
import Tasks
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

    /// - Parameters:
    ///   - method: the name of the method.
    ///   - epochs: of the supernet and of the found network; more make a run that can be killed in its middle.
    static func options(_ method: String = PiMethod.name, epochs: Int = 2) throws -> StudyConfiguration {
        var options = StudyConfiguration()
        options.precision = .float32
        options.data.augmentation = try Augmentation([
            .randomCrop(size: 12, padding: 1), .normalize(mean: [0.3], std: [0.3]),
        ])
        options.data.evaluation = try Augmentation([.centerCrop(12), .normalize(mean: [0.3], std: [0.3])])
        options.data.validationFraction = 0.25
        try options.space.update(ResNeStOptions.self) {
            ($0.stem, $0.planes, $0.depths, $0.expansion) = (.small, [16, 16], [1, 2], 1)
        }
        options.method = try MethodConfiguration(named: method)
        if method == PiMethod.name {
            try options.method.update(PiMethod.Options.self) {
                ($0.queueLength, $0.dimension) = (64, 16)
                $0.views = try Augmentation([
                    .randomCrop(size: 12, padding: 2), .normalize(mean: [0.3], std: [0.3]),
                ])
            }
        }
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
            options, path: folder,
            open: .given(OpenedDataset(layout: .idx, train: BarImages(count: images), test: BarImages(count: 16))),
            changedData: changedData, progress: ProgressReporter(output: Silence()))
    }

    /// Every phase, as `supernet run` has them.
    @discardableResult
    func run(_ options: StudyConfiguration, images: Int = 96) throws -> SearchResult {
        let study = try study(options, images: images)
        _ = try SupernetTraining(study)()
        if !options.method.isSupervised { _ = try LinearProbing(study)() }
        let found = try ArchitectureSearch(study)()
        _ = try NetworkPhase(study, .finetune).training()()
        return found
    }

    func bytes(_ file: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file)) }
}
