/// A search as a part of a page: every architecture by cost and score, and how the best score rose.
struct SearchSection {
    let history: SearchHistory

    private enum Size {
        static let scatter = 610.0
        static let progress = 470.0
        static let height = 400.0
    }

    /// The section; nil for a search that scored nothing.
    var markup: Markup? {
        guard !history.entries.isEmpty else { return nil }
        let progress = SearchProgressChart(history: history, width: Size.progress, height: Size.height)
        return Page.section("Search", lead: lead, [Page.row([scatter.svg(), progress.svg()])])
    }

    private var lead: String {
        let count = history.entries.count
        let distinct = Set(history.entries.map(\.architecture)).count
        let head = count == 1 ? "1 architecture" : "\(NumberText.grouped(count)) architectures"
        let repeats = distinct < count ? ", \(NumberText.grouped(distinct)) of them distinct" : ""
        return "\(head)\(repeats), scored with the weights that they share in the supernet."
    }

    var scatter: ScatterPlot {
        let costs = history.entries.map { Double($0.multiplyAdds) }
        let points = zip(costs, history.entries).map { PlotPoint($0, $1.score) }
        let budget = history.budget.map(Double.init)
        return ScatterPlot(
            title: "Score over cost",
            horizontal: Axis("multiply-adds", kind: .spanning(costs + [budget].compactMap(\.self))),
            vertical: history.scoreAxis, points: points, names: history.entries.map(\.architecture),
            front: ParetoFront(x: .lower, y: .higher),
            highlight: history.place.map { index in
                let score = history.scoreFormat.measured(history.entries[index].score)
                return .init(point: points[index], name: "chosen, \(score)")
            },
            limit: budget.map { .init(x: $0, name: "budget \(NumberText.tick($0))") }, width: Size.scatter,
            height: Size.height)
    }
}

/// The scores of a search in the order of its evaluations: each as a dot, the best so far as a line, phases as bands.
struct SearchProgressChart {
    let history: SearchHistory
    let width: Double
    let height: Double

    private enum Spacing {
        static let margin = 74.0
        static let labelSize = 12.0
        static let noteHeight = 22.0
    }

    private static let title = "Best score so far"

    /// The chart. Scores that are not finite are left out, with a note.
    func svg() -> SVG {
        let scores = history.entries.map(\.score)
        let points = scores.enumerated().filter { Scale.isDrawable($0.element, .linear) }
            .map { PlotPoint(Double($0.offset + 1), $0.element) }
        let notes = [bandNote, Series.note(leftOut: scores.count - points.count, isLogarithmic: false)]
            .compactMap(\.self)
        let frame = PlotFrame(
            title: Self.title, width: width, height: height, margin: Spacing.margin,
            horizontal: Axis("architectures evaluated", including: 0, isRounded: false),
            vertical: history.scoreAxis, points: points)
        var svg = SVG(
            width: width, height: height + (notes.isEmpty ? 0 : Spacing.noteHeight), label: label(points.map(\.y).max())
        )
        if !points.isEmpty { drawBands(frame, on: &svg) }
        frame.draw(on: &svg)
        for point in points {
            svg.circle(at: frame.place(point), radius: 2.5, style: "dot \(Tone.quiet.className)")
        }
        drawBest(points, frame, on: &svg)
        svg.text(notes.joined(separator: " "), at: PlotPoint(0, height + 14), style: "note")
        return svg
    }

    /// The line of the best so far, with its name and last value, and a ring around the architecture that was taken.
    private func drawBest(_ points: [PlotPoint], _ frame: PlotFrame, on svg: inout SVG) {
        guard let first = points.first, let last = points.last else { return }
        let tone = Tone.accent.className
        var best = first.y
        var corners = [first]
        for point in points where point.y > best {
            corners += [PlotPoint(point.x, best), point]
            best = point.y
        }
        let end = PlotPoint(last.x, best)
        svg.path((corners + [end]).map(frame.place), style: "curve \(tone)")
        if let chosen = history.place, points.contains(where: { $0.x == Double(chosen + 1) }) {
            let place = frame.place(PlotPoint(Double(chosen + 1), history.entries[chosen].score))
            svg.circle(at: place, radius: 7, style: "ring \(Tone.alert.className)", hint: "chosen")
            svg.circle(at: place, radius: 4, style: "mark \(Tone.alert.className)")
        }
        let label = PlotPoint(frame.right + 12, max(frame.place(end).y, frame.top + 4))
        svg.text("best", at: PlotPoint(label.x, label.y - 3), style: "name \(tone)")
        svg.text(history.scoreFormat.measured(best), at: PlotPoint(label.x, label.y + 11), style: "value")
    }

    // MARK: - Phases

    /// Every second phase has a band; each has its name above, or its number where there is no room for more.
    private func drawBands(_ frame: PlotFrame, on svg: inout SVG) {
        for (index, range) in ranges.enumerated() {
            let left = frame.x.scale.position(of: Double(range.lowerBound) + 0.5)
            let right = min(frame.right, frame.x.scale.position(of: Double(range.upperBound) + 0.5))
            if index % 2 == 0 {
                svg.rectangle(
                    x: left, y: frame.top, width: right - left, height: frame.bottom - frame.top, style: "empty",
                    hint: history.phases[index].name)
            }
            let name = Self.shortest(history.phases[index].name, width: right - left - 4)
            svg.text(name, at: PlotPoint((left + right) / 2, frame.top - 6), anchor: .middle, style: "small")
        }
    }

    /// The evaluations of each phase.
    private var ranges: [Range<Int>] {
        var start = 0
        return history.phases.map { phase in
            defer { start += phase.count }
            return start..<start + phase.count
        }
    }

    private static func shortest(_ name: String, width: Double) -> String {
        let number = name.split(separator: " ").last.map(String.init) ?? ""
        return [name, Int(number) == nil ? "" : number]
            .first { TextMeasure.width($0, size: 11) <= width } ?? ""
    }

    /// Says what the bands are, as not all of them may have room for their names.
    private var bandNote: String? {
        guard let first = history.phases.first, let last = history.phases.last else { return nil }
        switch history.phases.count {
        case 1: return "All of it: \(first.name)."
        case 2: return "Bands: \(first.name), \(last.name)."
        default: return "Bands: \(first.name), \(history.phases[1].name) to \(last.name)."
        }
    }

    private func label(_ best: Double?) -> String {
        let count = NumberText.grouped(history.entries.count)
        return "\(Self.title) over \(count) evaluations: " + (best.map(history.scoreFormat.measured) ?? "no values")
    }
}
