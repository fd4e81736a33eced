import Experiments
import Training

/// Trains the network that a study's search found: on from the weights that it inherited, or from scratch.
public struct NetworkPhase {
    /// Where the weights come from.
    public enum Start: String, Sendable {
        /// From the supernet.
        case finetune
        /// From the seed.
        case retrain
    }

    private let study: Study
    /// Where the weights come from; also the name of the phase's folder.
    public let start: Start

    /// Sets up the phase; nothing is trained before it is called.
    public init(_ study: Study, _ start: Start) {
        self.study = study
        self.start = start
    }

    /// The training with all its settings.
    ///
    /// - Throws: `WorkflowError.missingPhase` before the search; `RunFolderError` if the folder was made with other
    ///   settings.
    public func training() throws -> NetworkTraining {
        let found = ArchitectureSearch(study).networkFile
        guard FilePresence.exists(found) else {
            throw WorkflowError.missingPhase(file: found, command: CommandText.command("search", study.path))
        }
        let options = configuration(found)
        let run = try study.run(start.rawValue, options, places: options.places())
        return try NetworkTraining(
            options: options, data: study.data, isCut: true, run: run, section: start.rawValue,
            progress: study.progress, record: study.record)
    }

    private func configuration(_ found: String) -> NetworkTrainingConfiguration {
        let options = study.options
        var own = NetworkTrainingConfiguration()
        own.seed = options.seed
        own.data = options.data
        own.network.from = found
        own.network.inherit = start == .finetune
        own.network.inheritClassifier = options.method.name.isSupervised
        own.train = start == .finetune ? options.finetune : options.retrain
        own.train.precision = options.precision
        own.train.device = options.device
        own.log = options.log
        return own
    }
}
