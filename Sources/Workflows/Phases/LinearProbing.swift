import Datasets
import Experiments
import Methods
import Networks
import Supernets
import Support
import Torch
import Training

/// What the phase's result depends on.
struct ProbeRunConfiguration: PhaseConfiguration {
    var seed: UInt64 = 1
    var precision = Precision.bfloat16
    var device = "cpu"
    var data = DataConfiguration()
    var train = LoopConfiguration()
    var log = LogConfiguration()
    /// Digest of the supernet that is probed.
    var supernet = ""
}

/// Trains a linear classifier on the frozen features of a study's supernet.
public struct LinearProbing: StudyPhase {
    /// What the phase leaves in `result.json`.
    public struct Result: Codable, Sendable, Equatable {
        /// Steps of the whole phase.
        public var steps: Int
        /// Of training alone.
        public var seconds: Double
        /// The last evaluation, on the validation split: the mean over some random paths.
        public var validation: [String: Double]
    }

    /// The name of the phase and of its folder.
    public static let name = "probe"
    /// Whose phase it is.
    public let study: Study

    /// Sets up the phase; nothing is trained before it is called.
    public init(_ study: Study) { self.study = study }

    /// Path of the classifier: `fc.weight` and `fc.bias`.
    public var probeFile: String { folder + "/probe.safetensors" }

    /// Trains, or continues, or returns what an earlier call finished.
    ///
    /// - Throws: what reading the supernet or training throws.
    @discardableResult
    public func callAsFunction() throws -> Result {
        let options = study.options
        let supernetFile = SupernetTraining(study).supernetFile
        let file = try SupernetFile.read(supernetFile)
        var configuration = study.configuration(of: ProbeRunConfiguration.self)
        (configuration.train, configuration.log) = (options.probe, options.log)
        configuration.supernet = try FileDigest.text(of: supernetFile)
        let run = try study.run(Self.name, configuration)
        if let finished = try stored() { return finished }

        let device = try study.device()
        let method = try LinearProbeMethod(
            file.supernet(device: device), classes: study.data.classNames.count,
            settings: study.methodSettings(device: device, stream: 0x960BE))
        let images = try Study.sample(study.data.train, options.probe.images)
        let training = try options.data.trainingLoader(
            images, batchSize: options.probe.batchSize, setting: "probe.batch-size",
            seed: SeededGenerator(seed: options.seed, 0xDA7B).state)
        let validation = try options.data.evaluationLoader(Study.sample(study.validationSet(), 1024))
        var loop = try options.probe.trainerOptions(batches: training.batchCount, log: options.log)
        (loop.phase, loop.settings) = ("probe", SettingNames(section: "probe"))
        let trainer = try Trainer(
            method: method, optimizer: options.probe.optimizer(method.store), options: loop, run: run,
            progress: study.progress)
        let summary = try trainer.train(on: training, validating: validation)
        try Checkpoint.write(method.store.state, metadata: ["format": "pt"], to: probeFile)
        let result = Result(steps: summary.steps, seconds: summary.seconds, validation: summary.validation)
        try PhaseResult.write(result, resultFile)
        return result
    }
}
