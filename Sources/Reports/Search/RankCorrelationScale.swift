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
