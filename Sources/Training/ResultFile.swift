import Foundation
import Support

/// The small JSON file that marks a run as finished.
public enum ResultFile {
    /// Writes a result, all at once.
    ///
    /// - Parameters:
    ///   - result: finite numbers alone: JSON has no others.
    ///   - path: the file.
    ///   - pretty: whether each value stands on a line of its own.
    /// - Throws: `TrainingError.notANumber`, which names the figure; `FileError`.
    public static func write(_ result: some Encodable, to path: String, pretty: Bool = true) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = pretty ? [.sortedKeys, .prettyPrinted] : [.sortedKeys]
        do {
            try AtomicFile.write(try encoder.encode(result), to: path)
        } catch EncodingError.invalidValue(_, let context) {
            throw TrainingError.notANumber(
                path: path, figure: context.codingPath.map(\.stringValue).joined(separator: "."))
        }
    }
}
