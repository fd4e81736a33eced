import Datasets
import Drawings
import Experiments
import Foundation
import NN
import TestImages
import Testing
import Torch
import Training

@testable import Tasks

/// Heads, losses and scores of the tasks that have one label an image.
@Suite struct TaskTests {
    private func classification() -> ClassificationTask {
        ClassificationTask(OpenedDataset(train: BarImages(count: 32), validation: BarImages(count: 8)))
    }

    @Test func classificationCountsTheFirstAndTheFirstFive() throws {
        // Six images of class 0 to 3; the right class is first for two, second for three, last for one of four.
        let outputs = try Tensor(
            [
                [9, 1, 2, 3], [1, 9, 2, 3], [9, 1, 8, 2], [9, 2, 1, 8], [9, 8, 1, 2], [1, 2, 3, 0].map { Float($0) },
            ].flatMap { $0.map { Float($0) } }
        ).reshaped([6, 4])
        let score = try classification().score(outputs, labels: [0, 1, 2, 3, 1, 3], of: .test)
        #expect(abs(score.value - 2.0 / 6) < 1e-6)
        #expect(score.metrics["accuracy"] == score.value)
        #expect(abs((score.standardError ?? 0) - (2.0 / 6 * 4 / 6 / 5).squareRoot()) < 1e-6)
        #expect(score.metrics["top5"] == nil, "of four classes each is among the first five")
        let loss = try outputs.crossEntropy(Tensor([0, 1, 2, 3, 1, 3].map(Int64.init))).item()
        #expect(abs((score.metrics["loss"] ?? 0) - loss) < 1e-6)
    }

    @Test func headsStandUnderTheScopeAndLearn() throws {
        let store = try ParameterStore(seed: 1)
        let head = try classification().makeHead(features: 5, store.root / "fc")
        #expect(store.state.map(\.key) == ["fc.weight", "fc.bias"])
        let features = try Tensor.normal([3, 5], using: Generator(seed: 2))
        let labels = try Tensor([0, 1, 3].map(Int64.init))
        let outputs = try head.outputs(features, .evaluation)
        #expect(outputs.shape == [3, 4])
        let learned = try head.loss(features, Targets(numbers: labels, smoothing: 0.1), .training(nil), progress: 0)
        #expect(abs(try learned.loss.item() - outputs.crossEntropy(labels, smoothing: 0.1).item()) < 1e-6)
        #expect(try learned.outputs.array(Float.self) == outputs.array(Float.self))
        let right = zip(try outputs.argmax(1).array(Int.self), [0, 1, 3]).count { $0 == $1 }
        #expect(try learned.correct?.integer() == right)
        try learned.loss.backward()
        #expect(store.parameters.allSatisfy { $0.tensor.gradient != nil })
    }

    @Test func agesAreExpectedValues() throws {
        let task = AgeTask(OpenedDataset(train: BarImages(count: 8)))
        // All the probability at 1, and half at 0 and half at 3.
        let outputs = try Tensor([0, 40, 0, 0, 40, 0, 0, 40].map { Float($0) }).reshaped([2, 4])
        let score = try task.score(outputs, labels: [3, 1], of: .test)
        #expect(abs((score.metrics["MAE"] ?? 0) - (2 + 0.5) / 2) < 1e-5)
        #expect(score.value == -(score.metrics["MAE"] ?? 0), "fewer years are better")
        #expect(score.metrics["CS@5"] == 1)
        // Errors of 2 and half a year.
        #expect(abs((score.standardError ?? 0) - 0.75) < 1e-5)
    }

    @Test func gendersAreWeighedAlike() throws {
        let task = GenderTask(OpenedDataset(train: BarImages(count: 8)))
        let outputs = try Tensor([1, 0, 1, 0, 1, 0, 1, 0].map { Float($0) }).reshaped([4, 2])
        let score = try task.score(outputs, labels: [0, 0, 0, 1], of: .test)
        #expect(score.value == 0.75 && score.metrics["balanced accuracy"] == 0.5)
        #expect(score.standardError == 0.25)
    }

    @Test func onlyClassesAreCutIntoFolds() throws {
        var data = DataConfiguration()
        (data.folds, data.fold, data.validationFraction) = (4, 3, 0.25)
        let given = OpenedDataset(train: BarImages(count: 60), test: BarImages(count: 20, name: "test"))
        let task = try TaskConfiguration(named: "classification").task(data, open: .given(given))
        #expect((task.data.train.count, task.data.validation?.count, task.data.test?.count) == (45, 15, 20))
        for name in TaskFamily.nameList where name != "classification" {
            let error = #expect(throws: InvalidConfiguration.self) {
                _ = try TaskConfiguration(named: name).task(
                    data, open: TaskData(classes: { _ in throw CancellationError() }))
            }
            #expect(
                error?.description
                    == "`data.folds`: must be 0 for the task `\(name)`, whose images are not cut into folds, is 4")
        }
    }

    @Test func facesAreOpenedByWhatIsAsked() throws {
        let folder = NSTemporaryDirectory() + "supernet-faces-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = SyntheticFaces.Options()
        (options.count, options.side) = (60, 32)
        try SyntheticFaces(options).write(to: folder) { _, _ in }
        var data = DataConfiguration()
        data.validationFraction = 0.2
        data.source = folder
        func open(_ name: String, _ data: DataConfiguration) throws -> any RecognitionTask {
            try TaskConfiguration(named: name).task(
                data, open: TaskData(classes: { _ in throw CancellationError() }))
        }
        let (age, gender, both) = try (open("age", data), open("gender", data), open("age-and-gender", data))
        #expect(age.data.classNames.count == 121 && gender.data.classNames.count == 2)
        #expect(age.data.validation != nil && age.data.test != nil)
        #expect(age.data.train.count + (age.data.validation?.count ?? 0) + (age.data.test?.count ?? 0) == 60)
        for index in 0..<age.data.train.count {
            let (years, gender) = (age.data.train.label(at: index), gender.data.train.label(at: index))
            #expect(both.data.train.label(at: index) == 2 * years + gender)
        }
        #expect(throws: CancellationError.self) { _ = try open("classification", data) }
        var nowhere = data
        nowhere.source = "/nowhere"
        #expect(throws: DatasetError.self) { _ = try open("age", nowhere) }
    }
}
