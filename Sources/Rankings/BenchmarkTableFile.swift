import Architectures
import Foundation
import Support

/// Files of benchmark tables are comma-separated values with a header:
///
/// ```
/// architecture,seed,accuracy,loss,parameters,multiply_adds,seconds,half
/// 0 2 4 1 3 0,1,0.8712,0.4102,11394,612864,9.8,choose
/// ```
extension BenchmarkTable {
    /// The names of the columns.
    static let columns = ["architecture", "seed", "accuracy", "loss", "parameters", "multiply_adds", "seconds", "half"]

    /// The most bytes of a table: millions of rows.
    private static let byteLimit = 256 << 20

    /// Reads a table. Columns may stand in any order; `half` and `seconds` may be missing.
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

    /// Replaces a file by the table, all at once.
    ///
    /// - Throws: `FileError`.
    public func write(to path: String) throws {
        let lines = rows.map { row in
            "\(row.architecture),\(row.seed),\(row.accuracy),\(row.loss),\(row.parameters),\(row.multiplyAdds),"
                + "\(row.seconds),\(row.half.rawValue)"
        }
        try AtomicFile.write(([Self.columns.joined(separator: ",")] + lines).joined(separator: "\n") + "\n", to: path)
    }

    private static func fields(_ line: Substring) -> [String] {
        line.split(separator: ",", omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: CharacterSet(charactersIn: " \t\""))
        }
    }
}

/// One line of a benchmark table's file on its way to a row.
private struct BenchmarkLine {
    let path: String
    let line: Int
    let names: [String]
    let values: [String]

    /// The row of the line.
    ///
    /// - Throws: `BenchmarkTableError.badValue` that names line and column.
    func row() throws -> BenchmarkRow {
        guard values.count == names.count else {
            throw BenchmarkTableError.badValue(
                path: path, line: line, "has \(values.count) values; the header names \(names.count) columns")
        }
        let text = value("architecture") ?? ""
        guard let architecture = Architecture(text) else {
            throw refuse("architecture", text, "numbers like `3 0 1 3`")
        }
        let half = try value("half").map { text in
            guard let half = BenchmarkRow.Half(rawValue: text) else { throw refuse("half", text, "choose or report") }
            return half
        }
        let accuracy = try number("accuracy")
        guard (0...1).contains(accuracy) else { throw refuse("accuracy", "\(accuracy)", "a share from 0 to 1") }
        return BenchmarkRow(
            architecture: architecture, seed: try whole("seed"), accuracy: accuracy, loss: try number("loss"),
            parameters: try whole("parameters"), multiplyAdds: try whole("multiply_adds"),
            seconds: names.contains("seconds") ? try number("seconds") : 0, half: half ?? .report)
    }

    /// The text in a column; nil for a column that the file does not have.
    private func value(_ name: String) -> String? { names.firstIndex(of: name).map { values[$0] } }

    private func number(_ name: String) throws -> Double {
        let text = value(name) ?? ""
        // Sums over all rows, and their squares, must stay numbers.
        guard let number = Double(text), abs(number) <= 1e100 else {
            throw refuse(name, text, "a finite number up to 1e100")
        }
        return number
    }

    private func whole(_ name: String) throws -> Int {
        let text = value(name) ?? ""
        guard let number = Int(text), (0...1 << 53).contains(number) else {
            throw refuse(name, text, "a whole number from 0 to 2^53")
        }
        return number
    }

    private func refuse(_ column: String, _ text: String, _ wanted: String) -> BenchmarkTableError {
        .badValue(path: path, line: line, "`\(text.prefix(60))` in column `\(column)` is not \(wanted)")
    }
}

/// Why a benchmark table cannot be used.
public enum BenchmarkTableError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file holds no row.
    case empty(path: String)
    /// The file lacks columns that every table has.
    case missingColumns(path: String, [String])
    /// A value makes no sense.
    case badValue(path: String, line: Int, String)
    /// Two rows are of the same training.
    case repeated(path: String, line: Int, Architecture, seed: Int)
    /// The table's architectures are not those of the supernet.
    case otherSpace(path: String, space: String, String)

    /// What is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .empty(let path): return "\(path) holds no row; `supernet benchmark` makes benchmark tables"
        case .missingColumns(let path, let names):
            return "\(path), line 1: there is no column " + names.map { "`\($0)`" }.joined(separator: ", ")
                + "; a benchmark table has architecture, seed, accuracy, loss, parameters and multiply_adds"
        case .badValue(let path, let line, let reason): return "\(path), line \(line): \(reason)"
        case .repeated(let path, let line, let architecture, let seed):
            return "\(path), line \(line): `\(architecture)` with seed \(seed) stands there twice"
        case .otherSpace(let path, let space, let reason):
            return "\(path) is a benchmark table of another space than the supernet's, '\(space)': \(reason)"
        }
    }
}
