import Foundation
import Support

/// A checkpoint of a run, the file `step-00001234.safetensors`.
public struct CheckpointFile: Equatable, Sendable {
    /// The step that the checkpoint was written at, as its name spells it.
    public var step: Int
    /// The file's path: the folder that was listed, and the name in it.
    public var path: String

    /// Eight digits, and more once they are needed, so that names sort as steps do for the first hundred million.
    public static func name(step: Int) -> String {
        let digits = String(step)
        return "step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".safetensors"
    }

    /// The step that a name spells; nil for every other name, a temporary leftover's among them.
    public static func step(named name: String) -> Int? {
        guard name.hasPrefix("step-"), name.hasSuffix(".safetensors") else { return nil }
        guard let step = Int(name.dropFirst("step-".count).dropLast(".safetensors".count)), step >= 0 else {
            return nil
        }
        return self.name(step: step) == name ? step : nil
    }

    /// The checkpoints in a folder, oldest first, whole or not: whoever reads one finds out.
    ///
    /// - Throws: `FileError`.
    public static func list(in folder: String) throws -> [CheckpointFile] {
        try FilePath.list(folder).compactMap { name in
            step(named: name).map { CheckpointFile(step: $0, path: FilePath.join(folder, name)) }
        }.sorted { $0.step < $1.step }
    }
}

/// The checkpoints of a run and the metric of each, in a folder with an `index.json`.
///
/// The files are the truth: an index that a killed process left behind is brought in line with them when it is opened.
public struct CheckpointIndex: Sendable {
    /// The folder that holds the checkpoints and their `index.json`.
    public let folder: String
    /// The checkpoints in the folder with their metrics, oldest first.
    public private(set) var candidates: [CheckpointRetention.Candidate]

    /// The fault of the `index.json` that was found; nil for a sound or a missing one.
    public let problem: String?

    private static let fileName = "index.json"

    /// Opens the index of a folder.
    ///
    /// - Parameters:
    ///   - folder: the folder of the checkpoints; its `index.json` may be missing or damaged, at the cost of their
    ///     metrics.
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
    ///   - metric: the metric by which the best are chosen; one that is not finite counts as none.
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

/// The rule by which checkpoints of a run are kept: the last few, and the best few by a metric.
public struct CheckpointRetention: Equatable, Sendable {
    /// A checkpoint as far as its retention is concerned.
    public struct Candidate: Codable, Equatable, Sendable {
        /// The step that the checkpoint was written at; unique within a run.
        public var step: Int
        /// The metric by which the checkpoint is ranked; nil if it was not evaluated.
        public var metric: Double?

        /// A checkpoint written at `step`, with the metric to rank it by if there is one.
        public init(step: Int, metric: Double?) {
            self.step = step
            self.metric = metric
        }
    }

    /// The number of newest checkpoints to keep, at least 1.
    public let last: Int
    /// The number of best checkpoints to keep; 0 for none. One that is also among the newest counts for both.
    public let best: Int
    /// Whether a higher metric is the better one, as with accuracy; false for a loss.
    public let higherIsBetter: Bool

    /// Creates a rule of retention.
    ///
    /// - Parameters:
    ///   - last: the number of newest checkpoints to keep; at least 1, which is the one a run goes on from.
    ///   - best: the number of best checkpoints to keep; 0 for none.
    ///   - higherIsBetter: true for a metric such as accuracy, false for a loss.
    /// - Throws: ``InvalidConfiguration`` with the keys `keep-last` and `keep-best`.
    public init(last: Int, best: Int, higherIsBetter: Bool) throws {
        var check = ConfigurationCheck()
        check.require(last >= 1, "keep-last", "must be at least 1, is \(last)")
        check.require(best >= 0, "keep-best", "must not be negative, is \(best)")
        try check.finish()
        self.last = last
        self.best = best
        self.higherIsBetter = higherIsBetter
    }

    /// The best candidates, best first. One without a metric, or whose metric is not a number, is never among them;
    /// of equal ones, the earlier is the better.
    public func ranked(_ candidates: [Candidate]) -> [Candidate] {
        func rank(_ candidate: Candidate) -> Double? {
            candidate.metric.flatMap { $0.isNaN ? nil : higherIsBetter ? -$0 : $0 }
        }
        return candidates.compactMap { candidate in rank(candidate).map { (candidate, $0) } }
            .sorted { $0.1 != $1.1 ? $0.1 < $1.1 : $0.0.step < $1.0.step }
            .map(\.0)
    }

    /// The steps of the checkpoints to keep.
    public func kept(_ candidates: [Candidate]) -> Set<Int> {
        let newest = candidates.map(\.step).sorted().suffix(last)
        return Set(newest).union(ranked(candidates).prefix(best).map(\.step))
    }
}
