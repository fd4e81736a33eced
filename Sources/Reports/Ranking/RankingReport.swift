import Architectures
import Metrics
import Rankings

/// A report on how well a supernet ranks the architectures of a benchmark table, beside training-free baselines,
/// as one page.
public struct RankingReport: PageReport {
    /// The name of the search space.
    public var space: String
    /// The name of the method that the supernet was trained by.
    public var method: String
    /// The path of the benchmark table.
    public var tablePath: String
    /// The benchmark table.
    public var table: BenchmarkTable
    /// The half of the table that was judged by; nil for all of it.
    public var half: BenchmarkRow.Half?
    /// The figure of a trained network that rankings are compared with.
    public var measure: RankingTrial.Measure
    /// The name of the score that paths are ranked by, such as `accuracy`.
    public var score: String
    /// Scores by architecture; higher is better.
    public var scores: [Architecture: Double]
    /// The number of supernets whose ranks were averaged.
    public var supernets: Int
    /// The names of the proxies whose ranks were averaged with those of the supernets.
    public var proxies: [String]
    /// The quality of all rankings, and the verdict.
    public var judgement: RankingJudgement
    /// Reservations beside those of the judgement.
    public var warnings: [String]
    /// The command line that made the ranking; empty for none.
    public var command: String

    /// A report of a judgement, with the values of its properties.
    public init(
        space: String, method: String, tablePath: String, table: BenchmarkTable, half: BenchmarkRow.Half? = nil,
        measure: RankingTrial.Measure = .accuracy, score: String, scores: [Architecture: Double], supernets: Int = 1,
        proxies: [String] = [], judgement: RankingJudgement, warnings: [String] = [], command: String = ""
    ) {
        (self.space, self.method, self.tablePath, self.table) = (space, method, tablePath, table)
        (self.half, self.measure, self.score, self.scores) = (half, measure, score, scores)
        (self.supernets, self.proxies, self.judgement) = (supernets, proxies, judgement)
        (self.warnings, self.command) = (warnings, command)
    }

    /// The page: the verdict, how each ranker does, then all figures.
    ///
    /// - Throws: ``ReportError`` with every figure that cannot be shown.
    public func page() throws(ReportError) -> Page {
        let shown = RankingFigure.all.filter { $0.isShown(measure) }
        let problems = judgement.rankers.flatMap { ranker in
            shown.compactMap { $0.problem(ranker.quality, ranker.name) }
        }
        if !problems.isEmpty { throw ReportError(problems) }
        let title = "Ranking of \(space)"
        let header = ReportHeader(
            title: title, facts: facts, statement: judgement.verdict, warnings: warnings + judgement.warnings)
        let footer = ReportFooter(command: command).markup
        return Page(title: title, content: [header.markup, agreement, figures, footer].compactMap(\.self))
    }

    private var facts: [Fact] {
        [
            .init("Space", space), .init("Supernet", method), .init("Benchmark table", tablePath),
            .init("Architectures", NumberText.grouped(judgement.architectures)),
            .init("Seeds per architecture", NumberText.grouped(judgement.seeds)),
            .init("Compared with", measure == .accuracy ? "ground-truth accuracy" : "negated cross-entropy"),
            .init("Score of a path", score),
        ] + (supernets > 1 ? [.init("Mean rank over", "\(supernets) supernets")] : [])
            + (proxies.isEmpty ? [] : [.init("Mean rank with", proxies.joined(separator: ", "))])
            + (half.map { [.init("Half of the table", $0.words)] } ?? [])
    }

    // MARK: - Drawings

    private var agreement: Markup? {
        let scatter = scatter
        let hasPoints = scatter.groups.contains { !$0.points.isEmpty }
        let drawings = (judgement.rankers.isEmpty ? [] : [forest.svg()]) + (hasPoints ? [scatter.svg()] : [])
        guard !drawings.isEmpty else { return nil }
        let lead =
            "Kendall's τ is 1 for the order of the benchmark table, 0 for no relation and −1 for the opposite order. "
            + (hasPoints
                ? "Horizontal lines are 95\(NumberText.space)% intervals. Vertical lines reach from the lowest to the "
                    + "highest seed." : "Lines are 95\(NumberText.space)% intervals.")
        return Page.section("Agreement with the benchmark table", lead: lead, [Page.row(drawings)])
    }

    /// Kendall's τ of each ranker with its interval, and the noise ceiling as a line.
    var forest: RowPlot {
        let ceiling = judgement.rankers.first { $0.kind == .ceiling }?.quality.tau
        return RowPlot(
            title: "Kendall's τ with the benchmark table",
            axis: Axis("Kendall's τ", limits: -1...1, including: 0, isRounded: false),
            rows: judgement.rankers.map { ranker in
                let tau = ranker.quality.tau
                return RowPlot.Row(
                    name: ranker.name, value: tau?.value, range: tau.map { $0.low...$0.high }, text: tau?.text ?? "—",
                    style: ranker.kind.tone.className, isStrong: ranker.kind == .supernet)
            },
            lines: ceiling.map { [.init(x: $0.value, name: "noise ceiling", band: $0.low...$0.high)] } ?? [])
    }

    /// The accuracy of each architecture over its score, from the lowest to the highest seed.
    var scatter: GroupScatter {
        let isPlain = score == "accuracy" && supernets == 1 && proxies.isEmpty
        let entries = (half.map { table.half($0) } ?? table).entries
        let points = entries.compactMap { entry -> GroupScatter.Point? in
            let accuracies = entry.rows.map(\.accuracy)
            guard let score = scores[entry.architecture], let least = accuracies.min(), let most = accuracies.max()
            else { return nil }
            return .init(
                PlotPoint(score, entry.mean(\.accuracy)), whisker: least...most, name: entry.architecture.description)
        }
        return GroupScatter(
            title: "Accuracy over score",
            horizontal: Axis("score in the supernet (\(score))", format: isPlain ? .percent : .number),
            vertical: Axis("accuracy when trained alone", format: .percent, limits: 0...1),
            groups: [.init(name: "", style: Tone.accent.className, points: points)], width: 480, height: 400)
    }

    // MARK: - Figures

    private static let explanation =
        "95\(NumberText.space)% intervals in brackets. The best quarter and the best tenth are those by ground-truth "
        + "accuracy. Precision at 10: how many of the ten that a ranking puts first are among the ten best. Regret: the "
        + "accuracy that is lost against the best architecture, in points of per cent, by taking the first of a ranking, "
        + "or the best of its first ten."

    /// All figures of all rankers, each above its interval; nil without rankers.
    var figures: Markup? {
        guard !judgement.rankers.isEmpty else { return nil }
        let cells = judgement.rankers.map { ranker in
            [[Markup.text(ranker.name)]]
                + RankingFigure.all.map { figure -> [Markup] in
                    guard figure.isShown(measure), let shown = figure.shown(ranker.quality, measure) else {
                        return [.text("—")]
                    }
                    return [.text(shown.figure + " "), Markup("span", ["class": "range"], text: shown.range)]
                }
        }
        let leading = judgement.rankers.indices.filter { judgement.rankers[$0].kind == .supernet }
        let table = Page.table(
            ["ranking"] + RankingFigure.all.map(\.head), cells: cells,
            styles: Dictionary(uniqueKeysWithValues: leading.map { ($0, "leading") }))
        return Page.section(
            "All figures", [Page.scrolling(table: table), Markup("p", ["class": "explained"], text: Self.explanation)])
    }
}

extension BenchmarkRow.Half {
    /// The half in prose.
    fileprivate var words: String { self == .choose ? "development" : "held-out" }
}

extension Ranker.Kind {
    /// The colour of a ranker's marks.
    fileprivate var tone: Tone {
        switch self {
        case .supernet: .accent
        case .cost, .structure, .proxy, .ensemble, .random: .quiet
        case .ceiling: .third
        }
    }
}
