import Distributed
import Experiments
import Results
import Support
import Tasks
import Torch
import Training

/// One phase of a study. A phase has a folder of its own, in which a result marks it as finished.
public protocol StudyPhase {
    /// The result that the phase writes to `result.json`.
    associatedtype Result: Codable, Sendable
    /// The name of the phase's folder in the study's.
    static var name: String { get }
    /// The study that the phase is part of.
    var study: Study { get }
}

extension StudyPhase {
    /// The path of the phase's folder.
    public var folder: String { study.folder(Self.name) }

    /// The result of the finished phase; nil before it is finished.
    ///
    /// - Throws: `ResultError.damaged` where the file is damaged.
    public func stored() throws -> Result? { try ResultFile.read(Result.self, resultFile) }

    var resultFile: String { FilePath.join(folder, ResultFile.name) }
}

/// The settings on which the result of any phase depends.
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
    /// Creates the settings of a phase, with those filled in that all phases share.
    func configuration<T: PhaseConfiguration>(of phase: T.Type) -> T {
        var own = T()
        (own.seed, own.precision, own.device) = (options.seed, options.precision, options.device)
        (own.task, own.data) = (options.task, options.data)
        return own
    }

    /// Derives the seed of a phase's random choices.
    ///
    /// - Parameter stream: the phase's own random stream, so that no two phases draw the same numbers; nil for the
    ///   study's seed.
    func seed(_ stream: UInt64?) -> UInt64 {
        stream.map { SeededGenerator(seed: options.seed, $0).state } ?? options.seed
    }

    /// Creates the objective of a phase that trains.
    ///
    /// - Parameters:
    ///   - train: the training settings, of which label smoothing and mixing are used.
    ///   - device: the device that computes.
    ///   - stream: the phase's own random stream; nil for the study's seed.
    ///   - steps: the number of steps of the whole training.
    ///   - section: the section of a configuration that `train` is read from, for messages.
    func objective(
        _ train: TrainConfiguration, device: Device, stream: UInt64? = nil, steps: Int, section: String
    ) throws -> TaskObjective {
        try TaskObjective(
            task, train: train, precision: options.precision, device: device, seed: seed(stream), steps: steps,
            section: section, ranks: Ranks.current)
    }
}

extension Ranks {
    /// Does something together with the other processes of this program, which follow; alone where there are none.
    static func together<Value>(_ training: SharedTraining, _ body: () throws -> Value) throws -> Value {
        guard let current else { return try body() }
        return try current.together(training.words, body)
    }
}
