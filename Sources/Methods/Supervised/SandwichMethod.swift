import Architectures
import Datasets
import NN
import Torch
import Training

/// The sandwich rule with in-place distillation: the largest path learns from the labels, the smallest and some random
/// ones from what the largest says (Yu and Huang, "Universally Slimmable Networks", ICCV 2019; Yu et al., "BigNAS", ECCV
/// 2020).
public final class SandwichMethod: SupervisedSupernetMethod {
    /// The supernet with its classifier.
    public let classifier: SupernetClassifier
    /// Precision, device, seed.
    public let settings: MethodSettings
    private let largest: Architecture
    private let smallest: Architecture
    private let randomPaths: Int
    private let labelSmoothing: Double

    /// - Parameters:
    ///   - classifier: what learns.
    ///   - costs: by whose multiply-adds the largest and the smallest path are found.
    ///   - randomPaths: paths a step beside these two; 2 in the papers.
    ///   - labelSmoothing: of the largest path's targets.
    ///   - settings: precision, device, seed.
    public init(
        _ classifier: SupernetClassifier, costs: CostTable, randomPaths: Int, labelSmoothing: Double,
        settings: MethodSettings
    ) {
        self.classifier = classifier
        largest = costs.cheapest { -Double($0.multiplyAdds) }
        smallest = costs.cheapest { Double($0.multiplyAdds) }
        self.randomPaths = max(0, randomPaths)
        self.labelSmoothing = labelSmoothing
        self.settings = settings
    }

    /// Gradients of all paths, added up. Loss and accuracy that are reported are the largest path's.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        var generator = settings.generator(step: step)
        let space = classifier.supernet.space
        let others = [smallest] + (0..<randomPaths).map { _ in space.random(using: &generator) }
        let (images, labels) = try (batch.images(on: settings.device), batch.targets(on: settings.device))
        func logits(_ path: Architecture) throws -> Tensor {
            try withPrecision(settings.precision, on: settings.device) {
                try classifier.logits(images, path, .training(nil))
            }
        }
        let teaching = try logits(largest)
        let loss = try teaching.crossEntropy(labels, smoothing: labelSmoothing)
        try loss.backward()
        let targets = try teaching.detached().softmax(1)
        for path in others { try logits(path).crossEntropy(targets).backward() }
        return StepOutcome(loss: try loss.detached(), correct: try teaching.detached().argmax(1).equals(labels).sum())
    }
}
