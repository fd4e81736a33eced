import Support

/// A file of latencies that cannot be used for a space.
public struct LatencyTableError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The faults of a file.
    public enum Fault: Hashable, Sendable {
        /// There are no rows.
        case empty
        /// The header lacks columns.
        case missingColumns([String])
        /// A line that is no row, with the reason as the end of a sentence that begins with the line.
        case notARow(String)
        /// A block that no network of the space has.
        case otherSpace(block: String, space: String)
        /// Candidates that a block of the space does not have.
        case otherChoices(String, block: String, space: String)
        /// A block that was measured with an input of another shape than it gets.
        case otherSize(String, block: String, expected: [String], imageSize: ImageSize)
        /// A block that was measured with another number of images.
        case otherBatch(String, expected: Int)
        /// Milliseconds that are no number or negative.
        case notATime(String)
        /// A row that stands twice, and the line of the first.
        case repeated(block: String, choices: String, line: Int)
        /// Blocks that have no row: their number and the first of them.
        case missing(count: Int, block: String, choices: String, input: String)
        /// Other times than those that a search began with.
        case changed
    }

    /// The path of the file.
    public var path: String
    /// The line, from 1; nil for a fault of the whole.
    public var line: Int?
    /// The fault.
    public var fault: Fault

    /// A fault of a file.
    public init(path: String, line: Int?, _ fault: Fault) {
        (self.path, self.line, self.fault) = (path, line, fault)
    }

    /// The file, the line, what is wrong there and what to do.
    public var description: String { (line.map { "\(path), line \($0): " } ?? "\(path): ") + reason }

    private static let remedy =
        "`supernet profile --latency-table FILE`, given the same space, size and batch, writes a table that fits"

    private var reason: String {
        switch fault {
        case .empty: return "the table of latencies has no rows; \(Self.remedy)"
        case .missingColumns(let columns):
            return "the header names no column \(Self.list(columns)); a table of latencies has the columns "
                + BlockTimes.columns.joined(separator: ", ")
        case .notARow(let reason): return reason
        case .otherSpace(let block, let space):
            return "the table is of another search space: '\(block)' is no block of '\(space)'; \(Self.remedy)"
        case .otherChoices(let choices, let block, let space):
            return "the table is of another search space: '\(choices)' cannot be chosen for '\(block)' in '\(space)'; "
                + Self.remedy
        case .otherSize(let input, let block, let expected, let imageSize):
            return
                "the table is of images of another size: '\(block)' was measured with an input of '\(input)', but for "
                + "images of \(imageSize) pixels it gets \(Self.list(expected, "or")); \(Self.remedy)"
        case .otherBatch(let batch, let expected):
            return "the table is of batches of another size: \(batch.isEmpty ? "none" : "'\(batch)'") in place of "
                + "\(expected); \(Self.remedy)"
        case .notATime(let text):
            return "milliseconds must be a number that is not negative, not '\(text)'"
        case .repeated(let block, let choices, let line):
            return "\(Self.row(block, choices)) stands on line \(line) already; leave one of them out"
        case .missing(let count, let block, let choices, let input):
            return "\(count) \(count == 1 ? "block has" : "blocks have") no row; "
                + (count == 1 ? "it" : "the first of them") + " is \(Self.row(block, choices)) with an input of "
                + "\(input); \(Self.remedy)"
        case .changed:
            return "the search began with other latencies than these; start over with --fresh, or give the table that "
                + "it began with"
        }
    }

    private static func row(_ block: String, _ choices: String) -> String {
        choices.isEmpty ? "'\(block)'" : "'\(block)' with '\(choices)'"
    }

    private static func list(_ names: [String], _ word: String = "and") -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " \(word) \(last)"
    }
}
