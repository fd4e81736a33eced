import Datasets
import Metrics
import NN
import Torch

/// Male or female, as the labels of a set of faces say: cross-entropy; accuracy and balanced accuracy.
public struct GenderTask: RecognitionTask {
    /// `gender`
    public static let name = "gender"
    /// Accuracy, plain and balanced.
    public static let metrics = [TaskMetric("accuracy"), TaskMetric("balanced accuracy")]
    /// Faces under the labels 0 and 1.
    public let data: OpenedDataset
    /// The genders.
    public var outputNames: [String]? { FaceDataset.genderNames }
    private let labelSmoothing: Double

    /// - Parameters:
    ///   - data: faces opened by gender, with a validation part.
    ///   - labelSmoothing: the share of each target that goes to both classes alike.
    public init(_ data: OpenedDataset, labelSmoothing: Double) {
        self.data = data
        self.labelSmoothing = labelSmoothing
    }

    /// One output a class.
    public func makeHead(features: Int, _ scope: Scope) throws -> any TaskHead {
        try LinearHead(classes: 2, features: features, labelSmoothing: labelSmoothing, scope)
    }

    /// By accuracy.
    public func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> TaskScore {
        let score = try BinaryScore(predicted: outputs.argmax(1).array(Int.self), actual: labels)
        var metrics = ["accuracy": score.accuracy]
        metrics["balanced accuracy"] = score.balancedAccuracy
        return TaskScore(
            score.accuracy, standardError: StandardError.ofShare(score.accuracy, count: labels.count), metrics: metrics)
    }

    /// Logistic regression.
    public func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        try LinearClassifierFit(features, labels: labels, classes: 2)
    }

    /// What each face was taken for.
    public func examples(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> [TaskExamples] {
        [try .classes(FaceDataset.genderNames, outputs, labels: labels)]
    }
}
