import Architectures
import Datasets
import NN
import Networks
import Torch
import Training

/// Pi-NAS where there are labels: two paths that differ at every choice learn from the labels and, each, from what a
/// mean teacher says on the *other* path (the consistency of Peng et al., "Pi-NAS", ICCV 2021, section 3.2, with class
/// probabilities in place of embeddings, so that no negatives are needed).
public final class SupervisedPiMethod: SupervisedSupernetMethod {
    /// The parts.
    public struct Options: Sendable {
        /// Weight of the consistency beside the cross-entropy; 0 leaves two independent paths.
        public var consistency = 1.0
        /// The share of the teacher's weights that each update keeps.
        public var momentum = 0.99
        /// The share of each target that goes to all classes alike.
        public var labelSmoothing = 0.1

        /// As much consistency as cross-entropy.
        public init() {}
    }

    /// The supernet with its classifier.
    public let classifier: SupernetClassifier
    /// Precision, device, seed.
    public let settings: MethodSettings
    /// The parts.
    public let options: Options
    private let teacher: SupernetClassifier

    /// - Parameters:
    ///   - classifier: what learns.
    ///   - options: the parts.
    ///   - settings: precision, device, seed.
    ///   - makeCopy: makes another classifier of the same description, for the mean teacher.
    /// - Throws: what `makeCopy` throws.
    public init(
        _ classifier: SupernetClassifier, options: Options, settings: MethodSettings,
        makeCopy: () throws -> SupernetClassifier
    ) throws {
        self.classifier = classifier
        self.options = options
        self.settings = settings
        teacher = try makeCopy()
        try teacher.store.load(classifier.store.parameters.map { ($0.key, $0.tensor) }, strict: false)
    }

    /// Cross-entropy of both paths, and of each towards the teacher's word on the other. One view serves both paths,
    /// where the batch has a second one it is the teacher's.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        var generator = settings.generator(step: step)
        let (a, b) = classifier.supernet.space.disjointPair(using: &generator)
        let images = try batch.images(on: settings.device)
        let seen = batch.views > 1 ? try batch.images(view: 1, on: settings.device) : images
        let labels = try batch.targets(on: settings.device)
        var words: [Tensor] = []
        if options.consistency > 0 {
            words = try [b, a].map { path in
                try withoutGradients {
                    try withPrecision(settings.precision, on: settings.device) {
                        try teacher.logits(seen, path, .training(nil)).softmax(1)
                    }
                }
            }
        }
        var total: (loss: Tensor, correct: Tensor)?
        for (number, path) in [a, b].enumerated() {
            let logits = try withPrecision(settings.precision, on: settings.device) {
                try classifier.logits(images, path, .training(nil))
            }
            var loss = try logits.crossEntropy(labels, smoothing: options.labelSmoothing)
            let shown = try loss.detached() * 0.5
            if options.consistency > 0 {
                loss = try loss + logits.crossEntropy(words[number]) * options.consistency
            }
            try loss.backward()
            let correct = try withoutGradients { try logits.argmax(1).equals(labels).sum().to(.float64) * 0.5 }
            total = try total.map { (try $0.loss + shown, try $0.correct + correct) } ?? (shown, correct)
        }
        guard let total else { throw TrainingError.nothingToScore }
        return StepOutcome(loss: total.loss, correct: total.correct)
    }

    /// The teacher follows the paths of the step.
    public func didUpdate(step: Int) throws {
        guard options.consistency > 0 else { return }
        var generator = settings.generator(step: step)
        let (a, b) = classifier.supernet.space.disjointPair(using: &generator)
        // A young average would be mostly the random start: it may only look back as far as there were steps.
        let momentum = min(options.momentum, Double(1 + step) / Double(10 + step))
        let keys = Set((classifier.supernet.entries(on: a) + classifier.supernet.entries(on: b)).map(\.key))
        let pairs = zip(teacher.store.parameters, classifier.store.parameters).filter {
            keys.contains($0.0.key) || $0.0.key.hasPrefix("fc.")
        }
        try movingAverage(pairs.map(\.0.tensor), towards: pairs.map(\.1.tensor), momentum: momentum)
    }

    /// Keys start with `student.` and `teacher.`.
    public func state() throws -> [(key: String, tensor: Tensor)] {
        store.state.map { ("student." + $0.key, $0.tensor) }
            + teacher.store.state.map { ("teacher." + $0.key, $0.tensor) }
    }

    /// Takes over a saved state.
    ///
    /// - Throws: `StateError.mismatch` if it does not fit.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws {
        try store.load(state.under("student."))
        try teacher.store.load(state.under("teacher."))
    }
}
