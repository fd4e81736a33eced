import Torch

/// What the outputs of a task's network mean to a person.
public enum TaskOutputs: Sendable {
    /// The logits of classes: the network is one of classification, and so is its file.
    case classes
    /// They tell something of each image by itself.
    case readings(any TaskReader.Type)
    /// Embeddings, which tell something beside others alone; compared by the cosine.
    case embeddings
}

/// Tells what outputs mean for each image by itself; in the folder of its task.
public protocol TaskReader: Sendable {
    /// Names of what is told, as a table's columns.
    static var columns: [String] { get }
    /// Outputs without which nothing can be told.
    static var fewestOutputs: Int { get }
    /// Names of the outputs in their order, for programs that read them by themselves.
    ///
    /// - Parameter count: K, at least `fewestOutputs`.
    static func outputNames(_ count: Int) -> [String]
    /// What is told of each image.
    ///
    /// - Parameter outputs: [N, K], float32.
    /// - Returns: N readings, each with a value for every column.
    static func readings(_ outputs: Tensor) throws -> [TaskReading]
}

/// What is told of one image.
public struct TaskReading: Sendable, Equatable {
    /// One thing that is told.
    public enum Value: Sendable, Equatable {
        /// In the unit of its column.
        case number(Double)
        /// A name.
        case text(String)
    }

    /// One for each of the reader's columns.
    public var values: [Value]
    /// The same for a person, such as `23.4 years`.
    public var words: String

    /// A reading.
    ///
    /// - Parameters:
    ///   - values: one for each of the reader's columns.
    ///   - words: the same for a person.
    public init(values: [Value], words: String) {
        (self.values, self.words) = (values, words)
    }
}
