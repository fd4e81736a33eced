import NN
import Networks
import Results
import Tasks
import Torch
import Training

/// Scores a path by its features, or by the maps that it hands out on the way.
protocol PathScorer {
    /// The supernet whose paths are scored.
    var supernet: Supernet { get }
    /// The batches [N, C, H, W] that paths are scored on.
    var images: [Tensor] { get }
    /// Whether the score depends on maps on the way, which are kept then.
    var needsMaps: Bool { get }
    /// Computes the score of a path, higher is better, and other metrics.
    ///
    /// - Parameter features: the features of each batch, [N, F], with the maps on the way where these are needed.
    func score(_ features: [FeatureMaps]) throws -> PathScore
    /// The tensors of the head that a path's features were scored with, under the key of heads; empty where there is
    /// none.
    ///
    /// - Parameter features: the features of each batch, [N, F], as for the score.
    func headState(_ features: [Tensor]) throws -> [(key: String, tensor: Tensor)]
}

extension PathScorer {
    /// By default, the features are enough.
    var needsMaps: Bool { false }
    /// By default, there is no head.
    func headState(_ features: [Tensor]) throws -> [(key: String, tensor: Tensor)] { [] }
}

/// The score of a path.
struct PathScore {
    /// The value that paths are ranked by; higher is better. NaN for a path whose outputs are not finite.
    var value: Double
    /// Other metrics by name.
    var metrics: [String: Double]

    init(_ value: Double, _ metrics: [String: Double]) { (self.value, self.metrics) = (value, metrics) }

    /// Creates the score of a path from a task's score, or from the negative cross-entropy where the task has one.
    init(_ score: Score, isByLoss: Bool) {
        metrics = score.metrics
        metrics[Self.standardErrorName] = score.standardError
        guard isByLoss, let loss = score.metrics["loss"] else {
            value = score.value
            return
        }
        value = -loss
        metrics[Self.standardErrorName] = score.lossError
    }

    /// The score of a path whose outputs are not finite.
    static let none = PathScore(.nan, [:])
    /// The name of the standard error among the metrics of an archive.
    static let standardErrorName = "standard-error"
}

/// Fixed batches of images as tensors, with their labels.
struct ScoredImages {
    /// The batches with their labels, and with label maps where the data has them.
    let batches: [LabelledTensors]

    var images: [Tensor] { batches.map(\.images) }
    /// The labels of all images.
    let labels: [Int]

    init(_ batches: [LabelledTensors]) throws {
        self.batches = batches
        labels = try batches.flatMap { try $0.labels.array(Int.self) }
    }

    /// Computes the score of a task's outputs for all images.
    func score(_ task: any RecognitionTask, _ outputs: Tensor) throws -> Score {
        var meter = task.meter(of: .validation)
        try meter.add(outputs, ScoredBatch(labels: labels, images: Array(labels.indices)))
        return try meter.score()
    }

    /// Computes the score of outputs, one for each batch, which are too large to be put together or tell more than a number
    /// of each image.
    func score(_ task: any RecognitionTask, batchwise outputs: [Tensor]) throws -> Score {
        var meter = task.meter(of: .validation)
        var seen = 0
        for (batch, outputs) in zip(batches, outputs) {
            let count = outputs.size(0)
            let places = seen..<seen + count
            var truth = ScoredBatch(labels: Array(labels[places]), images: Array(places), maps: batch.maps)
            (truth.boxes, truth.frames) = (batch.boxes, batch.frames)
            try meter.add(outputs, truth)
            seen += count
        }
        return try meter.score()
    }
}

/// Scores paths by the task's score with a head that all paths share, the supernet's own or a probe.
struct SharedHeadScorer: PathScorer {
    let supernet: Supernet
    let head: any TaskHead
    let task: any RecognitionTask
    let scored: ScoredImages
    let isByLoss: Bool
    /// The tensors of the head, under the key of heads.
    let state: [(key: String, tensor: Tensor)]

    var images: [Tensor] { scored.images }

    var needsMaps: Bool { if case .objects = type(of: task).outputs { true } else { false } }

    func score(_ features: [FeatureMaps]) throws -> PathScore {
        if features.first?.output.rank == 4 {
            let outputs = try zip(features, scored.batches).map { features, batch in
                var features = features
                features.sizes = batch.frames.map(\.seen)
                return try head.outputs(of: features, .evaluation)
            }
            return PathScore(try scored.score(task, batchwise: outputs), isByLoss: isByLoss)
        }
        // A head that normalises takes the statistics of these features: running ones are of all paths together.
        let outputs = try head.outputs(
            .concatenated(features.map(\.output)).to(.float32), Mode(batchNorm: .batch))
        return PathScore(try scored.score(task, outputs), isByLoss: isByLoss)
    }

    func headState(_ features: [Tensor]) throws -> [(key: String, tensor: Tensor)] { state }
}

/// Scores paths by linear evaluation: a linear map is fitted to the frozen features of each path on some training
/// images and scored on others, so that no probe has to suit all paths (G. Wang et al., "Joint Learning of Neural
/// Transfer and Architecture Adaptation for Image Recognition", 2021).
struct LinearEvaluationScorer: PathScorer {
    let supernet: Supernet
    let task: any RecognitionTask
    /// The images that linear maps are fitted to.
    let fitted: ScoredImages
    /// The images that they are scored on.
    let scored: ScoredImages
    let isByLoss: Bool

    var images: [Tensor] { fitted.images + scored.images }

    private func map(_ features: [Tensor]) throws -> any FittedMap {
        try task.linearMap(
            fittedTo: .concatenated(Array(features.prefix(fitted.batches.count))).to(.float32),
            labels: .concatenated(fitted.batches.map(\.labels)))
    }

    func score(_ features: [FeatureMaps]) throws -> PathScore {
        let features = features.map(\.output)
        let held = Array(features.dropFirst(fitted.batches.count))
        // In bfloat16, which the passes may be in, a covariance loses the directions in which features vary little.
        let outputs = try withPrecision(.float32, on: supernet.store.device) {
            try map(features).outputs(.concatenated(held).to(.float32))
        }
        return PathScore(try scored.score(task, outputs), isByLoss: isByLoss)
    }

    func headState(_ features: [Tensor]) throws -> [(key: String, tensor: Tensor)] {
        try withPrecision(.float32, on: supernet.store.device) {
            try map(features).headState().map { ("\(NetworkHead.key)." + $0.key, $0.tensor) }
        }
    }
}
