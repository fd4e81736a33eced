import ArgumentParser
import Foundation
import Support
import Tasks

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
    /// Each image with its prediction as text, where there is not one row an image; nil elsewhere.
    var lines: [(image: String, words: String)]?

    /// The number of images.
    var imageCount: Int { lines?.count ?? rows.count }

    /// Formats the table as text, without a final line break.
    func text(_ format: PredictionFormat) throws -> String {
        switch format {
        case .table: return Console.table(lines?.map { ($0.image, $0.words) } ?? rows.map { ($0.image, $0.words) })
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

extension PredictionTable {
    /// Creates the table of the likeliest classes of each image.
    ///
    /// - Parameters:
    ///   - predictions: one prediction for each image.
    ///   - top: the number of classes in each prediction.
    init(_ predictions: [Predictor.Prediction], top: Int) {
        columns = (0..<top).flatMap { ["class\($0 + 1)", "probability\($0 + 1)"] }
        rows = predictions.map { prediction in
            let words = prediction.classes.map { "\($0.name) \(String(format: "%.1f %%", 100 * $0.probability))" }
            return Row(
                image: prediction.image, words: words.joined(separator: ", "),
                cells: prediction.classes.flatMap { [.text($0.name), .number("\($0.probability)")] })
        }
        json = predictions
    }

    /// Creates the table of a task's readings of each image.
    ///
    /// - Parameters:
    ///   - readings: one reading for each image.
    ///   - columns: the columns of the reader.
    init(_ readings: [(image: String, reading: TaskReading)], columns: [String]) {
        self.columns = columns
        rows = readings.map { image, reading in
            Row(image: image, words: reading.words, cells: reading.values.map(Self.cell))
        }
        json = readings.map { image, reading in
            var fields = Dictionary(zip(columns, reading.values), uniquingKeysWith: { $1 }).mapValues(JSONValue.init)
            fields["image"] = JSONValue(.text(image))
            return fields
        }
    }

    /// Creates the table of the most similar gallery images of each image.
    ///
    /// - Parameters:
    ///   - matches: the matches of each image.
    ///   - top: the largest number of matches of an image.
    init(_ matches: [ImageMatches], top: Int) {
        let width = matches.map(\.matches.count).max() ?? top
        columns = (0..<width).flatMap { ["match\($0 + 1)", "similarity\($0 + 1)"] }
        rows = matches.map { found in
            let cells = found.matches.flatMap { [Cell.text($0.image), .number("\($0.similarity)")] }
            return Row(
                image: found.image,
                words: found.matches.map { "\($0.image) \(String(format: "%.3f", $0.similarity))" }
                    .joined(separator: ", "),
                cells: cells + [Cell](repeating: .empty, count: 2 * width - cells.count))
        }
        json = matches
    }

    private static func cell(_ value: TaskReading.Value) -> Cell {
        switch value {
        case .number(let number): .number("\(number)")
        case .text(let text): .text(text)
        }
    }
}

/// A number or a text of a reading, as JSON.
private struct JSONValue: Encodable {
    let value: TaskReading.Value

    init(_ value: TaskReading.Value) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch value {
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        }
    }
}
