import Architectures
import Results
import Support

/// The source's path and the adapted one, side by side, and what was changed between them.
public struct AdaptedPath: Sendable, Equatable {
    /// The path that was best on the source.
    public var source: ArchitectureDiagram
    /// The path that is best on the target, through the same space.
    public var adapted: ArchitectureDiagram
    /// The budget that the adapted path keeps, as it was written; empty where there are not several.
    public var budget = ""

    /// Two paths; diagrams without titles get some, and marks for what differs. The report checks that both go through
    /// the same choices.
    public init(source: ArchitectureDiagram, adapted: ArchitectureDiagram) {
        (self.source, self.adapted) = (source, adapted)
    }

    /// The paths of an adaptation: one, or one for each budget.
    ///
    /// - Parameters:
    ///   - result: what the adaptation left in `result.json`.
    ///   - description: the supernet that was adapted.
    ///   - imageSize: the size of the images in pixels.
    /// - Throws: `SpaceError` for paths of another space.
    public static func all(
        _ result: AdaptationResult, in description: SupernetDescription, imageSize: ImageSize
    ) throws -> [AdaptedPath] {
        func diagram(_ path: Architecture) throws -> ArchitectureDiagram {
            try ArchitectureDiagram(of: path, in: description, imageSize: imageSize, cost: Cost())
        }
        let source = try diagram(result.sourcePath)
        guard let budgets = result.budgets, !budgets.isEmpty else {
            return [AdaptedPath(source: source, adapted: try diagram(result.path))]
        }
        return try budgets.map { budget in
            var path = AdaptedPath(source: source, adapted: try diagram(budget.path))
            path.budget = budget.budget
            return path
        }
    }

    /// A choice that the adapted path makes in another way.
    struct Change: Equatable {
        let choice: String
        let before: String
        let after: String
    }

    /// The choices that differ, in the order of the data.
    var changes: [Change] {
        zip(Self.choices(source), Self.choices(adapted)).compactMap { before, after in
            guard before.chosen != after.chosen else { return nil }
            return Change(choice: after.name, before: before.chosen ?? "", after: after.chosen ?? "")
        }
    }

    /// The number of changes in words, such as `5 of 12 choices changed`.
    var summary: String {
        let count = Self.choices(adapted).count
        guard !changes.isEmpty else { return "None of \(NumberText.grouped(count)) choices changed." }
        return "\(NumberText.grouped(changes.count)) of \(NumberText.grouped(count)) "
            + (count == 1 ? "choice changed." : "choices changed.")
    }

    /// The part of a page.
    ///
    /// - Throws: ``ReportError`` with everything in the data that does not fit together.
    func markup() throws(ReportError) -> Markup {
        if !problems.isEmpty { throw ReportError(problems) }
        var (before, after) = (source, adapted)
        if before.title.isEmpty { before.title = "Source path" }
        if after.title.isEmpty { after.title = "Adapted path" }
        before.compared = .init("the adapted path", choices: Self.positions(adapted), isNamed: false)
        after.compared = .init("the source path", choices: Self.positions(source))
        let drawings = [try before.svg(width: Self.width), try after.svg(width: Self.width)]
        let pair = Markup("div", ["class": "beside"], drawings.map(Page.scrolling))
        let rows = changes.map { [$0.choice, $0.before, $0.after] }
        let table = Page.table(["choice", "before", "after"], rows, wordColumns: 3)
        return Page.section(
            budget.isEmpty ? "Architecture" : "Architecture at \(budget)", lead: summary,
            [pair] + (rows.isEmpty ? [] : [Page.scrolling(table: table)]))
    }

    /// The width of each drawing: two stand beside each other on a large screen.
    private static let width = 520.0

    /// Everything in the two paths that does not fit together.
    var problems: [String] {
        var problems = source.problems.map { "source path: \($0)" } + adapted.problems.map { "adapted path: \($0)" }
        let (before, after) = (Self.choices(source), Self.choices(adapted))
        if before.count != after.count {
            problems.append("the source path has \(before.count) choices, the adapted path \(after.count)")
        }
        for (before, after) in zip(before, after) {
            if before.name != after.name {
                problems.append("the source path has the choice \(before.name) where the adapted has \(after.name)")
            } else if before.candidates != after.candidates {
                problems.append("choice \(after.name): its candidates differ between the source path and the adapted")
            }
        }
        return problems
    }

    private static func choices(_ diagram: ArchitectureDiagram) -> [ArchitectureDiagram.Block] {
        diagram.blocks.filter(\.isChoice)
    }

    private static func positions(_ diagram: ArchitectureDiagram) -> [Int] { choices(diagram).compactMap(\.choice) }
}
