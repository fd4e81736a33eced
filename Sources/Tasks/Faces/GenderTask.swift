import Datasets
import Experiments
import Metrics
import NN
import Networks
import Results
import Support
import Torch
import Training

/// Male or female, as the labels of a set of faces say: cross-entropy; accuracy and balanced accuracy.
public struct GenderTask: RecognitionTask {
    /// `gender`
    public static let name = "gender"
    /// The task as a heading.
    public static let title = "Gender recognition"
    /// What is recognised.
    public static let summary =
        "male or female, as labels say; faces under the names of UTKFace, or a list with genders"
    /// Accuracy, plain and balanced.
    public static let metrics = [Metric.accuracy, Metric("balanced accuracy")]
    /// Logits of classes.
    public static let outputs = TaskOutputs.classes
    /// Faces under the labels 0 and 1.
    public let data: OpenedDataset
    /// The genders.
    public var outputNames: [String]? { FaceDataset.genderNames }

    /// - Parameter data: faces opened by gender, with a validation part.
    public init(_ data: OpenedDataset) { self.data = data }

    /// Opens faces by gender; a validation part is drawn without regard to labels.
    public static func open(_ data: DataConfiguration, _ options: NoOptions, with open: TaskData) throws -> Self {
        Self(
            try open.faces(data.source, .gender).drawingValidation(
                data.validationFraction, stream: RandomStream.faceValidation))
    }

    /// The faces as they lie.
    public static func scoring(_ source: String, with open: TaskData) throws -> any RecognitionTask {
        Self(try open.faces(source, .gender))
    }

    /// One output a class.
    public func makeHead(features: Int, _ scope: Scope, weights: Initializer?) throws -> any TaskHead {
        try LinearHead(classes: 2, features: features, scope, weights: weights)
    }

    /// By accuracy.
    public func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> Score {
        let score = try BinaryScore(predicted: outputs.argmax(1).array(Int.self), actual: labels)
        var metrics = [Metric.accuracy.name: score.accuracy]
        metrics["balanced accuracy"] = score.balancedAccuracy
        return Score(
            score.accuracy, standardError: StandardError.ofShare(score.accuracy, count: labels.count), metrics: metrics)
    }

    /// Logistic regression.
    public func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        try LinearClassifierFit(features, labels: labels, classes: 2)
    }

    /// What each face was taken for.
    public func examples(
        _ outputs: Tensor, labels: [Int], images: [Int], of part: TaskPart
    ) throws -> [Examples] {
        [try .classes(FaceDataset.genderNames, outputs, labels: labels, images: images)]
    }
}
