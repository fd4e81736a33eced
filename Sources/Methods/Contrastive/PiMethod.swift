import Architectures
import Datasets
import Distributed
import Experiments
import NN
import Networks
import Support
import Tasks
import Torch
import Training

/// Pi-NAS without labels: two paths that differ at every choice embed views of the same images, and the positive of
/// each is the mean teacher's embedding of its image on the *other* path, among negatives (Peng et al., "Pi-NAS", ICCV
/// 2021, sections 3.2 and 3.3). Every part can be turned off; with one path it is MoCo on single paths.
public final class PiMethod: SupernetMethod {
    /// The source of the negatives of a query.
    public enum Negatives: String, Sendable, Codable, CaseIterable {
        /// A queue of earlier keys.
        case queue
        /// The other images of the batch.
        case batch
        /// No negatives: the loss is the squared distance to the positive, which collapsed embeddings minimise as well.
        case none
    }

    /// The settings of Pi-NAS. MoCo on single paths is `paths: 1` and `cross-path: false`.
    public struct Options: Configuration {
        /// The number of paths in a step, 1 or 2.
        public var paths = 2
        /// Whether a query's positive comes from the other path; needs two paths.
        public var crossPath = true
        /// The share of the loss with positives from the other path; the rest of the loss has positives from the path
        /// itself. It is 1 in Pi-NAS. In spaces without shared layers between choices, such as `chain`, embeddings
        /// collapse with 1.
        public var crossPathWeight = 1.0
        /// Whether keys are computed by a mean teacher; otherwise by the network itself, without gradients.
        public var meanTeacher = true
        /// The source of negatives: `queue`, `batch` or `none`.
        public var negatives = Negatives.queue
        /// The number of teacher updates in a step of the tensors that both paths share: two for `reference`, one for
        /// `once`.
        public var averaging = MeanTeacher.Averaging.reference
        /// The share of the teacher's weights that each update keeps.
        public var momentum = 0.999
        /// The temperature by which similarities are divided.
        public var temperature = 0.2
        /// The number of keys in the queue, a multiple of the batch size.
        public var queueLength = 49_152
        /// The length of an embedding.
        public var dimension = 128
        /// The number of groups of images with separate batch-norm statistics, as on several devices (shuffled BN).
        /// Keys are assigned to groups in another order than queries, so that statistics do not leak the positive; 1
        /// turns it off. Several processes are as many groups, and then this is 1.
        public var normGroups = 1
        /// The transforms of views; empty for those that suit the images.
        public var views = Self.unset

        /// Creates the settings of the paper.
        public init() {}

        /// A help text for each key.
        public static let keyHelp = [
            "paths": "The number of paths in a step, 1 or 2.",
            "cross-path": "Whether a query's positive comes from the other path.",
            "cross-path-weight": "The share of the loss with positives from the other path.",
            "mean-teacher": "Whether keys are computed by a mean teacher.",
            "negatives": "The source of negatives: queue, batch or none.",
            "averaging": "The number of teacher updates in a step of shared tensors: two for reference, one for once.",
            "momentum": "The share of the teacher's weights that each update keeps.",
            "temperature": "The temperature of the contrastive loss.",
            "queue-length": "The number of keys in the queue, a multiple of the batch size.",
            "dimension": "The length of an embedding.",
            "norm-groups": "The number of groups of images with separate batch-norm statistics; 1 for none.",
            "views": "The transforms of views, a list; empty for those that suit the images.",
        ]

        /// Checks that all values are in range.
        public func validate() throws {
            var check = ConfigurationCheck()
            check.require((1...2).contains(paths), "paths", "must be 1 or 2, is \(paths)")
            check.require(paths == 2 || !crossPath, "cross-path", "needs two paths; set it to false")
            check.require(
                crossPathWeight > 0 && crossPathWeight <= 1, "cross-path-weight",
                "must be above 0 and at most 1, is \(crossPathWeight)")
            check.require((0..<1).contains(momentum), "momentum", "must be at least 0 and below 1, is \(momentum)")
            check.require(temperature > 0 && temperature.isFinite, "temperature", "must be above 0, is \(temperature)")
            check.require((1...1 << 24).contains(queueLength), "queue-length", "must be in 1...2^24, is \(queueLength)")
            check.require((2...65_536).contains(dimension), "dimension", "must be in 2...65536, is \(dimension)")
            check.require(
                queueLength * dimension <= 1 << 30, "queue-length",
                "must not be above 2^30 / dimension (=\(dimension)), is \(queueLength): its keys would take gigabytes")
            check.require((1...1024).contains(normGroups), "norm-groups", "must be in 1...1024, is \(normGroups)")
            try check.finish()
        }

        /// The number of views of each image that a step takes.
        public var viewCount: Int { 2 * paths }

        private static let unset = try! Augmentation([])  // safe: nothing to be out of range
    }

    /// The name of the method, `pi-nas`.
    public static let name = "pi-nas"
    /// The method in one sentence for help texts.
    public static let summary =
        "Trains two paths without labels, by contrast with a mean teacher on the other path (Pi-NAS)."
    /// False, as no labels are used.
    public static let isSupervised = false

    /// Creates the method from its options.
    public static func make(_ setup: SupernetSetup, _ options: Options) throws -> PiMethod {
        func encoder(_ seed: UInt64?) throws -> SupernetEncoder {
            try SupernetEncoder(setup.description, dimension: options.dimension, store: setup.store(seed))
        }
        return try PiMethod(
            encoder(setup.initialSeed), options: options, settings: MethodSettings(setup.objective)
        ) { try encoder(nil) }
    }

    /// The views that the paths need: two for each path.
    public static func views(_ options: Options) -> ImageViews? {
        ImageViews(count: options.viewCount, options.views)
    }

    /// Three passes for the query of each path, and one for its key where a teacher computes it.
    public static func passes(_ options: Options, in space: SearchSpace) -> Double {
        Double(options.paths) * (options.meanTeacher ? 4 : 3)
    }

    /// Options whose queue is a multiple of the batch, with batch-norm statistics of the whole batch.
    public static func options(_ options: Options, forBatch size: Int) -> Options {
        var small = options
        (small.normGroups, small.queueLength) = (1, max(size, options.queueLength / size * size))
        return small
    }

    /// Options with the views of MoCo v2 at the network's input size where none are set. Fashion-MNIST gets larger
    /// crops, as its objects fill the image, and grey images get no changes of colour.
    public static func options(_ options: Options, for data: DataConfiguration) throws -> Options {
        guard options.views.transforms.isEmpty else { return options }
        var own = options
        let (isGrey, isFashion) = (data.channels == .grey, data.source == DataConfiguration.fashionMNIST)
        let (mean, std) = data.normalization
        own.views = try Augmentation([
            .randomResizedCrop(size: data.imageSize, scale: isFashion ? 0.3...1 : 0.2...1), .horizontalFlip(),
            .colorJitter(
                brightness: 0.4, contrast: 0.4, saturation: isGrey ? 0 : 0.4, hue: isGrey ? 0 : 0.1, p: 0.8),
            isFashion ? .gaussianBlur(sigma: 0.1...1, p: 0.5) : .gaussianBlur(p: 0.5),
            .normalize(mean: mean, std: std),
        ])
        return own
    }

    /// Checks that the queue is a multiple of the batch, and that images are not mixed, as there are no labels.
    public static func check(_ options: Options, _ train: TrainConfiguration, _ check: inout ConfigurationCheck) {
        if options.negatives == .queue {
            check.require(
                options.queueLength.isMultiple(of: train.batchSize), "method.queue-length",
                "must be a multiple of supernet.batch-size (=\(train.batchSize)), is \(options.queueLength)")
        }
        check.require(
            !train.mixes, "supernet.mix-probability", "is for methods that learn from labels, which `pi-nas` does not")
    }

    /// The encoder that is trained.
    public let encoder: SupernetEncoder
    /// The encoder that computes the keys: the mean teacher's, or `encoder` itself.
    public var keyEncoder: SupernetEncoder { meanTeacher?.encoder ?? encoder }
    /// The settings of Pi-NAS.
    public let options: Options
    /// The precision, device and seed.
    public let settings: MethodSettings
    /// The tensors of the encoder that is trained.
    public var store: ParameterStore { encoder.store }
    /// The supernet that is trained.
    public var supernet: Supernet { encoder.supernet }
    /// The length of an embedding.
    public var embeddingDimension: Int? { options.dimension }
    /// The mean teacher's tensors.
    public var teacher: ParameterStore? { meanTeacher?.encoder.store }
    private let meanTeacher: MeanTeacher?
    private var queue: KeyQueue?

    /// Creates the method for an encoder.
    ///
    /// - Parameters:
    ///   - encoder: the encoder that is trained.
    ///   - options: the settings of Pi-NAS.
    ///   - settings: the precision, device and seed.
    ///   - makeCopy: a closure that builds another encoder of the same description, for the mean teacher.
    /// - Throws: `TrainingError.badOption`; what `makeCopy` throws.
    public init(
        _ encoder: SupernetEncoder, options: Options, settings: MethodSettings,
        makeCopy: () throws -> SupernetEncoder
    ) throws {
        guard (1...2).contains(options.paths) else {
            throw TrainingError.badOption("paths", "must be 1 or 2, is \(options.paths)")
        }
        guard options.paths == 2 || !options.crossPath else {
            throw TrainingError.badOption("cross-path", "needs two paths")
        }
        if let ranks = settings.ranks, options.normGroups != 1, options.normGroups != ranks.size {
            throw TrainingError.badOption(
                "method.norm-groups",
                "is the number of processes, \(ranks.size), where several train together, or 1; "
                    + "it is \(options.normGroups)")
        }
        self.encoder = encoder
        self.options = options
        self.settings = settings
        meanTeacher =
            options.meanTeacher
            ? try MeanTeacher(
                of: encoder, in: makeCopy(), averaging: options.averaging, momentum: options.momentum) : nil
        if options.negatives == .queue {
            queue = try KeyQueue(
                dimension: options.dimension, length: options.queueLength,
                seed: SeededGenerator(seed: settings.seed, RandomStream.firstKeys).state, device: settings.device)
        }
    }

    /// Runs one step on paths that are drawn by its number.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        guard batch.views >= options.viewCount else {
            throw TrainingError.badOption("views", "must be at least \(options.viewCount) an image, are \(batch.views)")
        }
        var generator = settings.generator(step: step)
        let paths = draw(using: &generator)
        let views = try (0..<options.viewCount).map { try batch.images(view: $0, on: settings.device) }
        let count = batch.count * (settings.ranks?.size ?? 1)
        return try computeGradients(views, paths: paths, order: generator.permutation(count))
    }

    /// Runs one step: queries with gradients, keys without, the loss of each query, and new keys for the queue.
    ///
    /// - Parameters:
    ///   - views: views of the same images, [N, C, H, W] each: query and key of the first path, then of the second.
    ///   - paths: the paths, as many as the options say.
    ///   - order: a permutation of 0..<N by which images are assigned to the groups of keys; of the images of all
    ///     processes, where several share a batch.
    /// - Throws: `TorchError` if the views do not fit; what the network throws.
    public func computeGradients(_ views: [Tensor], paths: [Architecture], order: [Int]) throws -> StepOutcome {
        guard paths.count == options.paths, views.count == options.viewCount, let first = views.first,
            order.count == first.size(0) * (settings.ranks?.size ?? 1)
        else {
            throw TorchError(
                .invalidArgument, operation: "PiMethod", shapes: views.map(\.shape),
                message: "needs \(options.viewCount) views for \(options.paths) paths, and an order of all images")
        }
        let queries = try withPrecision(settings.precision, on: settings.device) {
            try zip(paths, [first, views[options.viewCount - 2]]).map { path, view in
                try embed(view, path, encoder)  // [N, D], unit length
            }
        }
        var keys: [Tensor] = []
        for (number, path) in paths.enumerated() {
            keys.append(
                try key(views[2 * number + 1], path, after: number > 0 ? paths[0] : nil, order: order))
        }
        let target = try targets(count: first.size(0))
        let positives = options.negatives == .batch ? keys : try keys.map(own)
        var (loss, correct) = try losses(
            queries, positives: options.crossPath ? positives.reversed() : positives, target)
        if options.crossPath, options.crossPathWeight < 1 {
            let own = try losses(queries, positives: positives, target).loss
            loss = try loss * options.crossPathWeight + own * (1 - options.crossPathWeight)
        }
        try loss.backward()
        let mean = try withoutGradients {
            keys.count == 1 ? keys[0] : try (keys[0] + keys[1]) * 0.5
        }
        // A batch from which unreadable images were left out fits no place in the queue; its keys are no loss.
        if let queue, queue.length.isMultiple(of: order.count) { try self.queue?.push(mean) }
        return StepOutcome(loss: try loss.detached(), correct: correct)
    }

    /// The rows of this process among those of all.
    private func own(_ rows: Tensor) throws -> Tensor {
        guard let ranks = settings.ranks else { return rows }
        let count = rows.size(0) / ranks.size
        return try rows.slice(ranks.rank * count..<(ranks.rank + 1) * count)
    }

    /// Computes the sum of the queries' losses, and the number of images whose positive is the most similar key,
    /// averaged over the queries; nil without negatives.
    private func losses(
        _ queries: [Tensor], positives: [Tensor], _ target: Tensor
    ) throws -> (loss: Tensor, correct: Tensor?) {
        if options.negatives == .none {
            let losses = try zip(queries, positives).map { try 2.0 - ($0 * $1).sum([1]).mean() * 2 }
            return (try losses.count == 1 ? losses[0] : losses[0] + losses[1], nil)
        }
        let logits = try zip(queries, positives).map { try self.logits($0, positive: $1) }
        let losses = try logits.map { try $0.crossEntropy(target) }
        let correct = try withoutGradients {
            try logits.map { try $0.detached().argmax(1).equals(target).sum().to(.float64) }
        }
        return (
            try losses.count == 1 ? losses[0] : losses[0] + losses[1],
            try withoutGradients { correct.count == 1 ? correct[0] : try (correct[0] + correct[1]) * 0.5 }
        )
    }

    /// Draws one path, or two that differ at every choice.
    func draw(using generator: inout SeededGenerator) -> [Architecture] {
        let space = encoder.supernet.space
        guard options.paths == 2 else { return [space.random(using: &generator)] }
        let pair = space.disjointPair(using: &generator)
        return [pair.0, pair.1]
    }

    /// Updates the teacher on a path and computes its keys, [N, D], unit length, without gradients: those of all processes,
    /// each of which embeds a part of the images of all in the order given.
    private func key(
        _ view: Tensor, _ path: Architecture, after other: Architecture?, order: [Int]
    ) throws -> Tensor {
        try meanTeacher?.follow(path, after: other)
        // A scope of its own: weights that were cast before the teacher moved must not be used.
        return try withoutGradients {
            try withPrecision(settings.precision, on: settings.device) {
                let dealt: Tensor
                if let ranks = settings.ranks {
                    let part = try ranks.rows(order, of: view)
                    dealt = try ranks.group.gathered(embed(part, path, keyEncoder).to(.float32))
                } else {
                    guard options.normGroups > 1 else { return try embed(view, path, keyEncoder) }
                    dealt = try embed(view.indexed(by: Tensor(order, device: settings.device)), path, keyEncoder)
                }
                var back = [Int](repeating: 0, count: order.count)
                for (place, index) in order.enumerated() { back[index] = place }
                return try dealt.indexed(by: Tensor(back, device: settings.device))
            }
        }
    }

    /// Embeds images in groups with separate batch-norm statistics.
    private func embed(_ images: Tensor, _ path: Architecture, _ encoder: SupernetEncoder) throws -> Tensor {
        let groups = settings.ranks == nil ? min(options.normGroups, images.size(0) / 2) : 1
        guard groups > 1 else { return try encoder.embed(images, path, .training(nil)) }
        // As even as can be: a group of one image would have no statistics.
        let ends = (0...groups).map { $0 * images.size(0) / groups }
        return try Tensor.concatenated(
            images.split(zip(ends.dropFirst(), ends).map { $0 - $1 }).map {
                try encoder.embed($0, path, .training(nil))
            })
    }

    /// Computes similarities divided by the temperature. The positive is in column 0, or on the diagonal where
    /// negatives come from the batch.
    private func logits(_ query: Tensor, positive: Tensor) throws -> Tensor {
        if let queue {
            return try infoNCELogits(
                query, positive: positive, negatives: queue.keys, temperature: options.temperature)
        }
        return try query.matrixProduct(positive.transposed(0, 1)) / options.temperature
    }

    private func targets(count: Int) throws -> Tensor {
        options.negatives == .queue
            ? try .zeros([count], dtype: .int64, device: settings.device)
            : try Tensor(
                (0..<count).map { Int64($0 + (settings.ranks?.rank ?? 0) * count) }, device: settings.device)
    }

    /// Does nothing, as the teacher is updated in the next step, on the paths of that step.
    public func didUpdate(step: Int) throws {}

    /// Computes the mean `loss` and `accuracy` of finding an image's key among those of its batch, over fixed pairs of
    /// paths.
    public func evaluate(_ batches: BatchIterator) throws -> [String: Double] {
        let pairs = settings.pairs(in: encoder.supernet.space)
        var (loss, correct, count) = (0.0, 0.0, 0.0)
        var seen = 0
        let mode = Mode(batchNorm: .batch)
        try withoutGradients {
            while let batch = try batches.next() {
                seen = max(seen, batch.count)
                guard batch.isLearnable else { continue }
                guard batch.views > 1 else {
                    throw TrainingError.badOption("views", "must be at least 2 an image, are \(batch.views)")
                }
                let views = try (0..<2).map { try batch.images(view: $0, on: settings.device) }
                let target = try Tensor((0..<batch.count).map(Int64.init), device: settings.device)
                for (a, b) in pairs {
                    let (query, key) = try withPrecision(settings.precision, on: settings.device) {
                        (
                            try encoder.embed(views[0], a, mode),
                            try keyEncoder.embed(views[1], options.crossPath ? b : a, mode)
                        )
                    }
                    let logits = try query.matrixProduct(key.transposed(0, 1)) / options.temperature
                    loss += try logits.crossEntropy(target).item() * Double(batch.count)
                    correct += try Double(logits.argmax(1).equals(target).sum().integer())
                    count += Double(batch.count)
                }
            }
        }
        guard count > 0 else {
            throw TrainingError.needsTwo(
                seen, purpose: "in every batch to validate on, to tell apart",
                advice: "give more images, or raise `data.validation-fraction`")
        }
        return ["loss": loss / count, "accuracy": correct / count]
    }

    /// The tensors of the encoder under `student.`, those of the teacher under `teacher.`, and the queue.
    public func state() throws -> [(key: String, tensor: Tensor)] {
        var state = store.state.map { (key: "student." + $0.key, tensor: $0.tensor) }
        if let teacher { state += teacher.state.map { ("teacher." + $0.key, $0.tensor) } }
        return try state + (queue?.state() ?? [])
    }

    /// Restores a state that `state()` returned.
    ///
    /// - Throws: `StateError.mismatch` if it does not fit.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws {
        try store.load(state.under("student."))
        try teacher?.load(state.under("teacher."))
        try queue?.load(state)
    }
}
