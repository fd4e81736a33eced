/// Why an augmentation cannot be built or applied.
public struct AugmentationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Each thing that is wrong: where, with its value, and what would be right.
    public let problems: [String]

    /// An error that reports `problems`, one a line, in the order given.
    public init(problems: [String]) {
        self.problems = problems
    }

    init(_ problem: String) {
        problems = [problem]
    }

    /// The problems, one a line.
    public var description: String { problems.joined(separator: "\n") }
}
