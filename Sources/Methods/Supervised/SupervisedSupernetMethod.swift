import Architectures
import Datasets
import NN
import Torch
import Training

/// What the supervised methods have in common: one classifier over the supernet, whose mean accuracy over some fixed
/// paths is what they are evaluated by.
public protocol SupervisedSupernetMethod: Method {
    /// The supernet with its classifier.
    var classifier: SupernetClassifier { get }
    /// Precision, device, seed.
    var settings: MethodSettings { get }
}

extension SupervisedSupernetMethod {
    /// The tensors that are learned.
    public var store: ParameterStore { classifier.store }

    /// Nothing.
    public func didUpdate(step: Int) throws {}

    /// Mean `accuracy` and `loss` of some fixed paths, with the statistics of each batch.
    public func evaluate(_ batches: BatchIterator) throws -> [String: Double] {
        let paths = settings.pairs(in: classifier.supernet.space).flatMap { [$0.0, $0.1] }
        return try PathScores.mean(batches, settings) { images, labels in
            try paths.map { path in
                let logits = try classifier.logits(images, path, Mode(batchNorm: .batch))
                return (try logits.crossEntropy(labels), try logits.argmax(1).equals(labels).sum())
            }
        }
    }

    /// The tensors of the supernet and its classifier.
    public func state() throws -> [(key: String, tensor: Tensor)] { store.state }

    /// Takes over a saved state.
    ///
    /// - Throws: `StateError.mismatch` if it does not fit.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws { try store.load(state) }
}

/// Sums over batches of what several paths give.
enum PathScores {
    /// Mean loss and accuracy over paths and images.
    ///
    /// - Parameter measure: for each path the mean loss and the number of right predictions of a batch.
    static func mean(
        _ batches: BatchIterator, _ settings: MethodSettings,
        _ measure: (_ images: Tensor, _ labels: Tensor) throws -> [(loss: Tensor, correct: Tensor)]
    ) throws -> [String: Double] {
        var (loss, correct, count) = (0.0, 0.0, 0.0)
        try withoutGradients {
            while let batch = try batches.next() {
                guard batch.count > 0 else { continue }
                let (images, labels) = try (batch.images(on: settings.device), batch.targets(on: settings.device))
                let results = try withPrecision(settings.precision, on: settings.device) { try measure(images, labels) }
                for result in results {
                    loss += try result.loss.item() * Double(batch.count)
                    correct += try Double(result.correct.integer())
                    count += Double(batch.count)
                }
            }
        }
        guard count > 0 else { throw TrainingError.nothingToScore }
        return ["loss": loss / count, "accuracy": correct / count]
    }
}
