import ArgumentParser
import Foundation
import Support

/// How results about images are written.
enum PredictionFormat: String, ExpressibleByArgument, CaseIterable {
    case table, csv, json
}

/// What was found about images, ready to be written in any format.
struct PredictionTable {
    /// What stands in a column of a table: spreadsheets take some texts for formulas, and those must not be numbers.
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

    /// One image.
    struct Row {
        /// Where it comes from.
        var image: String
        /// What was found, for a person.
        var words: String
        /// The same in the columns of a table.
        var cells: [Cell]
    }

    /// Those beside `image`.
    var columns: [String]
    /// One an image.
    var rows: [Row]
    /// All of it as JSON's values.
    var json: any Encodable

    /// All as one text, without a line end at its end.
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
