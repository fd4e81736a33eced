import Support

/// Appends rows of scalars to a run's metrics file, and takes back what a resumed run will write again.
///
/// A row is written in one call before ``append(step:_:)`` returns, so that a killed process loses none; at worst, its
/// last line is half written, and the next start removes that.
public final class MetricsLog {
    /// The metrics file as the caller named it.
    public let path: String
    /// How rows are spelled; an existing CSV file must have the same columns.
    public let format: MetricsFormat
    private let file: OutputFile
    private var lastStep: Int?

    /// Opens the file.
    ///
    /// - Parameters:
    ///   - path: the metrics file.
    ///   - format: how rows are spelled; CSV rows that are kept must have the same columns.
    ///   - resumeStep: the step of the checkpoint that the run goes on from: the rows up to and including it are kept,
    ///     and whatever follows is cut off. Nil for a run without a checkpoint: all rows go.
    /// - Throws: ``MetricsError``, `FileError`.
    public init(_ path: String, format: MetricsFormat, resumeStep: Int?) throws {
        if case .csv(let columns) = format { try columns.forEach(MetricsFormat.check) }
        self.path = path
        self.format = format
        file = try OutputFile(path, .append)
        var end = 0
        if let resumeStep {
            let scan = try Self.scan(path, format, through: resumeStep)
            end = scan.end
            lastStep = scan.rows.last?.step
        }
        try file.truncate(to: end)
        if end == 0, let header = format.header { try file.write("\(header)\n".utf8) }
    }

    /// Appends a row. Several rows may share a step; a step never goes back.
    ///
    /// - Throws: ``MetricsError``, `FileError`.
    public func append(step: Int, _ values: [String: Double]) throws {
        if let lastStep, step < lastStep { throw MetricsError.stepWentBack(from: lastStep, to: step) }
        try file.append("\(try format.line(MetricsRow(step: step, values: values)))\n".utf8)
        lastStep = step
    }

    /// Waits until all rows are on the disk; to be called before a checkpoint is written.
    public func sync() throws { try file.sync() }

    /// All whole rows of a file.
    ///
    /// - Throws: ``MetricsError``, `FileError`.
    public static func read(_ path: String, format: MetricsFormat) throws -> [MetricsRow] {
        try scan(path, format, through: .max).rows
    }

    /// The rows up to and including `step`, and the byte at which they end.
    private static func scan(
        _ path: String, _ format: MetricsFormat, through step: Int
    ) throws -> (rows: [MetricsRow], end: Int) {
        let bytes = try InputFile.readAll(path)
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // What follows the last newline is empty, or was being written when the process died.
        lines.removeLast()
        var rows: [MetricsRow] = []
        var end = 0
        for (index, line) in lines.enumerated() {
            let text = String(decoding: line, as: UTF8.self)
            if index == 0, let header = format.header {
                if text != header {
                    let found = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                    let expected = header.split(separator: ",").map(String.init)
                    throw MetricsError.otherColumns(path: path, found: found, expected: expected)
                }
            } else if let row = format.row(text) {
                if row.step > step { break }
                rows.append(row)
            } else {
                throw MetricsError.damaged(path: path, line: index + 1, text: text)
            }
            end = line.endIndex + 1
        }
        return (rows, end)
    }
}
