import Foundation

/// How an entry is a row of the table `architectures`.
///
/// Numbers that every search has are columns of their own; the others are one JSON object in `extra`. SQLite has no
/// not-a-number, and its tools read infinities in different ways, so those are in `extra` too, as the strings `nan`,
/// `inf` and `-inf`. A seed is text, since SQLite's whole numbers end at 2⁶³.
enum ArchiveRow {
    /// A column of the table, with its type and constraints in SQL.
    struct Column {
        let name: String
        let type: String
    }

    /// Where a number is kept in an entry.
    enum Group: String, CaseIterable { case metrics, costs }

    /// The numbers that have columns.
    static let known: [(column: String, group: Group, key: String)] = [
        ("accuracy", .metrics, "accuracy"),
        ("loss", .metrics, "loss"),
        ("parameters", .costs, "parameters"),
        ("multiply_adds", .costs, "multiplyAdds"),
        ("latency_ms", .costs, "latencyMilliseconds"),
    ]

    /// In the order of ``values(of:path:)`` behind the id.
    static let columns: [Column] =
        [
            Column(name: "id", type: "INTEGER PRIMARY KEY"),
            Column(name: "architecture", type: "TEXT NOT NULL UNIQUE"),
            Column(name: "score", type: "REAL NOT NULL"),
        ] + known.map { Column(name: $0.column, type: "REAL") } + [
            Column(name: "extra", type: "TEXT"),
            Column(name: "policy", type: "TEXT NOT NULL"),
            Column(name: "seed", type: "TEXT NOT NULL"),
            Column(name: "round", type: "INTEGER NOT NULL"),
            Column(name: "seconds", type: "REAL NOT NULL"),
            Column(name: "evaluated_at", type: "TEXT NOT NULL"),
        ]

    /// The columns in the order that ``entry(_:)`` reads them in, without the clauses that follow.
    static let select = "SELECT \(columns.map(\.name).joined(separator: ", ")) FROM architectures"

    /// For the values of ``values(of:path:)``.
    static let insert: String = {
        let names = columns.dropFirst().map(\.name)
        let places = names.map { _ in "?" }.joined(separator: ", ")
        return "INSERT INTO architectures (\(names.joined(separator: ", "))) VALUES (\(places))"
    }()

    /// The row of an entry, without its id.
    ///
    /// - Throws: ``ArchiveError/badValue(path:architecture:key:value:)``.
    static func values(of entry: ArchiveEntry, path: String) throws -> [SQLiteValue] {
        func bad(_ key: String, _ value: String) -> ArchiveError {
            .badValue(path: path, architecture: entry.architecture, key: key, value: value)
        }
        guard entry.score.isFinite else { throw bad("score", "\(entry.score)") }
        guard entry.seconds.isFinite else { throw bad("seconds", "\(entry.seconds)") }
        guard let time = EvaluationTime.text(entry.time) else {
            throw bad("time", "\(entry.time.timeIntervalSince1970) s from 1970, outside 1970 to 9999")
        }
        var rest = ExtraNumbers(metrics: entry.metrics, costs: entry.costs)
        var values: [SQLiteValue] = [.text(entry.architecture), .real(entry.score)]
        for (_, group, key) in known {
            if let number = rest[group][key], number.isFinite {
                values.append(.real(number))
                rest[group][key] = nil
            } else {
                values.append(.null)
            }
        }
        let extra = try rest.json().map { SQLiteValue.text($0) } ?? .null
        return values + [
            extra, .text(entry.policy), .text(String(entry.seed)), .integer(Int64(entry.round)), .real(entry.seconds),
            .text(time),
        ]
    }

    /// The entry in the row that a ``select`` is at.
    ///
    /// - Throws: ``ArchiveError/damaged(path:reason:)`` for a row that somebody edited into something else.
    static func entry(_ statement: SQLiteStatement) throws -> ArchiveEntry {
        var cells = RowReader(statement)
        let architecture = try cells.text()
        let score = try cells.finite()
        var numbers = ExtraNumbers()
        for (_, group, key) in known {
            guard let number = try cells.realOrNull() else { continue }
            // Written by somebody else: what is not finite has its place in `extra`.
            guard number.isFinite else { throw cells.damage("not finite") }
            numbers[group][key] = number
        }
        if let json = try cells.textOrNull() {
            guard let rest = ExtraNumbers(json: json) else { throw cells.damage("not the JSON of numbers by name") }
            for group in Group.allCases { numbers[group].merge(rest[group]) { column, _ in column } }
        }
        let policy = try cells.text()
        guard let seed = UInt64(try cells.text()) else { throw cells.damage("not a whole number from 0 to 2⁶⁴ - 1") }
        let round = try cells.integer()
        let seconds = try cells.finite()
        guard let time = EvaluationTime.date(try cells.text()) else { throw cells.damage("not a time in ISO 8601") }
        return ArchiveEntry(
            architecture: architecture, score: score, metrics: numbers.metrics, costs: numbers.costs, policy: policy,
            seed: seed, round: round, seconds: seconds, time: time)
    }
}
