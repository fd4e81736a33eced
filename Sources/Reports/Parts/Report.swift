import Foundation
import Support

/// A report of a finished run or comparison as one self-contained page.
public protocol PageReport: Sendable {
    /// The page. Parts without data are left out.
    ///
    /// - Throws: ``ReportError`` with everything in the data that cannot be shown.
    func page() throws(ReportError) -> Page
}

extension PageReport {
    /// The content of the page's file.
    ///
    /// - Throws: ``ReportError``.
    public func html() throws(ReportError) -> String { try page().html() }

    /// Writes the page: whoever looks finds the old file or the whole new one.
    ///
    /// - Throws: ``ReportError``, `FileError`.
    public func write(to path: String) throws { try page().write(to: path) }
}

/// A report that exists as text for GitHub with drawings, too, to stand in documentation.
public protocol DocumentedReport: PageReport {
    /// The report as text for GitHub, with links to its drawings.
    ///
    /// - Parameter folder: the folder of the files of ``drawings()``, seen from the text; empty for the text's own.
    /// - Throws: ``ReportError`` with everything in the data that cannot be shown.
    func markdown(drawingsIn folder: String) throws(ReportError) -> String

    /// The drawings of ``markdown(drawingsIn:)`` as files of their own, legible on any background.
    ///
    /// - Returns: the name, such as `cells-tau.svg`, and the content of each.
    /// - Throws: ``ReportError`` with everything in the data that cannot be shown.
    func drawings() throws(ReportError) -> [(name: String, svg: String)]
}

extension DocumentedReport {
    /// Writes page, text and drawings.
    ///
    /// - Parameter folder: the folder of the comparison.
    /// - Returns: the paths of what was written: `report.html`, `results.md` and the folder `results`.
    /// - Throws: ``ReportError``, `FileError`.
    public func write(in folder: String) throws -> [String] {
        let paths = ["report.html", "results.md", "results"].map { FilePath.join(folder, $0) }
        try write(to: paths[0])
        try AtomicFile.write(markdown(drawingsIn: "results"), to: paths[1])
        try FileManager.default.createDirectory(atPath: paths[2], withIntermediateDirectories: true)
        for (name, drawing) in try drawings() { try AtomicFile.write(drawing, to: FilePath.join(paths[2], name)) }
        return paths
    }
}

/// Everything in a report's data that cannot be shown.
public struct ReportError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Each problem by itself, with its place.
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
