import Torch

/// The meaning of the outputs of a task's network.
public enum TaskOutputs: Sendable {
    /// Logits of classes.
    case classes
    /// Readings of each image separately, by a reader.
    case readings(any TaskReader.Type)
    /// Embeddings, which are compared with others by cosine similarity.
    case embeddings
    /// Logits of the class of each pixel, a map.
    case pixels
    /// Objects, each with its class and its place.
    case objects
}

extension TaskOutputs {
    /// Whether a network says where things are, so that its backbone gives maps.
    public var isDense: Bool {
        switch self {
        case .pixels, .objects: true
        case .classes, .readings, .embeddings: false
        }
    }
}

/// A reader that turns outputs into readable values for each image, such as an age in years.
public protocol TaskReader: Sendable {
    /// The names of the values, as the columns of a table.
    static var columns: [String] { get }
    /// The smallest number of outputs that the reader needs.
    static var fewestOutputs: Int { get }
    /// The names of the outputs in their order, for other programs that read them.
    ///
    /// - Parameter count: the number of outputs K, at least `fewestOutputs`.
    static func outputNames(_ count: Int) -> [String]
    /// Reads the outputs for each image.
    ///
    /// - Parameter outputs: the outputs [N, K], float32.
    /// - Returns: N readings, each with a value for every column.
    static func readings(_ outputs: Tensor) throws -> [TaskReading]
}

/// The reading of one image.
public struct TaskReading: Sendable, Equatable {
    /// One value of a reading.
    public enum Value: Sendable, Equatable {
        /// A number in the unit of its column.
        case number(Double)
        /// A text, such as the name of a class.
        case text(String)
    }

    /// The values, one for each of the reader's columns.
    public var values: [Value]
    /// The reading as text, such as `23.4 years`.
    public var words: String

    /// Creates a reading.
    ///
    /// - Parameters:
    ///   - values: the values, one for each of the reader's columns.
    ///   - words: the reading as text.
    public init(values: [Value], words: String) {
        (self.values, self.words) = (values, words)
    }
}
