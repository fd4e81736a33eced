import Datasets
import NN
import Torch
import Training

/// One uniform path a step (Guo et al., "Single Path One-Shot Neural Architecture Search with Uniform Sampling", ECCV
/// 2020).
public final class SinglePathMethod: SupervisedSupernetMethod {
    /// The supernet with its classifier.
    public let classifier: SupernetClassifier
    /// Precision, device, seed.
    public let settings: MethodSettings
    private let labelSmoothing: Double

    /// - Parameters:
    ///   - classifier: what learns.
    ///   - labelSmoothing: the share of each target that goes to all classes alike.
    ///   - settings: precision, device, seed.
    public init(_ classifier: SupernetClassifier, labelSmoothing: Double, settings: MethodSettings) {
        self.classifier = classifier
        self.labelSmoothing = labelSmoothing
        self.settings = settings
    }

    /// Cross-entropy of one path.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        var generator = settings.generator(step: step)
        let path = classifier.supernet.space.random(using: &generator)
        let (images, labels) = try (batch.images(on: settings.device), batch.targets(on: settings.device))
        let logits = try withPrecision(settings.precision, on: settings.device) {
            try classifier.logits(images, path, .training(nil))
        }
        let loss = try logits.crossEntropy(labels, smoothing: labelSmoothing)
        try loss.backward()
        return StepOutcome(loss: try loss.detached(), correct: try logits.detached().argmax(1).equals(labels).sum())
    }
}
