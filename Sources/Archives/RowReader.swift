/// Reads the cells of one row of `architectures` from left to right, behind the id.
struct RowReader {
    private let statement: SQLiteStatement
    private var column = 0

    init(_ statement: SQLiteStatement) { self.statement = statement }

    private mutating func next() -> SQLiteValue {
        column += 1
        return statement.value(column)
    }

    mutating func realOrNull() throws -> Double? {
        switch next() {
        case .null: return nil
        case .real(let value): return value
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
        case .text(let value): return value
        default: throw damage("not text")
        }
    }

    mutating func text() throws -> String {
        guard let value = try textOrNull() else { throw damage("empty") }
        return value
    }

    mutating func integer() throws -> Int {
        guard case .integer(let value) = next() else { throw damage("not a whole number") }
        return Int(value)
    }

    /// An error that the cell read last is not what it should be.
    func damage(_ what: String) -> ArchiveError {
        var row = "a row"
        if case .integer(let id) = statement.value(0) { row = "row \(id)" }
        return .damaged(
            path: statement.connection.path,
            reason: "\(row) of `architectures`, column `\(ArchiveRow.columns[column].name)`, is \(what)")
    }
}
