/// A search as a part of a page: every architecture by cost and score, and how the best score rose.
struct SearchSection {
    let history: SearchHistory

    private enum Size {
        static let scatter = 610.0
        static let progress = 470.0
        static let height = 400.0
    }

    /// Nil for a search that scored nothing.
    var markup: Markup? {
        guard !history.evaluations.isEmpty else { return nil }
        let progress = SearchProgressChart(history: history, width: Size.progress, height: Size.height)
        return Page.section("Search", lead: lead, [Page.row([scatter.svg(), progress.svg()])])
    }

    private var lead: String {
        let count = history.evaluations.count
        let distinct = Set(history.evaluations.map(\.code)).count
        let head = count == 1 ? "1 architecture" : "\(NumberText.grouped(count)) architectures"
        let repeats = distinct < count ? ", \(NumberText.grouped(distinct)) of them distinct" : ""
        return "\(head)\(repeats), scored with the weights that they share in the supernet."
    }

    var scatter: ScatterPlot {
        let costs = history.evaluations.map { Double($0.multiplyAdds) }
        let points = zip(costs, history.evaluations).map { PlotPoint($0, $1.score) }
        let budget = history.budget.map(Double.init)
        return ScatterPlot(
            "Score over cost",
            horizontal: Axis("multiply-adds", kind: Self.scale(costs + [budget].compactMap(\.self))),
            vertical: history.scoreAxis, points: points,
            front: ParetoFront(x: .lower, y: .higher),
            highlight: history.chosen.map { index in
                let score = history.scoreFormat.measured(history.evaluations[index].score)
                return .init(points[index], name: "chosen, \(score)")
            },
            limit: budget.map { .init($0, name: "budget \(NumberText.tick($0))") }, width: Size.scatter,
            height: Size.height)
    }

    /// Costs that differ by more than a factor of ten would crowd at one end of a linear scale.
    private static func scale(_ costs: [Double]) -> Scale.Kind {
        guard let least = costs.min(), let most = costs.max(), least > 0 else { return .linear }
        return most / least > 10 ? .logarithmic : .linear
    }
}
