import ArgumentParser
import Foundation
import Support

/// The format of predictions.
enum PredictionFormat: String, ExpressibleByArgument, CaseIterable {
    case table, csv, json
}

/// Predictions as a table that can be written in any format.
struct PredictionTable {
    /// A cell of the table. Texts are quoted in CSV so that spreadsheets do not read them as formulas; numbers are not.
    enum Cell {
        case number(String)
        case text(String)

        static let empty = Cell.number("")

        var csv: String {
            switch self {
            case .number(let number): CSVField.quoted(number)
            case .text(let text): CSVField.of(text: text)
            }
        }
    }

    /// The row of one image.
    struct Row {
        /// The path of the image.
        var image: String
        /// The prediction as text.
        var words: String
        /// The prediction as the cells of a table.
        var cells: [Cell]
    }

    /// The names of the columns after `image`.
    var columns: [String]
    /// The rows, one for each image.
    var rows: [Row]
    /// The predictions as a value for JSON.
    var json: any Encodable

    /// Formats the table as text, without a final line break.
    func text(_ format: PredictionFormat) throws -> String {
        switch format {
        case .table: return Console.table(rows.map { ($0.image, $0.words) })
        case .csv:
            let lines = [(["image"] + columns).map { Cell.text($0) }] + rows.map { [.text($0.image)] + $0.cells }
            return lines.map { $0.map(\.csv).joined(separator: ",") }.joined(separator: "\n")
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return JSONText.escaped(String(decoding: try encoder.encode(json), as: UTF8.self))
        }
    }
}
