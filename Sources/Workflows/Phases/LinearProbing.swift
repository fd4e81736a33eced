import Datasets
import Distributed
import Experiments
import Methods
import NN
import Networks
import Results
import Supernets
import Support
import Tasks
import Torch
import Training

/// The settings on which the phase's result depends.
struct ProbeRunConfiguration: PhaseConfiguration {
    var seed: UInt64 = 1
    var precision = Precision.bfloat16
    var device = "cpu"
    var task = TaskConfiguration()
    var data = DataConfiguration()
    var train = StudyConfiguration.probeDefaults
    var log = LogConfiguration()
    /// The digest of the supernet that is probed.
    var supernet = ""
}

/// The linear probe of a study: it trains the task's head on the frozen features of the study's supernet. It needs
/// ``SupernetTraining``; the search needs it where the supernet was trained without labels. Call the value to run the
/// phase, or to continue an interrupted run.
public struct LinearProbing: StudyPhase {
    /// The result that the phase writes to `result.json`.
    public typealias Result = ProbeResult

    /// The name of the phase and of its folder.
    public static let name = "probe"
    /// The study that the phase is part of.
    public let study: Study

    /// Sets up the phase. Nothing is trained before it is called.
    public init(_ study: Study) { self.study = study }

    /// The path of the head's file, with the tensors `fc.weight` and `fc.bias`.
    public var probeFile: String { FilePath.join(folder, "probe.safetensors") }

    /// Trains the probe, continues an interrupted training, or returns the result of a finished one.
    ///
    /// - Throws: `RunFolderError` if the folder was made with other settings; what reading the supernet or training
    ///   throws.
    @discardableResult
    public func callAsFunction() throws -> ProbeResult {
        let options = study.options
        let supernetFile = SupernetTraining(study).supernetFile
        let file = try SupernetFile.read(supernetFile)
        var configuration = study.configuration(of: ProbeRunConfiguration.self)
        (configuration.train, configuration.log) = (options.probe, options.log)
        configuration.supernet = try FileDigest.text(of: supernetFile)
        let run = try study.run(Self.name, configuration)
        if let finished = try stored() { return finished }

        let validation = try options.data.evaluationLoader(
            DataConfiguration.sample(study.task.validationSet(), Study.watchedImages))
        let supernet = try file.supernet(device: study.device())
        let (method, summary) = try Ranks.together(.probe) {
            if let ranks = Ranks.current { _ = try ranks.shared(supernet.store.state) }
            return try learn(on: supernet, validating: validation, run: run, progress: study.progress)
        }
        try Checkpoint.write(method.store.state, metadata: ["format": "pt"], to: probeFile)
        let result = ProbeResult(steps: summary.steps, seconds: summary.seconds, validation: summary.validation)
        try ResultFile.write(result, to: resultFile)
        return result
    }

    /// Takes part in a training whose files rank 0 writes, on the supernet of rank 0.
    ///
    /// - Parameter ranks: the processes.
    /// - Throws: `RanksError` if another process ends; what training throws.
    func follow(_ ranks: Ranks) throws {
        let supernet = try Supernet(
            SupernetTraining(study).description(),
            store: ParameterStore(seed: 0, device: study.device(), format: .channelsLast))
        try supernet.store.load(ranks.shared([]))
        _ = try learn(
            on: supernet, validating: nil, run: nil, progress: ProgressReporter(output: NoOutput()))
    }

    /// Trains to the end, from the newest checkpoint of the run's folder where there is one.
    private func learn(
        on supernet: Supernet, validating validation: BatchLoader?, run: RunFolder?, progress: ProgressReporter
    ) throws -> (LinearProbeMethod, Trainer.Summary) {
        let options = study.options
        let training = try study.trainingLoader(options.probe, section: "probe", stream: RandomStream.probeImages)
        let method = try LinearProbeMethod(
            supernet,
            objective: study.objective(
                options.probe, device: study.device(), stream: RandomStream.probe,
                steps: options.probe.epochs * training.batchCount, section: "probe"))
        let trainer = try options.probe.trainer(
            of: method, batches: training.batchCount, phase: "probe", settings: SettingNames(section: "probe"),
            criterion: "score", log: options.log, run: run, ranks: Ranks.current, progress: progress)
        return (method, try trainer.train(on: training, validating: validation ?? training))
    }
}
