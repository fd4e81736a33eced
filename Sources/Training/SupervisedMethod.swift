import Datasets
import NN
import Support
import Torch

/// Classification by cross-entropy, with label smoothing, mixing of samples, and a moving average of the weights.
public final class SupervisedMethod<Model: Network>: Method {
    /// The settings of the method.
    public struct Options: Sendable {
        /// The number of classes; the model must give as many logits.
        public var classes: Int
        /// The share of each target that goes to all classes alike.
        public var labelSmoothing = 0.0
        /// The parameter of mixup's beta distribution; 0 turns it off.
        public var mixup = 0.0
        /// The parameter of cutmix's beta distribution; 0 turns it off.
        public var cutmix = 0.0
        /// The share of batches that are mixed. With mixup and cutmix on, each is taken as often.
        public var mixProbability = 0.0
        /// The decay of the weights' moving average per step, 0 for none.
        public var averageDecay = 0.0
        /// What the forward pass computes in.
        public var precision = Precision.float32
        /// Where batches are moved to; must be the model's.
        public var device = Device.cpu
        /// Dropout and mixing draw from it.
        public var seed: UInt64 = 0

        /// Plain cross-entropy: everything else is off.
        public init(classes: Int) { self.classes = classes }
    }

    /// The network that learns.
    public let model: Model
    /// The moving average, or the model itself where there is none. This is what is evaluated and handed over.
    public let averaged: Model
    /// The settings of the method.
    public let options: Options
    /// The learning network's tensors; not those of the moving average.
    public var store: ParameterStore { model.store }
    private let dropout: Generator
    /// Tensors of both stores that are averaged, and those that are copied.
    private var averages: [(own: Tensor, current: Tensor)] = []
    private var copies: [(own: Tensor, current: Tensor)] = []

    /// - Parameters:
    ///   - model: the network that learns.
    ///   - options: their classes and device must be the model's.
    ///   - makeCopy: makes another network of the same shape, for the moving average.
    public init(_ model: Model, options: Options, makeCopy: () throws -> Model) throws {
        self.model = model
        self.options = options
        dropout = try Generator(
            seed: SeededGenerator(seed: options.seed, 0xD409).state, device: options.device)
        guard options.averageDecay > 0 else {
            averaged = model
            return
        }
        averaged = try makeCopy()
        try averaged.store.load(model.store.state.map { ($0.key, $0.tensor) })
        for (own, current) in zip(averaged.store.entries, model.store.entries) {
            if own.tensor.dtype.isFloatingPoint {
                averages.append((own.tensor, current.tensor))
            } else {
                copies.append((own.tensor, current.tensor))
            }
        }
    }

    /// Cross-entropy on one batch, mixed or not. Right predictions are counted against the labels before mixing.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        var images = try batch.images(on: options.device)
        let labels = try batch.targets(on: options.device)
        var targets = labels
        if let mix = try mixParameters(batch, step: step) {
            images = try mix.mixed(images: images)
            targets = try mix.mixed(targets: labels.oneHot(options.classes).to(.float32))
        }
        let logits = try withPrecision(options.precision, on: options.device) {
            try model(images, .training(dropout))
        }
        let loss = try logits.crossEntropy(targets, smoothing: options.labelSmoothing)
        try loss.backward()
        return try withoutGradients {
            StepOutcome(loss: try loss.detached(), correct: try logits.argmax(1).equals(labels).sum())
        }
    }

    private func mixParameters(_ batch: Batch, step: Int) throws -> MixParameters? {
        guard options.mixProbability > 0, options.mixup > 0 || options.cutmix > 0 else { return nil }
        var generator = SeededGenerator(seed: options.seed, 0x313, UInt64(step))
        guard generator.chance(options.mixProbability) else { return nil }
        let useMixup = options.cutmix <= 0 || (options.mixup > 0 && generator.chance(0.5))
        if useMixup { return try .mixup(alpha: options.mixup, count: batch.count, using: &generator) }
        return try .cutmix(
            alpha: options.cutmix, count: batch.count, width: batch.width, height: batch.height, using: &generator)
    }

    /// Moves the average towards the model, running statistics included; integer buffers are copied.
    public func didUpdate(step: Int) throws {
        guard options.averageDecay > 0 else { return }
        // A young average would be mostly the random start: it may only look back as far as there were steps.
        let decay = min(options.averageDecay, Double(1 + step) / Double(10 + step))
        try movingAverage(averages.map(\.own), towards: averages.map(\.current), momentum: decay)
        try withoutGradients {
            for (own, current) in copies { try own.copyInPlace(from: current) }
        }
    }

    /// `accuracy` and `loss` of the averaged network.
    public func evaluate(_ batches: BatchIterator) throws -> [String: Double] {
        let score = try classify(averaged, batches, options)
        return ["accuracy": score.accuracy, "loss": score.loss]
    }

    /// Keys start with `model.` and `average.`; `dropout` is the state of dropout's generator.
    public func state() throws -> [(key: String, tensor: Tensor)] {
        var state = model.store.state.map { (key: "model." + $0.key, tensor: $0.tensor) }
        if options.averageDecay > 0 {
            state += averaged.store.state.map { (key: "average." + $0.key, tensor: $0.tensor) }
        }
        state.append(("dropout", try dropout.state()))
        return state
    }

    /// Takes over a saved state.
    ///
    /// - Throws: `StateError.mismatch` if a network does not fit, or dropout's generator is missing.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws {
        try model.store.load(state.under("model."))
        if options.averageDecay > 0 { try averaged.store.load(state.under("average.")) }
        guard let generator = state.first(where: { $0.key == "dropout" }) else {
            throw StateError.mismatch(missing: ["dropout"], unexpected: [], misshapen: [])
        }
        try dropout.restore(generator.tensor)
    }

    /// Runs a network over batches, without gradients, with running statistics.
    private func classify(_ model: Model, _ batches: BatchIterator, _ options: Options) throws -> ClassificationScore {
        try ClassificationScore.measure(
            model, batches, classes: options.classes, precision: options.precision, device: options.device)
    }
}
