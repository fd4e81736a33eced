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

/// Age estimation: a distribution over whole years, trained on soft labels around the age and by the distance of the
/// expected age (Geng, 2016; Rothe et al., 2015), and scored by the mean absolute error in years and the share within
/// five years.
public struct AgeTask: RecognitionTask {
    /// The name of the task, `age`.
    public static let name = "age"
    /// The task's name as a heading.
    public static let title = "Age estimation"
    /// The task in one sentence for help texts.
    public static let summary = "how old a face is; faces under the names of UTKFace, or a list with ages"
    /// The metrics of the task: the mean absolute error in years, and the share of faces within five years.
    public static let metrics = [Metric("MAE", unit: .quantity("years"), isHigherBetter: false), Metric("CS@5")]
    /// The outputs are a distribution over years, which is read as its expected value.
    public static let outputs = TaskOutputs.readings(AgeReader.self)
    /// The faces, labelled by their age in years.
    public let data: OpenedDataset
    /// Nil, as the outputs are a distribution over years rather than classes.
    public var outputNames: [String]? { nil }

    /// Creates the task for opened faces.
    ///
    /// - Parameter data: the faces, opened by age, with a validation part.
    public init(_ data: OpenedDataset) { self.data = data }

    /// Opens faces by age; a validation part is drawn without regard to labels.
    public static func open(_ data: DataConfiguration, _ options: NoOptions, with open: TaskData) throws -> Self {
        Self(
            try open.faces(data.source, .age).drawingValidation(
                data.validationFraction, stream: RandomStream.faceValidation))
    }

    /// Opens the faces without splitting them.
    public static func scoring(_ source: String, with open: TaskData) throws -> any RecognitionTask {
        Self(try open.faces(source, .age))
    }

    /// A linear head with one output for each year of age.
    public func makeHead(features: Int, _ scope: Scope, weights: Initializer?) throws -> any TaskHead {
        try LinearHead(features: features, outputs: data.classNames.count, scope, weights: weights) {
            try ageDistributionLoss($0, ages: $1.numbers)
        }
    }

    /// A linear head with one output for each year of age.
    public func networkHead(features: Int) -> NetworkHead { .linear(outputs: data.classNames.count) }

    /// Computes the mean absolute error of the expected age; the score is its negative.
    public func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> Score {
        let ages = try Self.ages(outputs)
        let score = try AgeScore(predicted: ages, actual: labels)
        return Score(
            -score.meanAbsoluteError,
            standardError: StandardError.ofMean(zip(ages, labels).map { abs($0 - Double($1)) }),
            metrics: ["MAE": score.meanAbsoluteError, "CS@5": score.withinFiveYears])
    }

    /// Fits a logistic regression to soft labels around the ages.
    public func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        let targets = try ageDistributions(labels, classes: data.classNames.count, deviation: Self.softness)
        return try LinearClassifierFit(features, targets: targets)
    }

    /// The true and the expected age of each face.
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

    /// The standard deviation of soft labels for linear maps, in years. With few images of each year a linear map needs
    /// wider labels than a network.
    static let softness = 5.0

    /// The expected ages of outputs [N, A + 1], in years.
    static func ages(_ outputs: Tensor) throws -> [Double] {
        try expectedAge(outputs).to(.float32).array(Float.self).map(Double.init)
    }
}

/// The reader of ages: the expected value of the distribution, in years (Rothe et al., 2015).
public enum AgeReader: TaskReader {
    /// The only column, `age`, in years.
    public static let columns = ["age"]
    /// The smallest number of outputs: one age.
    public static let fewestOutputs = 1

    /// The names of the outputs: years from 0.
    public static func outputNames(_ count: Int) -> [String] { (0..<count).map(String.init) }

    /// Reads the expected age, such as `23.4 years`.
    public static func readings(_ outputs: Tensor) throws -> [TaskReading] {
        try AgeTask.ages(outputs).map { TaskReading(values: [.number($0)], words: words($0)) }
    }

    /// An age as text, to a tenth of a year.
    static func words(_ age: Double) -> String { String(format: "%.1f years", age) }
}
