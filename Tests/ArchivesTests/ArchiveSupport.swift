import Foundation
import GRDB
import TestFolders
import Testing

@testable import Archives

/// A folder of a test's own, deleted with it.
typealias TemporaryFolder = TestFolders.TemporaryFolder

/// A database as another program has it open: a connection of its own, without the code under test.
struct PlainDatabase {
    private let queue: DatabaseQueue

    init(_ path: String) throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    func run(_ sql: String) throws { try queue.writeWithoutTransaction { try $0.execute(sql: sql) } }

    /// The rows of an answer: numbers as numbers, text as text.
    func rows(_ sql: String) throws -> [[AnyHashable?]] {
        try queue.writeWithoutTransaction { database in
            try Row.fetchAll(database, sql: sql).map { row in
                row.databaseValues.map { $0.storage.value as? AnyHashable }
            }
        }
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
