import CSQLite

/// A value in a cell.
enum SQLiteValue: Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob
}

/// A prepared statement of a connection, which it keeps alive.
final class SQLiteStatement {
    let connection: SQLiteConnection
    private let handle: OpaquePointer

    fileprivate init(_ connection: SQLiteConnection, _ handle: OpaquePointer) {
        self.connection = connection
        self.handle = handle
    }

    deinit { sqlite3_finalize(handle) }

    /// Starts over with these values for the statement's parameters, in their order.
    func bind(_ values: [SQLiteValue]) throws {
        sqlite3_reset(handle)
        for (index, value) in values.enumerated() {
            let parameter = Int32(index + 1)
            let code =
                switch value {
                case .null, .blob: sqlite3_bind_null(handle, parameter)
                case .integer(let value): sqlite3_bind_int64(handle, parameter, value)
                case .real(let value): sqlite3_bind_double(handle, parameter, value)
                case .text(var text): text.withUTF8 { bytes in bind(bytes, to: parameter) }
                }
            guard code == SQLITE_OK else { throw connection.error(code) }
        }
    }

    private func bind(_ bytes: UnsafeBufferPointer<UInt8>, to parameter: Int32) -> Int32 {
        // An empty string may have no address, which SQLite would take for NULL.
        guard let start = bytes.baseAddress else { return csqlite_bind_text(handle, parameter, "", 0) }
        return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
            csqlite_bind_text(handle, parameter, $0, sqlite3_uint64(bytes.count))
        }
    }

    /// Goes to the next row; false behind the last.
    func step() throws -> Bool {
        let code = sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw connection.error(code)
        }
    }

    /// Runs to the end.
    func run(_ values: [SQLiteValue]) throws {
        try bind(values)
        while try step() {}
    }

    /// The value in a column, counted from 0, of the row that `step` went to.
    func value(_ column: Int) -> SQLiteValue {
        let column = Int32(column)
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, column))
        case SQLITE_TEXT:
            let bytes = UnsafeBufferPointer(
                start: sqlite3_column_text(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
            return .text(String(decoding: bytes, as: UTF8.self))
        case SQLITE_NULL: return .null
        default: return .blob
        }
    }
}

extension SQLiteConnection {
    /// The statement for one command of SQL.
    func prepare(_ sql: String) throws -> SQLiteStatement {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
        guard code == SQLITE_OK, let statement else { throw error(code) }
        return SQLiteStatement(self, statement)
    }

    /// The first cell of the first row of an answer; null without a row.
    func value(_ sql: String, _ values: [SQLiteValue] = []) throws -> SQLiteValue {
        let statement = try prepare(sql)
        try statement.bind(values)
        return try statement.step() ? statement.value(0) : .null
    }

    /// The same of an answer that is one whole number.
    func integer(_ sql: String) throws -> Int64 {
        guard case .integer(let number) = try value(sql) else {
            throw ArchiveError.damaged(path: path, reason: "no number answers `\(sql)`")
        }
        return number
    }
}
