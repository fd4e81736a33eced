import ArgumentParser
import Datasets
import Networks
import Torch
import Training

/// `supernet evaluate`: the score of a network on images.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Score a network on labelled images.",
        discussion: "Use it on images that played no part in any decision; every look at a test split weakens it.")

    @Argument(help: "A network that supernet wrote.") var network: String
    @Option(name: .long, help: "A data set's name (\(DataSource.classificationNames)), or the path of your images.")
    var data: String
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

    func run() throws {
        let device = Device(device) ?? .cpu
        try device.validate()
        let file = try NetworkFile.read(network, device: device)
        let opened = try DataSource.open(data)
        let part = try chosenPart(of: opened)
        guard opened.classNames == file.card.classNames else {
            throw ValidationError(
                "the network knows the classes \(file.card.classNames), the data has \(opened.classNames)")
        }
        let score = try ClassificationScore.measure(
            file.network, file.card.batches(part, skipBadImages: skipBadImages), classes: opened.classNames.count,
            precision: Precision(rawValue: precision) ?? .float32, device: device)
        Console.result(
            Console.table([
                ("accuracy", Console.percent(score.accuracy)), ("cross-entropy", String(score.loss)),
                ("images", Console.grouped(score.count)),
            ]))
    }
}
