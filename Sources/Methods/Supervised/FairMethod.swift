import Architectures
import Datasets
import NN
import Torch
import Training

/// Strict fairness: in each round every candidate of every choice learns from exactly one path (Chu et al., "FairNAS",
/// ICCV 2021, algorithm 1).
public final class FairMethod: SupervisedSupernetMethod {
    /// When the optimiser moves.
    public enum Update: String, Sendable, Codable, CaseIterable {
        /// Once a round, by the sum of all paths' gradients, as the paper has it. Each step runs a whole round.
        case round
        /// After each path, as the code released with Pi-NAS has it. A round takes as many steps as it has paths.
        case path
    }

    /// The supernet with its classifier.
    public let classifier: SupernetClassifier
    /// Precision, device, seed.
    public let settings: MethodSettings
    private let update: Update
    private let labelSmoothing: Double

    /// - Parameters:
    ///   - classifier: what learns.
    ///   - update: when the optimiser moves.
    ///   - labelSmoothing: the share of each target that goes to all classes alike.
    ///   - settings: precision, device, seed.
    public init(_ classifier: SupernetClassifier, update: Update, labelSmoothing: Double, settings: MethodSettings) {
        self.classifier = classifier
        self.update = update
        self.labelSmoothing = labelSmoothing
        self.settings = settings
    }

    /// The paths that learn in a step.
    func paths(step: Int) -> [Architecture] {
        let space = classifier.supernet.space
        switch update {
        case .round:
            var generator = settings.generator(step: step)
            return space.fairRound(using: &generator)
        case .path:
            let rows = space.points.map(\.candidates.count).max() ?? 1
            var generator = settings.generator(step: step / rows)
            return [space.fairRound(using: &generator)[step % rows]]
        }
    }

    /// The sum of the paths' cross-entropies; the loss that is reported is their mean.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        let (images, labels) = try (batch.images(on: settings.device), batch.targets(on: settings.device))
        let paths = paths(step: step)
        let share = 1 / Double(paths.count)
        var outcome: (loss: Tensor, correct: Tensor)?
        for path in paths {
            let logits = try withPrecision(settings.precision, on: settings.device) {
                try classifier.logits(images, path, .training(nil))
            }
            let loss = try logits.crossEntropy(labels, smoothing: labelSmoothing)
            try loss.backward()
            let part = try withoutGradients {
                (
                    loss: try loss.detached() * share,
                    correct: try logits.argmax(1).equals(labels).sum().to(.float64) * share
                )
            }
            outcome = try outcome.map { (try $0.loss + part.loss, try $0.correct + part.correct) } ?? part
        }
        guard let outcome else { throw TrainingError.nothingToScore }
        return StepOutcome(loss: outcome.loss, correct: outcome.correct)
    }
}
