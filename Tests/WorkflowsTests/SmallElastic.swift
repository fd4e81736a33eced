import Datasets
import Experiments
import Tasks
import TestImages
import Training

@testable import Workflows

/// Adaptations of `ElasticSource` that take a second.
enum SmallElastic {
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
