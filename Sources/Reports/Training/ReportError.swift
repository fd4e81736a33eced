/// Everything in a report's data that cannot be shown.
public struct ReportError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Each by itself, with its place.
    public var problems: [String]

    /// An error of at least one problem.
    public init(_ problems: [String]) { self.problems = problems }

    /// All problems, a line each, or the first twenty and how many more there are.
    public var description: String {
        let shown = problems.prefix(20).map { "\n  \($0)" }.joined()
        let rest = problems.count > 20 ? "\n  and \(problems.count - 20) more" : ""
        return "the report cannot be made from these data:\(shown)\(rest)"
    }
}
