import Architectures
import Datasets
import Distributed
import Experiments
import NN
import Networks
import Results
import Support
import Torch
import Training

/// The training of one stand-alone network on a task, from the data to a self-contained file and a final score on the
/// test images. It is used to train a network by itself, to fine-tune or retrain the network that a search found, and
/// for each row of an adaptation.
public struct NetworkTraining {
    /// The result that a finished run writes to `result.json`.
    public typealias Result = NetworkResult

    /// The network, its images and its training settings.
    public let setup: NetworkSetup
    /// The folder that everything is written to.
    public let run: RunFolder
    /// The record of the images, kept in the run's folder or in that of the study that it is part of.
    public let record: DataRecord
    private let progress: ProgressReporter

    /// Sets up a run. Nothing is trained or written before it is called.
    ///
    /// - Parameters:
    ///   - setup: the network, its images and its training settings.
    ///   - run: the folder that everything is written to.
    ///   - record: the record of the images, which the folder keeps.
    ///   - progress: the reporter that shows progress.
    public init(_ setup: NetworkSetup, run: RunFolder, record: DataRecord, progress: ProgressReporter) {
        (self.setup, self.run, self.record, self.progress) = (setup, run, record, progress)
    }

    /// The path of the trained network, a `NetworkFile`.
    public var networkFile: String { FilePath.join(run.path, Self.networkName) }
    /// The path of the result, whose presence marks a run as finished.
    public var resultFile: String { FilePath.join(run.path, ResultFile.name) }
    /// The name of the file of weights in the folder of a training.
    public static let networkName = "network.safetensors"

    /// Trains the network, continues an interrupted training, or returns the result of a finished one.
    ///
    /// - Throws: `ChangedDataError` if the images differ from those that the run began with; what training throws.
    public func callAsFunction() throws -> NetworkResult {
        try record.open(told: { progress.print("the images changed: \($0)") })
        if let finished = try ResultFile.read(NetworkResult.self, resultFile) { return finished }
        let validationSet = try setup.task.validationSet()
        let validation = try setup.data.evaluationLoader(validationSet)
        let (method, summary) = try setup.together {
            try setup.learn(validating: validation, run: run, progress: progress)
        }
        if case .byDomain(_, let images) = setup.task.normalization {
            try method.recalibrate(setup.data.evaluationLoader(images).batches(epoch: 0))
        }
        return try finish(method, summary, validation, count: validationSet.count)
    }

    /// Writes the network and computes the final score. This is the only time that the test images are read.
    private func finish(
        _ method: NetworkMethod, _ summary: Trainer.Summary, _ validation: BatchLoader, count: Int
    ) throws -> NetworkResult {
        let card = setup.card(features: method.result.backbone.features)
        try NetworkFile.write(method.result.store.state, card, to: networkFile)
        func measure(
            _ loader: BatchLoader, _ part: TaskPart, _ count: Int, isMirrored: Bool = false
        ) throws -> any ScoreMeter {
            let phase = part == .test ? "test" : "validate"
            defer { progress.finish() }
            return try method.measure(loader.batches(epoch: 0), of: part, isMirrored: isMirrored) {
                progress.update(ProgressState(phase: phase, step: $0, steps: count, imagesPerStep: 1))
            }
        }
        let test = try (setup.readsTest ? setup.task.data.test : nil).map {
            ($0.count, try setup.data.evaluationLoader($0))
        }
        let validated = try measure(validation, .validation, count)
        let tested = try test.map { try measure($1, .test, $0) }
        var result = NetworkResult(
            architecture: setup.architecture, cost: try card.cost(),
            steps: summary.steps, epochs: setup.epochsBefore + Double(setup.train.epochs), seconds: summary.seconds,
            validation: try validated.score(), test: try tested?.score(),
            leftOut: setup.data.skipBadImages ? record.leftOut : nil)
        if setup.data.augmentation.mirrors, case .classes = type(of: setup.task).outputs {
            result.mirroredValidation = try measure(validation, .validation, count, isMirrored: true).score().accuracy
            result.mirroredTest = try test.map { try measure($1, .test, $0, isMirrored: true).score().accuracy } ?? nil
        }
        try ResultFile.write(
            (tested ?? validated).examples(), to: FilePath.join(run.path, ExamplesFile.name), pretty: false)
        try ResultFile.write(result, to: resultFile)
        return result
    }
}

extension NetworkFile.Card {
    /// Creates the card of a network that was trained on a task.
    ///
    /// - Parameters:
    ///   - task: the task.
    ///   - layer: the layers without choices.
    ///   - channels: the channels of the images.
    ///   - features: the number of features that the layers give.
    ///   - data: the settings by which images were prepared.
    public static func describing(
        _ task: any RecognitionTask, _ layer: Layer, channels: Int, features: Int, _ data: DataConfiguration
    ) -> NetworkFile.Card {
        let (mean, std) = data.normalization
        let head = task.networkHead(features: features)
        return NetworkFile.Card(
            task: task.name,
            network: NetworkDescription(channels: channels, classes: head.linearOutputs, backbone: layer),
            head: head.kind == .linear ? nil : head, classNames: task.outputNames ?? [], imageSize: data.imageSize,
            mean: mean, std: std, steps: data.steps, orientation: data.orientation,
            base: head.kind == .map ? data.augmentation.base ?? data.imageSize.longer : nil)
    }
}

/// A progress output that shows nothing, for trainings that run side by side.
public struct NoOutput: ProgressOutput {
    /// Nil, as there is no terminal.
    public var columns: Int? { nil }

    /// Creates the output.
    public init() {}

    /// Ignores the text.
    public func write(_ text: String) {}
}
