import Datasets
import NN
import TaskMetrics
import Torch

/// How old a face is: a distribution over whole years, learned from soft labels around the age and by the distance of the
/// expected age (Geng, 2016; Rothe et al., 2015); the mean absolute error in years, and the share within five years.
public struct AgeTask: RecognitionTask {
    /// `age`
    public static let name = "age"
    /// Faces, labelled by their years.
    public let data: OpenedDataset

    /// - Parameter data: faces opened by age, with a validation part.
    public init(_ data: OpenedDataset) { self.data = data }

    /// One output a year.
    public func makeHead(features: Int, _ scope: Scope) throws -> any TaskHead {
        try LinearHead(features: features, outputs: data.classNames.count, scope) {
            try ageDistributionLoss($0, ages: $1)
        }
    }

    /// By the mean absolute error of the expected age.
    public func score(_ outputs: Tensor, labels: [Int]) throws -> TaskScore {
        let predicted = try expectedAge(outputs).to(.float32).array(Float.self).map(Double.init)
        let score = try AgeScore(predicted: predicted, actual: labels)
        return TaskScore(
            -score.meanAbsoluteError, metrics: ["MAE": score.meanAbsoluteError, "CS@5": score.withinFiveYears])
    }
}
