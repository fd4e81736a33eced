import Architectures
import Datasets
import Methods
import Support
import Tasks
import Training

/// Tested settings to start from.
extension StudyConfiguration {
    /// Settings for Fashion-MNIST in about an hour, those of Configs/fashion-mnist-study.yaml.
    public static var full: StudyConfiguration {
        var options = StudyConfiguration()
        options.data.augmentation = Self.fashionAugmentation
        options.useResNeSt(stem: .half, planes: [32, 64, 128], expansion: 2, depths: [2, 2, 2])
        try? options.method.update(PiMethod.Options.self) { ($0.queueLength, $0.momentum) = (16_384, 0.99) }
        (options.supernet.epochs, options.supernet.batchSize, options.supernet.learningRate) = (6, 128, 0.06)
        (options.probe.epochs, options.probe.batchSize, options.probe.learningRate) = (4, 128, 5)
        (options.search.evaluations, options.search.initial, options.search.round) = (240, 60, 16)
        (options.search.recalibrationImages, options.search.maxMacs) = (2048, 30_000_000)
        (options.retrain.epochs, options.retrain.learningRate, options.retrain.averageDecay) = (40, 0.2, 0.999)
        return options
    }

    /// Creates settings that take about ten minutes on two cores for any images: the image size follows from most of
    /// them, and the lengths of all phases from their number.
    ///
    /// - Parameters:
    ///   - source: the name or path of the images.
    ///   - task: the name of the task.
    ///   - size: the size of the images that networks see, in pixels; nil for a size that suits most of them.
    ///   - grey: whether images have one channel instead of three; nil to follow the images.
    ///   - open: the functions that open data by name or path.
    /// - Throws: `DatasetError` for images that cannot be found; `NamedOptionsError.unknown` for an unknown task;
    ///   `AugmentationError` for a size out of range.
    public static func quick(
        _ source: String, task: String = ClassificationTask.name, size: ImageSize? = nil, grey: Bool? = nil,
        open: TaskData = TaskData()
    ) throws -> StudyConfiguration {
        var options = StudyConfiguration()
        options.task = try TaskConfiguration(named: task)
        options.data.source = source
        let opened = try options.task.type.scoring(source, with: open).data
        if task == ClassificationTask.name { options.data.setFinalScoreApart(opened) }
        let seen = SuggestedSize(of: opened.train)
        try options.prepare(size: size ?? seen.size, grey: grey ?? seen.isGrey)
        options.setLengths(images: opened.train.count)
        return options
    }

    /// Sets the preparation of images of any size, and networks that suit the size.
    ///
    /// - Parameters:
    ///   - size: the size of the images that networks see, in pixels.
    ///   - grey: whether images have one channel instead of three.
    /// - Throws: `AugmentationError` for a size out of range.
    public mutating func prepare(size: ImageSize, grey: Bool) throws {
        try data.prepare(size: size, isGrey: grey)
        let (mean, std) = data.normalization
        if let own = try task.type.preparation(size: size, mean: mean, std: std) {
            (data.augmentation, data.evaluation) = (own.augmentation, own.evaluation)
        }
        method = try method.suiting(data)
        useSmallResNeSt(stem: size.shorter >= 112 ? .deep : .half)
    }

    /// Sets lengths that take about ten minutes on two cores for images of 28 pixels, whatever their number.
    ///
    /// - Parameter images: the number of training images.
    public mutating func setLengths(images: Int) {
        func epochs(_ seen: Int, atMost most: Int) -> Int { max(1, min(most, seen / max(images, 1))) }
        // A power of two, which divides the queue; at least sixteen steps an epoch where there are few images.
        var batch = 128
        while batch > 8, batch * 16 > images * 11 / 12 { batch /= 2 }
        try? method.update(PiMethod.Options.self) { ($0.queueLength, $0.momentum) = (8192, 0.99) }
        (supernet.epochs, supernet.batchSize) = (epochs(120_000, atMost: 150), batch)
        supernet.learningRate = 0.06
        (probe.epochs, probe.images, probe.batchSize) = (epochs(20_000, atMost: 20), 20_000, batch)
        probe.learningRate = 5
        (search.evaluations, search.initial, search.round) = (240, 40, 16)
        (search.recalibrationImages, search.images) = (1024, 2000)
        (finetune.epochs, finetune.batchSize) = (epochs(550_000, atMost: 300), batch)
        (finetune.learningRate, finetune.warmUpEpochs) = (0.1, 0.5)
        (finetune.averageDecay, finetune.clipNorm) = (0.99, 5)
    }

    private mutating func useSmallResNeSt(stem: ResNeStSpace.Stem) {
        useResNeSt(stem: stem, planes: [16, 32, 64], expansion: 4, depths: [2, 2, 2])
    }

    private mutating func useResNeSt(stem: ResNeStSpace.Stem, planes: [Int], expansion: Int, depths: [Int]) {
        try? space.update(ResNeStOptions.self) {
            ($0.stem, $0.planes, $0.expansion, $0.depths) = (stem, planes, expansion, depths)
        }
    }

    private static var fashionAugmentation: Augmentation {
        try! Augmentation([  // safe: constants within range
            .randomCrop(size: 28, padding: 2), .horizontalFlip(), .normalize(mean: [0.286], std: [0.353]),
            .randomErasing(p: 0.25),
        ])
    }
}

extension DataConfiguration {
    /// Sets a share of the images to be split off for the final score where there is no test part and there are at
    /// least 50 images, as a score on validation images, by which everything is chosen, would be biased.
    ///
    /// - Parameter data: the images before they are split.
    public mutating func setFinalScoreApart(_ data: OpenedDataset) {
        if data.test == nil && data.validation == nil && data.train.count >= 50 { testFraction = 0.15 }
    }
}
