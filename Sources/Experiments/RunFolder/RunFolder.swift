import Foundation
import Support

/// A run is a folder:
///
/// ```
/// config.yaml          the resolved configuration
/// run.json             seed, and every start with its command, commit and versions
/// metrics.jsonl        scalars by step
/// events/              TensorBoard
/// checkpoints/         step-00001234.safetensors
/// lock                 held while a process writes the run
/// ```
///
/// Opening the folder again with equal settings continues the run. The lock is held until this object is released.
public final class RunFolder: Sendable {
    /// The run's folder as the caller named it, without slashes at its end.
    public let path: String
    /// Whether the run had been started before.
    public let isResumed: Bool
    /// The path to which an earlier run of that name was moved, if this one was opened with `fresh`.
    public let setAside: String?
    /// The origin of the run, this start included.
    public let record: RunRecord
    private let lock: RunLock

    /// The path of `config.yaml`, the resolved configuration, rewritten at every start.
    public var configurationFile: String { FilePath.join(path, Self.configurationName) }
    /// The path of `run.json`, the ``RunRecord``. Its presence marks a run whose first start got as far as its end.
    public var recordFile: String { FilePath.join(path, Self.recordName) }
    /// The path of `metrics.jsonl`, the file of the run's ``MetricsLog``.
    public var metricsFile: String { FilePath.join(path, Self.metricsName) }
    /// The path of `events`, the folder to point TensorBoard at; it exists once the run is open.
    public var eventsFolder: String { FilePath.join(path, "events") }
    /// The path of the event file, one for the whole run; TensorBoard knows it by the middle of its name.
    public var eventsFile: String { FilePath.join(eventsFolder, "run.tfevents") }
    /// The path of the ``ProgressRecord``, beside the events; it exists while a process works at the run, and after.
    public var progressFile: String { FilePath.join(eventsFolder, Self.progressName) }
    /// The path of `checkpoints`, the folder for a ``CheckpointIndex``; it exists once the run is open.
    public var checkpointsFolder: String { FilePath.join(path, "checkpoints") }

    /// The name of the configuration's file in a run's folder.
    public static let configurationName = "config.yaml"
    /// The name of the file of metrics in a run's folder.
    public static let metricsName = "metrics.jsonl"
    /// The name of the file of progress in a run's folder of events.
    public static let progressName = "progress.json"
    static let recordName = "run.json"

    /// Creates the run, or opens it to go on.
    ///
    /// - Parameters:
    ///   - path: the run's folder, made if it is missing. One that holds other things than a run is refused.
    ///   - configuration: must equal the stored one of an existing run, but for its `resumeIgnoredKeys`. Keys that
    ///     are newer than the stored file count there as their defaults, or as their `meaningsOfAbsence`.
    ///   - seed: must equal that of an existing run.
    ///   - command: the program and its arguments, for the record of this start.
    ///   - versions: the versions that the result may depend on, such as that of libtorch.
    ///   - places: the files and folders that keys of the configuration name. Their text may differ from the stored one
    ///     as long as it names the same file or folder.
    ///   - fresh: start over. An existing run is renamed to `<path>.old-1` (or the next free number), never deleted.
    ///   - sourceFolder: the folder in which a git checkout is looked for.
    ///   - now: the time of this start, for the record.
    /// - Throws: ``RunFolderError``, `FileError`.
    public init<T: Configuration>(
        _ path: String, configuration: Resolved<T>, seed: UInt64, command: [String] = CommandLine.arguments,
        versions: [String: String] = [:], places: [String: NamedPlace] = [:], fresh: Bool = false,
        sourceFolder: String = ".", now: Date = Date()
    ) throws {
        let path = FilePath.trim(path)
        try Self.refuseForeign(path)
        var lock = try Self.lock(path)
        var setAside: String?
        if fresh, Self.isRun(path) {
            setAside = try SetAside.rename(path)
            lock = try Self.lock(path)
        }

        var record = RunRecord(seed: seed)
        let stored = FilePath.join(path, Self.configurationName)
        let recordFile = FilePath.join(path, Self.recordName)
        // The record is written last: without it, the first start died before it began.
        let isResumed = FilePath.exists(stored) && FilePath.exists(recordFile)
        if isResumed {
            record = try Self.stored(path, recordFile)
            try Self.compare(path, stored, configuration, record, seed, places)
        }
        self.path = path
        self.lock = lock
        self.isResumed = isResumed
        self.setAside = setAside
        let commit = GitCommit.current(from: sourceFolder)
        record.starts.append(
            .init(time: Timestamp.text(now), command: command, gitCommit: commit, versions: versions))
        if !places.isEmpty { record.places = (record.places ?? [:]).merging(places) { $1 } }
        self.record = record

        for folder in [path, eventsFolder, checkpointsFolder] {
            try FilePath.makeFolder(folder)
            try AtomicFile.removeLeftovers(in: folder)
        }
        try AtomicFile.write(configuration.yaml(), to: configurationFile)
        try record.write(to: recordFile)
    }

    private static func lock(_ path: String) throws -> RunLock {
        try FilePath.makeFolder(path)
        return try RunLock(folder: path)
    }

    private static func stored(_ path: String, _ recordFile: String) throws -> RunRecord {
        do { return try RunRecord.read(recordFile) } catch is DecodingError {
            throw RunFolderError.unreadable(path: path, reason: "\(recordFile) is not the record of a run")
        }
    }

    private static func compare<T: Configuration>(
        _ path: String, _ file: String, _ configuration: Resolved<T>, _ record: RunRecord, _ seed: UInt64,
        _ places: [String: NamedPlace]
    ) throws {
        let stored: Resolved<T>
        do { stored = try ConfigurationLoader.load(T.self, stored: file) } catch let error as ConfigurationError {
            throw RunFolderError.unreadable(path: path, reason: error.description)
        }
        var differences = ConfigurationDifference.between(
            stored.tree, configuration.tree, ignoring: T.resumeIgnoredKeys.map { KeyStyle.kebab($0) })
        let texts = Dictionary(stored.tree.leaves().map { ($0.path, $0.value.string) }) { first, _ in first }
        differences.removeAll { difference in
            guard let place = places[difference.key], let text = texts[difference.key] ?? nil else { return false }
            return place.isSame(as: record.places?[difference.key], named: text)
        }
        // The same path may have come to hold something else.
        for (key, place) in places.sorted(by: { $0.key < $1.key }) where !differences.contains(where: { $0.key == key })
        {
            guard let old = record.places?[key], old.digest != nil, place.digest != nil, old.digest != place.digest
            else { continue }
            differences.append(
                .init(key: key, old: "\(old.path) as it was then", new: "\(place.path) with other content"))
        }
        if record.seed != seed {
            differences.append(.init(key: "seed of the run", old: "\(record.seed)", new: "\(seed)"))
        }
        if !differences.isEmpty { throw RunFolderError.different(path: path, differences) }
    }
}

extension RunFolder {
    /// The files and folders that the first start of a run makes, in this order.
    private static let unfinished = [RunLock.fileName, "events", "checkpoints", configurationName, recordName]

    /// Whether a folder is a run, by its record: a `config.yaml` alone may be anybody's.
    static func isRun(_ path: String) -> Bool {
        let record = FilePath.join(path, recordName)
        guard FilePath.exists(record) else { return false }
        if (try? RunRecord.read(record)) != nil { return true }
        // A record that was damaged, among everything else that a run has.
        return unfinished.allSatisfy { FilePath.exists(FilePath.join(path, $0)) }
    }

    /// Refuses a folder with other things in it than a run: it is somebody's.
    ///
    /// - Throws: ``RunFolderError/notARun(path:found:)``; `FileError`.
    static func refuseForeign(_ path: String) throws {
        guard FilePath.exists(path), !isRun(path) else { return }
        let found = try FilePath.list(path).filter { !AtomicFile.isTemporary($0) }
        // What is left of a first start that was killed: the lock was there before all else.
        let other = found.contains(RunLock.fileName) ? found.filter { !unfinished.contains($0) } : found
        if !other.isEmpty { throw RunFolderError.notARun(path: path, found: other) }
    }

    /// The places of the files and folders that a run's configuration names, by their keys; empty for a folder that is
    /// no run, and for a run of before places were recorded.
    public static func places(of path: String) -> [String: NamedPlace] {
        (try? RunRecord.read(FilePath.join(path, recordName)))?.places ?? [:]
    }

    /// The record of the run in a folder; nil for a folder that is none.
    public static func record(of path: String) -> RunRecord? { try? RunRecord.read(FilePath.join(path, recordName)) }

    /// Whether a process works at the run, or the group of runs, in a folder. Looking changes nothing.
    public static func isHeld(_ path: String) -> Bool { RunLock.isHeld(folder: path) }

    /// Renames a run to `<path>.old-1` (or the next free number), so that its place is free.
    ///
    /// - Parameter path: the run's folder.
    /// - Returns: the new path; nil where there was no run.
    /// - Throws: ``RunFolderError`` for a folder that is no run, or that another process writes to; `FileError`.
    public static func setAside(_ path: String) throws -> String? {
        let path = FilePath.trim(path)
        try refuseForeign(path)
        guard isRun(path) else { return nil }
        let lock = try RunLock(folder: path)
        defer { withExtendedLifetime(lock) {} }
        return try SetAside.rename(path)
    }
}

/// Renaming a folder to a free name beside it.
enum SetAside {
    /// Renames a folder to the first free name beside it.
    ///
    /// - Parameter path: a folder whose lock is held, without slashes at its end.
    /// - Returns: the new path.
    /// - Throws: `FileError`.
    static func rename(_ path: String) throws -> String {
        var number = 1
        while FilePath.isThere("\(path).old-\(number)") { number += 1 }
        let target = "\(path).old-\(number)"
        guard Glibc.rename(path, target) == 0 else { throw FileError.last("rename", path) }
        try AtomicFile.syncFolder(FilePath.folder(of: path))
        return target
    }
}

/// A run's folder that cannot be opened.
public enum RunFolderError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Another process writes this run.
    case locked(path: String, pid: Int32?)
    /// The folder holds a run that was started with other settings.
    case different(path: String, [ConfigurationDifference])
    /// The folder holds something that is not a run.
    case notARun(path: String, found: [String])
    /// The stored configuration or record cannot be read, or means nothing to this version.
    case unreadable(path: String, reason: String)

    /// The problem, its place and its remedy as one message.
    public var description: String {
        switch self {
        case .locked(let path, let pid):
            let who = pid.map { "process \($0)" } ?? "another process"
            return
                "the run \(path) is being written by \(who); wait for it, stop it, or choose another folder with --run"
        case .different(let path, let differences):
            return "the run \(path) was started with other settings:\n"
                + differences.map { "  \($0)\n" }.joined()
                + "restore them to go on with it, choose another folder with --run, or start over with --fresh"
        case .notARun(let path, let found):
            let names = found.prefix(3).joined(separator: ", ") + (found.count > 3 ? ", …" : "")
            return "the folder \(path) is not a run, and not empty (it holds \(names)); choose another with --run"
        case .unreadable(let path, let reason):
            return "the run \(path) cannot be resumed: \(reason)\n"
                + "choose another folder with --run, or start over with --fresh"
        }
    }
}
