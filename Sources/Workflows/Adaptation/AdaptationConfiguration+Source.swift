import Datasets
import Experiments
import Files
import Foundation
import Tasks

extension AdaptationConfiguration {
    /// The settings from which an adaptation of a study begins: images are prepared as the study prepared its own.
    ///
    /// - Parameter source: the study's folder.
    /// - Throws: `WorkflowError.notAStudy`; `ConfigurationError` for settings that cannot be read.
    public static func adapting(_ source: String) throws -> AdaptationConfiguration {
        let settings = FilePath.join(source, Study.settingsName)
        guard FilePresence.exists(settings) else { throw WorkflowError.notAStudy(source) }
        return adapting(source, try ConfigurationLoader.load(StudyConfiguration.self, files: [settings]).value)
    }

    /// The same for a study that may not have begun.
    static func adapting(_ source: String, _ original: StudyConfiguration) -> AdaptationConfiguration {
        var options = AdaptationConfiguration()
        (options.precision, options.device, options.data) = (original.precision, original.device, original.data)
        (options.data.list, options.data.fraction) = ("", 1)
        options.source = source
        options.search.evaluations = 48
        options.search.initial = 24
        options.search.recalibrationImages = 256
        return options
    }

    /// Images of one pass over a task's training images, which a sampling may make more or fewer than there are.
    public func imagesPerEpoch(of task: any RecognitionTask) -> Int {
        let batch = finetune.batchSize
        guard let sampling = try? task.sampling(batchSize: batch),
            let loader = try? data.trainingLoader(task.data.train, batchSize: batch, sampling: sampling, seed: 0)
        else { return max(task.data.train.count, 1) }
        return max(loader.batchCount * batch, 1)
    }

    /// Settings that suit a task, to begin from: people are seen whole, and epochs are so many that each row takes about a
    /// minute on two cores for images of 32 pixels, whatever their number.
    ///
    /// - Parameters:
    ///   - kind: the task.
    ///   - images: of one pass over its training images; nil where that is not known yet.
    /// - Throws: `AugmentationError` for an image size out of range.
    public mutating func suit(_ kind: TaskKind, images: Int?) throws {
        task.name = kind
        if kind == .reidentification {
            let side = data.imageSize
            let (mean, std) = data.normalization
            let normalize = Transform.normalize(mean: mean, std: std)
            data.augmentation = try Augmentation([
                .stretch(side), .randomCrop(size: side, padding: max(1, side / 10)), .horizontalFlip(),
                .colorJitter(brightness: 0.4, contrast: 0.4, saturation: 0.3, hue: 0.05, p: 0.8), normalize,
                .randomErasing(p: 0.3, scale: 0.02...0.15),
            ])
            data.evaluation = try Augmentation([.stretch(side), normalize])
        }
        guard let images else { return }
        supernet.epochs = min(max(8_000 / max(images, 1), 1), 20)
        finetune.epochs = min(max(60_000 / max(images, 1), 3), 120)
        (supernet.learningRate, finetune.learningRate) = (0.05, 0.05)
    }
}
