import Foundation
import Metrics
import Results

/// The formatted values of a metric, with equal precision in all rows.
struct MetricFigures {
    /// The text that stands for a value that is not there.
    static let none = "–"

    let metric: Metric
    private let decimals: Int

    /// - Parameters:
    ///   - metric: whose values are written.
    ///   - rows: all that stand together, as they get the same decimals.
    init(_ metric: Metric, rows: [AdaptationRow]) {
        self.metric = metric
        switch metric.unit {
        case .share: decimals = 1
        case .quantity:
            // Two, or three digits of a least mean below one, up to six.
            let means = rows.compactMap { SampleSpread($0.values(of: metric))?.mean }.map(abs)
            let least = means.filter { $0 > 0 }.min() ?? 1
            decimals = Int(min(6, max(2, 2 - log10(least).rounded(.down))))
        }
    }

    /// The metric with its unit, for the head of a column.
    var head: String {
        switch metric.unit {
        case .share: "\(metric.name), %"
        case .quantity(""): metric.name
        case .quantity(let unit): "\(metric.name), \(unit)"
        }
    }

    /// An axis of the metric, with its unit and the direction of what is better.
    var axis: Axis {
        let isShare = metric.unit == .share
        return Axis(
            "\(isShare ? metric.name : head); \(metric.isHigherBetter ? "higher" : "lower") is better",
            format: isShare ? .percent : .number, limits: isShare ? 0...1 : nil)
    }

    /// The unit of differences; empty for none.
    var differenceUnit: String {
        switch metric.unit {
        case .share: "points"
        case .quantity(let unit): unit
        }
    }

    /// The mean with the standard deviation, such as `91.2 ± 0.3`; a single value alone; a dash for none.
    func spread(_ values: [Double]) -> String { SampleSpread(values)?.text(number) ?? Self.none }

    /// The mean with the standard deviation and the unit, such as `91.2 ± 0.3 %`.
    func spreadWithUnit(_ values: [Double]) -> String {
        guard !values.isEmpty else { return Self.none }
        switch metric.unit {
        case .share: return spread(values) + NumberText.space + "%"
        case .quantity(let unit): return spread(values) + (unit.isEmpty ? "" : " \(unit)")
        }
    }

    /// A difference with its sign, such as `+3.2` or `−0.4`; a dash for none.
    func difference(_ difference: AdaptationRow.Difference?) -> String {
        guard let mean = difference?.mean else { return Self.none }
        let text = number(mean)
        let isNothing = !text.contains { ("1"..."9").contains($0) }
        return mean > 0 && !isNothing ? "+" + text : text
    }

    /// A difference with its sign and unit, such as `+3.2 points`.
    func differenceWithUnit(_ difference: AdaptationRow.Difference?) -> String {
        let text = self.difference(difference)
        return difference == nil || differenceUnit.isEmpty ? text : "\(text) \(differenceUnit)"
    }

    /// A p value in short, such as `0.012` or `< 0.001`; a dash for none.
    static func p(_ value: Double?) -> String {
        guard let value else { return none }
        return value < 0.001 ? "< 0.001" : NumberText.fixed(value, decimals: value < 0.1 ? 3 : 2)
    }

    private func number(_ value: Double) -> String {
        NumberText.fixed(metric.unit == .share ? value * 100 : value, decimals: decimals)
    }
}

/// A metric of all rows of an adaptation: a large mark for the mean, small dots for seeds, and a line through all rows
/// for weights only.
struct AdaptationPlot {
    let metric: Metric
    let rows: [AdaptationRow]
    /// The text above the plot.
    let title: String
    /// The width at least; long names make the drawing wider.
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
                    name: row.name, value: SampleSpread(values)?.mean, range: SampleSpread.range(values),
                    dots: values.count > 1 ? values : [], text: figures.spreadWithUnit(values),
                    style: row.kind.tone.className, isStrong: row.kind == .joint)
            },
            lines: [mean.map { .init(x: $0, name: baseline?.name ?? "", tone: .third) }].compactMap(\.self),
            width: width)
        return plot.svg()
    }
}
