import Foundation
import Support

/// The checkpoints of a run and the metric of each, in a folder with an `index.json`.
///
/// The files are the truth: an index that a killed process left behind is brought in line with them when it is opened.
public struct CheckpointIndex: Sendable {
    /// The folder that holds the checkpoints and their `index.json`.
    public let folder: String
    /// Oldest first.
    public private(set) var candidates: [CheckpointRetention.Candidate]

    /// What is wrong with the `index.json` that was found; nil where nothing is, or there is none.
    public let problem: String?

    private static let fileName = "index.json"

    /// Opens the index of a folder.
    ///
    /// - Parameters:
    ///   - folder: where the checkpoints lie; its `index.json` may be missing or damaged, at the cost of their metrics.
    ///   - resumeStep: the step that the run goes on from; checkpoints after it are deleted, since they belong to a
    ///     future that will be trained again. Nil keeps all.
    /// - Throws: `FileError`.
    public init(folder: String, resumeStep: Int? = nil) throws {
        self.folder = folder
        try AtomicFile.removeLeftovers(in: folder)
        // A damaged index costs the metrics of the past, not the run.
        let file = FilePath.join(folder, Self.fileName)
        let bytes = try? InputFile.readAll(file)
        let stored = bytes.flatMap { try? JSONDecoder().decode([CheckpointRetention.Candidate].self, from: Data($0)) }
        problem =
            bytes == nil || stored != nil
            ? nil : "\(file) is damaged; which of the checkpoints before was the best is no longer known"
        let metrics = Dictionary((stored ?? []).map { ($0.step, $0.metric) }) { _, last in last }
        let files = try CheckpointFile.list(in: folder)
        candidates = files.map { .init(step: $0.step, metric: metrics[$0.step] ?? nil) }
        if let resumeStep { try remove { $0 > resumeStep } }
    }

    /// The path for a checkpoint at `step`.
    public func path(step: Int) -> String {
        FilePath.join(folder, CheckpointFile.name(step: step))
    }

    /// Takes in the checkpoint that has just been written at `step`, and deletes those that `retention` lets go.
    ///
    /// - Parameters:
    ///   - step: replaces an entry of the same step.
    ///   - metric: by which to choose the best; one that is not finite counts as none.
    ///   - retention: chooses among all checkpoints of the index, the new one included.
    /// - Throws: `FileError`, also when the checkpoint's file is not there.
    public mutating func add(step: Int, metric: Double?, retention: CheckpointRetention) throws {
        guard FilePath.exists(path(step: step)) else {
            throw FileError(operation: "find the checkpoint", path: path(step: step), reason: .notFound)
        }
        candidates.removeAll { $0.step == step }
        candidates.append(.init(step: step, metric: metric.flatMap { $0.isFinite ? $0 : nil }))
        candidates.sort { $0.step < $1.step }
        // The index first: a file without an entry is only unranked, a deleted one with an entry would mislead.
        try save()
        let kept = retention.kept(candidates)
        try remove { !kept.contains($0) }
    }

    private mutating func remove(where isGone: (Int) -> Bool) throws {
        let gone = candidates.map(\.step).filter(isGone)
        if gone.isEmpty { return }
        for step in gone {
            let path = path(step: step)
            guard unlink(path) == 0 || errno == ENOENT else { throw FileError.last("delete", path) }
        }
        candidates.removeAll { gone.contains($0.step) }
        try save()
    }

    private func save() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try AtomicFile.write(try encoder.encode(candidates) + Data("\n".utf8), to: FilePath.join(folder, Self.fileName))
    }
}
