import Distributed
import Experiments
import Support
import Tasks

/// The training of the network that a study's search found, from its inherited weights or from scratch. It needs
/// ``ArchitectureSearch``. Call the value of ``training()`` to run the phase, or to continue an interrupted run: `try
/// NetworkPhase(study, .finetune).training()()`.
public struct NetworkPhase {
    /// The weights that training starts from.
    public enum Start: String, Sendable {
        /// The weights that the search inherited from the supernet.
        case finetune
        /// Initial values, drawn from the seed.
        case retrain
    }

    private let study: Study
    /// The weights that training starts from, which also name the phase's folder.
    public let start: Start

    /// Sets up the phase. Nothing is trained before its training is called.
    public init(_ study: Study, _ start: Start) { (self.study, self.start) = (study, start) }

    /// Creates the training of the network.
    ///
    /// - Throws: `WorkflowError.missingPhase` if the search has not finished; `RunFolderError` if the folder was made
    ///   with other settings.
    public func training() throws -> NetworkTraining {
        let found = ArchitectureSearch(study).networkFile
        guard FilePath.exists(found) else {
            throw WorkflowError.missingPhase(file: found, command: CommandText.command("search", study.path))
        }
        let options = configuration(found)
        let run = try study.run(start.rawValue, options, places: options.places())
        var setup = try options.setup(task: study.task, section: start.rawValue)
        setup.ranks = Ranks.current
        setup.architecture = try ArchitectureSearch(study).stored()?.architecture
        return NetworkTraining(setup, run: run, record: study.record, progress: study.progress)
    }

    /// The settings of the training, in the form of those of a network that is trained by itself.
    public func configuration(_ found: String) -> NetworkTrainingConfiguration {
        let options = study.options
        var own = NetworkTrainingConfiguration()
        (own.seed, own.precision, own.device) = (options.seed, options.precision, options.device)
        (own.task, own.data, own.log) = (options.task, options.data, options.log)
        own.network.from = found
        own.network.inherit = start == .finetune
        own.network.inheritClassifier = options.method.isSupervised
        own.train = start == .finetune ? options.finetune : options.retrain
        return own
    }
}
