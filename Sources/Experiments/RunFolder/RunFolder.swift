import Foundation
import Support

/// A run is a folder:
///
/// ```
/// config.yaml          the resolved configuration
/// run.json             seed, and every start with its command, commit and versions
/// metrics.csv/.jsonl   scalars by step
/// events/              TensorBoard
/// checkpoints/         step-00001234.safetensors
/// lock                 held while a process writes the run
/// ```
///
/// The same command opens the same folder again and goes on. The lock is held until this object is released.
public final class RunFolder: Sendable {
    /// The run's folder as the caller named it, without slashes at its end.
    public let path: String
    /// Whether the run had been started before.
    public let isResumed: Bool
    /// Where an earlier run of that name went, if this one was opened with `fresh`.
    public let setAside: String?
    /// The origin of the run, this start included.
    public let record: RunRecord
    private let lock: RunLock

    /// `config.yaml`: the resolved configuration, rewritten at every start.
    public var configurationFile: String { FilePath.join(path, Self.configurationName) }
    /// `run.json`: the ``RunRecord``. Its presence marks a run whose first start got as far as its end.
    public var recordFile: String { FilePath.join(path, Self.recordName) }
    /// `metrics.csv`, for a ``MetricsLog`` with columns that are known from the start.
    public var metricsCSVFile: String { FilePath.join(path, "metrics.csv") }
    /// `metrics.jsonl`, for a ``MetricsLog`` whose rows may differ in their metrics.
    public var metricsJSONLFile: String { FilePath.join(path, "metrics.jsonl") }
    /// `events`, the folder to point TensorBoard at; it exists once the run is open.
    public var eventsFolder: String { FilePath.join(path, "events") }
    /// One file for the whole run; TensorBoard knows it by the middle of its name.
    public var eventsFile: String { FilePath.join(eventsFolder, "run.tfevents") }
    /// `checkpoints`, for a ``CheckpointIndex``; it exists once the run is open.
    public var checkpointsFolder: String { FilePath.join(path, "checkpoints") }

    /// The name of the configuration's file in a run's folder.
    public static let configurationName = "config.yaml"
    static let recordName = "run.json"

    /// Creates the run, or opens it to go on.
    ///
    /// - Parameters:
    ///   - path: the run's folder, made if it is missing. One that holds other things than a run is refused.
    ///   - configuration: must equal the stored one of an existing run, but for its `resumeIgnoredKeys`. Keys that
    ///     are newer than the stored file count there as their defaults, or as their `meaningsOfAbsence`.
    ///   - seed: must equal that of an existing run.
    ///   - command: the program and its arguments, for the record of this start.
    ///   - versions: what the result may depend on, such as the version of libtorch.
    ///   - places: what those keys of the configuration name that are paths. Their text may differ from the stored one as
    ///     long as it names the same file or folder.
    ///   - fresh: start over. An existing run is renamed to `<path>.old-1` (or the next free number), never deleted.
    ///   - sourceFolder: where to look for a git checkout.
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
