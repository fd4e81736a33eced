extension RankingReport {
    /// The page: the verdict, how each measure ranks, then all figures.
    ///
    /// - Throws: ``ReportError`` with everything in the data that cannot be shown.
    public func page() throws(ReportError) -> Page {
        if !problems.isEmpty { throw ReportError(problems) }
        let header = ReportHeader(
            title: title, subtitle: "", score: nil, facts: facts, statement: verdict, warnings: warnings)
        let footer = ReportFooter(command: command, configuration: "").markup
        let content = [header.markup, ranking, RankingTable(rows: rows).markup, footer].compactMap(\.self)
        return Page(title: title, content: content)
    }

    private enum Size {
        static let forest = 600.0
        static let scatter = 480.0
        static let scatterHeight = 400.0
    }

    private var ranking: Markup? {
        let drawings = (rows.isEmpty ? [] : [forest.svg()]) + (points.isEmpty ? [] : [scatter.svg()])
        guard !drawings.isEmpty else { return nil }
        let lead =
            "Kendall's τ is 1 for the order of the truth, 0 for no relation and −1 for the opposite order. "
            + (points.isEmpty
                ? "Lines are 95\(NumberText.space)% intervals."
                : "Horizontal lines are 95\(NumberText.space)% intervals.")
            + (points.contains { $0.seeds != nil } ? " Vertical lines reach from the lowest to the highest seed." : "")
        return Page.section("Agreement with the truth", lead: lead, [Page.row(drawings)])
    }

    var forest: RowPlot {
        let ceiling = rows.first { $0.kind == .ceiling }?.figures.tau
        return RowPlot(
            title: "Kendall's τ with the truth",
            axis: Axis("Kendall's τ", limits: -1...1, including: 0, isRounded: false),
            rows: rows.map { row in
                let tau = row.figures.tau
                return RowPlot.Row(
                    name: row.name, value: tau?.value, range: tau.map { $0.low...$0.high },
                    text: tau?.text(.plain) ?? "—", style: row.kind.tone.className, isStrong: row.kind == .supernet)
            },
            lines: ceiling.map { [.init(x: $0.value, name: "noise ceiling", band: $0.low...$0.high)] } ?? [],
            width: Size.forest)
    }

    var scatter: GroupScatter {
        GroupScatter(
            title: "Truth over score", horizontal: Axis(scoreName, format: scoreFormat),
            vertical: Axis("accuracy when trained alone", format: .percent, limits: 0...1),
            groups: [
                .init(
                    name: "", style: Tone.accent.className,
                    points: points.map { .init(PlotPoint($0.score, $0.truth), whisker: $0.seeds, name: $0.name) })
            ], width: Size.scatter, height: Size.scatterHeight)
    }

    private var problems: [String] {
        var problems: [String] = []
        for row in rows {
            for column in RankingFigures.columns {
                guard let figure = column.figure(row.figures) else { continue }
                if let problem = figure.problem("\(row.name): \(column.name)", within: column.limits) {
                    problems.append(problem)
                }
            }
        }
        for point in points where point.truth.isFinite && !(0...1).contains(point.truth) {
            problems.append("architecture \(point.name): its truth is \(point.truth), not a share of one")
        }
        return problems
    }
}

extension RankingReport.Row.Kind {
    /// Of its marks.
    var tone: Tone {
        switch self {
        case .supernet: .accent
        case .cost, .proxy, .random: .quiet
        case .ceiling: .third
        }
    }
}
