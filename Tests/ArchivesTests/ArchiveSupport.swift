import CSQLite
import Foundation
import TestFolders
import Testing

@testable import Archives

/// A folder of a test's own, deleted with it.
typealias TemporaryFolder = TestFolders.TemporaryFolder

/// A database through the plain C interface, without the code under test.
final class PlainDatabase {
    private var handle: OpaquePointer?

    init(_ path: String) throws { try #require(sqlite3_open(path, &handle) == SQLITE_OK) }

    deinit { sqlite3_close(handle) }

    func run(_ sql: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try #require(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK, sourceLocation: sourceLocation)
    }

    /// The rows of an answer: numbers as numbers, text as text.
    func rows(_ sql: String) throws -> [[AnyHashable?]] {
        var statement: OpaquePointer?
        try #require(sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK)
        defer { sqlite3_finalize(statement) }
        var rows: [[AnyHashable?]] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            rows.append(
                (0..<sqlite3_column_count(statement)).map { column in
                    switch sqlite3_column_type(statement, column) {
                    case SQLITE_INTEGER: AnyHashable(sqlite3_column_int64(statement, column))
                    case SQLITE_FLOAT: AnyHashable(sqlite3_column_double(statement, column))
                    case SQLITE_TEXT: sqlite3_column_text(statement, column).map { AnyHashable(String(cString: $0)) }
                    default: nil
                    }
                })
        }
        return rows
    }
}

let sampleContext = "supernet: 5d41402a\ndata: fashion-mnist\npolicy: re-estimate 8x128"

/// An entry that is another for each number.
func sample(_ number: Int, score: Double? = nil) -> ArchiveEntry {
    let unit = (Double(number) * 0.6180339887498949).truncatingRemainder(dividingBy: 1)
    return ArchiveEntry(
        architecture: "\(number % 4) \(number / 4 % 4) \(number / 16)", score: score ?? unit,
        metrics: ["accuracy": unit / 3, "loss": 1 / (unit + 0.1), "top5": unit.squareRoot()],
        costs: ["parameters": Double(number * 1_000_003), "latencyMilliseconds": unit * 7], policy: "re-estimate 8x128",
        seed: UInt64(number) &* 0x9E37_79B9_7F4A_7C15, round: number / 8, seconds: 1.1 + unit,
        time: Date(timeIntervalSinceReferenceDate: 785_000_000 + unit * 1e6))
}
