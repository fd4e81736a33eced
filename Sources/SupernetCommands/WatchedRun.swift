import Archives
import ArgumentParser
import Experiments
import Foundation
import Reports
import Support

/// The folder of a run, a study, an adaptation or a comparison as it stands now, read without touching it.
struct WatchedRun {
    let path: String
    /// How many folders down measurements are looked for: a comparison has its seeds, tasks and rows.
    private static let depth = 5
    /// The most parts that are drawn, the latest first.
    private static let mostPhases = 6

    /// A run to watch.
    ///
    /// - Throws: `ValidationError` where there is no folder, or none of this program's.
    init(_ path: String) throws {
        self.path = FilePath.trim(path)
        guard FilePath.isFolder(path) else {
            throw ValidationError("there is no folder \(path); name that of a run, as --run did")
        }
        let known = ["run.json", "study.yaml", "config.yaml", "lock"]
        guard known.contains(where: { FilePath.exists(FilePath.join(path, $0)) }) else {
            throw ValidationError("\(path) is not the folder of a run; name the one that --run did")
        }
    }

    /// The page of the finished run; nil while there is none.
    var reportFile: String? {
        let file = FilePath.join(path, "report.html")
        return FilePath.isFile(file) ? file : nil
    }

    /// The run as it stands.
    func report(now: Date = Date()) -> WatchReport {
        let folders = folders()
        let measured = folders.compactMap { folder -> (name: String, time: Date, rows: [MetricsRow])? in
            let file = FilePath.join(path, FilePath.join(folder, RunFolder.metricsName))
            guard let time = Self.changed(file), let rows = try? MetricsLog.read(file), !rows.isEmpty else {
                return nil
            }
            return (folder, time, rows)
        }.sorted { $0.time > $1.time }
        let progress = folders.compactMap {
            ProgressRecord.read(FilePath.join(path, FilePath.join($0, "events/" + RunFolder.progressName)))
        }.max { $0.time < $1.time }
        let archives = folders.map { FilePath.join(path, FilePath.join($0, "archive.sqlite")) }
            .compactMap { file in Self.changed(file).map { (file: file, time: $0) } }
        let latest = archives.max { $0.time < $1.time }
        return WatchReport(
            name: FilePath.name(of: FilePath.real(path) ?? path), record: RunFolder.record(of: path),
            progress: progress,
            isRunning: folders.contains { RunFolder.isHeld(FilePath.join(path, $0)) },
            phases: measured.prefix(Self.mostPhases).map { .init($0.name, $0.rows) },
            entries: latest.flatMap { try? ArchitectureArchive(existing: $0.file).entries() } ?? [],
            finished: reportFile == nil ? nil : "report.html", time: now)
    }

    /// The folders of the run, seen from it; it is the first, under an empty name.
    private func folders() -> [String] {
        var found = [""]
        var level = [""]
        for _ in 0..<Self.depth {
            level = level.flatMap { folder in
                ((try? FilePath.list(FilePath.join(path, folder))) ?? [])
                    .filter { !["checkpoints", "events"].contains($0) && !$0.hasPrefix(".") }
                    .map { folder.isEmpty ? $0 : FilePath.join(folder, $0) }
                    .filter { FilePath.isFolder(FilePath.join(path, $0)) }
            }
            found += level
        }
        return found
    }

    private static func changed(_ file: String) -> Date? {
        (try? FileManager.default.attributesOfItem(atPath: file))?[.modificationDate] as? Date
    }
}
