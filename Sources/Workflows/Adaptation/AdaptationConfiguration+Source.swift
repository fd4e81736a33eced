import Datasets
import Experiments
import Foundation
import Supernets
import Support
import Tasks
import Training

extension AdaptationConfiguration {
    /// The settings from which an adaptation begins: images are prepared as the source prepared its own.
    ///
    /// - Parameter source: a study's folder, or the file of a supernet that was made of one trained network.
    /// - Throws: `WorkflowError.notAStudy`; `ConfigurationError` for settings that cannot be read; what reading the file
    ///   throws.
    public static func adapting(_ source: String) throws -> AdaptationConfiguration {
        if FilePresence.isFile(source) {
            let card = try SupernetFile.read(source).card
            var original = StudyConfiguration()
            original.data.channels = card.supernet.channels == 1 ? .grey : .rgb
            var options = adapting(source, original)
            // Depthwise convolutions are slower in bfloat16 on processors.
            options.precision = .float32
            options.departure = 0.2
            try options.prepare(imagesOf: card.imageSize, mean: card.mean, std: card.std)
            return options
        }
        let settings = FilePath.join(source, Study.settingsName)
        guard FilePresence.exists(settings) else { throw WorkflowError.notAStudy(source) }
        return adapting(source, try ConfigurationLoader.load(StudyConfiguration.self, stored: settings).value)
    }

    /// The same for a study that may not have begun.
    static func adapting(_ source: String, _ original: StudyConfiguration) -> AdaptationConfiguration {
        var options = AdaptationConfiguration()
        (options.precision, options.device, options.data) = (original.precision, original.device, original.data)
        (options.data.list, options.data.fraction) = ("", 1)
        // How the source's files were read and parted says nothing about the target's.
        let own = DataConfiguration()
        (options.data.orientation, options.data.testFraction) = (own.orientation, own.testFraction)
        options.source = source
        options.search.evaluations = 48
        options.search.initial = 24
        options.search.recalibrationImages = 256
        return options
    }

    /// Has images of any size prepared for a network: random boxes of them, mirrored half the time, to learn from; the middle
    /// of them to be scored on.
    ///
    /// - Parameters:
    ///   - size: of the images that the network sees, in pixels.
    ///   - mean: subtracted from values in 0...1, one a channel.
    ///   - std: what values are divided by then.
    /// - Throws: `AugmentationError` for a size out of range.
    public mutating func prepare(imagesOf size: ImageSize, mean: [Double], std: [Double]) throws {
        data.augmentation = try .supervised(size: size, scale: 0.35...1, mean: mean, std: std)
        data.evaluation = try .evaluation(size: size, cropFraction: 1, mean: mean, std: std)
    }

    /// Images of one pass over a task's training images, which a sampling may make more or fewer than there are.
    public func imagesPerEpoch(of task: any RecognitionTask) -> Int {
        let setup = NetworkSetup(
            task: task, layer: .identity, channels: 1, data: data, train: finetune, precision: precision, device: .cpu,
            seeds: .adaptation(seed), section: "finetune")
        guard let loader = try? setup.loader() else { return max(task.data.train.count, 1) }
        return max(loader.batchCount * loader.options.batchSize, 1)
    }

    /// Settings that suit a task, to begin from: people are seen whole, and epochs are so many that each row takes about a
    /// minute on two cores for images of 32 pixels, whatever their number. A network that was made a supernet is larger and
    /// has less to learn: about six minutes for a row, whatever the number and size of the images. Of many validation
    /// images, paths are ranked on so many that this is worth a fifth of the learning.
    ///
    /// - Parameters:
    ///   - name: the name of the task.
    ///   - images: of one pass over its training images; nil where that is not known yet.
    /// - Throws: `NamedOptionsError.unknown` for another task; `AugmentationError` for an image size out of range.
    public mutating func suit(_ name: String, images: Int?) throws {
        if task.name != name { task = try TaskConfiguration(named: name) }
        let (mean, std) = data.normalization
        if let preparation = try task.type.preparation(size: data.imageSize, mean: mean, std: std) {
            (data.augmentation, data.evaluation) = (preparation.augmentation, preparation.evaluation)
        }
        guard let images else { return }
        if FilePresence.isFile(source) {
            let passes = 12_000 * (96 * 96) / Double(max(data.imageSize.pixels, 1)) / Double(max(images, 1))
            finetune.epochs = min(max(Int(passes), 3), 60)
            supernet.epochs = max(finetune.epochs / 4, 1)
            (supernet.learningRate, finetune.learningRate) = (0.03, 0.03)
        } else {
            supernet.epochs = min(max(8_000 / max(images, 1), 1), 20)
            finetune.epochs = min(max(60_000 / max(images, 1), 3), 120)
            (supernet.learningRate, finetune.learningRate) = (0.05, 0.05)
        }
        // An image that is looked at costs a third of one that is learned from. Fewer than 500 tell too little.
        let looked = 3 * finetune.epochs * images / (5 * max(search.evaluations, 1))
        search.images = max(looked - search.recalibrationImages, 500)
    }
}
