/// A matrix as coloured squares, with names on two sides and, if wanted, a column and a row of sums or shares.
struct HeatMap: Sendable, Equatable {
    /// A square of the map.
    struct Cell: Sendable, Equatable {
        /// The text in the square, where it fits; empty for none.
        var text: String
        /// The strength of the colour, 0 (an empty square, which may still have text) to 1.
        var intensity: Double
        /// The colour.
        var tone = Tone.accent
        /// The text that is shown when the pointer rests on the square.
        var hint = ""
    }

    /// A further column or row of text beside the squares.
    struct Margin: Sendable, Equatable {
        /// The name at the margin's head, or before it.
        var name: String
        /// The values as text, one for each row or column; further ones are not shown.
        var values: [String]
    }

    /// What the map shows, in words.
    var label: String
    /// What rows stand for, above their names.
    var rowTitle = ""
    /// What columns stand for.
    var columnTitle = ""
    /// The names of rows, from the top.
    var rowNames: [String]
    /// The names of columns, from the left.
    var columnNames: [String]
    /// The squares row by row; missing ones are empty.
    var cells: [[Cell]]
    /// A value for each row, to the right.
    var rowMargin: Margin?
    /// A value for each column, below.
    var columnMargin: Margin?

    private enum Spacing {
        static let gap = 2.0
        static let longestName = 150.0
        static let nameSize = 12.0
        static let afterNames = 10.0
        static let toMargin = 12.0
        /// cos 45°: of a slanted name's length, what it takes in height and in width.
        static let slant = 0.7072
    }

    /// The drawing. The more squares, the smaller they are; the smallest have no text.
    func svg() -> SVG {
        let layout = Layout(self)
        var svg = SVG(width: layout.width, height: layout.height, label: label)
        drawNames(layout, on: &svg)
        for row in rowNames.indices {
            for column in columnNames.indices {
                let cell = row < cells.count && column < cells[row].count ? cells[row][column] : nil
                draw(cell, row, column, layout, on: &svg)
            }
        }
        drawMargins(layout, on: &svg)
        return svg
    }

    /// The places of all parts.
    private struct Layout {
        /// The distance from one square to the next.
        let step: Double
        let left: Double
        let top: Double
        let right: Double
        let bottom: Double
        let width: Double
        let height: Double
        let textStyle: String
        let textSize: Double

        init(_ map: HeatMap) {
            let count = max(map.rowNames.count, map.columnNames.count)
            step = count <= 12 ? 48 : count <= 16 ? 40 : count <= 24 ? 32 : count <= 32 ? 22 : 16
            textSize = step >= 40 ? 12 : 10
            textStyle = textSize < 12 ? "tiny" : ""
            func longest(_ names: [String]) -> Double {
                let widest = names.map { TextMeasure.width($0, size: Spacing.nameSize) }.max() ?? 0
                return min(widest, Spacing.longestName)
            }
            let columnHeads = map.columnNames + [map.rowMargin?.name].compactMap(\.self)
            let rowHeads = map.rowNames + [map.rowTitle, map.columnMargin?.name].compactMap(\.self)
            let slanted = longest(columnHeads) * Spacing.slant
            left = longest(rowHeads) + Spacing.afterNames
            top = slanted + 18 + (map.columnTitle.isEmpty ? 0 : 20)
            right = left + Double(map.columnNames.count) * step
            bottom = top + Double(map.rowNames.count) * step
            let rowMargin = map.rowMargin.map { margin in
                Spacing.toMargin + (margin.values.map { TextMeasure.width($0, size: Spacing.nameSize) }.max() ?? 0)
            }
            width = right + max(rowMargin ?? 0, slanted) + (rowMargin == nil ? 0 : 30)
            height = bottom + (map.columnMargin == nil ? 4 : Spacing.toMargin + 20)
        }

        func middle(row: Int) -> Double { top + (Double(row) + 0.5) * step - Spacing.gap / 2 }
        func middle(column: Int) -> Double { left + (Double(column) + 0.5) * step - Spacing.gap / 2 }
    }

    private func drawNames(_ layout: Layout, on svg: inout SVG) {
        let nameStyle = "category" + (layout.step < 20 ? " tiny" : "")
        func slanted(_ name: String, at x: Double, style: String) {
            svg.text(
                TextMeasure.shortened(name, to: Spacing.longestName, size: Spacing.nameSize),
                at: PlotPoint(x + 4, layout.top - 8), style: style, rotation: -45)
        }
        svg.text(rowTitle, at: PlotPoint(layout.left - Spacing.afterNames, layout.top - 8), anchor: .end)
        svg.text(columnTitle, at: PlotPoint(layout.left, 12))
        for (row, name) in rowNames.enumerated() {
            svg.text(
                TextMeasure.shortened(name, to: Spacing.longestName, size: Spacing.nameSize),
                at: PlotPoint(layout.left - Spacing.afterNames, layout.middle(row: row) + 4), anchor: .end,
                style: nameStyle)
        }
        for (column, name) in columnNames.enumerated() {
            slanted(name, at: layout.middle(column: column), style: nameStyle)
        }
        if let rowMargin { slanted(rowMargin.name, at: layout.right + Spacing.toMargin + 12, style: "") }
    }

    private func draw(_ cell: Cell?, _ row: Int, _ column: Int, _ layout: Layout, on svg: inout SVG) {
        let side = layout.step - Spacing.gap
        let (x, y) = (layout.left + Double(column) * layout.step, layout.top + Double(row) * layout.step)
        let corner = layout.step >= 40 ? 3.0 : 1.5
        let intensity = cell.map { $0.intensity.isFinite ? min(max($0.intensity, 0), 1) : 0 } ?? 0
        let hint = cell.flatMap { $0.hint.isEmpty ? nil : $0.hint }
        guard let cell, intensity > 0 else {
            svg.rectangle(x: x, y: y, width: side, height: side, corner: corner, style: "empty", hint: hint)
            if let cell { drawText(cell.text, 0, row, column, layout, on: &svg) }
            return
        }
        svg.rectangle(
            x: x, y: y, width: side, height: side, corner: corner, opacity: intensity,
            style: "cell \(cell.tone.className)", hint: hint)
        drawText(cell.text, intensity, row, column, layout, on: &svg)
    }

    private func drawText(
        _ text: String, _ intensity: Double, _ row: Int, _ column: Int, _ layout: Layout, on svg: inout SVG
    ) {
        guard TextMeasure.width(text, size: layout.textSize) <= layout.step - Spacing.gap else { return }
        // On a strong colour, the page's own colour can be read better than the ink: see `Palette`.
        let contrast = intensity > 0.78 ? "full" : intensity > 0.63 ? "middle" : ""
        svg.text(
            text, at: PlotPoint(layout.middle(column: column), layout.middle(row: row) + layout.textSize / 3),
            anchor: .middle, style: "count \(contrast) \(layout.textStyle)")
    }

    private func drawMargins(_ layout: Layout, on svg: inout SVG) {
        if let rowMargin {
            for (row, value) in rowMargin.values.prefix(rowNames.count).enumerated() {
                svg.text(
                    value, at: PlotPoint(layout.right + Spacing.toMargin, layout.middle(row: row) + 4),
                    style: layout.textStyle)
            }
        }
        guard let columnMargin else { return }
        let baseline = layout.bottom + Spacing.toMargin + 8
        svg.text(
            columnMargin.name, at: PlotPoint(layout.left - Spacing.afterNames, baseline), anchor: .end,
            style: layout.textStyle)
        for (column, value) in columnMargin.values.prefix(columnNames.count).enumerated()
        where TextMeasure.width(value, size: layout.textSize) <= layout.step {
            svg.text(
                value, at: PlotPoint(layout.middle(column: column), baseline), anchor: .middle,
                style: layout.textStyle)
        }
    }
}
