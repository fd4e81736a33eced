/// The scalars of one step.
public struct MetricsRow: Equatable, Sendable {
    /// The step that the scalars belong to, as the run counts its steps.
    public var step: Int
    /// The scalars by name. One that was not measured at this step is absent; infinities and not-a-number are kept.
    public var values: [String: Double]

    /// A row of scalars. Names are checked when the row is written, against the file's format.
    public init(step: Int, values: [String: Double]) {
        self.step = step
        self.values = values
    }
}

/// A metrics file, or a row for it, that is not right.
public enum MetricsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A row names a metric that the file has no column for.
    case unknownColumns([String], known: [String])
    /// A name that the file cannot hold.
    case badName(String)
    /// A row with an earlier step than the one before it.
    case stepWentBack(from: Int, to: Int)
    /// An existing file has other columns.
    case otherColumns(path: String, found: [String], expected: [String])
    /// A line in the midst of the file that is no row.
    case damaged(path: String, line: Int, text: String)

    /// What was wrong, where, and what to do, in words.
    public var description: String {
        switch self {
        case .unknownColumns(let names, let known):
            "no column for \(names.joined(separator: ", ")); the columns are \(known.joined(separator: ", "))"
        case .badName(let name):
            "`\(name)` cannot be the name of a metric: not empty or `step`, and without comma, quote and newline"
        case .stepWentBack(let from, let to):
            "a row for step \(to) cannot follow one for step \(from)"
        case .otherColumns(let path, let found, let expected):
            "\(path) has the columns \(found.joined(separator: ", ")) and not \(expected.joined(separator: ", ")); "
                + "move it away to start a new one"
        case .damaged(let path, let line, let text):
            "\(path):\(line) is not a row of metrics: \"\(text.prefix(60))\"; repair or remove that line"
        }
    }
}
