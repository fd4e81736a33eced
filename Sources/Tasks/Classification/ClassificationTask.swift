import Datasets
import Metrics
import NN
import Torch

/// Which of several classes an image shows: cross-entropy with label smoothing; top-1 and top-5 accuracy.
public struct ClassificationTask: RecognitionTask {
    /// `classification`
    public static let name = "classification"
    /// Top-1 and top-5 accuracy.
    public static let metrics = [TaskMetric("accuracy"), TaskMetric("top5")]
    /// Classes are those of the training part.
    public let data: OpenedDataset
    /// The classes.
    public var outputNames: [String]? { data.classNames }
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
    public func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> TaskScore {
        let targets = try Tensor(labels.map(Int64.init), device: outputs.device)
        let best = try outputs.topK(min(5, outputs.size(1)), dimension: 1).positions
        let hits = try best.equals(targets.reshaped([labels.count, 1])).to(.float32)
        let top = try hits.split([1, best.size(1) - 1], dimension: 1)[0].mean().item()
        var metrics = ["accuracy": top, "loss": try outputs.crossEntropy(targets).item()]
        // Among five classes or fewer the right one is always there.
        if outputs.size(1) > 5 { metrics["top5"] = try hits.sum([1]).mean().item() }
        return TaskScore(
            top, standardError: StandardError.ofShare(top, count: labels.count), metrics: metrics)
    }

    /// Logistic regression.
    public func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        try LinearClassifierFit(features, labels: labels, classes: data.classNames.count)
    }

    /// What each image was taken for.
    public func examples(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> [TaskExamples] {
        [try .classes(data.classNames, outputs, labels: labels)]
    }
}

extension TaskExamples {
    /// What logits [N, K] take each image for.
    static func classes(_ names: [String], _ outputs: Tensor, labels: [Int]) throws -> TaskExamples {
        let best = try outputs.softmax(1).topK(1, dimension: 1)
        return .classes(
            names: names, actual: labels, predicted: try best.positions.reshaped([labels.count]).array(Int.self),
            confidence: try best.values.reshaped([labels.count]).to(.float32).array(Float.self).map(Double.init))
    }
}
