import Datasets
import Experiments
import Metrics
import NN
import Results
import Torch
import Training

/// Image classification, trained by cross-entropy with label smoothing and scored by top-1 and top-5 accuracy.
public struct ClassificationTask: RecognitionTask {
    /// The name of the task, `classification`.
    public static let name = "classification"
    /// The task's name as a heading.
    public static let title = "Image classification"
    /// The task in one sentence for help texts.
    public static let summary = "which of several classes an image shows; one folder per class, a list, or IDX files"
    /// The metrics of the task: top-1 and top-5 accuracy.
    public static let metrics = [Metric.accuracy, Metric("top5")]
    /// The outputs are the logits of classes.
    public static let outputs = TaskOutputs.classes
    /// Folds have the same mixture of classes.
    public static let hasFolds = true
    /// The images, with the classes of the training part.
    public let data: OpenedDataset
    /// The names of the classes.
    public var outputNames: [String]? { data.classNames }

    /// Creates the task for images that are already split.
    ///
    /// - Parameter data: the images, with a validation part where a network is to be trained.
    public init(_ data: OpenedDataset) { self.data = data }

    /// Opens the images and splits off a validation part class by class where there is none.
    public static func open(_ data: DataConfiguration, _ options: NoOptions, with open: TaskData) throws -> Self {
        Self(try data.withValidation(open.classes(data.source)))
    }

    /// Opens the images without splitting them.
    public static func scoring(_ source: String, with open: TaskData) throws -> any RecognitionTask {
        Self(try open.classes(source))
    }

    /// Creates a linear head with one output for each class.
    public func makeHead(features: Int, _ scope: Scope, weights: Initializer?) throws -> any TaskHead {
        try LinearHead(classes: data.classNames.count, features: features, scope, weights: weights)
    }

    /// Computes the top-1 accuracy, the cross-entropy and, for more than five classes, the top-5 accuracy.
    public func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> Score {
        let targets = try Tensor(labels.map(Int64.init), device: outputs.device)
        // As training counts them: among equals the first class is the answer.
        let right = try outputs.argmax(1).equals(targets).sum().integer()
        let top = Double(right) / Double(labels.count)
        let losses = try -(outputs.to(.float32).logSoftmax(1) * targets.oneHot(outputs.size(1)).to(.float32)).sum([1])
        var metrics = [Metric.accuracy.name: top, "loss": try outputs.crossEntropy(targets).item()]
        // Among five classes or fewer the right one is always there.
        if outputs.size(1) > 5 {
            let best = try outputs.topK(5, dimension: 1).positions
            metrics["top5"] = try best.equals(targets.reshaped([labels.count, 1])).to(.float32).sum([1]).mean().item()
        }
        return Score(
            top, standardError: StandardError.ofShare(top, count: labels.count),
            lossError: try StandardError.ofMean(losses.array(Float.self).map(Double.init)), metrics: metrics)
    }

    /// Fits a logistic regression.
    public func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        try LinearClassifierFit(features, labels: labels, classes: data.classNames.count)
    }

    /// The predicted and the true class of each image.
    public func examples(
        _ outputs: Tensor, labels: [Int], images: [Int], of part: TaskPart
    ) throws -> [Examples] {
        [try .classes(data.classNames, outputs, labels: labels, images: images)]
    }
}

extension Examples {
    /// The predicted and the true class of each image, from logits [N, K].
    static func classes(_ names: [String], _ outputs: Tensor, labels: [Int], images: [Int]) throws -> Examples {
        let confidence = try outputs.softmax(1).topK(1, dimension: 1).values
        return Examples(
            images: images,
            .classes(
                names: names, actual: labels, predicted: try outputs.argmax(1).array(Int.self),
                confidence: try confidence.reshaped([labels.count]).to(.float32).array(Float.self).map(Double.init)))
    }
}
