/// Predictions over true values in the same unit: a diagonal where both agree, and a band about it within which a
/// prediction counts as right.
struct AgreementPlot {
    let title: String
    /// The title of the horizontal axis, with its unit.
    let horizontal: String
    /// The title of the vertical axis, with its unit.
    let vertical: String
    /// The points: x is the true value, y the prediction.
    let points: [PlotPoint]
    /// Half the band's height, above 0; both axes end at multiples of it.
    let tolerance: Double
    /// The meaning of the band, such as `within 5 years`.
    let toleranceName: String
    var width = 520.0
    /// A note below adds to it.
    var height = 480.0

    /// More points could not be told apart, and would make a page of megabytes.
    static let mostPoints = 2000

    private enum Spacing {
        static let margin = 20.0
        static let note = 22.0
    }

    /// The plot. Points that are not finite are left out, with a note; so are some of very many.
    func svg() -> SVG {
        let finite = points.filter { Scale.isDrawable($0.x, .linear) && Scale.isDrawable($0.y, .linear) }
        let near = finite.count(where: isNear)
        let notes = [
            Series.note(leftOut: points.count - finite.count, isLogarithmic: false),
            finite.count > Self.mostPoints
                ? "\(NumberText.grouped(Self.mostPoints)) of \(NumberText.grouped(finite.count)) points are drawn."
                : nil,
        ].compactMap(\.self)
        let (low, high) = ends(finite)
        // Both axes have the same ends, so the diagonal goes from corner to corner.
        let frame = PlotFrame(
            title: title, width: width, height: height, margin: Spacing.margin,
            horizontal: Axis(horizontal, isRounded: false), vertical: Axis(vertical, isRounded: false),
            points: finite.isEmpty ? [] : [PlotPoint(low, low), PlotPoint(high, high)])
        var svg = SVG(
            width: width, height: height + (notes.isEmpty ? 0 : Spacing.note),
            label: "\(title): \(NumberText.grouped(finite.count)) points, \(NumberText.grouped(near)) of them "
                + toleranceName)
        if !finite.isEmpty { drawBand(low, high, frame, on: &svg) }
        frame.draw(on: &svg, hasColumns: true)
        if !finite.isEmpty {
            svg.path([PlotPoint(low, low), PlotPoint(high, high)].map(frame.place), style: "curve thin tone-third")
            for point in Self.spread(finite) {
                let tone = isNear(point) ? Tone.accent : .alert
                svg.circle(at: frame.place(point), radius: 3, style: "dot \(tone.className)", hint: hint(point))
            }
            // Where a prediction would be far too high, there are few points.
            svg.text(
                "band: \(toleranceName)", at: PlotPoint(frame.left + 10, frame.top + 18), style: "name halo tone-third")
        }
        svg.text(notes.joined(separator: " "), at: PlotPoint(0, height + 14), style: "note")
        return svg
    }

    private func isNear(_ point: PlotPoint) -> Bool { abs(point.x - point.y) <= tolerance }

    /// The ends of both axes, apart even for a single value.
    private func ends(_ points: [PlotPoint]) -> (Double, Double) {
        let values = points.flatMap { [$0.x, $0.y] }
        let low = ((values.min() ?? 0) / tolerance).rounded(.down) * tolerance
        let high = ((values.max() ?? 0) / tolerance).rounded(.up) * tolerance
        return (low, max(high, low + tolerance))
    }

    /// All points between the diagonals that lie a tolerance above and below, cut off at the plot's ends.
    private func drawBand(_ low: Double, _ high: Double, _ frame: PlotFrame, on svg: inout SVG) {
        let half = min(tolerance, high - low)
        let corners = [
            PlotPoint(low, low), PlotPoint(low, low + half), PlotPoint(high - half, high), PlotPoint(high, high),
            PlotPoint(high, high - half), PlotPoint(low + half, low),
        ].map(frame.place)
        let steps = corners.map { "\(NumberText.coordinate($0.x)) \(NumberText.coordinate($0.y))" }
        svg.add(
            Markup(
                "path",
                [
                    "d": "M" + steps.joined(separator: "L"), "class": "cell \(Tone.third.className)",
                    "fill-opacity": "0.14",
                ]))
    }

    /// Points from all over the list, the same each time.
    private static func spread(_ points: [PlotPoint]) -> [PlotPoint] {
        guard points.count > mostPoints else { return points }
        return (0..<mostPoints).map { points[$0 * points.count / mostPoints] }
    }

    private func hint(_ point: PlotPoint) -> String {
        "true \(NumberText.measured(point.x)), predicted \(NumberText.measured(point.y))"
    }
}
