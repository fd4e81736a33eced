import Architectures
import Datasets
import Detectors
import Experiments
import Foundation
import Metrics
import NN
import Networks
import Results
import Support
import TestImages
import Testing
import Torch
import Training

@testable import Tasks

/// Detection and instance segmentation as tasks: what is learned, scored and found.
@Suite struct DetectionTests {
    private static func data(_ count: Int = 24) -> OpenedDataset {
        OpenedDataset(
            train: SquareObjects(count: count), validation: SquareObjects(count: 6), test: SquareObjects(count: 8))
    }

    private static func options(epochs: Int, task: String = "instance-segmentation") throws
        -> NetworkTrainingConfiguration
    {
        var options = NetworkTrainingConfiguration()
        options.precision = .float32
        options.task = try TaskConfiguration(named: task)
        try options.task.update(ObjectTaskOptions.self) { own in
            (own.width, own.norm, own.anchorScale) = (16, true, 4)
            (own.boxConvolutions, own.hiddenWidth, own.maskConvolutions) = (1, 32, 1)
            (own.proposals, own.samples, own.findings) = (60, 48, 20)
        }
        options.data.source = "squares"
        options.data.channels = .rgb
        options.data.threads = 1
        let normalize = Transform.normalize(mean: [0.5], std: [0.25])
        options.data.augmentation = try Augmentation([
            .resizeWithin(shorter: [32, 40, 48], longest: 64), .horizontalFlip(), normalize,
        ])
        options.data.evaluation = try Augmentation([.resizeWithin(shorter: [48], longest: 64), normalize])
        options.network.stem = .deep
        options.network.planes = [8, 8, 16, 16]
        options.network.depths = [1, 1, 1, 1]
        options.network.expansion = 1
        options.network.code = [0, 0, 0, 0]
        options.network.lastScale = 1
        options.train.epochs = epochs
        options.train.batchSize = 4
        options.train.learningRate = 0.05
        options.train.clipNorm = 5
        options.train.labelSmoothing = 0
        options.train.averageDecay = 0
        options.log.every = 3
        options.log.checkpointEvery = 4
        return options
    }

    // MARK: Training

    @Test func itLearnsAndReloadsBitEqual() throws {
        let run = SmallRun()
        defer { run.remove() }
        let training = try run.training(Self.options(epochs: 30), Self.data(40))
        let result = try training()
        let test = try #require(result.test)
        #expect(test.metrics["AP50"] ?? 0 > 0.3, "\(test.metrics)")
        #expect(test.value == test.metrics["mask AP"] && test.count == 8)
        // The whole network, head and all, costs what the file's card says.
        let file = try NetworkFile.read(training.networkFile)
        #expect(file.card.head?.detector?.hasMasks == true && file.card.steps.limits?.shorter == 48)
        #expect(try result.cost == file.card.cost())
        #expect(result.cost.parameters == file.network.store.parameterCount)
        // Image by image, with the padding of each alone, about the same is found.
        let detector = try ImageDetector(file)
        let images = SquareObjects(count: 8)
        var meter = ObjectMeter(names: images.classNames, hasMasks: true)
        for place in 0..<8 {
            let image = try images.image(at: place, decoding: ImageDecoding())
            guard case .boxes(let boxes) = try images.annotation(at: place) else { continue }
            try meter.add(
                detector(image), boxes.enumerated().map { DetectionObject($1, id: $0) },
                size: ImageSize(height: image.height, width: image.width), place: place)
        }
        let alone = try #require(try meter.score().metrics["AP50"])
        #expect(abs(alone - (test.metrics["AP50"] ?? 0)) < 0.15)
    }

    @Test func anInterruptedTrainingEndsInTheSameBits() throws {
        func weights(stopping: Int?) throws -> Data {
            try SmallRun.weights(
                Self.options(epochs: 2), Self.data(), validation: SquareObjects(count: 6), stopping: stopping)
        }
        // Two steps after a checkpoint.
        #expect(try weights(stopping: 6) == weights(stopping: nil))
    }

    // MARK: The score

    private func found(_ objects: [AnnotatedBox], score: Float) -> [FoundObject] {
        objects.map { object in
            FoundObject(
                box: Box(object.box.x0, object.box.y0, object.box.x1, object.box.y1), label: object.label, score: score,
                mask: [Float](repeating: 0.9, count: 784))
        }
    }

    @Test func theMeterScoresInPixelsOfTheStoredImage() throws {
        let images = SquareObjects(count: 6)
        var meter = ObjectMeter(names: images.classNames, hasMasks: true)
        for place in 0..<6 {
            guard case .boxes(let boxes) = try images.annotation(at: place) else { continue }
            let stored = try #require(images.size(at: place))
            // As a network sees it that is given the image at half its size.
            let seen = ImageSize(height: stored.height / 2, width: stored.width / 2)
            let half = found(boxes.filter { !$0.isCrowd }, score: 0.9).map { object in
                var object = object
                object.box *= Box(repeating: 0.5)
                return object
            }
            var truth = ScoredBatch(labels: [0], images: [place])
            (truth.boxes, truth.frames) = ([boxes], [SampleFrame(stored: stored, seen: seen)])
            try meter.add(FoundObject.packed([half], count: 5, hasMasks: true), truth)
        }
        let score = try meter.score()
        #expect(score.metrics["AP"] == 1 && score.metrics["mask AP"] == 1 && score.value == 1 && score.count == 6)
        #expect(try meter.figures().keys.sorted() == ["mask AP", "mask AP50", "score"])
        let examples = try #require(meter.examples().first)
        #expect(examples.isWhole)
        guard case .objects(let figures, let shown) = examples.content else {
            Issue.record("no objects: \(examples.content)")
            return
        }
        #expect(
            figures.comparesMasks
                && figures.curves.map(\.precisions).allSatisfy { $0 == [Double](repeating: 1, count: 101) })
        #expect(figures.classes.map { $0.objects[0] }.reduce(0, +) == 11, "a group is no object")
        #expect(shown.count == 6 && shown.allSatisfy { $0.agreement == 1 })
        #expect(try JSONDecoder().decode(Examples.self, from: JSONEncoder().encode(examples)) == examples)
    }

    @Test func nothingFoundIsZeroAndNoObjectsAreNoScore() throws {
        var meter = ObjectMeter(names: ["a", "b"], hasMasks: false)
        var truth = ScoredBatch(labels: [0], images: [0])
        truth.frames = [SampleFrame(stored: 32, seen: 32)]
        truth.boxes = [[]]
        let nothing = try FoundObject.packed([[]], count: 3, hasMasks: false)
        try meter.add(nothing, truth)
        #expect(throws: TrainingError.self) { try meter.score() }
        truth.boxes = [[AnnotatedBox(BoundingBox(x0: 1, y0: 1, x1: 9, y1: 9), label: 1)]]
        try meter.add(nothing, truth)
        #expect(try meter.score().value == 0)
        #expect(throws: TrainingError.self) { try meter.add(nothing, ScoredBatch(labels: [0], images: [0])) }
        #expect(throws: TorchError.self) { try meter.add(Tensor([1, 2] as [Float]), truth) }
    }

    // MARK: What others learn of a detector

    @Test func pyramidsAreComparedInPartsOfTheTeachers() throws {
        let task = InstanceSegmentationTask(Self.data())
        let store = try ParameterStore(seed: 1, format: .channelsLast)
        let head = try task.makeHead(
            features: 8, maps: ["C2": 4, "C3": 4, "C4": 4, "C5": 4], store.root / NetworkHead.key)
        let maps = FeatureMaps(
            output: try .zeros([2, 4, 1, 1]),
            maps: try [16, 8, 4, 2].enumerated().map { level, side in
                ("C\(level + 2)", try Tensor.ones([2, 4, side, side]) * Double(level + 1))
            })
        let answers = try withoutGradients { try head.answers(of: maps, .evaluation) }
        #expect(answers.shape == [2, 256 + 64 + 16 + 4 + 1, 256])
        #expect(try head.distance(answers, to: answers).item() == 0)
        #expect(abs(try head.distance(answers * 3, to: answers * 2).item() - 0.25) < 1e-5)
        #expect(throws: TrainingError.self) { try head.outputs(maps.output, .evaluation) }
    }

    // MARK: Refusals

    private func expectRefusal(
        _ words: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
    ) {
        let error = #expect(throws: (any Error).self, sourceLocation: sourceLocation) { try body() }
        #expect(
            error.map { "\($0)".contains(words) } ?? false, "\(String(describing: error))",
            sourceLocation: sourceLocation)
    }

    @Test func whatDoesNotFitIsRefused() throws {
        var wrong = ObjectTaskOptions()
        (wrong.width, wrong.leastScore) = (0, 2)
        expectRefusal("width") { try wrong.validate() }
        let task = DetectionTask(Self.data())
        expectRefusal("maps") { try task.requirePooled("search.score", "linear-evaluation") }
        expectRefusal("how much it finds") { try task.requirePredictableLatency("search") }
        try SegmentationTask(OpenedDataset(train: DiscMaps(count: 4))).requirePredictableLatency("search")
        let small = Layer.sequence([
            .init("conv", .convolution(.init(8, kernel: 3, stride: 2, padding: 1))), .init("", .globalPool),
        ])
        expectRefusal("4, 8, 16 and 32") { _ = try task.layers(on: small, channels: 3) }
        // Of a network's file with a head of another kind.
        let run = SmallRun()
        defer { run.remove() }
        try FileManager.default.createDirectory(atPath: run.folder, withIntermediateDirectories: true)
        let network = try ImageNetwork(
            NetworkDescription(channels: 3, classes: 2, backbone: small), store: ParameterStore(seed: 0))
        let path = run.folder + "/network.safetensors"
        try NetworkFile.write(
            network,
            NetworkFile.Card(
                task: "detection", network: network.description, classNames: ["a", "b"], imageSize: 32, mean: [0.5],
                std: [0.5]), to: path)
        expectRefusal("has a head of the kind `linear`") { _ = try NetworkFile.read(path).task() }
    }

    @Test func imagesWithoutObjectsMayBeLeftOut() throws {
        var options = ObjectTaskOptions()
        let mixed = OpenedDataset(
            train: Groups(base: SquareObjects(count: 8)), validation: SquareObjects(count: 4),
            test: SquareObjects(count: 4))
        let data = DataConfiguration()
        #expect(try DetectionTask.open(data, options, with: .given(mixed)).data.train.count == 8)
        options.skipEmpty = true
        #expect(try DetectionTask.open(data, options, with: .given(mixed)).data.train.count == 5)
    }

    /// Images of which the first three have groups alone.
    private struct Groups: ImageDataset {
        let base: SquareObjects

        var count: Int { base.count }
        var classNames: [String] { base.classNames }
        var annotationKind: AnnotationKind { .boxes }
        func label(at index: Int) -> Int { 0 }
        func source(at index: Int) -> String { base.source(at: index) }
        func image(at index: Int, decoding: ImageDecoding) throws -> Image {
            try base.image(at: index, decoding: decoding)
        }
        func annotation(at index: Int) throws -> Annotation {
            guard index < 3, case .boxes(let boxes) = try base.annotation(at: index) else {
                return try base.annotation(at: index)
            }
            return .boxes(
                boxes.map { object in
                    var object = object
                    object.isCrowd = true
                    return object
                })
        }
    }
}
