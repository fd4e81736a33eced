import Datasets
import Experiments
import Foundation
import Metrics
import NN
import Networks
import Results
import Support
import Torch
import Training

/// How old a face is: a distribution over whole years, learned from soft labels around the age and by the distance of the
/// expected age (Geng, 2016; Rothe et al., 2015); the mean absolute error in years, and the share within five years.
public struct AgeTask: RecognitionTask {
    /// `age`
    public static let name = "age"
    /// The task as a heading.
    public static let title = "Age estimation"
    /// What is recognised.
    public static let summary = "how old a face is; faces under the names of UTKFace, or a list with ages"
    /// Mean absolute error in years, and the share within five years.
    public static let metrics = [Metric("MAE", unit: .quantity("years"), isHigherBetter: false), Metric("CS@5")]
    /// A distribution over years, whose expected value counts.
    public static let outputs = TaskOutputs.readings(AgeReader.self)
    /// Faces, labelled by their years.
    public let data: OpenedDataset
    /// Nil: outputs are a distribution, whose expected value counts.
    public var outputNames: [String]? { nil }

    /// - Parameter data: faces opened by age, with a validation part.
    public init(_ data: OpenedDataset) { self.data = data }

    /// Opens faces by age; a validation part is drawn without regard to labels.
    public static func open(_ data: DataConfiguration, _ options: NoOptions, with open: TaskData) throws -> Self {
        Self(
            try open.faces(data.source, .age).drawingValidation(
                data.validationFraction, stream: RandomStream.faceValidation))
    }

    /// The faces as they lie.
    public static func scoring(_ source: String, with open: TaskData) throws -> any RecognitionTask {
        Self(try open.faces(source, .age))
    }

    /// One output a year.
    public func makeHead(features: Int, _ scope: Scope, weights: Initializer?) throws -> any TaskHead {
        try LinearHead(features: features, outputs: data.classNames.count, scope, weights: weights) {
            try ageDistributionLoss($0, ages: $1.numbers)
        }
    }

    /// One output a year.
    public func networkHead(features: Int) -> NetworkHead { .linear(outputs: data.classNames.count) }

    /// By the mean absolute error of the expected age.
    public func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> Score {
        let ages = try Self.ages(outputs)
        let score = try AgeScore(predicted: ages, actual: labels)
        return Score(
            -score.meanAbsoluteError,
            standardError: StandardError.ofMean(zip(ages, labels).map { abs($0 - Double($1)) }),
            metrics: ["MAE": score.meanAbsoluteError, "CS@5": score.withinFiveYears])
    }

    /// Logistic regression on soft labels around the ages.
    public func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        let targets = try ageDistributions(labels, classes: data.classNames.count, deviation: Self.softness)
        return try LinearClassifierFit(features, targets: targets)
    }

    /// True and expected ages.
    public func examples(
        _ outputs: Tensor, labels: [Int], images: [Int], of part: TaskPart
    ) throws -> [Examples] {
        [
            Examples(
                images: images,
                .numbers(
                    quantity: "age", unit: "years", actual: labels.map(Double.init),
                    predicted: try Self.ages(outputs)))
        ]
    }

    /// Of soft labels, in years. With few images of each year a linear map needs them wider than a network does.
    static let softness = 5.0

    /// The expected ages of outputs [N, A + 1].
    static func ages(_ outputs: Tensor) throws -> [Double] {
        try expectedAge(outputs).to(.float32).array(Float.self).map(Double.init)
    }
}

/// An age in years: the expected value of the distribution (Rothe et al., 2015).
public enum AgeReader: TaskReader {
    /// `age`, in years.
    public static let columns = ["age"]
    /// One age.
    public static let fewestOutputs = 1

    /// The years from 0.
    public static func outputNames(_ count: Int) -> [String] { (0..<count).map(String.init) }

    /// `23.4 years`
    public static func readings(_ outputs: Tensor) throws -> [TaskReading] {
        try AgeTask.ages(outputs).map { TaskReading(values: [.number($0)], words: words($0)) }
    }

    /// An age to a tenth of a year.
    static func words(_ age: Double) -> String { String(format: "%.1f years", age) }
}
