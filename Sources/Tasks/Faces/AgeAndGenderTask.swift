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

/// Age and gender of a face from one backbone, with the losses and metrics of both tasks; both losses have the same
/// weight (Caruana, "Multitask Learning", 1997).
public struct AgeAndGenderTask: RecognitionTask {
    /// The name of the task, `age-and-gender`.
    public static let name = "age-and-gender"
    /// The task's name as a heading.
    public static let title = "Age and gender"
    /// The task in one sentence for help texts.
    public static let summary = "age and gender of a face from one network; faces under the names of UTKFace, or a list"
    /// The metrics of both tasks.
    public static let metrics = [
        Metric("MAE", unit: .quantity("years"), isHigherBetter: false), Metric("CS@5"), Metric("gender accuracy"),
        Metric("gender balanced accuracy"),
    ]
    /// The outputs are read as an age and a gender.
    public static let outputs = TaskOutputs.readings(AgeAndGenderReader.self)
    /// The faces, whose label is twice the age in years, plus one for female.
    public let data: OpenedDataset
    /// Nil, as the outputs are not classes of one kind.
    public var outputNames: [String]? { nil }
    /// The mean absolute error of predicting the median age of the training faces, in years; at least 1.
    private let spread: Double

    private static let years = FaceDataset.ageRange.count

    /// Creates the task for opened faces.
    ///
    /// - Parameter data: the faces, opened by age and gender, with a validation part.
    public init(_ data: OpenedDataset) {
        self.data = data
        let ages = (0..<data.train.count).map { Double(data.train.label(at: $0) / 2) }.sorted()
        let median = ages.isEmpty ? 0 : ages[ages.count / 2]
        spread = max(ages.reduce(0) { $0 + abs($1 - median) } / Double(max(ages.count, 1)), 1)
    }

    /// Opens faces by age and gender; a validation part is drawn without regard to labels.
    public static func open(_ data: DataConfiguration, _ options: NoOptions, with open: TaskData) throws -> Self {
        Self(
            try open.faces(data.source, .ageAndGender).drawingValidation(
                data.validationFraction, stream: RandomStream.faceValidation))
    }

    /// Opens the faces without splitting them.
    public static func scoring(_ source: String, with open: TaskData) throws -> any RecognitionTask {
        Self(try open.faces(source, .ageAndGender))
    }

    /// A linear head with one output for each year of age, followed by one for each gender.
    public func makeHead(features: Int, _ scope: Scope, weights: Initializer?) throws -> any TaskHead {
        try LinearHead(
            features: features, outputs: Self.years + 2, scope, weights: weights, distributions: [Self.years, 2]
        ) { outputs, targets in
            let (ages, genders) = try Self.parts(outputs)
            let (years, kinds) = try Self.parts(labels: targets.numbers)
            return try ageDistributionLoss(ages, ages: years)
                + genders.crossEntropy(kinds, smoothing: targets.smoothing)
        }
    }

    /// A linear head with one output for each year of age, followed by one for each gender.
    public func networkHead(features: Int) -> NetworkHead { .linear(outputs: Self.years + 2) }

    /// Computes the score: the mean of the gender accuracy and of the share by which the age error is below that of
    /// predicting the median age.
    public func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> Score {
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
        return Score(
            (gender.accuracy + 1 - age.meanAbsoluteError / spread) / 2, standardError: StandardError.ofMean(shares),
            metrics: metrics)
    }

    /// Fits two logistic regressions, for age and for gender.
    public func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        let (years, kinds) = try Self.parts(labels: labels)
        let targets = try ageDistributions(years, classes: Self.years, deviation: AgeTask.softness)
        return MapsSideBySide(maps: [
            try LinearClassifierFit(features, targets: targets),
            try LinearClassifierFit(features, labels: kinds, classes: 2),
        ])
    }

    /// The true and the predicted age and gender of each face.
    public func examples(
        _ outputs: Tensor, labels: [Int], images: [Int], of part: TaskPart
    ) throws -> [Examples] {
        let (ages, genders) = try Self.parts(outputs)
        return [
            Examples(
                images: images,
                .numbers(
                    quantity: "age", unit: "years", actual: labels.map { Double($0 / 2) },
                    predicted: try AgeTask.ages(ages))),
            try .classes(FaceDataset.genderNames, genders, labels: labels.map { $0 % 2 }, images: images),
        ]
    }

    /// Splits outputs [N, A + 1 + 2] into those of ages [N, A + 1] and of genders [N, 2].
    private static func parts(_ outputs: Tensor) throws -> (ages: Tensor, genders: Tensor) {
        let parts = try outputs.split([years, 2], dimension: 1)
        return (parts[0], parts[1])
    }

    /// Splits labels [N] into ages in years and genders, each [N], int64.
    private static func parts(labels: Tensor) throws -> (years: Tensor, genders: Tensor) {
        let years = try (labels.to(.float32) / 2).floored()
        return (try years.to(.int64), try (labels.to(.float32) - years * 2).to(.int64))
    }
}

/// The reader of age and gender: an age in years, and a gender with its probability.
public enum AgeAndGenderReader: TaskReader {
    /// The columns: the age in years, the gender and its probability.
    public static let columns = ["age", "gender", "probability"]
    /// The smallest number of outputs: one age and two genders.
    public static let fewestOutputs = 1 + FaceDataset.genderNames.count

    /// The names of the outputs: years from 0, followed by the genders.
    public static func outputNames(_ count: Int) -> [String] {
        (0..<count - FaceDataset.genderNames.count).map(String.init) + FaceDataset.genderNames
    }

    /// Reads age and gender, such as `23.4 years, female 93.1 %`.
    public static func readings(_ outputs: Tensor) throws -> [TaskReading] {
        let genders = FaceDataset.genderNames.count
        let parts = try outputs.split([outputs.size(1) - genders, genders], dimension: 1)
        let best = try parts[1].softmax(1).topK(1, dimension: 1)
        let (kinds, probabilities) = (try best.positions.array(Int.self), try best.values.array(Float.self))
        return try AgeTask.ages(parts[0]).enumerated().map { row, age in
            let (name, probability) = (FaceDataset.genderNames[kinds[row]], Double(probabilities[row]))
            return TaskReading(
                values: [.number(age), .text(name), .number(probability)],
                words: "\(AgeReader.words(age)), \(name) \(String(format: "%.1f %%", 100 * probability))")
        }
    }
}
