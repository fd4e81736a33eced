import Foundation
import GRDB

/// The rows of the table `architectures`, one for each entry.
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

    /// The group of an entry's numbers that a number belongs to.
    enum Group: String, CaseIterable { case metrics, costs }

    /// The numbers that have columns.
    static let known: [(column: String, group: Group, key: String)] = [
        ("accuracy", .metrics, "accuracy"),
        ("loss", .metrics, "loss"),
        ("parameters", .costs, "parameters"),
        ("multiply_adds", .costs, "multiplyAdds"),
        ("latency_ms", .costs, "latencyMilliseconds"),
    ]

    /// The columns of the table: the id, then those of ``values(of:path:)`` in their order.
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

    /// The command that adds a row, for the values of ``values(of:path:)``.
    static let insert: String = {
        let names = columns.dropFirst().map(\.name)
        let places = names.map { _ in "?" }.joined(separator: ", ")
        return "INSERT INTO architectures (\(names.joined(separator: ", "))) VALUES (\(places))"
    }()

    /// The row of an entry, without its id.
    ///
    /// - Throws: ``ArchiveError/badValue(path:architecture:key:value:)``.
    static func values(of entry: ArchiveEntry, path: String) throws -> [(any DatabaseValueConvertible)?] {
        func bad(_ key: String, _ value: String) -> ArchiveError {
            .badValue(path: path, architecture: entry.architecture, key: key, value: value)
        }
        guard entry.score.isFinite else { throw bad("score", "\(entry.score)") }
        guard entry.seconds.isFinite else { throw bad("seconds", "\(entry.seconds)") }
        guard let time = EvaluationTime.text(entry.time) else {
            throw bad("time", "\(entry.time.timeIntervalSince1970) s from 1970, outside 1970 to 9999")
        }
        var rest = ExtraNumbers(metrics: entry.metrics, costs: entry.costs)
        var values: [(any DatabaseValueConvertible)?] = [entry.architecture, entry.score]
        for (_, group, key) in known {
            if let number = rest[group][key], number.isFinite {
                values.append(number)
                rest[group][key] = nil
            } else {
                values.append(nil)
            }
        }
        return values + [
            try rest.json(), entry.policy, String(entry.seed), Int64(entry.round), entry.seconds, time,
        ]
    }

    /// Reads the entry from a row that ``select`` gave.
    ///
    /// - Throws: ``ArchiveError/damaged(path:reason:)`` for a row that somebody edited into something else.
    static func entry(_ row: Row, path: String) throws -> ArchiveEntry {
        var cells = RowReader(row, path: path)
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

/// Reads the cells of one row of `architectures` from left to right, behind the id.
struct RowReader {
    private let row: Row
    private let path: String
    private var column = 0

    init(_ row: Row, path: String) { (self.row, self.path) = (row, path) }

    private mutating func next() -> DatabaseValue.Storage {
        column += 1
        return (row[column] as DatabaseValue).storage
    }

    mutating func realOrNull() throws -> Double? {
        switch next() {
        case .null: return nil
        case .double(let value): return value
        default: throw damage("not a number")
        }
    }

    mutating func finite() throws -> Double {
        guard let value = try realOrNull() else { throw damage("empty") }
        guard value.isFinite else { throw damage("not finite") }
        return value
    }

    mutating func textOrNull() throws -> String? {
        switch next() {
        case .null: return nil
        case .string(let value): return value
        default: throw damage("not text")
        }
    }

    mutating func text() throws -> String {
        guard let value = try textOrNull() else { throw damage("empty") }
        return value
    }

    mutating func integer() throws -> Int {
        guard case .int64(let value) = next() else { throw damage("not a whole number") }
        return Int(value)
    }

    /// An error that the cell read last is not what it should be.
    func damage(_ what: String) -> ArchiveError {
        let id = (row[0] as Int64?).map { "row \($0)" } ?? "a row"
        return .damaged(
            path: path,
            reason: "\(id) of `architectures`, column `\(ArchiveRow.columns[column].name)`, is \(what)")
    }
}

/// Metrics and costs that have no column, as the JSON in the column `extra`:
/// `{"costs":{"memory":4096},"metrics":{"top5":0.97}}`.
struct ExtraNumbers: Equatable {
    var metrics: [String: Double] = [:]
    var costs: [String: Double] = [:]

    subscript(group: ArchiveRow.Group) -> [String: Double] {
        get {
            switch group {
            case .metrics: metrics
            case .costs: costs
            }
        }
        set {
            switch group {
            case .metrics: metrics = newValue
            case .costs: costs = newValue
            }
        }
    }
}

extension ExtraNumbers {
    /// The numbers as JSON; nil for no numbers.
    func json() throws -> String? {
        let groups = ["metrics": metrics, "costs": costs].filter { !$0.value.isEmpty }
        if groups.isEmpty { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return String(decoding: try encoder.encode(groups), as: UTF8.self)
    }

    /// Reads the numbers from JSON; nil for a text of another form.
    init?(json: String) {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let groups = try? decoder.decode([String: [String: Double]].self, from: Data(json.utf8)) else {
            return nil
        }
        self.init(metrics: groups["metrics"] ?? [:], costs: groups["costs"] ?? [:])
    }
}

/// Times as the archive writes them: ISO 8601 in UTC, to the nanosecond, all of one width so that their order as text
/// is their order. A `Date` of this century after its first year has no finer digits, and comes back as it was.
enum EvaluationTime {
    /// Seconds from 2001 to the start of 1970 and to the end of 9999.
    private static let range = -978_307_200.0..<252_423_993_600.0

    /// Writes a time as `2025-03-01T12:30:00.250000000Z`; nil outside 1970 to 9999.
    static func text(_ date: Date) -> String? {
        let interval = date.timeIntervalSinceReferenceDate
        guard range.contains(interval) else { return nil }
        var second = interval.rounded(.down)
        var nanoseconds = Int(((interval - second) * 1e9).rounded())
        if nanoseconds == 1_000_000_000 { (second, nanoseconds) = (second + 1, 0) }
        let digits = String(nanoseconds)
        let fraction = String(repeating: "0", count: 9 - digits.count) + digits
        return Date(timeIntervalSinceReferenceDate: second).formatted(.iso8601).dropLast() + ".\(fraction)Z"
    }

    /// The date of such a text, with nine or fewer digits after the point, or no point; nil for any other.
    static func date(_ text: String) -> Date? {
        guard text.hasSuffix("Z") else { return nil }
        let parts = text.dropLast().split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let date = try? Date("\(parts[0])Z", strategy: .iso8601) else { return nil }
        guard parts.count == 2 else { return date }
        guard (1...9).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
            let nanoseconds = Int(parts[1] + String(repeating: "0", count: 9 - parts[1].utf8.count))
        else { return nil }
        return Date(
            timeIntervalSinceReferenceDate: date.timeIntervalSinceReferenceDate + Double(nanoseconds) / 1e9)
    }
}
