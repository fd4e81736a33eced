import Architectures
import Datasets
import Interchange
import Networks
import Supernets
import Support
import Tasks

extension AdaptationConfiguration {
    /// Writes an elastic residual network that has learned nothing for grey images of 28 pixels, the source of the demo.
    ///
    /// - Parameter path: the path of the file.
    /// - Throws: `FileError`.
    public static func writeDemoSource(to path: String) throws {
        let backbone = try ResidualNetwork(channels: 1, stemStride: 2, widths: [32, 64, 128], depths: [2, 2, 2])
            .backbone()
        let made = try ElasticNetwork(untrained: backbone, channels: 1, name: "small-residual", seed: 1)
        let card = SupernetFile.Card(
            supernet: made.supernet.description, method: "untrained", dimension: nil, classNames: [], imageSize: 28,
            mean: [0.286], std: [0.353], steps: ImageStep.middle(of: 28), origin: made.origin)
        try SupernetFile.write(made.supernet.store, card, to: path)
    }

    /// The settings of the demo: Fashion-MNIST, networks of a quarter and of half of the whole network's latency on this
    /// machine from one supernet, and the path of it that one would take by hand at the same latency, in about six minutes on two cores.
    ///
    /// - Parameter source: the path of the file that ``writeDemoSource(to:)`` wrote.
    /// - Throws: what reading the source throws.
    public static func demo(_ source: String) throws -> AdaptationConfiguration {
        var options = try adapting(source)
        options.precision = .bfloat16
        options.data.source = "fashion-mnist"
        options.data.augmentation = try Augmentation([
            .randomCrop(size: 28, padding: 2), .horizontalFlip(), .normalize(mean: [0.286], std: [0.353]),
        ])
        options.data.evaluation = try Augmentation([
            .centerCrop(28), .normalize(mean: [0.286], std: [0.353]),
        ])
        options.search.budgets = ["25% latency", "50% latency"]
        options.controls = [.uniformPath]
        (options.teacherEpochs, options.randomPaths, options.shortlist) = (1, 1, 1)
        // A largest path that has seen the images three times is no teacher for a network that sees them twelve times.
        options.distillation = 0
        (options.supernet.epochs, options.supernet.batchSize, options.supernet.learningRate) = (2, 128, 0.1)
        (options.supernet.warmUpEpochs, options.supernet.clipNorm, options.supernet.labelSmoothing) = (0.25, 5, 0)
        (options.finetune.epochs, options.finetune.batchSize, options.finetune.learningRate) = (12, 128, 0.1)
        (options.finetune.averageDecay, options.finetune.clipNorm, options.finetune.labelSmoothing) = (0.99, 5, 0)
        (options.search.evaluations, options.search.initial, options.search.round) = (40, 20, 10)
        (options.search.images, options.search.recalibrationImages) = (2000, 1024)
        // So many images tell paths apart: the best one is taken.
        options.caution = 0
        return options
    }
}
