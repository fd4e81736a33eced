/// One phase of a study: a folder of its own, and in it a result that marks the phase as finished.
public protocol StudyPhase {
    /// What the phase leaves in `result.json`.
    associatedtype Result: Codable, Sendable
    /// Name of the phase's folder in the study's.
    static var name: String { get }
    /// Whose phase it is.
    var study: Study { get }
}

extension StudyPhase {
    /// Folder of the phase.
    public var folder: String { study.folder(Self.name) }

    /// The finished result; nil before.
    ///
    /// - Throws: `TrainingError.badResult` where the file is damaged.
    public func stored() throws -> Result? { try PhaseResult.read(Result.self, resultFile) }

    var resultFile: String { folder + "/result.json" }
}
