import Architectures
import Metrics
import Results

/// A metric of all rows of an adaptation over what their networks cost: the method's points joined as its front, each
/// control by itself, the whole network as one ring, and the limits as vertical lines.
struct CostPlot {
    let comparison: AdaptationRows
    let metric: Metric
    /// The cost along the horizontal axis.
    let quantity: BudgetRequest.Quantity
    /// The limits of this quantity, by the name at each.
    let limits: [GroupScatter.Limit]
    /// The text above the plot.
    let title: String
    var width = 540.0

    /// Plots of the first metric: over the quantity that the budgets limit, and over the latency where it was measured.
    /// None where no row has a value and a cost.
    ///
    /// - Parameters:
    ///   - comparison: the rows.
    ///   - budget: the single budget, where there are not several.
    ///   - title: the text above each; empty for what it shows.
    static func all(_ comparison: AdaptationRows, budget: Budget, title: String = "") -> [CostPlot] {
        guard let metric = comparison.metrics.first else { return [] }
        let limited = comparison.budgets.first.flatMap { BudgetRequest.Quantity(rawValue: $0.quantity) }
        // A single latency is no reason to leave out the multiply-adds, which are the same on every machine.
        let first = limited ?? (budget.multiplyAdds == nil && budget.parameters != nil ? .parameters : .multiplyAdds)
        return (first == .latency ? [first] : [first, .latency]).map { quantity in
            CostPlot(
                comparison: comparison, metric: metric, quantity: quantity,
                limits: limits(comparison, budget, of: quantity),
                title: title.isEmpty ? "\(metric.name) over \(quantity.words)" : "\(title), over \(quantity.words)")
        }.filter { plot in comparison.rows.contains { plot.place(of: $0) != nil } }
    }

    private static func limits(
        _ comparison: AdaptationRows, _ budget: Budget, of quantity: BudgetRequest.Quantity
    ) -> [GroupScatter.Limit] {
        let several = comparison.budgets.filter { $0.quantity == quantity.rawValue }
        guard several.isEmpty else { return several.map { .init(x: $0.limit, name: $0.budget) } }
        let single: Double? =
            switch quantity {
            case .parameters: budget.parameters.map(Double.init)
            case .multiplyAdds: budget.multiplyAdds.map(Double.init)
            case .latency: budget.latency
            }
        return single.map { [.init(x: $0, name: "budget")] } ?? []
    }

    /// The plot.
    var svg: SVG {
        let figures = MetricFigures(metric, rows: comparison.rows)
        let points = comparison.rows.compactMap(place)
        return GroupScatter(
            title: title,
            horizontal: Axis(quantity.axis, kind: .spanning(points.map(\.x))), vertical: figures.axis,
            groups: groups(figures), limits: limits, width: width, height: 400
        ).svg()
    }

    /// The rows by what they are, in their order.
    private func groups(_ figures: MetricFigures) -> [GroupScatter.Group] {
        var names: [String] = []
        for row in comparison.rows where !names.contains(row.shortName) { names.append(row.shortName) }
        var colour = 0
        return names.compactMap { name in
            let rows = comparison.rows.filter { $0.shortName == name && place(of: $0) != nil }
            guard let first = rows.first else { return nil }
            let style: String
            switch first.kind {
            case .joint: style = Tone.accent.className
            case .weightsOnly, .reference: style = Tone.quiet.className
            case .control:
                // The first colour is the method's.
                colour += 1
                style = ChoiceColour.className(colour)
            }
            let points = rows.compactMap { row in
                place(of: row).map { place in
                    GroupScatter.Point(
                        place, whisker: SampleSpread.range(row.values(of: metric)),
                        name: row.budget.map { "\(row.shortName) at \($0)" } ?? row.name)
                }
            }
            let isWhole = first.kind == .weightsOnly
            return GroupScatter.Group(
                name: isWhole ? "\(name), the source's own network" : name, style: style,
                isOpen: isWhole || first.kind == .reference,
                line: first.kind == .joint ? .strong : first.kind == .control ? .pale : .none, points: points)
        }
    }

    /// The cost and the mean of the metric of a row; nil where one of them is not known.
    private func place(of row: AdaptationRow) -> PlotPoint? {
        let cost: Double? =
            switch quantity {
            case .parameters: row.parameters.map(Double.init)
            case .multiplyAdds: row.multiplyAdds.map(Double.init)
            case .latency: row.latency
            }
        guard let cost, let mean = SampleSpread(row.values(of: metric))?.mean else { return nil }
        return PlotPoint(cost, mean)
    }
}

extension BudgetRequest.Quantity {
    /// The quantity in words.
    var words: String {
        switch self {
        case .parameters: "parameters"
        case .multiplyAdds: "multiply-adds"
        case .latency: "measured latency"
        }
    }

    /// The title of an axis, with the unit.
    var axis: String {
        switch self {
        case .parameters: "parameters"
        case .multiplyAdds: "multiply-adds for one image"
        case .latency: "milliseconds for one image, with one thread"
        }
    }

    /// An amount with its unit, such as `12,345 parameters` or `3.2 ms`.
    func text(_ amount: Double) -> String {
        switch self {
        case .parameters, .multiplyAdds: "\(NumberText.grouped(Int(amount.rounded(.down)))) \(words)"
        case .latency: "\(NumberText.measured(amount)) ms"
        }
    }
}
