import Architectures
import Datasets
import Experiments
import Interchange
import Results
import Supernets
import Support
import Tasks
import Training

/// The source of an adaptation: a supernet, and its best path on the source.
struct AdaptationSource {
    let supernet: SupernetFile
    let path: Architecture

    /// Opens a study with a supernet and a search, the file of a supernet that was made from one network, or that of a
    /// network, of which an elastic supernet is made.
    ///
    /// - Throws: `WorkflowError.missingPhase` for a study without a supernet or without a search;
    ///   `WorkflowError.noOrigin` for another supernet's file; what reading it throws.
    init(_ source: String) throws {
        guard !FilePath.isFile(source) else {
            supernet = try SupernetFile.reading(source)
            guard let origin = supernet.card.origin else { throw WorkflowError.noOrigin(source) }
            try supernet.card.supernet.space.validate(origin)
            path = origin
            return
        }
        let file = FilePath.join(source, "\(SupernetTraining.name)/supernet.safetensors")
        guard FilePath.exists(file) else {
            throw WorkflowError.missingPhase(file: file, command: "supernet train --config FILE --run \(source)")
        }
        supernet = try SupernetFile.read(file)
        let found = FilePath.join(source, "\(ArchitectureSearch.name)/result.json")
        guard let search = try ResultFile.read(ArchitectureSearch.Result.self, found) else {
            throw WorkflowError.missingPhase(file: found, command: CommandText.command("search", source))
        }
        // Of a file that somebody edited, or beside a supernet that was trained anew.
        guard (try? supernet.card.supernet.space.validate(search.architecture)) != nil else {
            throw ResultError.damaged(path: found)
        }
        path = search.architecture
    }
}

extension AdaptationConfiguration {
    /// Creates the default settings for a source, whose preparation of images is taken over.
    ///
    /// - Parameter source: a study's folder, or the file of a supernet that was made of one trained network.
    /// - Throws: `WorkflowError.notAStudy`; `ConfigurationError` for settings that cannot be read; what reading the
    ///   file throws.
    public static func adapting(_ source: String) throws -> AdaptationConfiguration {
        if FilePath.isFile(source) {
            let card = try SupernetFile.reading(source).card
            var original = StudyConfiguration()
            original.data.channels = card.supernet.channels == 1 ? .grey : .rgb
            var options = adapting(source, original)
            // Depthwise convolutions are slower in bfloat16 on processors.
            options.precision = .float32
            if card.supernet.isElastic {
                // All paths learn together, and the best within the budget is wanted.
                options.search.score = .loss
                options.controls = [.weightsOnly, .narrowing, .scaling, .randomPath]
                (options.supernet.decay, options.supernet.labelSmoothing) = (.cosine, 0.1)
                options.finetune.labelSmoothing = 0.1
                // The gradients of several paths are added up, so that steps are larger than they look.
                (options.supernet.learningRate, options.finetune.learningRate) = (0.0025, 0.004)
                (options.supernet.batchSize, options.finetune.batchSize) = (32, 32)
                // What the search costs is lost to the training of the network that it finds.
                options.shortlist = 1
                options.search.evaluations = 32
                options.search.initial = 12
            } else {
                options.departure = 0.2
            }
            try options.prepare(imagesOf: card.imageSize, mean: card.mean, std: card.std)
            return options
        }
        let settings = FilePath.join(source, Study.settingsName)
        guard FilePath.exists(settings) else { throw WorkflowError.notAStudy(source) }
        return adapting(source, try ConfigurationLoader.load(StudyConfiguration.self, stored: settings).value)
    }

    /// Creates the default settings for a source study by its settings, which need not have run yet.
    static func adapting(_ source: String, _ original: StudyConfiguration) -> AdaptationConfiguration {
        var options = AdaptationConfiguration()
        (options.precision, options.device, options.data) = (original.precision, original.device, original.data)
        (options.data.list, options.data.fraction) = ("", 1)
        // How the source's files were read and parted says nothing about the target's.
        let own = DataConfiguration()
        (options.data.orientation, options.data.testFraction) = (own.orientation, own.testFraction)
        (options.data.folds, options.data.fold) = (own.folds, own.fold)
        options.source = source
        options.search.evaluations = 48
        options.search.initial = 24
        options.search.recalibrationImages = 256
        return options
    }

    /// Sets the transforms that prepare images of any size: random crops, flipped half the time, for training, and
    /// centre crops for evaluation.
    ///
    /// - Parameters:
    ///   - size: the size of the images that the network sees, in pixels.
    ///   - mean: the means that are subtracted from values in 0...1, one for each channel.
    ///   - std: the standard deviations by which values are then divided, one for each channel.
    /// - Throws: `AugmentationError` for a size out of range.
    public mutating func prepare(imagesOf size: ImageSize, mean: [Double], std: [Double]) throws {
        data.augmentation = try .supervised(size: size, scale: 0.35...1, mean: mean, std: std)
        data.evaluation = try .evaluation(size: size, cropFraction: 1, mean: mean, std: std)
    }

    /// Adapts the default settings to a dense task: the rate falls as is usual there, and small networks do without the dilated
    /// branches of the head, which would cost more than they themselves (Sandler et al., "MobileNetV2", CVPR 2018).
    private mutating func suitPixels() throws {
        (supernet.decay, finetune.decay) = (.poly, .poly)
        guard FilePath.isFile(source) else { return }
        try task.update(SegmentationTask.Options.self) { ($0.atrous, $0.headWidth) = (false, 128) }
    }

    /// Adapts the default settings to detectors: a light head, which is not most of what a small network costs, without batch
    /// norms of its own, which would have to suit all paths at once.
    private mutating func suitObjects() throws {
        search.score = .accuracy
        guard FilePath.isFile(source) else { return }
        try task.update(ObjectTaskOptions.self) { options in
            (options.width, options.norm, options.anchorScale) = (48, false, 8)
            (options.boxConvolutions, options.hiddenWidth, options.maskConvolutions) = (0, 192, 2)
            (options.proposals, options.samples) = (200, 128)
        }
    }

    /// Adapts the default settings to a task whose networks say where things are: images are few and each tells much, so that
    /// batches are small and rates high; a softened answer of each pixel or box is of no use.
    private mutating func suitMaps(images: Int?) {
        (supernet.labelSmoothing, finetune.labelSmoothing) = (0, 0)
        let batch = images.map { min(max($0 / 50, 4), 16) } ?? 8
        (supernet.batchSize, finetune.batchSize) = (batch, batch)
        search.batchSize = 8
        search.recalibrationImages = 64
    }

    /// The number of images in an epoch of a task's training, which depends on how the task samples batches.
    public func imagesPerEpoch(of task: any RecognitionTask) -> Int {
        let setup = NetworkSetup(
            task: task, layer: .identity, channels: 1, data: data, train: finetune, precision: precision, device: .cpu,
            seeds: .adaptation(seed), section: "finetune")
        guard let loader = try? setup.loader() else { return max(task.data.train.count, 1) }
        return max(loader.batchCount * loader.options.batchSize, 1)
    }

    /// Adapts the default settings to a task and a number of images. The preparation is the task's own where it has
    /// one. The number of epochs makes each row take about a minute on two cores for images of 32 pixels, or about six
    /// minutes where the source is a supernet made from one network, whatever the number of images. The number of
    /// validation images that paths are ranked on makes the search cost a fifth of the training.
    ///
    /// - Parameters:
    ///   - name: the name of the task.
    ///   - images: the number of images in an epoch of training; nil where it is not known yet.
    /// - Throws: `NamedOptionsError.unknown` for an unknown task; `AugmentationError` for an image size out of range.
    public mutating func suit(_ name: String, images: Int?) throws {
        if task.name != name { task = try TaskConfiguration(named: name) }
        let (mean, std) = data.normalization
        if let preparation = try task.type.preparation(size: data.imageSize, mean: mean, std: std) {
            (data.augmentation, data.evaluation) = (preparation.augmentation, preparation.evaluation)
        }
        switch task.type.outputs {
        case .pixels: try suitPixels()
        case .objects: try suitObjects()
        case .classes, .readings, .embeddings: break
        }
        if task.type.outputs.isDense { suitMaps(images: images) }
        guard let images else { return }
        if FilePath.isFile(source) {
            var passes = 12_000 * (96 * 96) / Double(max(data.imageSize.pixels, 1)) / Double(max(images, 1))
            // Dense maps cost more, and the test images are seen whole.
            if case .pixels = task.type.outputs { passes /= 3 }
            finetune.epochs = min(max(Int(passes), 3), 60)
            if try SupernetFile.reading(source).card.supernet.isElastic {
                // Each epoch of the supernet is one of several paths, and most is gained by what comes after it.
                finetune.epochs = finetune.epochs * 3 / 2
                (teacherEpochs, supernet.epochs) = (max(finetune.epochs / 4, 1), max(finetune.epochs / 8, 1))
                (supernet.learningRate, finetune.learningRate) = (0.0025, 0.004)
                if task.type.outputs.isDense {
                    // A new head has all to learn, and its teacher, too.
                    teacherEpochs = max(finetune.epochs / 2, 1)
                    (supernet.learningRate, finetune.learningRate) = (0.02, 0.03)
                }
            } else {
                supernet.epochs = max(finetune.epochs / 4, 1)
                (supernet.learningRate, finetune.learningRate) = (0.03, 0.03)
            }
        } else {
            supernet.epochs = min(max(8_000 / max(images, 1), 1), 20)
            finetune.epochs = min(max(60_000 / max(images, 1), 3), 120)
            (supernet.learningRate, finetune.learningRate) = (0.05, 0.05)
        }
        if task.type.outputs.isDense {
            // Batches of maps are large, and few images tell much.
            search.images = min(max(images / 4, 32), 200)
            return
        }
        // An image that is looked at costs a third of one that is learned from. Fewer than 500 tell too little.
        let looked = 3 * finetune.epochs * images / (5 * max(search.evaluations, 1))
        search.images = max(looked - search.recalibrationImages, 500)
    }
}
