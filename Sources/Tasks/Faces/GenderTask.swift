import Datasets
import Experiments
import Metrics
import NN
import Results
import Support
import Torch
import Training

/// Classification of faces as male or female, as the labels of the data say, trained by cross-entropy and scored by
/// accuracy and balanced accuracy.
public struct GenderTask: RecognitionTask {
    /// The name of the task, `gender`.
    public static let name = "gender"
    /// The task's name as a heading.
    public static let title = "Gender recognition"
    /// The task in one sentence for help texts.
    public static let summary =
        "male or female, as labels say; faces under the names of UTKFace, or a list with genders"
    /// The metrics of the task: accuracy and balanced accuracy.
    public static let metrics = [Metric.accuracy, Metric("balanced accuracy")]
    /// The outputs are the logits of classes.
    public static let outputs = TaskOutputs.classes
    /// The faces, with the labels 0 and 1.
    public let data: OpenedDataset
    /// The names of the genders.
    public var outputNames: [String]? { FaceDataset.genderNames }

    /// Creates the task for opened faces.
    ///
    /// - Parameter data: the faces, opened by gender, with a validation part.
    public init(_ data: OpenedDataset) { self.data = data }

    /// Opens faces by gender; a validation part is drawn without regard to labels.
    public static func open(_ data: DataConfiguration, _ options: NoOptions, with open: TaskData) throws -> Self {
        Self(
            try open.faces(data.source, .gender).drawingValidation(
                data.validationFraction, stream: RandomStream.faceValidation))
    }

    /// Opens the faces without splitting them.
    public static func scoring(_ source: String, with open: TaskData) throws -> any RecognitionTask {
        Self(try open.faces(source, .gender))
    }

    /// Creates a linear head with one output for each class.
    public func makeHead(features: Int, _ scope: Scope, weights: Initializer?) throws -> any TaskHead {
        try LinearHead(classes: 2, features: features, scope, weights: weights)
    }

    /// Computes the accuracy and the balanced accuracy; the score is the accuracy.
    public func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> Score {
        let score = try BinaryScore(predicted: outputs.argmax(1).array(Int.self), actual: labels)
        var metrics = [Metric.accuracy.name: score.accuracy]
        metrics["balanced accuracy"] = score.balancedAccuracy
        return Score(
            score.accuracy, standardError: StandardError.ofShare(score.accuracy, count: labels.count), metrics: metrics)
    }

    /// Fits a logistic regression.
    public func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        try LinearClassifierFit(features, labels: labels, classes: 2)
    }

    /// The predicted and the true class of each face.
    public func examples(
        _ outputs: Tensor, labels: [Int], images: [Int], of part: TaskPart
    ) throws -> [Examples] {
        [try .classes(FaceDataset.genderNames, outputs, labels: labels, images: images)]
    }
}
