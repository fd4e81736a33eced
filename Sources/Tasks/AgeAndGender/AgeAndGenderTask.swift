import Datasets
import Metrics
import NN
import Torch

/// Age and gender of a face from one backbone: both tasks' losses and metrics. The gender's loss counts as much as the age's
/// (Caruana, "Multitask Learning", 1997).
public struct AgeAndGenderTask: RecognitionTask {
    /// `age-and-gender`
    public static let name = "age-and-gender"
    /// Those of both tasks.
    public static let metrics = [
        TaskMetric("MAE", unit: .years, isHigherBetter: false), TaskMetric("CS@5"), TaskMetric("gender accuracy"),
        TaskMetric("gender balanced accuracy"),
    ]
    /// Faces, labelled by twice their years, and one more for female.
    public let data: OpenedDataset
    /// Nil: there are two heads.
    public var outputNames: [String]? { nil }
    private let labelSmoothing: Double
    /// What the error would be of naming the median age of the training faces, in years.
    private let spread: Double

    private static let years = FaceDataset.ageRange.count

    /// - Parameters:
    ///   - data: faces opened by age and gender, with a validation part.
    ///   - labelSmoothing: the share of each target that goes to both genders alike.
    public init(_ data: OpenedDataset, labelSmoothing: Double) {
        self.data = data
        self.labelSmoothing = labelSmoothing
        let ages = (0..<data.train.count).map { Double(data.train.label(at: $0) / 2) }.sorted()
        let median = ages.isEmpty ? 0 : ages[ages.count / 2]
        spread = max(ages.reduce(0) { $0 + abs($1 - median) } / Double(max(ages.count, 1)), 1)
    }

    /// One output a year, then one a gender.
    public func makeHead(features: Int, _ scope: Scope) throws -> any TaskHead {
        let smoothing = labelSmoothing
        return try LinearHead(features: features, outputs: Self.years + 2, scope) { outputs, labels in
            let (ages, genders) = try Self.parts(outputs)
            let (years, kinds) = try Self.parts(labels: labels)
            return try ageDistributionLoss(ages, ages: years) + genders.crossEntropy(kinds, smoothing: smoothing)
        }
    }

    /// One output a year, then one a gender.
    public func networkHead(features: Int) -> TaskNetworkHead { .linear(outputs: Self.years + 2) }

    /// By the mean of two shares: of right genders, and of the median's error that the network saves.
    public func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> TaskScore {
        let (ages, genders) = try Self.parts(outputs)
        let (years, kinds) = (try AgeTask.ages(ages), try genders.argmax(1).array(Int.self))
        let age = try AgeScore(predicted: years, actual: labels.map { $0 / 2 })
        let gender = try BinaryScore(predicted: kinds, actual: labels.map { $0 % 2 })
        var metrics = [
            "MAE": age.meanAbsoluteError, "CS@5": age.withinFiveYears, "gender accuracy": gender.accuracy,
        ]
        metrics["gender balanced accuracy"] = gender.balancedAccuracy
        let shares = labels.indices.map { image in
            let error = abs(years[image] - Double(labels[image] / 2)) / spread
            return ((kinds[image] == labels[image] % 2 ? 1 : 0) + 1 - error) / 2
        }
        return TaskScore(
            (gender.accuracy + 1 - age.meanAbsoluteError / spread) / 2, standardError: StandardError.ofMean(shares),
            metrics: metrics)
    }

    /// Two logistic regressions.
    public func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        let (years, kinds) = try Self.parts(labels: labels)
        let targets = try ageDistributions(years, classes: Self.years, deviation: AgeTask.softness)
        return MapsSideBySide(maps: [
            try LinearClassifierFit(features, targets: targets),
            try LinearClassifierFit(features, labels: kinds, classes: 2),
        ])
    }

    /// True and expected ages, and what each face was taken for.
    public func examples(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> [TaskExamples] {
        let (ages, genders) = try Self.parts(outputs)
        return [
            .ages(actual: labels.map { $0 / 2 }, predicted: try AgeTask.ages(ages)),
            try .classes(FaceDataset.genderNames, genders, labels: labels.map { $0 % 2 }),
        ]
    }

    /// [N, A + 1 + 2] to [N, A + 1] and [N, 2].
    private static func parts(_ outputs: Tensor) throws -> (ages: Tensor, genders: Tensor) {
        let parts = try outputs.split([years, 2], dimension: 1)
        return (parts[0], parts[1])
    }

    /// [N] to years and genders, [N], int64.
    private static func parts(labels: Tensor) throws -> (years: Tensor, genders: Tensor) {
        let years = try (labels.to(.float32) / 2).floored()
        return (try years.to(.int64), try (labels.to(.float32) - years * 2).to(.int64))
    }
}
