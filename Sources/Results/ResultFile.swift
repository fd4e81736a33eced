import Foundation
import Support

/// The small JSON files that mark phases as finished, and what lies beside them.
public enum ResultFile {
    /// The name of the file that marks a phase as finished, in the phase's folder.
    public static let name = "result.json"

    /// Reads a result.
    ///
    /// - Parameters:
    ///   - type: the type of the result.
    ///   - path: the file.
    /// - Returns: nil where there is no such file.
    /// - Throws: `ResultError.damaged` for a file that holds something else; `FileError`.
    public static func read<T: Decodable>(_ type: T.Type, _ path: String) throws -> T? {
        guard FilePath.exists(path) else { return nil }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return try decoder.decode(type, from: Data(InputFile.readAll(path)))
        } catch is DecodingError {
            throw ResultError.damaged(path: path)
        }
    }

    /// Writes a result, all at once.
    ///
    /// - Parameters:
    ///   - result: finite numbers alone: JSON has no others.
    ///   - path: the file.
    ///   - pretty: whether each value stands on a line of its own.
    /// - Throws: `ResultError.notANumber`, which names the figure; `FileError`.
    public static func write(_ result: some Encodable, to path: String, pretty: Bool = true) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = pretty ? [.sortedKeys, .prettyPrinted] : [.sortedKeys]
        do {
            try AtomicFile.write(try encoder.encode(result), to: path)
        } catch EncodingError.invalidValue(_, let context) {
            throw ResultError.notANumber(
                path: path, figure: context.codingPath.map(\.stringValue).joined(separator: "."))
        }
    }
}

/// A result that cannot be read or written.
public enum ResultError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A result holds a figure that is infinite or not a number; where it was to be written, and the figure's name.
    case notANumber(path: String, figure: String)
    /// The result of a finished run cannot be read.
    case damaged(path: String)

    /// What happened, and what to do.
    public var description: String {
        switch self {
        case .notANumber(let path, let figure):
            "\(path) cannot be written: `\(figure)` is infinite or not a number, because what the network gives for "
                + "some images is none; train it again with a lower learning rate"
        case .damaged(let path):
            "\(path) is damaged; delete it, and the same command scores the finished network again"
        }
    }
}
