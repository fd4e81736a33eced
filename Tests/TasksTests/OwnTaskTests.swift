import Datasets
import Experiments
import Foundation
import NN
import Networks
import Results
import Support
import Tasks
import TestImages
import Testing
import Torch
import Training

/// A task of a program's own, made of what the modules make public: how many bars an image shows above a line, a plain
/// number.
private struct BarHeightTask: RecognitionTask {
    struct Options: Configuration {
        /// The weight of the loss.
        var weight = 1.0
    }

    static let name = "bar-height"
    static let summary = "at which height a bar stands; a test's own task"
    static let metrics = [Metric("height error", unit: .quantity("bars"), isHigherBetter: false)]
    static let outputs = TaskOutputs.readings(Reader.self)
    let data: OpenedDataset
    let weight: Double
    var outputNames: [String]? { nil }

    static func open(_ data: DataConfiguration, _ options: Options, with open: TaskData) throws -> Self {
        Self(data: try data.withValidation(open.classes(data.source)), weight: options.weight)
    }

    static func scoring(_ source: String, with open: TaskData) throws -> any RecognitionTask {
        Self(data: try open.classes(source), weight: 1)
    }

    func makeHead(features: Int, _ scope: Scope, weights: Initializer?) throws -> any TaskHead {
        try LinearHead(features: features, outputs: 1, scope, weights: weights) { [weight] outputs, targets in
            try (outputs.reshaped([outputs.size(0)]) - targets.numbers.to(.float32)).power(2).mean() * weight
        }
    }

    func networkHead(features: Int) -> NetworkHead { .linear(outputs: 1) }

    func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> Score {
        let errors = zip(try outputs.array(Float.self), labels).map { abs(Double($0) - Double($1)) }
        let mean = errors.reduce(0, +) / Double(errors.count)
        return Score(-mean, standardError: nil, metrics: ["height error": mean])
    }

    func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap { Nothing() }

    func examples(_ outputs: Tensor, labels: [Int], images: [Int], of part: TaskPart) throws -> [Examples] {
        [
            Examples(
                images: images,
                .numbers(
                    quantity: "height", unit: "bars", actual: labels.map(Double.init),
                    predicted: try outputs.array(Float.self).map(Double.init)))
        ]
    }

    enum Reader: TaskReader {
        static let columns = ["height"]
        static let fewestOutputs = 1
        static func outputNames(_ count: Int) -> [String] { (0..<count).map { "height \($0)" } }
        static func readings(_ outputs: Tensor) throws -> [TaskReading] {
            let (values, width) = (try outputs.array(Float.self), outputs.size(1))
            return stride(from: 0, to: values.count, by: width).map {
                TaskReading(values: [.number(Double(values[$0]))], words: "\(values[$0]) bars")
            }
        }
    }

    struct Nothing: FittedMap {
        func outputs(_ features: Tensor) throws -> Tensor { try .zeros([features.size(0), 1]) }
        func headState() throws -> [(key: String, tensor: Tensor)] { [] }
    }
}

/// A registered task is trained, stored, opened and read like those that are built in.
@Suite(.serialized) struct OwnTaskTests {
    /// Registered once in this process.
    private static let registered = Result { try TaskFamily.register(TaskType<BarHeightTask>()) }

    init() throws { try Self.registered.get() }

    @Test func itIsChosenByNameWithItsOwnOptions() throws {
        let loaded = try ConfigurationLoader.load(
            NetworkTrainingConfiguration.self, file: nil,
            overrides: ["task.name=bar-height", "task.weight=2.5"]
        ).value
        #expect(try loaded.task.options(as: BarHeightTask.Options.self).weight == 2.5)
        let bars = OpenedDataset(train: BarImages(count: 32))
        let task = try #require(try loaded.task.task(loaded.data, open: .given(bars)) as? BarHeightTask)
        #expect(task.weight == 2.5 && task.data.validation != nil)
        #expect(BarHeightTask.title == "Bar-height", "the name, unless it is told another")
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationLoader.load(
                NetworkTrainingConfiguration.self, file: nil, overrides: ["task.name=age", "task.weight=2"])
        }
        #expect("\(try #require(error))".contains("task.weight"), "another task's options are not there")
    }

    @Test func aNameIsTakenOnce() {
        #expect(throws: RegistrationError.nameTaken("bar-height", noun: "task")) {
            try TaskFamily.register(TaskType<BarHeightTask>())
        }
        #expect(throws: RegistrationError.nameTaken("age", noun: "task")) {
            try TaskFamily.register(TaskType<AgeTask>())
        }
        #expect(TaskFamily.registry.names.count { $0 == "bar-height" } == 1)
        let unknown = #expect(throws: NamedOptionsError.self) { try TaskFamily.task(named: "bar-hight") }
        #expect(unknown?.description.contains("did you mean bar-height") == true)
    }

    @Test func itLearnsAndItsFileOpens() throws {
        let run = SmallRun()
        defer { run.remove() }
        var options = try SmallRun.options(epochs: 12)
        options.task = try TaskConfiguration(named: "bar-height")
        (options.train.mixup, options.train.cutmix, options.train.mixProbability) = (0, 0, 0)
        options.data.augmentation = try Augmentation([.randomCrop(size: 12), .normalize(mean: [0.3], std: [0.3])])
        let training = try run.training(options)
        let result = try training()
        let error = try #require(result.test?.metrics["height error"])
        #expect(error < 0.7, "always naming the mean would be off by a whole bar: \(error)")
        #expect(result.validation.accuracy == nil && result.test?.count == 16)
        let examples = try ExamplesFile.read(in: run.folder)
        #expect(examples.count == 1 && examples[0].images == Array(0..<16))
        // The file says of which task it is, and what it tells of an image.
        let file = try NetworkFile.read(training.networkFile)
        #expect(file.card.task == "bar-height" && file.network.head == .linear(outputs: 1))
        #expect(try file.task() is BarHeightTask.Type)
        let readings = try Predictor(file, precision: options.precision).readings(
            BarImages(count: 16), by: BarHeightTask.Reader.self)
        #expect(readings.map(\.image) == (0..<16).map { "bar \($0)" })
        // As images are told of in the examples.
        guard case .numbers(_, _, _, let predicted) = examples[0].content else { throw CancellationError() }
        let told = readings.map { reading -> Double in
            guard case .number(let value) = reading.reading.values[0] else { return .nan }
            return value
        }
        #expect(zip(told, predicted).allSatisfy { abs($0 - $1) < 1e-3 })
        let scored = try Predictor(file, precision: options.precision).score(
            BarHeightTask.scoring("bars", with: .given(OpenedDataset(train: BarImages(count: 16)))),
            on: BarImages(count: 16))
        #expect(abs(scored.value - (result.test?.value ?? 0)) < 1e-3 && scored.count == 16)
    }
}
