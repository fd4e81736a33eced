import Datasets
import Experiments
import Metrics
import NN
import Results
import Torch
import Training

/// Which of several classes an image shows: cross-entropy with label smoothing; top-1 and top-5 accuracy.
public struct ClassificationTask: RecognitionTask {
    /// `classification`
    public static let name = "classification"
    /// The task as a heading.
    public static let title = "Image classification"
    /// What is recognised.
    public static let summary = "which of several classes an image shows; one folder per class, a list, or IDX files"
    /// Top-1 and top-5 accuracy.
    public static let metrics = [Metric.accuracy, Metric("top5")]
    /// Logits of classes.
    public static let outputs = TaskOutputs.classes
    /// The images, with the classes of the training part.
    public let data: OpenedDataset
    /// The classes.
    public var outputNames: [String]? { data.classNames }

    /// Classification of images that are split already.
    ///
    /// - Parameter data: the images, with a validation part where something is to be learned.
    public init(_ data: OpenedDataset) { self.data = data }

    /// Opens the images; a validation part is drawn class by class.
    public static func open(_ data: DataConfiguration, _ options: NoOptions, with open: TaskData) throws -> Self {
        Self(try data.withValidation(open.classes(data.source)))
    }

    /// The images as they lie.
    public static func scoring(_ source: String, with open: TaskData) throws -> any RecognitionTask {
        Self(try open.classes(source))
    }

    /// One output a class.
    public func makeHead(features: Int, _ scope: Scope, weights: Initializer?) throws -> any TaskHead {
        try LinearHead(classes: data.classNames.count, features: features, scope, weights: weights)
    }

    /// The top-1 accuracy, the cross-entropy, and among more than five classes the top-5 accuracy.
    public func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> Score {
        let targets = try Tensor(labels.map(Int64.init), device: outputs.device)
        // As training counts them: among equals the first class is the answer.
        let right = try outputs.argmax(1).equals(targets).sum().integer()
        let top = Double(right) / Double(labels.count)
        var metrics = [Metric.accuracy.name: top, "loss": try outputs.crossEntropy(targets).item()]
        // Among five classes or fewer the right one is always there.
        if outputs.size(1) > 5 {
            let best = try outputs.topK(5, dimension: 1).positions
            metrics["top5"] = try best.equals(targets.reshaped([labels.count, 1])).to(.float32).sum([1]).mean().item()
        }
        return Score(top, standardError: StandardError.ofShare(top, count: labels.count), metrics: metrics)
    }

    /// Logistic regression.
    public func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        try LinearClassifierFit(features, labels: labels, classes: data.classNames.count)
    }

    /// What each image was taken for.
    public func examples(
        _ outputs: Tensor, labels: [Int], images: [Int], of part: TaskPart
    ) throws -> [Examples] {
        [try .classes(data.classNames, outputs, labels: labels, images: images)]
    }
}

extension Examples {
    /// What logits [N, K] take each image for.
    static func classes(_ names: [String], _ outputs: Tensor, labels: [Int], images: [Int]) throws -> Examples {
        let confidence = try outputs.softmax(1).topK(1, dimension: 1).values
        return Examples(
            images: images,
            .classes(
                names: names, actual: labels, predicted: try outputs.argmax(1).array(Int.self),
                confidence: try confidence.reshaped([labels.count]).to(.float32).array(Float.self).map(Double.init)))
    }
}
