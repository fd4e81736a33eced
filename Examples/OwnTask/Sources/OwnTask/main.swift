// A task of one's own: how many discs are in an image. Run it with: swift run -c release OwnTask
import Datasets
import Experiments
import Methods
import NN
import Networks
import Results
import Support
import Tasks
import Torch
import Training
import Workflows

/// How many discs an image shows: a distribution over counts, whose expected value is scored by its mean absolute error.
struct CountingTask: RecognitionTask {
    static let name = "counting"
    static let summary = "how many discs an image shows"
    static let metrics = [Metric("MAE", unit: .quantity("discs"), isHigherBetter: false)]
    static let outputs = TaskOutputs.readings(CountReader.self)
    static let most = 5
    let data: OpenedDataset
    var outputNames: [String]? { nil }

    static func open(_ data: DataConfiguration, _ options: NoOptions, with open: TaskData) throws -> CountingTask {
        CountingTask(data: try data.withValidation(open.classes(data.source)))
    }
    static func scoring(_ source: String, with open: TaskData) throws -> any RecognitionTask {
        CountingTask(data: try open.classes(source))
    }
    func networkHead(features: Int) -> NetworkHead { .linear(outputs: Self.most + 1) }
    func makeHead(features: Int, _ scope: Scope, weights: Initializer?) throws -> any TaskHead {
        try LinearHead(classes: Self.most + 1, features: features, scope, weights: weights)
    }
    func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> Score {
        let errors = zip(try CountReader.counts(outputs), labels).map { abs($0 - Double($1)) }
        let error = errors.reduce(0, +) / Double(errors.count)
        return Score(-error, standardError: nil, metrics: ["MAE": error])
    }
    func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        try LinearClassifierFit(features, labels: labels, classes: Self.most + 1)
    }
    func examples(_ outputs: Tensor, labels: [Int], images: [Int], of part: TaskPart) throws -> [Examples] {
        let counts = try CountReader.counts(outputs)
        let actual = labels.map(Double.init)
        return [Examples(images: images, .numbers(quantity: "count", unit: "discs", actual: actual, predicted: counts))]
    }
}

/// What the outputs mean to a person: the expected count.
enum CountReader: TaskReader {
    static let columns = ["discs"]
    static let fewestOutputs = 1
    static func outputNames(_ count: Int) -> [String] { (0..<count).map(String.init) }
    static func counts(_ outputs: Tensor) throws -> [Double] {
        let places = try Tensor((0..<outputs.size(1)).map(Float.init))
        return try (outputs.softmax(1) * places).sum([1]).array(Float.self).map(Double.init)
    }
    static func readings(_ outputs: Tensor) throws -> [TaskReading] {
        try counts(outputs).map { TaskReading(values: [.number($0)], words: "\(Int($0.rounded())) discs") }
    }
}

try TaskFamily.register(TaskType<CountingTask>())  // from here on, configurations know it: task.name=counting
let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 3000
let data = OpenedDataset(train: Discs(count: count, seed: 1), test: Discs(count: 300, seed: 2))
var options = StudyConfiguration()
options.task = try TaskConfiguration(named: CountingTask.name)
(options.data.source, options.precision, options.search.maxMacs) = ("discs", .float32, 3_000_000)
options.space = try SpaceConfiguration(named: "mobile-tiny")
options.method = try MethodConfiguration(named: "spos")
options.setLengths(images: count)
(options.supernet.epochs, options.search.evaluations, options.finetune.epochs) = (8, 40, 8)
let study = try Study(options, path: "runs/own-task", open: .given(data))
let result = try study()
print("test images are off by", result.test?.metrics["MAE"] ?? .nan, "discs on average")
