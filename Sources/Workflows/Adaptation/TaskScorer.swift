import Datasets
import NN
import Networks
import Tasks
import Torch

/// A task's score of a path, with the head that all paths share.
struct SharedHeadScorer: PathScorer {
    let supernet: Supernet
    let head: any TaskHead
    let task: any RecognitionTask
    let batches: [(images: Tensor, labels: Tensor)]

    var images: [Tensor] { batches.map(\.images) }

    func score(_ features: [Tensor]) throws -> (score: Double, metrics: [String: Double]) {
        // A head that normalises takes the statistics of these features: running ones are of all paths together.
        let outputs = try head.outputs(.concatenated(features).to(.float32), Mode(batchNorm: .batch))
        let score = try task.score(outputs, labels: batches.flatMap { try $0.labels.array(Int.self) }, of: .validation)
        return (score.value, score.pathMetrics)
    }
}

/// A task's score of a path whose features are frozen: a linear map of the path's own is fitted to some training images and
/// scored on others (G. Wang et al., "Joint Learning of Neural Transfer and Architecture Adaptation for Image Recognition",
/// 2021: linear evaluation).
struct FrozenFeaturesScorer: PathScorer {
    let supernet: Supernet
    let task: any RecognitionTask
    /// What linear maps are fitted to.
    let fitted: [(images: Tensor, labels: Tensor)]
    /// What they are scored on.
    let scored: [(images: Tensor, labels: Tensor)]

    var images: [Tensor] { fitted.map(\.images) + scored.map(\.images) }

    /// - Parameter features: [N, F] of each batch, as for the score.
    func map(_ features: [Tensor]) throws -> any FittedMap {
        try task.linearMap(
            fittedTo: .concatenated(Array(features.prefix(fitted.count))).to(.float32),
            labels: .concatenated(fitted.map(\.labels)))
    }

    func score(_ features: [Tensor]) throws -> (score: Double, metrics: [String: Double]) {
        let held = Array(features.dropFirst(fitted.count))
        let outputs = try map(features).outputs(.concatenated(held).to(.float32))
        let score = try task.score(outputs, labels: scored.flatMap { try $0.labels.array(Int.self) }, of: .validation)
        return (score.value, score.pathMetrics)
    }
}

extension TaskScore {
    /// Of the standard error among the metrics of an archive.
    static let standardErrorName = "standard-error"

    /// What an archive holds beside the value.
    fileprivate var pathMetrics: [String: Double] {
        var metrics = metrics
        metrics[Self.standardErrorName] = standardError
        return metrics
    }
}
