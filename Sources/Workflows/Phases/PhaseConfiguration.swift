import Datasets
import Experiments
import Methods
import NN
import Results
import Support
import Tasks
import Torch
import Training

/// One phase of a study: a folder of its own, and in it a result that marks the phase as finished.
public protocol StudyPhase {
    /// What the phase leaves in `result.json`.
    associatedtype Result: Codable, Sendable
    /// The name of the phase's folder in the study's.
    static var name: String { get }
    /// The study that the phase is part of.
    var study: Study { get }
}

extension StudyPhase {
    /// The folder of the phase.
    public var folder: String { study.folder(Self.name) }

    /// The finished result; nil before.
    ///
    /// - Throws: `ResultError.damaged` where the file is damaged.
    public func stored() throws -> Result? { try ResultFile.read(Result.self, resultFile) }

    var resultFile: String { FilePath.join(folder, ResultFile.name) }
}

/// What the result of any phase depends on.
protocol PhaseConfiguration: Configuration {
    var seed: UInt64 { get set }
    var precision: Precision { get set }
    var device: String { get set }
    var task: TaskConfiguration { get set }
    var data: DataConfiguration { get set }
}

extension PhaseConfiguration {
    static var resumeIgnoredKeys: [String] { DataConfiguration.keysWithoutEffect }
}

extension Study {
    /// The settings of a phase, as far as all phases share them.
    func configuration<T: PhaseConfiguration>(of phase: T.Type) -> T {
        var own = T()
        (own.seed, own.precision, own.device) = (options.seed, options.precision, options.device)
        (own.task, own.data) = (options.task, options.data)
        return own
    }

    /// The seed of a phase's random choices.
    ///
    /// - Parameter stream: a stream of the phase's own, so that no two phases draw the same; nil for the study's seed itself.
    func seed(_ stream: UInt64?) -> UInt64 {
        stream.map { SeededGenerator(seed: options.seed, $0).state } ?? options.seed
    }

    /// What a phase learns by.
    ///
    /// - Parameters:
    ///   - train: label smoothing and mixing.
    ///   - device: where.
    ///   - stream: as for ``seed(_:)``.
    ///   - steps: of the whole training.
    ///   - section: where a user gives `train`.
    func objective(
        _ train: TrainConfiguration, device: Device, stream: UInt64? = nil, steps: Int, section: String
    ) throws -> TaskObjective {
        try TaskObjective(
            task, train: train, precision: options.precision, device: device, seed: seed(stream), steps: steps,
            section: section)
    }
}
