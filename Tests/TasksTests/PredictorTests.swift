import Datasets
import Drawings
import Experiments
import Foundation
import Networks
import Results
import TestImages
import Testing
import Torch
import Training

@testable import Tasks

/// Networks of every kind are trained, opened from their files, and look at images.
@Suite(.serialized) struct PredictorTests {
    private func plain(epochs: Int) throws -> NetworkTrainingConfiguration {
        var options = try SmallRun.options(epochs: epochs)
        (options.train.mixup, options.train.cutmix, options.train.mixProbability) = (0, 0, 0)
        options.precision = .float32
        return options
    }

    @Test func classesComeWithTheirProbabilities() throws {
        let run = SmallRun()
        defer { run.remove() }
        let training = try run.training(plain(epochs: 2))
        let result = try training()
        let file = try NetworkFile.read(training.networkFile)
        #expect(
            try file.card.task == "classification" && file.card.head == nil && file.task() is ClassificationTask.Type)
        let predictor = Predictor(file)
        let images = BarImages(count: 16)
        var seen: [Int] = []
        let predictions = try predictor.classes(images, top: 9) { seen.append($0) }
        #expect(seen == [16] && predictions.map(\.image) == (0..<16).map(images.source))
        for prediction in predictions {
            #expect(Set(prediction.classes.map(\.name)) == Set(images.classNames), "no more than there are")
            #expect(abs(prediction.classes.reduce(0) { $0 + $1.probability } - 1) < 1e-5)
            #expect(prediction.classes.map(\.probability) == prediction.classes.map(\.probability).sorted(by: >))
        }
        let right = predictions.enumerated().count { $1.classes[0].name == images.classNames[images.label(at: $0)] }
        #expect(result.test?.accuracy == Double(right) / 16)
        #expect(try predictor.classes(images, top: 0).allSatisfy { $0.classes.count == 1 })
        #expect(try predictor.score(ClassificationTask(OpenedDataset(train: images)), on: images) == result.test)
        // Examples are of the same images.
        guard
            case .classes(let names, let actual, let predicted, _)? = try ExamplesFile.read(in: run.folder).first?
                .content
        else { throw CancellationError() }
        #expect(names == images.classNames && actual == (0..<16).map(images.label))
        #expect(predicted.map { names[$0] } == predictions.map { $0.classes[0].name })
    }

    @Test func imagesThatCannotBeReadStopItOrAreLeftOut() throws {
        let run = SmallRun()
        defer { run.remove() }
        let training = try run.training(plain(epochs: 1))
        _ = try training()
        let file = try NetworkFile.read(training.networkFile)
        let torn = BarImages(count: 6, broken: [1, 4], name: "unreadable bar")
        #expect(throws: DatasetError.self) { try Predictor(file).classes(torn) }
        let predictions = try Predictor(file, skipBadImages: true).classes(torn)
        #expect(predictions.map(\.image) == [0, 2, 3, 5].map(torn.source))
        // A network whose outputs are no numbers names the image.
        try withoutGradients { try file.network.store["fc.bias"]?.fillInPlace(.nan) }
        #expect(throws: TrainingError.outputsWithoutNumbers(image: "bar 0")) {
            try Predictor(file).classes(BarImages(count: 4))
        }
    }

    /// People: identities are held out, the head keeps a neck, and the file gives embeddings.
    @Test func aNetworkOfEmbeddingsIsTrainedAndOpened() throws {
        let people = NSTemporaryDirectory() + "supernet-people-" + UUID().uuidString
        let run = SmallRun()
        defer {
            try? FileManager.default.removeItem(atPath: people)
            run.remove()
        }
        var market = SyntheticPedestrians.Options()
        (market.trainingIdentities, market.testIdentities, market.imagesPerIdentity) = (10, 4, 6)
        (market.distractors, market.junk, market.height) = (3, 2, 32)
        try SyntheticPedestrians(market).write(to: people)
        var options = try plain(epochs: 2)
        options.data.augmentation = try Augmentation([.stretch(12), .normalize(mean: [0.3], std: [0.3])])
        options.data.evaluation = options.data.augmentation
        (options.data.source, options.train.batchSize) = (people, 8)
        options.task = try TaskConfiguration(named: "re-identification", ReidentificationTask.Options.self) {
            $0.imagesPerIdentity = 2
        }
        let task = try options.task.task(options.data)
        let folder = try RunFolder(run.folder, configuration: Resolved(options), seed: 1)
        let training = NetworkTraining(
            try options.setup(task: task), run: folder,
            record: DataRecord(folder: run.folder, of: task.data, root: people, changes: .refused),
            progress: ProgressReporter(output: Silence()))
        let result = try training()
        #expect(result.validation.metrics.keys.sorted() == ["mAP", "rank-1", "rank-10", "rank-5"])
        #expect(result.mirroredTest == nil && result.validation.accuracy == nil)
        let file = try NetworkFile.read(training.networkFile)
        let features = file.network.head.outputs
        #expect(try file.task() is ReidentificationTask.Type && file.network.head == .neck(features: features))
        // What it costs is what the file holds, but for the neck.
        #expect(result.cost.parameters + 2 * features == file.network.store.parameterCount)
        let test = try #require(task.data.test)
        let embedded = try Predictor(file).embeddings(test)
        #expect(embedded.images.count == test.count)
        let scored = try Predictor(file).score(task, on: test)
        #expect(scored.count == test.count && abs(scored.value - (result.test?.value ?? 9)) < 1e-6)
        // The file is what a later training starts from.
        options.network.from = training.networkFile
        let inherited = try options.setup(task: task).method(batches: 2).network.store
        let (key, neck) = ("conv1.weight", "fc.neck.running_mean")
        for key in [key, neck] {
            #expect(try inherited[key]?.array(Float.self) == file.network.store[key]?.array(Float.self))
        }
        options.network.inheritClassifier = false
        let anew = try options.setup(task: task).method(batches: 2).network.store
        #expect(try anew[neck]?.array(Float.self) == [Float](repeating: 0, count: features))
        #expect(try anew[key]?.array(Float.self) == inherited[key]?.array(Float.self))
    }

    @Test func aNetworkOfAnotherTaskOrOtherClassesIsNotGoneOnFrom() throws {
        let run = SmallRun()
        defer { run.remove() }
        var options = try plain(epochs: 1)
        let training = try run.training(options)
        _ = try training()
        options.network.from = training.networkFile
        let bars = OpenedDataset(train: BarImages(count: 32), validation: BarImages(count: 8))
        _ = try options.setup(task: ClassificationTask(bars))
        let others: [any RecognitionTask] = [AgeTask(bars), GenderTask(bars)]
        for task in others {
            let error = #expect(throws: TrainingError.self) { try options.setup(task: task) }
            let text = "\(try #require(error))"
            #expect(
                text.contains("network.from") && text.contains("`classification`") && text.contains("`\(task.name)`"))
        }
    }
}
