/// A metric of all rows of an adaptation: a large mark for the mean, small dots for seeds, and a line through all rows
/// for weights only.
struct AdaptationPlot {
    let metric: AdaptationReport.Metric
    let rows: [AdaptationReport.Row]
    /// Above the plot.
    let title: String
    /// At least.
    var width = 540.0

    var svg: SVG {
        let figures = MetricFigures(metric, rows: rows)
        let baseline = rows.first { $0.kind == .weightsOnly }
        let mean = baseline.flatMap { SampleSpread($0.values(of: metric))?.mean }
        let plot = RowPlot(
            title: title, axis: figures.axis,
            rows: rows.map { row in
                let values = row.values(of: metric)
                return RowPlot.Row(
                    name: row.name, value: SampleSpread(values)?.mean, range: Self.range(values),
                    dots: values.count > 1 ? values : [], text: figures.spreadWithUnit(values),
                    style: row.kind.tone.className, isStrong: row.kind == .joint)
            },
            lines: [mean.map { .init(x: $0, name: baseline?.name ?? "", tone: .third) }].compactMap(\.self),
            width: width)
        return plot.svg()
    }

    private static func range(_ values: [Double]) -> ClosedRange<Double>? {
        guard let least = values.min(), let most = values.max(), least < most else { return nil }
        return least...most
    }
}
