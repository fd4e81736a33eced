import Foundation

extension ArchitectureArchive {
    /// Writes all entries, in their order, as comma-separated values (RFC 4180) with a header: the columns of the table
    /// `architectures` without `id`, and for `extra` a column for each number in it (`metrics.top5`). A number that was
    /// not measured is an empty field.
    ///
    /// - Parameter path: the file, which is replaced whole or, on an error, not at all.
    /// - Throws: ``ArchiveError``.
    public func exportCSV(to path: String) throws {
        let files = [path, self.path].map { URL(filePath: $0).resolvingSymlinksInPath().standardizedFileURL.path }
        guard files[0] != files[1] else {
            throw ArchiveError.cannotExport(path: path, reason: "it is the archive itself")
        }
        let text = CSVTable.text(try entries())
        do { try Data(text.utf8).write(to: URL(filePath: path), options: .atomic) } catch {
            throw ArchiveError.cannotExport(path: path, reason: error.localizedDescription)
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
        var lines = [header]
        for entry in entries {
            let values = ExtraNumbers(metrics: entry.metrics, costs: entry.costs)
            lines.append(
                [entry.architecture, "\(entry.score)"] + numbers.map { values[$0][$1].map { "\($0)" } ?? "" } + [
                    entry.policy, "\(entry.seed)", "\(entry.round)", "\(entry.seconds)",
                    EvaluationTime.text(entry.time) ?? "",
                ])
        }
        return lines.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
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

    /// Quoted where it has to be, with quotes in it doubled.
    private static func field(_ text: String) -> String {
        // By scalars: a quote that is followed by a combining mark is no quote among characters.
        let scalars = text.unicodeScalars
        guard scalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else { return text }
        return "\"" + scalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }
}
