import Foundation
import Support

/// The scalars of one step.
public struct MetricsRow: Equatable, Sendable {
    /// The step that the scalars belong to, as the run counts its steps.
    public var step: Int
    /// The scalars by name. A metric that was not measured at this step is absent; infinities and not-a-number are
    /// kept.
    public var values: [String: Double]

    /// Creates a row of scalars; their names are checked when the row is written.
    public init(step: Int, values: [String: Double]) {
        self.step = step
        self.values = values
    }
}

/// An invalid metrics file, or a row that cannot be written to one.
public enum MetricsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A name that the file cannot hold.
    case badName(String)
    /// A row with an earlier step than the one before it.
    case stepWentBack(from: Int, to: Int)
    /// A line within the file that is not a row.
    case damaged(path: String, line: Int, text: String)

    /// The problem, its place and its remedy as one message.
    public var description: String {
        switch self {
        case .badName(let name):
            "`\(name)` cannot be the name of a metric: not empty or `step`, and without comma, quote and newline"
        case .stepWentBack(let from, let to):
            "a row for step \(to) cannot follow one for step \(from)"
        case .damaged(let path, let line, let text):
            "\(path):\(line) is not a row of metrics: \"\(text.prefix(60))\"; repair or remove that line"
        }
    }
}

/// The metrics file of a run, one JSON object a line (JSON Lines): appends rows of scalars, and removes those that a
/// resumed run will write again.
///
/// A row is written in one call before ``append(step:_:)`` returns, so a killed process loses none; at worst its last
/// line is half written, and the next start removes that line. Doubles are written with the fewest digits that give
/// them back; infinities and not-a-number, which JSON lacks, are the strings `"inf"`, `"-inf"` and `"nan"`.
public final class MetricsLog {
    /// The metrics file as the caller named it.
    public let path: String
    private let file: OutputFile
    private var lastStep: Int?

    /// Opens the file, and creates it where it is missing.
    ///
    /// - Parameters:
    ///   - path: the metrics file.
    ///   - resumeStep: the step of the checkpoint that the run continues from: the rows up to and including it are
    ///     kept, and all that follow are removed. Nil for a run without a checkpoint, which keeps no row.
    /// - Throws: ``MetricsError``, `FileError`.
    public init(_ path: String, resumeStep: Int?) throws {
        self.path = path
        file = try OutputFile(path, .append)
        var end = 0
        if let resumeStep {
            let scan = try Self.scan(path, through: resumeStep)
            end = scan.end
            lastStep = scan.rows.last?.step
        }
        try file.truncate(to: end)
    }

    /// Appends a row. Several rows may share a step; a step never goes back.
    ///
    /// - Throws: ``MetricsError``, `FileError`.
    public func append(step: Int, _ values: [String: Double]) throws {
        if let lastStep, step < lastStep { throw MetricsError.stepWentBack(from: lastStep, to: step) }
        try file.append("\(try JSONLine.text(of: MetricsRow(step: step, values: values)))\n".utf8)
        lastStep = step
    }

    /// Waits until all rows are on the disk; call it before a checkpoint is written.
    public func sync() throws { try file.sync() }

    /// Reads all whole rows of a file.
    ///
    /// - Throws: ``MetricsError``, `FileError`.
    public static func read(_ path: String) throws -> [MetricsRow] { try scan(path, through: .max).rows }

    /// Reads the rows up to and including `step`, and the byte offset at which they end.
    private static func scan(_ path: String, through step: Int) throws -> (rows: [MetricsRow], end: Int) {
        let bytes = try InputFile.readAll(path)
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // What follows the last newline is empty, or was being written when the process died.
        lines.removeLast()
        var rows: [MetricsRow] = []
        var end = 0
        for (index, line) in lines.enumerated() {
            let text = String(decoding: line, as: UTF8.self)
            guard let row = JSONLine.row(text) else {
                throw MetricsError.damaged(path: path, line: index + 1, text: text)
            }
            if row.step > step { break }
            rows.append(row)
            end = line.endIndex + 1
        }
        return (rows, end)
    }
}

/// The spelling of a row as one line of JSON.
private enum JSONLine {
    /// Writes a row, its names sorted.
    ///
    /// - Throws: ``MetricsError/badName(_:)``.
    static func text(of row: MetricsRow) throws -> String {
        let fields = try row.values.sorted { $0.key < $1.key }.map { name, value in
            let isClean = !name.isEmpty && name != "step" && !name.contains { ",\"".contains($0) || $0.isNewline }
            guard isClean else { throw MetricsError.badName(name) }
            return "\(quoted(name)):\(value.isFinite ? value.description : "\"\(value)\"")"
        }
        return "{" + (["\"step\":\(row.step)"] + fields).joined(separator: ",") + "}"
    }

    /// Reads the row that a line spells; nil for any other line.
    static func row(_ line: String) -> MetricsRow? {
        guard var fields = try? JSONDecoder().decode([String: Number].self, from: Data(line.utf8)),
            let step = fields.removeValue(forKey: "step").flatMap({ Int(exactly: $0.value) })
        else { return nil }
        return MetricsRow(step: step, values: fields.mapValues(\.value))
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

    /// A number of JSON, or the string that stands for a number that JSON cannot spell.
    private struct Number: Decodable {
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
