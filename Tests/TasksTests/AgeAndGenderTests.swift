import Datasets
import NN
import TestImages
import Testing
import Torch

@testable import Tasks

/// Two tasks from one backbone.
@Suite struct AgeAndGenderTests {
    @Test func eachPartIsScoredAsByItsOwnTask() throws {
        let task = AgeAndGenderTask(OpenedDataset(train: BarImages(count: 8)))
        let outputs = try Tensor.normal([5, 123], using: Generator(seed: 3))
        let (years, genders) = ([3, 50, 7, 90, 21], [0, 1, 1, 0, 1])
        let labels = zip(years, genders).map { 2 * $0 + $1 }
        let score = try task.score(outputs, labels: labels, of: .test)
        let parts = try outputs.split([121, 2], dimension: 1)
        let bars = OpenedDataset(train: BarImages(count: 8))
        let age = try AgeTask(bars).score(parts[0], labels: years, of: .test)
        let gender = try GenderTask(bars).score(parts[1], labels: genders, of: .test)
        #expect(score.metrics["MAE"] == age.metrics["MAE"] && score.metrics["CS@5"] == age.metrics["CS@5"])
        #expect(score.metrics["gender accuracy"] == gender.metrics["accuracy"])
        #expect(Set(AgeAndGenderTask.metrics.map(\.name)) == Set(score.metrics.keys))
        let examples = try task.examples(outputs, labels: labels, images: [4, 7, 1, 0, 9], of: .test)
        #expect(examples.count == 2 && examples.allSatisfy { $0.isWhole && $0.images == [4, 7, 1, 0, 9] })
        // The mean of both parts, a year of error for a share here, is no less certain than its parts.
        let error = try #require(score.standardError)
        #expect(try error > 0 && error < (#require(age.standardError) + #require(gender.standardError)) / 2)

        let store = try ParameterStore(seed: 1)
        let head = try task.makeHead(features: 4, store.root / "fc")
        let features = try Tensor.normal([5, 4], using: Generator(seed: 4))
        let targets = Targets(numbers: try Tensor(labels.map(Int64.init)), smoothing: 0.1)
        let loss = try head.loss(features, targets, .training(nil), progress: 0)
        let given = try head.outputs(features, .evaluation).split([121, 2], dimension: 1)
        let expected =
            try ageDistributionLoss(given[0], ages: Tensor(years.map(Int64.init)))
            + given[1].crossEntropy(Tensor(genders.map(Int64.init)), smoothing: 0.1)
        #expect(abs(try loss.loss.item() - expected.item()) < 1e-4 && loss.correct == nil)
    }

    @Test func linearMapsOfFrozenFeaturesTellWhatIsInThem() throws {
        // Age and gender stand in the features as they are.
        let years = (0..<60).map { $0 % 30 }
        let genders = (0..<60).map { ($0 / 7) % 2 }
        let values = zip(years, genders).flatMap { year, gender -> [Float] in [Float(year) / 10, Float(gender), 1] }
        let features = try Tensor(values).reshaped([60, 3])
        let labels = zip(years, genders).map { 2 * $0 + $1 }
        let task = AgeAndGenderTask(OpenedDataset(train: BarImages(count: 8)))
        let outputs = try task.linearMap(fittedTo: features, labels: Tensor(labels.map(Int64.init)))
            .outputs(features)
        let score = try task.score(outputs, labels: labels, of: .validation)
        #expect(score.metrics["gender accuracy"] == 1)
        #expect((score.metrics["MAE"] ?? 99) < 5, "the median would be off by 7.5 years: \(score.metrics)")
    }
}
