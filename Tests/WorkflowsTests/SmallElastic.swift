import Architectures
import Datasets
import Experiments
import NN
import Networks
import Supernets
import Support
import Tasks
import TestImages
import Training

@testable import Workflows

/// A small network whose blocks may be narrower or left out, and adaptations of it that take a second.
enum SmallElastic {
    /// Writes an elastic supernet of a small network with random weights.
    static func writeSource(to path: String) throws {
        let space = try MobileSpace(
            channels: 1, stemWidth: 8, stemStride: 1, widths: [8, 16], depths: [2, 2], strides: [1, 2], headWidth: 24
        ).description()
        var options = Elasticity()
        options.multiple = 4
        let elastic = try space.fixed(to: Architecture([1, 5, 1, 3])).elastic(inputs: 1, options)
        let description = try SupernetDescription("small", channels: 1, backbone: elastic.layer)
        let supernet = try Supernet(description, store: ParameterStore(seed: 3, format: .channelsLast))
        try supernet.sortChannels()
        let card = SupernetFile.Card(
            supernet: description, method: "imported", dimension: nil, classNames: [], imageSize: 12, mean: [0.3],
            std: [0.3], steps: ImageStep.middle(of: 12),
            origin: Architecture(description.space.points.map { $0.candidates.count - 1 }))
        try FilePath.makeFolder(FilePath.folder(of: path))
        try SupernetFile.write(supernet.store, card, to: path)
    }

    /// Settings of an adaptation that takes a second.
    static func options(_ source: String, budgets: [String]) throws -> AdaptationConfiguration {
        var options = try AdaptationConfiguration.adapting(source)
        options.data.augmentation = try Augmentation([
            .randomCrop(size: 12, padding: 1), .normalize(mean: [0.3], std: [0.3]),
        ])
        options.data.validationFraction = 0.25
        (options.supernet.epochs, options.supernet.batchSize) = (1, 16)
        (options.finetune.epochs, options.finetune.batchSize) = (2, 16)
        (options.search.evaluations, options.search.initial, options.search.round) = (8, 4, 4)
        (options.search.recalibrationImages, options.search.batchSize) = (32, 16)
        options.search.budgets = budgets
        return options
    }

    /// The images of the target.
    static var data: OpenedDataset { OpenedDataset(train: BarImages(count: 64), test: BarImages(count: 16)) }

    static func adaptation(_ options: AdaptationConfiguration, path: String) throws -> Adaptation {
        try Adaptation(
            options: options, task: ClassificationTask(options.data.withValidation(data)), path: path,
            progress: ProgressReporter(output: Silence()))
    }
}
