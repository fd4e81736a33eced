import Foundation
import Support

extension ArchitectureArchive {
    /// Writes all entries, in their order, as comma-separated values (RFC 4180) with a header: the columns of the table
    /// `architectures` without `id`, and for `extra` a column for each number in it (`metrics.top5`). A number that was
    /// not measured is an empty field; a text that a spreadsheet would compute begins with an apostrophe.
    ///
    /// - Parameter path: the file, which is replaced whole or, on an error, not at all.
    /// - Throws: ``ArchiveError``.
    public func exportCSV(to path: String) throws {
        let files = [path, self.path].map { URL(filePath: $0).resolvingSymlinksInPath().standardizedFileURL.path }
        guard files[0] != files[1] else {
            throw ArchiveError.cannotExport(path: path, reason: "it is the archive itself")
        }
        let text = CSVTable.text(try entries())
        do { try AtomicFile.write(text, to: path) } catch let error as FileError {
            throw ArchiveError.cannotExport(path: path, reason: error.reason.description)
        }
    }
}

/// Entries as comma-separated values.
enum CSVTable {
    /// A header and a line for each entry; every line ends in CR LF.
    static func text(_ entries: [ArchiveEntry]) -> String {
        let extra = extraColumns(entries)
        let numbers = ArchiveRow.known.map { ($0.group, $0.key) } + extra
        let header =
            ["architecture", "score"] + ArchiveRow.known.map(\.column) + extra.map { "\($0.rawValue).\($1)" }
            + ["policy", "seed", "round", "seconds", "evaluated_at"]
        var lines = [header.map(CSVField.of)]
        for entry in entries {
            let values = ExtraNumbers(metrics: entry.metrics, costs: entry.costs)
            lines.append(
                [CSVField.of(text: entry.architecture), "\(entry.score)"]
                    + numbers.map { values[$0][$1].map { "\($0)" } ?? "" } + [
                        CSVField.of(text: entry.policy), "\(entry.seed)", "\(entry.round)", "\(entry.seconds)",
                        EvaluationTime.text(entry.time) ?? "",
                    ])
        }
        return lines.map { $0.joined(separator: ",") + "\r\n" }.joined()
    }

    /// The names of numbers that have no column in the table, sorted.
    private static func extraColumns(_ entries: [ArchiveEntry]) -> [(ArchiveRow.Group, String)] {
        ArchiveRow.Group.allCases.flatMap { group in
            var names = Set<String>()
            for entry in entries {
                names.formUnion(ExtraNumbers(metrics: entry.metrics, costs: entry.costs)[group].keys)
            }
            names.subtract(ArchiveRow.known.filter { $0.group == group }.map(\.key))
            return names.sorted().map { (group, $0) }
        }
    }
}
