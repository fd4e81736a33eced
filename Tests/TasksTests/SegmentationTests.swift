import Architectures
import Datasets
import Experiments
import Foundation
import GoldenCases
import Metrics
import NN
import Networks
import Results
import TestImages
import Testing
import Torch
import Training

@testable import Tasks

/// Semantic segmentation: loss and evaluation against PyTorch (Tests/Goldens/segmenting.py), and networks that learn.
@Suite struct SegmentationTests {
    private static func golden(_ name: String) throws -> GoldenCase {
        try #require(GoldenFile.cases("segmenting").first { $0.name == name })
    }

    /// The settings of a small network on discs and squares.
    static func options(epochs: Int = 2) throws -> NetworkTrainingConfiguration {
        var options = try SmallRun.options(epochs: epochs)
        options.task = try TaskConfiguration(named: "segmentation", SegmentationTask.Options.self) {
            ($0.outputStride, $0.headWidth) = (4, 8)
        }
        let (mean, std) = ([0.4, 0.4, 0.4], [0.3, 0.3, 0.3])
        options.data.channels = .rgb
        options.data.augmentation = try .segmentation(base: 24, crop: 16, mean: mean, std: std)
        options.data.evaluation = try .segmentationEvaluation(crop: 16, mean: mean, std: std)
        (options.train.mixProbability, options.train.mixup, options.train.cutmix) = (0, 0, 0)
        (options.train.decay, options.train.headRate) = (.poly, 2)
        options.train.averageDecay = 0
        return options
    }

    static func data(_ count: Int = 32) -> OpenedDataset {
        OpenedDataset(train: DiscMaps(count: count), validation: DiscMaps(count: 8), test: DiscMaps(count: 12))
    }

    // MARK: The loss

    /// Smoothing by next to nothing takes the way through libtorch's operators.
    @Test(arguments: [0, 1e-12]) func lossAndGradientsAreThoseOfPyTorch(smoothing: Double) throws {
        let golden = try Self.golden("loss")
        let features = try golden.tensor("input.out").requireGradient()
        let auxiliary = try golden.tensor("input.aux").requireGradient()
        var targets = Targets(numbers: try Tensor([0, 0, 0] as [Int64]), smoothing: smoothing)
        targets.maps = try golden.tensor("input.target")
        let head = SegmentationHead(auxiliaryWeight: try golden.double("weight"), auxiliary: nil)
        let outcome = try head.loss(features, auxiliary: auxiliary, targets, .training(nil), progress: 0)
        try outcome.loss.backward()
        let comparison = Comparison(golden)
        try comparison.compare("value.loss", outcome.loss)
        try comparison.compare("grad.input.out", features.gradient)
        try comparison.compare("grad.input.aux", auxiliary.gradient)
        #expect(comparison.discrepancies == [])
        #expect(try #require(outcome.correct).item() < 3)
    }

    @Test func imagesWithoutALabelledPixelTeachNothing() throws {
        var targets = Targets(numbers: try Tensor([0] as [Int64]))
        targets.maps = try Tensor([UInt8](repeating: LabelMap.ignored, count: 16), shape: [1, 4, 4])
        let features = try Tensor.normal([1, 3, 2, 2], using: Generator(seed: 1)).requireGradient()
        let head = SegmentationHead(auxiliaryWeight: 0, auxiliary: nil)
        let outcome = try head.loss(features, targets, .training(nil), progress: 0)
        try outcome.loss.backward()
        #expect(try outcome.loss.item() == 0)
        #expect(try #require(features.gradient).array(Float.self).allSatisfy { $0 == 0 })
    }

    // MARK: Whole images

    @Test func windowsScalesAndMirrorsAreThoseOfPublishedEvaluations() throws {
        let golden = try Self.golden("windows")
        let layer = Layer.sequence([
            .init("conv", .convolution(.init(5, kernel: 3, stride: 2, padding: 1, bias: true))), .init("", .tap("C5")),
        ])
        let network = try ImageNetwork(
            NetworkDescription(channels: 3, classes: 0, backbone: layer), head: .map(outputs: 5),
            store: ParameterStore(seed: 0, format: .channelsLast))
        try network.store.load(golden.state("param."))
        let card = NetworkFile.Card(
            task: "segmentation", network: network.description, head: .map(outputs: 5),
            classNames: ["a", "b", "c", "d", "e"], imageSize: .init(try golden.int("crop")),
            mean: Augmentation.imageNetMean, std: Augmentation.imageNetStd, base: try golden.int("base"))
        let run = SmallRun()
        defer { run.remove() }
        try FileManager.default.createDirectory(atPath: run.folder, withIntermediateDirectories: true)
        let path = run.folder + "/network.safetensors"
        try NetworkFile.write(network, card, to: path)
        let file = try NetworkFile.read(path)
        #expect(file.card == card)
        let scales = try golden.text("scales").split(separator: ",").compactMap { Double($0) }
        let segmenter = try ImageSegmenter(file, options: .init(scales: scales, mirrors: true))
        let image = Image(
            width: 41, height: 26, channels: 3, pixels: try golden.tensor("input.image").array(UInt8.self))
        let sums = try segmenter.scores(image)
        let comparison = Comparison(golden)
        try comparison.compare("output.sums", sums[0])
        #expect(comparison.discrepancies == [])
        let map = try segmenter(image)
        #expect(map.height == 26 && map.width == 41)
        #expect(try sums.argmax(1).to(.uint8).array(UInt8.self) == map.classes)
    }

    // MARK: The score

    @Test func theMeterCountsWhatItsImagesShow() throws {
        let classes = PixelClasses(["a", "b", "c"])
        var meter = PixelMeter(classes, absent: .leftOut)
        let actual: [UInt8] = [0, 0, 1, 255]
        // Logits as large as the label map: the class of the largest is predicted as it is.
        let logits: [Float] = [9, 0, 0, 9, 0, 9, 9, 0, 0, 0, 0, 0]
        let maps = try Tensor(actual, shape: [1, 2, 2])
        for place in [5, 7] {
            try meter.add(
                Tensor(logits, shape: [1, 3, 2, 2]), ScoredBatch(labels: [0], images: [place], maps: maps))
        }
        let score = try meter.score()
        // Of a: one of two right and none besides; of b: the one is right, one besides.
        #expect(score.value == (0.5 + 0.5) / 2 && score.metrics["mIoU"] == score.value)
        #expect(score.metrics["pixel accuracy"] == 2.0 / 3 && score.count == 2)
        let examples = try #require(meter.examples().first)
        #expect(examples.isWhole && examples.images == [5, 7])
        guard case .pixels(let names, _, let confusion, let shown) = examples.content else {
            Issue.record("no pixels: \(examples.content)")
            return
        }
        #expect(names == ["a", "b", "c"] && confusion == [[2, 2, 0], [0, 2, 0], [0, 0, 0]])
        #expect(shown.map(\.actual.map) == [actual, actual])
        #expect(shown[0].predicted.map == [0, 1, 1, 0])
        let stored = try JSONDecoder().decode(Examples.self, from: JSONEncoder().encode(examples))
        #expect(stored == examples)
    }

    @Test func nothingLabelledIsNoScore() throws {
        var meter = PixelMeter(PixelClasses(["a", "b"]), absent: .zero)
        let maps = try Tensor([LabelMap.ignored], shape: [1, 1, 1])
        try meter.add(
            Tensor([1, 2] as [Float], shape: [1, 2, 1, 1]), ScoredBatch(labels: [0], images: [0], maps: maps))
        #expect(throws: TrainingError.self) { try meter.score() }
    }

    // MARK: Training

    @Test func itLearnsAndReloadsBitEqual() throws {
        let run = SmallRun()
        defer { run.remove() }
        let training = try run.training(Self.options(epochs: 20), Self.data())
        let result = try training()
        let test = try #require(result.test)
        #expect(test.value > 0.6, "mean of three classes; all background is 0.28")
        #expect(test.metrics["pixel accuracy"] ?? 0 > 0.85)
        let file = try NetworkFile.read(training.networkFile)
        #expect(file.card.base == 24 && file.card.head == .map(outputs: 3))
        // What learned from the map before serves the training alone.
        #expect(!file.network.store.state.contains { $0.key.hasPrefix("fc.") })
        let segmenter = try ImageSegmenter(file, options: .init(mirrors: true))
        var confusion = try PixelConfusion(classes: 3)
        let images = DiscMaps(count: 6)
        for place in 0..<6 {
            guard case .map(let map) = try images.annotation(at: place) else { continue }
            let found = try segmenter(images.image(at: place, decoding: ImageDecoding()))
            try confusion.add(predicted: found.classes, actual: map.classes, ignored: LabelMap.ignored)
        }
        #expect(confusion.pixelAccuracy > 0.85)
    }

    @Test func anInterruptedTrainingEndsInTheSameBits() throws {
        func weights(stopping: Int?) throws -> Data {
            try SmallRun.weights(
                Self.options(epochs: 3), Self.data(), validation: DiscMaps(count: 8), stopping: stopping)
        }
        // Two steps after a checkpoint.
        #expect(try weights(stopping: 6) == weights(stopping: nil))
    }

    private func expectRefusal(
        _ words: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
    ) {
        let error = #expect(throws: (any Error).self, sourceLocation: sourceLocation) { try body() }
        #expect(
            error.map { "\($0)".contains(words) } ?? false, "\(String(describing: error))",
            sourceLocation: sourceLocation)
    }

    @Test func aMapOfAnotherSizeIsRefusedByName() throws {
        let run = SmallRun()
        defer { run.remove() }
        let data = OpenedDataset(train: DiscMaps(count: 16, misfits: [3]), validation: DiscMaps(count: 4))
        expectRefusal("disc 3") { _ = try run.training(Self.options(epochs: 1), data)() }
    }

    @Test func settingsThatDoNotFitAreRefused() throws {
        var wrong = SegmentationTask.Options()
        wrong.outputStride = 5
        expectRefusal("must be 4, 8, 16 or 32, is 5") { try wrong.validate() }
        let task = SegmentationTask(Self.data())
        expectRefusal("vector of features") { try task.requirePooled("search.score", "contrastive") }
        try ClassificationTask(OpenedDataset(train: BarImages(count: 4))).requirePooled("search.score", "contrastive")
        let other = SegmentationTask(OpenedDataset(train: DiscMaps(count: 4)), classes: PixelClasses(["a", "b"]))
        let layer = try task.layers(on: Self.backbone, channels: 3)
        #expect(try task.layers(on: layer, channels: 3) == layer, "what is dense already stays")
        expectRefusal("3 classes of pixels, the data has 2") { _ = try other.layers(on: layer, channels: 3) }
    }

    private static let backbone = Layer.sequence([
        .init("conv", .convolution(.init(8, kernel: 3, stride: 2, padding: 1))), .init("bn", .batchNorm(scale: 1)),
        .init("", .globalPool),
    ])

    /// The head learns at its own rate, and without one nothing changes.
    @Test func theHeadHasARateOfItsOwn() throws {
        let store = try ParameterStore(seed: 0)
        let task = SegmentationTask(Self.data())
        _ = try NetworkMethod.Network(
            task.layers(on: Self.backbone, channels: 3), channels: 3, task: task, store: store)
        var train = TrainConfiguration()
        train.headRate = 10
        let groups = try train.optimizer(store, isOfHead: task.isOfHead).groups
        for group in groups {
            let isHead = group.parameters.allSatisfy { $0.key.hasPrefix("head.") }
            #expect(group.learningRateScale == (isHead ? 10 : 1))
            #expect(isHead || !group.parameters.contains { $0.key.hasPrefix("head.") })
        }
        #expect(groups.count == 4)
        train.headRate = 1
        #expect(try train.optimizer(store, isOfHead: task.isOfHead).groups.count == 2)
    }
}
