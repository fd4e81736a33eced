import Datasets
import Metrics
import NN
import Torch

/// How old a face is: a distribution over whole years, learned from soft labels around the age and by the distance of the
/// expected age (Geng, 2016; Rothe et al., 2015); the mean absolute error in years, and the share within five years.
public struct AgeTask: RecognitionTask {
    /// `age`
    public static let name = "age"
    /// Mean absolute error in years, and the share within five years.
    public static let metrics = [TaskMetric("MAE", unit: .years, isHigherBetter: false), TaskMetric("CS@5")]
    /// Faces, labelled by their years.
    public let data: OpenedDataset
    /// Nil: outputs are a distribution, whose expected value counts.
    public var outputNames: [String]? { nil }

    /// - Parameter data: faces opened by age, with a validation part.
    public init(_ data: OpenedDataset) { self.data = data }

    /// One output a year.
    public func makeHead(features: Int, _ scope: Scope) throws -> any TaskHead {
        try LinearHead(features: features, outputs: data.classNames.count, scope) {
            try ageDistributionLoss($0, ages: $1)
        }
    }

    /// One output a year.
    public func networkHead(features: Int) -> TaskNetworkHead { .linear(outputs: data.classNames.count) }

    /// By the mean absolute error of the expected age.
    public func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> TaskScore {
        let ages = try Self.ages(outputs)
        let score = try AgeScore(predicted: ages, actual: labels)
        return TaskScore(
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
    public func examples(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> [TaskExamples] {
        [.ages(actual: labels, predicted: try Self.ages(outputs))]
    }

    /// Of soft labels, in years. With few images of each year a linear map needs them wider than a network does.
    static let softness = 5.0

    /// The expected ages of outputs [N, A + 1].
    static func ages(_ outputs: Tensor) throws -> [Double] {
        try expectedAge(outputs).to(.float32).array(Float.self).map(Double.init)
    }
}
