import Metrics
import Rankings
import Results

/// A report on how well supernets rank, trained by several methods over several seeds in several spaces, beside
/// training-free baselines: as one page, and as text for documentation.
public struct RankingComparisonReport: DocumentedReport {
    /// A search space with its benchmark table.
    public struct Space: Sendable {
        /// The name, which stands above the section and in the names of its drawings' files.
        public var name: String
        /// The path of the benchmark table.
        public var tablePath: String
        /// The benchmark table.
        public var table: BenchmarkTable

        /// A space with its benchmark table.
        public init(_ name: String, tablePath: String, table: BenchmarkTable) {
            (self.name, self.tablePath, self.table) = (name, tablePath, table)
        }
    }

    /// The spaces, of which each has a section.
    public var spaces: [Space]
    /// The outcomes of all trainings, and the baselines of each space.
    public var result: RankingComparisonResult
    /// The command line that made the comparison; empty for none.
    public var command: String

    /// A report of a finished comparison.
    public init(spaces: [Space], result: RankingComparisonResult, command: String = "") {
        (self.spaces, self.result, self.command) = (spaces, result, command)
    }

    /// The page: a section for each space.
    ///
    /// - Throws: ``ReportError`` with every figure that cannot be shown.
    public func page() throws(ReportError) -> Page {
        let content = try sections().map { section in
            let drawings = [[section.tau], section.shifts].filter { !$0.isEmpty }
            return Page.section(
                section.name, lead: section.detail, [section.table] + drawings.map { Page.row($0.map(\.svg)) })
        }
        let footer = ReportFooter(command: command).markup
        return Page(title: Self.title, content: [header.markup] + content + [footer].compactMap(\.self))
    }

    /// The report as text for GitHub, with links to its drawings.
    ///
    /// - Parameter folder: the folder of the files of ``drawings()``, seen from the text; empty for the text's own.
    /// - Throws: ``ReportError`` with every figure that cannot be shown.
    public func markdown(drawingsIn folder: String = "") throws(ReportError) -> String {
        let sections = try sections()
        var blocks = header.markdown
        for (section, files) in zip(sections, files(sections)) {
            blocks += ["## \(MarkdownText.escaped(section.name))", MarkdownText.escaped(section.detail)]
            blocks += [section.markdownTable, RankingComparisonSection.explanation]
            blocks += files.map { MarkdownText.image($0.svg, in: folder, $0.name) }
        }
        return MarkdownText.document(blocks, command: command)
    }

    /// The drawings of ``markdown(drawingsIn:)`` as files of their own, legible on any background.
    ///
    /// - Returns: the name, such as `cells-tau.svg`, and the content of each.
    /// - Throws: ``ReportError`` with every figure that cannot be shown.
    public func drawings() throws(ReportError) -> [(name: String, svg: String)] {
        files(try sections()).joined().map { ($0.name, $0.svg.document(margin: 16)) }
    }

    private static let title = "Which supernet ranks best"

    private var header: ReportHeader { ReportHeader(title: Self.title) }

    /// The spaces with their figures, in which a method has the same colour everywhere.
    func sections() throws(ReportError) -> [RankingComparisonSection] {
        var colours: [String: Int] = [:]
        let sections = spaces.map { space in
            let methods = Self.methods(result.outcomes.filter { $0.space == space.name })
            for method in methods where colours[method.name] == nil { colours[method.name] = colours.count }
            return RankingComparisonSection(
                space: space, methods: methods, baselines: result.trivial[space.name]?["report"]?.rankers ?? [],
                colours: colours)
        }
        let problems = sections.flatMap(\.problems)
        if !problems.isEmpty { throw ReportError(problems) }
        return sections
    }

    /// Outcomes by method and score, named by both where there are several scores.
    private static func methods(_ outcomes: [RankingOutcome]) -> [RankingComparisonSection.Method] {
        let hasScores = Set(outcomes.map(\.score)).count > 1
        return RankingOutcome.groups(outcomes).map { group in
            // Shifts are a supernet's, whatever its paths are scored by: they stand with the last score alone.
            let isLast = outcomes.last { $0.method == group[0].method }?.score == group[0].score
            return .init(
                name: group[0].method + (hasScores ? ", by \(group[0].score)" : ""), runs: group, hasShifts: isLast)
        }
    }

    /// For each section its drawings with the names of their files, no two of which are the same.
    private func files(_ sections: [RankingComparisonSection]) -> [[RankingComparisonSection.Drawing]] {
        zip(sections, FileStem.distinct(sections.map(\.name), otherwise: "space")).map { section, stem in
            ([section.tau] + section.shifts).map { .init(name: "\(stem)-\($0.name).svg", svg: $0.svg) }
        }
    }
}
