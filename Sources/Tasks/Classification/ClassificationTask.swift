import Datasets
import NN
import TaskMetrics
import Torch

/// Which of several classes an image shows: cross-entropy with label smoothing; top-1 and top-5 accuracy.
public struct ClassificationTask: RecognitionTask {
    /// `classification`
    public static let name = "classification"
    /// Classes are those of the training part.
    public let data: OpenedDataset
    private let labelSmoothing: Double

    /// - Parameters:
    ///   - data: with a validation part.
    ///   - labelSmoothing: the share of each target that goes to all classes alike.
    public init(_ data: OpenedDataset, labelSmoothing: Double) {
        self.data = data
        self.labelSmoothing = labelSmoothing
    }

    /// One output a class.
    public func makeHead(features: Int, _ scope: Scope) throws -> any TaskHead {
        try LinearHead(
            classes: data.classNames.count, features: features, labelSmoothing: labelSmoothing, scope)
    }

    /// By top-1 accuracy.
    public func score(_ outputs: Tensor, labels: [Int]) throws -> TaskScore {
        let targets = try Tensor(labels.map(Int64.init), device: outputs.device)
        let best = try outputs.topK(min(5, outputs.size(1)), dimension: 1).positions
        let hits = try best.equals(targets.reshaped([labels.count, 1])).to(.float32)
        let top = try hits.split([1, best.size(1) - 1], dimension: 1)[0].mean().item()
        return TaskScore(
            top,
            metrics: [
                "accuracy": top, "top5": try hits.sum([1]).mean().item(),
                "loss": try outputs.crossEntropy(targets).item(),
            ])
    }
}
