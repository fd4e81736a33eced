/// The best architectures of a search as a table, and beside it how far their ranking follows from size alone.
struct BestArchitectures {
    let history: SearchHistory
    let correlations: [RankCorrelation]

    /// The number of architectures in the table; the chosen one is added if it is not among them.
    static let most = 10

    /// The section; nil if there is neither table nor correlation.
    var markup: Markup? {
        let content = [table, ranking].compactMap(\.self)
        guard !content.isEmpty else { return nil }
        return Page.section("Best architectures", [Markup("div", ["class": "beside loose"], content)])
    }

    private var table: Markup? {
        let ranking = history.ranking()
        guard !ranking.isEmpty else { return nil }
        let chosenRank = ranking.firstIndex { history.entries[$0].architecture == history.chosen }
        var ranks = Array(ranking.indices.prefix(Self.most))
        if let chosenRank, !ranks.contains(chosenRank) { ranks.append(chosenRank) }
        let rows = ranks.map { rank in
            let entry = history.entries[ranking[rank]]
            return [
                NumberText.grouped(rank + 1), entry.architecture, history.scoreFormat.measured(entry.score),
                NumberText.grouped(entry.parameters), NumberText.grouped(entry.multiplyAdds),
            ]
        }
        let heads = ["", "architecture", history.scoreName.lowercased(), "parameters", "multiply-adds"]
        let marked = chosenRank.flatMap { ranks.firstIndex(of: $0) }
        let table = Page.table(heads, rows, wordColumns: 2, marked: marked)
        return Markup("div", ["class": "main"], [Markup("div", ["class": "scrolling paths"], [table])])
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
                Markup("h3", text: "Training-free baselines"), Markup("p", ["class": "explained"], text: text),
                Markup("figure", ["class": "scale"], [scale.markup]),
            ])
    }
}

/// The rank correlation of a search's scores with a count, such as that of parameters.
struct RankCorrelation: Equatable {
    /// The count that the scores were compared with, such as `Multiply-adds`.
    let name: String
    /// Kendall's τ (Kendall 1938, "A new measure of rank correlation"): −1 for opposite orders to 1 for the same.
    let tau: Double

    /// Its strength, in words.
    var words: String {
        let strength =
            switch abs(tau) {
            case ..<0.1: "none"
            case ..<0.3: "weak"
            case ..<0.5: "moderate"
            case ..<0.7: "strong"
            default: "very strong"
            }
        return abs(tau) >= 0.1 && tau < 0 ? "\(strength), reversed" : strength
    }

    /// The correlation with two decimals and its sign.
    var figure: String {
        let text = NumberText.ticks([(abs(tau) * 100).rounded() / 100, 0.01])[0]
        return tau < 0 && text != "0" ? "−\(text)" : text
    }
}

/// Rank correlations as dots on a scale from opposite orders to the same order.
struct RankCorrelationScale {
    let correlations: [RankCorrelation]

    private enum Spacing {
        static let width = 360.0
        static let row = 50.0
        static let top = 4.0
        static let bottom = 26.0
    }

    func svg() -> SVG {
        let end = Spacing.top + Double(correlations.count) * Spacing.row
        let words = correlations.map { "\($0.name) \($0.figure), \($0.words)" }.joined(separator: "; ")
        var svg = SVG(width: Spacing.width, height: end + Spacing.bottom, label: "Kendall's τ: \(words)")
        let scale = Scale(.linear, from: -1, to: 1, start: 0, end: Spacing.width)
        for tick in [-1.0, 0, 1] {
            let x = scale.position(of: tick)
            svg.line(from: PlotPoint(x, Spacing.top + 24), to: PlotPoint(x, end - 4), style: "grid")
        }
        for (row, correlation) in correlations.enumerated() {
            draw(correlation, top: Spacing.top + Double(row) * Spacing.row, scale, on: &svg)
        }
        let names: [(Double, String, SVG.Anchor)] = [
            (-1, "−1 opposite order", .start), (0, "0", .middle), (1, "same order 1", .end),
        ]
        for (tick, name, anchor) in names {
            svg.text(name, at: PlotPoint(scale.position(of: tick), end + 13), anchor: anchor, style: "small")
        }
        return svg
    }

    private func draw(_ correlation: RankCorrelation, top: Double, _ scale: Scale, on svg: inout SVG) {
        let tone = Tone.accent.className
        let value = "\(correlation.figure)\u{2003}\(correlation.words)"
        let room = Spacing.width - TextMeasure.width(value, size: 12) - 12
        let y = top + 32
        svg.text(
            TextMeasure.shortened(correlation.name, to: room, size: 12), at: PlotPoint(0, top + 14), style: "strong")
        svg.text(value, at: PlotPoint(Spacing.width, top + 14), anchor: .end, style: "value")
        svg.line(
            from: PlotPoint(scale.start, y), to: PlotPoint(scale.end, y), style: "base")
        let place = PlotPoint(scale.position(of: correlation.tau), y)
        svg.path([PlotPoint(scale.position(of: 0), y), place], style: "curve \(tone)")
        svg.circle(at: place, radius: 5.5, style: "mark \(tone)")
    }
}
