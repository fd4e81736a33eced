import Datasets
import Experiments
import Foundation
import Networks
import Support
import Tasks
import Torch
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
    public init(_ study: Study, _ start: Start) { (self.study, self.start) = (study, start) }

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
        var setup = try options.setup(task: study.task, section: start.rawValue)
        setup.architecture = try ArchitectureSearch(study).stored()?.architecture
        return NetworkTraining(setup, run: run, record: study.record, progress: study.progress)
    }

    /// The settings of the training, as those of a network that is trained by itself.
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
