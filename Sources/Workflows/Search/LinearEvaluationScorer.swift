import NN
import Networks
import Tasks
import Torch

/// How well a linear classifier of a path's own separates the classes: it is fitted to the path's features of some
/// training images and scored on others. No probe has to suit all paths alike (G. Wang et al., "Joint Learning of Neural
/// Transfer and Architecture Adaptation for Image Recognition", 2021: paths are compared by linear evaluation).
struct LinearEvaluationScorer: PathScorer {
    let supernet: Supernet
    /// What classifiers are fitted to.
    let fitted: [(images: Tensor, labels: Tensor)]
    /// What they are scored on.
    let scored: [(images: Tensor, labels: Tensor)]
    let classes: Int

    var images: [Tensor] { fitted.map(\.images) + scored.map(\.images) }

    func score(_ features: [Tensor]) throws -> (score: Double, metrics: [String: Double]) {
        let (known, held) = (features.prefix(fitted.count), features.dropFirst(fitted.count))
        let classifier = try LinearClassifierFit(
            Tensor.concatenated(known.map { try $0.to(.float32) }), labels: .concatenated(fitted.map(\.labels)),
            classes: classes)
        let result = try LabelledScore(Array(held), scored.map(\.labels)) { try classifier.outputs($0.to(.float32)) }
        return (-result.loss, result.metrics)
    }
}
