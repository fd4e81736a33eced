import Architectures
import Foundation
import Support

/// What architectures are truly worth: each trained alone, several times. Comma-separated values with a header:
///
/// ```
/// architecture,seed,accuracy,loss,parameters,multiply_adds,seconds,half
/// 0 2 4 1 3 0,1,0.8712,0.4102,11394,612864,9.8,choose
/// ```
public struct BenchmarkTable: Sendable, Equatable {
    /// One architecture with all its trainings.
    public struct Entry: Sendable, Equatable {
        /// Which network.
        public var architecture: Architecture
        /// By seed, the lowest first.
        public var rows: [BenchmarkRow]

        /// The mean over its seeds.
        public func mean(_ measure: (BenchmarkRow) -> Double) -> Double {
            rows.reduce(0) { $0 + measure($1) } / Double(rows.count)
        }
    }

    /// One for each architecture, in the order of the file.
    public let entries: [Entry]

    /// Names of the columns.
    static let columns = ["architecture", "seed", "accuracy", "loss", "parameters", "multiply_adds", "seconds", "half"]

    /// Rows by architecture, in the order in which these first appear.
    public init(_ rows: [BenchmarkRow]) {
        var positions: [Architecture: Int] = [:]
        var entries: [Entry] = []
        for row in rows {
            if let position = positions[row.architecture] {
                entries[position].rows.append(row)
            } else {
                positions[row.architecture] = entries.count
                entries.append(Entry(architecture: row.architecture, rows: [row]))
            }
        }
        self.entries = entries.map { entry in
            Entry(architecture: entry.architecture, rows: entry.rows.sorted { $0.seed < $1.seed })
        }
    }

    /// All rows, architecture by architecture.
    public var rows: [BenchmarkRow] { entries.flatMap(\.rows) }

    /// Seeds that every architecture has at least; 0 for an empty table.
    public var commonSeeds: Int { entries.map(\.rows.count).min() ?? 0 }

    /// The architectures of one half.
    public func half(_ half: BenchmarkRow.Half) -> BenchmarkTable { BenchmarkTable(rows.filter { $0.half == half }) }

    /// The most bytes of a table: millions of rows.
    private static let byteLimit = 256 << 20

    /// Reads a table.
    ///
    /// - Throws: `FileError`, `TextFileError`; `BenchmarkTableError` that names file, line and column.
    public static func read(_ path: String) throws -> BenchmarkTable {
        let lines = TextFile.lines(of: try TextFile.read(path, limit: byteLimit)).enumerated()
            .filter { !$0.element.allSatisfy(\.isWhitespace) }
        guard let header = lines.first else { throw BenchmarkTableError.empty(path: path) }
        let names = fields(header.element)
        let missing = columns.filter { !names.contains($0) && $0 != "half" && $0 != "seconds" }
        guard missing.isEmpty else { throw BenchmarkTableError.missingColumns(path: path, missing) }
        var rows: [BenchmarkRow] = []
        var seen: Set<String> = []
        for (number, line) in lines.dropFirst() {
            let row = try BenchmarkLine(path: path, line: number + 1, names: names, values: fields(line)).row()
            guard seen.insert("\(row.architecture),\(row.seed)").inserted else {
                throw BenchmarkTableError.repeated(path: path, line: number + 1, row.architecture, seed: row.seed)
            }
            rows.append(row)
        }
        guard !rows.isEmpty else { throw BenchmarkTableError.empty(path: path) }
        return BenchmarkTable(rows)
    }

    /// Replaces the file, all at once.
    ///
    /// - Throws: `FileError`.
    public func write(to path: String) throws {
        let lines = rows.map { row in
            "\(row.architecture),\(row.seed),\(row.accuracy),\(row.loss),\(row.parameters),\(row.multiplyAdds),"
                + "\(row.seconds),\(row.half.rawValue)"
        }
        try AtomicFile.write(([Self.columns.joined(separator: ",")] + lines).joined(separator: "\n") + "\n", to: path)
    }

    /// Refuses a table whose architectures are not all of a space.
    ///
    /// - Parameters:
    ///   - space: of the supernet that is to be judged.
    ///   - path: of the table, for the message.
    /// - Throws: `BenchmarkTableError.otherSpace`.
    public func validate(_ space: SearchSpace, path: String) throws {
        for entry in entries {
            do { try space.validate(entry.architecture) } catch let error as SpaceError {
                throw BenchmarkTableError.otherSpace(path: path, space: space.name, "\(error)")
            }
        }
    }

    private static func fields(_ line: Substring) -> [String] {
        line.split(separator: ",", omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: CharacterSet(charactersIn: " \t\""))
        }
    }
}
