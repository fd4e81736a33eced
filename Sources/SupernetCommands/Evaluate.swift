import ArgumentParser
import Datasets
import NN
import Networks
import Tasks
import Torch
import Training

/// `supernet evaluate`: the score of a network on images.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Score a network on labelled images.",
        discussion: """
            What counts follows from the network: accuracy; for one that `supernet adapt` wrote, years of error, or CMC and \
            mAP. Classes are matched by name; the images may be of some of those that the network knows. Use it on images that played no part in any decision; every look at a test split weakens it.
            """)

    @Argument(help: "A network that supernet wrote.") var network: String
    @Option(
        name: .long, help: "A data set's name (\(DataSource.names), \(TaskSource.names)), or the path of your images.")
    var data: String
    @Option(
        name: .long,
        help: "What the images are labelled by, where a network of classes is for faces: gender. Default: by class.")
    var task: TaskKind?
    @Option(name: .long, help: "train, validation or test. Default: test, or all images where there is no such split.")
    var split: String?
    @Option(name: .long, help: "float32 or bfloat16.") var precision = "float32"
    @Option(name: .long, help: "cpu, cuda or cuda:1.") var device = "cpu"
    @Flag(name: .long, help: "Leave out images that cannot be read instead of stopping.") var skipBadImages = false

    func validate() throws {
        if let split, !["train", "validation", "test"].contains(split) {
            throw ValidationError("--split must be train, validation or test, not \(split)")
        }
        try ComputeOptions.validate(precision: precision, device: device)
    }

    private func chosenPart(of opened: OpenedDataset) throws -> any ImageDataset {
        let parts = ["train": opened.train, "validation": opened.validation, "test": opened.test]
        guard let split else { return opened.test ?? opened.train }
        guard let part = parts[split] ?? nil else { throw ValidationError("\(data) has no \(split) split") }
        return part
    }

    private var chosenPrecision: Precision { Precision(rawValue: precision) ?? .float32 }

    func run() throws { Console.result(Console.table(try rows())) }

    /// What is shown.
    func rows() throws -> [(String, String)] {
        let device = Device(device) ?? .cpu
        try device.validate()
        let rows =
            try TaskNetworkFile.isOne(network)
            ? ofTask(TaskNetworkFile.read(network, device: device))
            : ofClasses(NetworkFile.read(network, device: device), device)
        return rows + LeftOut.rows
    }

    /// The score of a network with a classifier.
    private func ofClasses(_ file: NetworkFile, _ device: Device) throws -> [(String, String)] {
        let kind = task ?? .classification
        guard case .classes = kind.outputs else {
            throw ValidationError("\(network) is a network of classes, not one of the task `\(kind.rawValue)`")
        }
        let opened = try kind.scoring(data, open: TaskSource.open).data
        let known = file.card.classNames
        let part = try chosenPart(of: opened)
        ImageNotes.orientation(of: part, file.card)
        let images = try NetworkClasses.labelled(part, by: known, name: data)
        let score = try ClassificationScore.measure(
            file.network, file.card.batches(images, skipBadImages: skipBadImages), classes: known.count,
            precision: chosenPrecision, device: device)
        guard score.loss.isFinite else { throw TrainingError.outputsWithoutNumbers(image: nil) }
        return [
            ("accuracy", Console.percent(score.accuracy)), ("cross-entropy", String(score.loss)),
            ("images", Console.grouped(score.count)),
        ]
    }

    /// The score of any other network.
    private func ofTask(_ file: TaskNetworkFile) throws -> [(String, String)] {
        let kind = file.card.task
        guard task == nil || task == kind else {
            throw ValidationError(
                "\(network) is a network of the task `\(kind.rawValue)`, not of `\(task?.rawValue ?? "")`")
        }
        // Of people, the order of a gallery is scored, and only the test has one.
        guard kind != .reidentification || split == nil || split == "test" else {
            throw ValidationError(
                "a network of the task `\(kind.rawValue)` is scored on queries and their gallery: --split test")
        }
        let task = try kind.scoring(data, open: TaskSource.open)
        let part = try chosenPart(of: task.data)
        ImageNotes.orientation(of: part, file.card.network)
        let (score, count) = try TaskPredictor(file, precision: chosenPrecision, skipBadImages: skipBadImages)
            .score(task, on: part)
        return task.metrics.compactMap { metric in
            score.metrics[metric.name].map { value in
                (metric.name, metric.unit == .years ? Console.years(value) : Console.percent(value))
            }
        } + [("images", Console.grouped(count))]
    }
}
