import Foundation
import GRDB

/// Every architecture that a search has evaluated, in an SQLite file that any tool can open.
///
/// The table `architectures` has a row for each evaluation, in their order. What ``add(_:)`` returned from is on the
/// disk: it survives the death of the process at any moment, and that of the machine. Numbers come back with the same
/// value to the last bit; only the sign of zero is lost. Any number of threads may use one archive.
public final class ArchitectureArchive: Sendable {
    /// The file, as the caller named it.
    public let path: String
    /// The meaning of the scores, one thing a line.
    public let context: String
    let database: ArchiveDatabase

    /// Opens an archive, or creates it.
    ///
    /// - Parameters:
    ///   - path: the file, in a folder that exists.
    ///   - context: says what the scores mean, one thing a line: the digest of the supernet's file, the data, the
    ///     policy of batch norm, the score. Stored at creation, and demanded ever after.
    ///   - isSame: whether another context, which is stored, says the same in other words.
    /// - Throws: ``ArchiveError``; a file that is refused is left as it is.
    public convenience init(
        path: String, context: String, isSame: (_ stored: String) -> Bool = { _ in false }
    ) throws {
        try self.init(path: path, context: context, isSame: isSame, patience: 5)
    }

    /// Opens an archive that is there, whatever its scores mean.
    ///
    /// - Parameter path: the file.
    /// - Throws: ``ArchiveError``, also where there is no file.
    public convenience init(existing path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw ArchiveError.cannotOpen(path: path, reason: "there is no such file")
        }
        try self.init(path: path, context: nil, patience: 5)
    }

    /// Opens an archive with a given patience, in seconds, for another process that holds the file.
    init(
        path: String, context: String?, isSame: (_ stored: String) -> Bool = { _ in false }, patience: TimeInterval
    ) throws {
        database = try ArchiveDatabase(path, patience: patience)
        self.context = try ArchiveSchema.open(database, context: context)
        self.path = path
        if let context, self.context != context, !isSame(self.context) {
            throw ArchiveError.otherContext(path: path, stored: self.context, wanted: context)
        }
    }

    /// Adds all of the entries, or none if one of them is refused. An architecture that is there already with the same
    /// score is passed over: the first evaluation of it stays.
    ///
    /// - Returns: the number of new entries.
    /// - Throws: ``ArchiveError``, with the architecture where one is to blame.
    @discardableResult
    public func add(_ entries: [ArchiveEntry]) throws -> Int {
        let rows = try entries.map { try ArchiveRow.values(of: $0, path: path) }
        return try database.transaction { database in
            let find = try database.makeStatement(sql: "SELECT score FROM architectures WHERE architecture = ?")
            let insert = try database.makeStatement(sql: ArchiveRow.insert)
            var added = 0
            for (entry, row) in zip(entries, rows) {
                guard let stored = try DatabaseValue.fetchOne(find, arguments: [entry.architecture]) else {
                    try insert.execute(arguments: StatementArguments(row))
                    added += 1
                    continue
                }
                guard case .double(let score) = stored.storage, score == entry.score else {
                    throw Self.conflict(path, entry, with: stored)
                }
            }
            return added
        }
    }

    private static func conflict(_ path: String, _ entry: ArchiveEntry, with stored: DatabaseValue) -> ArchiveError {
        guard case .double(let stored) = stored.storage else {
            return .damaged(path: path, reason: "the score of \(entry.architecture) in `architectures` is not a number")
        }
        return .conflict(path: path, architecture: entry.architecture, stored: stored, new: entry.score)
    }

    /// The entry of an architecture; nil before its evaluation.
    public func entry(_ architecture: String) throws -> ArchiveEntry? {
        try select("WHERE architecture = ?", [architecture]).first
    }

    /// All entries, in the order in which they were added.
    public func entries() throws -> [ArchiveEntry] {
        try select("ORDER BY id")
    }

    /// The entries of the highest scores, highest first; of equal scores, the one that was added first. All entries, if
    /// there are fewer than `count`.
    public func best(_ count: Int) throws -> [ArchiveEntry] {
        // To SQLite, a negative limit is none.
        try select("ORDER BY score DESC, id LIMIT ?", [max(0, count)])
    }

    /// The number of architectures.
    public var count: Int {
        get throws { try database.access { try Int.fetchOne($0, sql: "SELECT count(*) FROM architectures") ?? 0 } }
    }

    private func select(_ clauses: String, _ values: StatementArguments = []) throws -> [ArchiveEntry] {
        try database.access { database in
            let rows = try Row.fetchCursor(database, sql: "\(ArchiveRow.select) \(clauses)", arguments: values)
            var entries: [ArchiveEntry] = []
            while let row = try rows.next() { entries.append(try ArchiveRow.entry(row, path: path)) }
            return entries
        }
    }
}
