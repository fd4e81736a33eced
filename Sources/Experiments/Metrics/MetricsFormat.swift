import Foundation

/// How rows are spelled in a metrics file. Doubles are written with the shortest digits that give them back.
public enum MetricsFormat: Equatable, Sendable {
    /// A header and one column per name, after `step`. A metric that a row lacks is an empty cell; infinities and
    /// not-a-number are `inf`, `-inf` and `nan`.
    case csv(columns: [String])
    /// One JSON object a line, with any names. Infinities and not-a-number, which JSON lacks, are the strings
    /// `"inf"`, `"-inf"` and `"nan"`.
    case jsonl

    /// The first line, if the format has one.
    var header: String? {
        if case .csv(let columns) = self { (["step"] + columns).joined(separator: ",") } else { nil }
    }

    /// - Throws: ``MetricsError/badName(_:)``, ``MetricsError/unknownColumns(_:known:)``.
    func line(_ row: MetricsRow) throws -> String {
        switch self {
        case .csv(let columns):
            let unknown = row.values.keys.filter { !columns.contains($0) }.sorted()
            if !unknown.isEmpty { throw MetricsError.unknownColumns(unknown, known: columns) }
            let cells = columns.map { row.values[$0].map(\.description) ?? "" }
            return (["\(row.step)"] + cells).joined(separator: ",")
        case .jsonl:
            let names = row.values.keys.sorted()
            try names.forEach(Self.check)
            let fields = names.map { "\(Self.quoted($0)):\(Self.json(row.values[$0] ?? .nan))" }
            return "{" + (["\"step\":\(row.step)"] + fields).joined(separator: ",") + "}"
        }
    }

    /// The row that a line spells; nil if it spells none.
    func row(_ line: String) -> MetricsRow? {
        switch self {
        case .csv(let columns):
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            guard cells.count == columns.count + 1, let step = Int(cells[0]) else { return nil }
            var row = MetricsRow(step: step, values: [:])
            for (column, cell) in zip(columns, cells.dropFirst()) where !cell.isEmpty {
                guard let value = Double(cell) else { return nil }
                row.values[column] = value
            }
            return row
        case .jsonl:
            guard var fields = try? JSONDecoder().decode([String: JSONNumber].self, from: Data(line.utf8)),
                let step = fields.removeValue(forKey: "step").flatMap({ Int(exactly: $0.value) })
            else { return nil }
            return MetricsRow(step: step, values: fields.mapValues(\.value))
        }
    }

    static func check(_ name: String) throws {
        let isClean = !name.isEmpty && name != "step" && !name.contains { ",\"".contains($0) || $0.isNewline }
        if !isClean { throw MetricsError.badName(name) }
    }

    private static func json(_ value: Double) -> String {
        value.isFinite ? value.description : "\"\(value)\""
    }

    private static func quoted(_ name: String) -> String {
        var result = "\""
        for scalar in name.unicodeScalars {
            if scalar == "\\" {
                result += "\\\\"
            } else if scalar.value < 0x20 {
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// A number, or the name of one that JSON cannot spell.
    private struct JSONNumber: Decodable {
        let value: Double

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Double.self) {
                value = number
                return
            }
            let name = try container.decode(String.self)
            guard ["inf", "-inf", "nan"].contains(name), let number = Double(name) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "`\(name)` is no number")
            }
            value = number
        }
    }
}
