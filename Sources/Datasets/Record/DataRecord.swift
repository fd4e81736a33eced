import Foundation
import Support
import Synchronization

/// What the folder of a run keeps of its data: which images they are (`data.jsonl`), so that a later start or phase notices
/// others, and which of them could not be read (`left-out.jsonl`).
public final class DataRecord: Sendable {
    /// The name of the file of the manifest.
    public static let manifestName = "data.jsonl"
    /// The name of the file of the images that could not be read, a line of JSON each.
    public static let leftOutName = "left-out.jsonl"

    /// The folder of the run.
    public let folder: String
    private let parts: [(name: String, images: any ImageDataset)]
    private let root: String
    private let policy: ChangedDataPolicy
    private let state = Mutex(State())

    private struct State {
        var isOpen = false
        var sources: Set<String> = []
        var listener: Int?
    }

    /// Nothing is read or written before `open` is called.
    ///
    /// - Parameters:
    ///   - folder: of the run.
    ///   - data: its images.
    ///   - root: the name or path that the data was opened by.
    ///   - policy: what becomes of a run whose images are others than it began with.
    public init(folder: String, of data: OpenedDataset, root: String, changes policy: ChangedDataPolicy) {
        self.folder = folder
        self.root = root
        self.policy = policy
        parts =
            [("train", data.train)]
            + [("validation", data.validation), ("test", data.test)].compactMap { name, images in
                images.map { (name, $0) }
            }
    }

    deinit {
        if let listener = state.withLock({ $0.listener }) { UnreadableImages.shared.stopListening(listener) }
    }

    /// Holds the images against those that the run began with, or takes them down where it begins; from then on, images of
    /// the run that cannot be read are taken down in its folder. Calls after the first do nothing.
    ///
    /// - Parameters:
    ///   - learned: the classes that the run is known to have learned where it has no manifest, as runs of earlier versions
    ///     have none; empty where that is not known.
    ///   - told: gets each change, in words, where changes are accepted.
    /// - Throws: `ChangedDataError` if the data are others and that was not accepted, or classes are under other labels;
    ///   `DatasetError` for a manifest that is damaged; `FileError`.
    public func open(learned: () throws -> [String] = { [] }, told: (String) -> Void = { _ in }) throws {
        guard !state.withLock({ $0.isOpen }) else { return }
        let manifest = DataManifest(of: parts, root: root)
        let path = FilePath.join(folder, Self.manifestName)
        let text = manifest.text
        if FilePath.exists(path) {
            let stored = try InputFile.readAll(path)
            if stored != text {
                let old = try DataManifest(text: stored, path: path)
                try decide(DataChanges(from: old, to: manifest), told)
                try replace(old, by: manifest, path)
            }
        } else {
            let classes = try learned()
            if !classes.isEmpty {
                let (old, new) = (
                    DataManifest(classes: classes, rows: []), DataManifest(classes: manifest.classes, rows: [])
                )
                if old != new { try decide(DataChanges(from: old, to: new), told) }
            }
            try AtomicFile.write(text, to: path)
        }
        let sources = Set(parts.flatMap { part in (0..<part.images.count).map { part.images.source(at: $0) } })
        let leftOut = FilePath.join(folder, Self.leftOutName)
        UnreadableImages.shared.remember(Self.read(leftOut).filter { sources.contains($0.image) })
        let listener = UnreadableImages.shared.listen { entry in
            guard sources.contains(entry.image) else { return }
            // What cannot be taken down was told all the same; it is no reason to stop a training.
            guard let line = try? JSONEncoder().encode(entry), let file = try? OutputFile(leftOut, .append) else {
                return
            }
            try? file.append(line + [UInt8(ascii: "\n")])
        }
        state.withLock { $0 = State(isOpen: true, sources: sources, listener: listener) }
    }

    /// Holds the images against those that a run began with whose folder is only read: nothing is written. A run of
    /// earlier versions without a manifest passes.
    ///
    /// - Throws: `ChangedDataError` if the data are others; `DatasetError` for a manifest that is damaged; `FileError`.
    public func requireUnchanged() throws {
        let manifest = DataManifest(of: parts, root: root)
        let path = FilePath.join(folder, Self.manifestName)
        guard FilePath.exists(path) else { return }
        let stored = try InputFile.readAll(path)
        guard stored != manifest.text else { return }
        let changes = try DataChanges(from: DataManifest(text: stored, path: path), to: manifest)
        throw ChangedDataError(folder: folder, changes: changes, isDecidable: false)
    }

    /// The images of the run that could not be read, as far as they were met.
    public var leftOut: [UnreadableImages.Entry] {
        UnreadableImages.shared.among(state.withLock { $0.sources })
    }

    /// The path of the file that names the images that could not be read.
    public var leftOutFile: String { FilePath.join(folder, Self.leftOutName) }

    private func decide(_ changes: DataChanges, _ told: (String) -> Void) throws {
        guard policy == .accepted, changes.labelsHold else {
            throw ChangedDataError(
                folder: folder, changes: changes, isDecidable: policy == .undecided && changes.labelsHold)
        }
        for line in changes.lines { told(line) }
    }

    private func replace(_ old: DataManifest, by new: DataManifest, _ path: String) throws {
        // The earlier manifest stays: whoever reads the result can see what it was learned from.
        var number = 1
        func earlier(_ number: Int) -> String { FilePath.join(folder, "data-\(number).jsonl") }
        while FilePath.exists(earlier(number)) { number += 1 }
        try AtomicFile.write(old.text, to: earlier(number))
        try AtomicFile.write(new.text, to: path)
        // Files that were mended are to be met anew.
        let leftOut = FilePath.join(folder, Self.leftOutName)
        if FilePath.exists(leftOut) { try AtomicFile.write([], to: leftOut) }
    }

    private static func read(_ path: String) -> [UnreadableImages.Entry] {
        // A line that was half written when a process died is told again.
        guard let bytes = try? InputFile.readAll(path) else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap {
            try? JSONDecoder().decode(UnreadableImages.Entry.self, from: Data($0))
        }
    }
}

/// What becomes of a run whose images are others than it began with.
public enum ChangedDataPolicy: Sendable {
    /// It is refused, and there is nothing to decide.
    case refused
    /// It is refused, and the message tells of the option by which it would go on.
    case undecided
    /// It goes on, unless labels would mean other classes.
    case accepted
}

/// The images of a run are no longer those that it began with.
public struct ChangedDataError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The folder of the run.
    public let folder: String
    /// The changes of the data.
    public let changes: DataChanges
    /// Whether the run would go on if it were told to.
    public let isDecidable: Bool

    /// What changed and what can be done, in words.
    public var description: String {
        "the images are no longer those that \(folder) began with:\n"
            + changes.lines.map { "  \($0)\n" }.joined()
            + (changes.labelsHold ? "" : "what was learned would name other classes; ")
            + "restore them, or start over in another folder"
            + (isDecidable ? ", or decide to go on with them as they are: --changed-data" : "")
    }
}
