import ArgumentParser
import Foundation

/// How results about images are written.
enum PredictionFormat: String, ExpressibleByArgument, CaseIterable {
    case table, csv, json
}

/// What was found about images, ready to be written in any format.
struct PredictionTable {
    /// One image.
    struct Row {
        /// Where it comes from.
        var image: String
        /// What was found, for a person.
        var words: String
        /// The same in the columns of a table.
        var cells: [String]
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
            let lines = [["image"] + columns] + rows.map { [$0.image] + $0.cells }
            return lines.map { $0.map(Self.field).joined(separator: ",") }.joined(separator: "\n")
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(json), as: UTF8.self)
        }
    }

    /// Quoted where it must be (RFC 4180).
    private static func field(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }
}
