/// The best architectures of a search as a table, and beside it how far their ranking follows from size alone.
struct BestArchitectures {
    let history: SearchHistory
    let correlations: [RankCorrelation]

    /// How many the table has; the chosen one is added if it is not among them.
    static let most = 10

    /// Nil if there is neither.
    var markup: Markup? {
        let content = [table, ranking].compactMap(\.self)
        guard !content.isEmpty else { return nil }
        return Page.section("Best architectures", [Markup("div", ["class": "beside loose"], content)])
    }

    private var table: Markup? {
        let ranking = history.ranking()
        guard !ranking.isEmpty else { return nil }
        let chosenCode = history.chosen.map { history.evaluations[$0].code }
        let chosenRank = ranking.firstIndex { history.evaluations[$0].code == chosenCode }
        var ranks = Array(ranking.indices.prefix(Self.most))
        if let chosenRank, !ranks.contains(chosenRank) { ranks.append(chosenRank) }
        let rows = ranks.map { rank in
            let evaluation = history.evaluations[ranking[rank]]
            return [
                NumberText.grouped(rank + 1), evaluation.code, history.scoreFormat.measured(evaluation.score),
                NumberText.grouped(evaluation.parameters), NumberText.grouped(evaluation.multiplyAdds),
            ]
        }
        let heads = ["", "architecture", history.scoreName.lowercased(), "parameters", "multiply-adds"]
        let marked = chosenRank.flatMap { ranks.firstIndex(of: $0) }
        return Markup("div", ["class": "main"], [Page.table(heads, rows, wordColumns: 2, marked: marked)])
    }

    private var ranking: Markup? {
        guard !correlations.isEmpty else { return nil }
        let text =
            "Kendall's τ of the scores with what can be counted without any training, over all architectures scored. "
            + "Near 1, counting would have ranked them as well as the supernet did."
        let scale = RankCorrelationScale(correlations: correlations).svg()
        return Markup(
            "div", ["class": "side"],
            [
                Markup("h3", text: "Trivial baselines"), Markup("p", ["class": "explained"], text: text),
                Markup("figure", ["class": "scale"], [scale.markup]),
            ])
    }
}
