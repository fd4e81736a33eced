/// One block of a diagram as a box: its name, the chosen candidate in words, as a colour and as one of a row of dots,
/// the shape of its output, and a bar for its share of the multiply-adds.
struct BlockBox {
    let block: ArchitectureDiagram.Block
    /// The position of the candidate that the path it is compared with takes; nil where there is none.
    let other: Int?
    /// The share of the whole network's multiply-adds, 0 to 1.
    let share: Double
    /// The bar's length in shares of the longest, 0 to 1.
    let length: Double

    /// The sizes that all boxes of a diagram have in common.
    struct Style {
        let width: Double
        /// The number of lines that the longest name of a chosen candidate takes.
        let nameLines: Int
        /// Whether there is a line for the path it is compared with.
        let isCompared: Bool
        let hasChoices: Bool
        let hasOutputs: Bool
        /// Whether the other path's candidate stands in a block that differs.
        var isOtherNamed = true

        enum Size {
            static let padding = 10.0
            static let name = 12.0
            static let small = 11.0
            static let line = 15.0
            static let mostLines = 2
            static let strip = 5.0
        }

        /// The width of the text in a box.
        var inner: Double { width - 2 * Size.padding }
        var height: Double { barTop + 15 }
        /// Base lines, from the top of the box.
        var chosenLine: Double { 24 + Size.line + 2 }
        var otherLine: Double { chosenLine + Double(max(0, nameLines - 1)) * Size.line + Size.line }
        /// The middle of the dots.
        var dots: Double {
            let text = chosenLine + Double(max(0, nameLines - 1)) * Size.line
            return (isCompared ? text + Size.line : text) + 16
        }
        var outputLine: Double { (hasChoices ? dots + 23 : 42) }
        var barTop: Double { (hasOutputs ? outputLine + 9 : hasChoices ? dots + 14 : 36) }

        /// A name's lines in a box, broken after a comma where that will do.
        static func lines(_ name: String, width: Double) -> [String] {
            let inner = width - 2 * Size.padding
            func fits(_ text: String) -> Bool { TextMeasure.width(text, size: Size.name) <= inner }
            if !fits(name), let comma = name.range(of: ", ") {
                let parts = [String(name[..<comma.lowerBound]) + ",", String(name[comma.upperBound...])]
                if parts.allSatisfy(fits) { return parts }
            }
            return TextMeasure.lines(name, width: inner, size: Size.name, atMost: Size.mostLines)
        }
    }

    private typealias Size = Style.Size

    /// Whether the path it is compared with takes another candidate.
    var differs: Bool { other.map { $0 != block.choice } ?? false }

    /// Paints the box with its upper left corner at `corner`.
    func draw(at corner: PlotPoint, _ style: Style, on svg: inout SVG) {
        drawCard(at: corner, style, on: &svg)
        if differs {
            svg.rectangle(
                x: corner.x - 2, y: corner.y - 2, width: style.width + 4, height: style.height + 4, corner: 8,
                style: "outline \(Tone.alert.className)")
        }
        let left = corner.x + Size.padding
        let name = TextMeasure.shortened(block.name, to: style.inner, size: Size.name)
        svg.text(name, at: PlotPoint(left, corner.y + 22), style: block.isChoice ? "" : "strong")
        drawChoice(left, corner.y, style, on: &svg)
        let output = TextMeasure.shortened(block.output, to: style.inner, size: Size.small)
        svg.text(output, at: PlotPoint(left, corner.y + style.outputLine), style: "small")
        drawBar(left, corner.y + style.barTop, style, on: &svg)
    }

    /// The box itself, in the chosen candidate's colour, which is strong at its edge and pale within.
    private func drawCard(at corner: PlotPoint, _ style: Style, on svg: inout SVG) {
        func rectangle(inset: Double, strip: Double, corner radius: Double, opacity: Double, _ name: String) {
            svg.rectangle(
                x: corner.x + inset, y: corner.y + strip, width: style.width - 2 * inset,
                height: style.height - strip - inset, corner: radius, opacity: opacity, style: name, hint: hint)
        }
        guard let colour = block.choice.map(ChoiceColour.className) else {
            rectangle(inset: 0.5, strip: 0.5, corner: 6, opacity: 1, "box")
            return
        }
        rectangle(inset: 0, strip: 0, corner: 6, opacity: 1, "cell \(colour)")
        rectangle(inset: 1, strip: Size.strip, corner: 5, opacity: 1, "page")
        rectangle(inset: 1, strip: Size.strip, corner: 5, opacity: 0.1, "cell \(colour)")
    }

    private func drawChoice(_ left: Double, _ top: Double, _ style: Style, on svg: inout SVG) {
        guard let chosen = block.chosen, let choice = block.choice else { return }
        for (row, line) in Style.lines(chosen, width: style.width).enumerated() {
            svg.text(
                line, at: PlotPoint(left, top + style.chosenLine + Double(row) * Size.line), style: "strong")
        }
        if style.isOtherNamed, differs, let other, block.candidates.indices.contains(other) {
            svg.text(
                TextMeasure.shortened(block.candidates[other], to: style.inner, size: Size.small),
                at: PlotPoint(left, top + style.otherLine), style: "small struck")
        }
        drawDots(choice, left, top + style.dots, style, on: &svg)
    }

    /// A dot for each candidate; where they do not fit, the position in figures.
    private func drawDots(_ choice: Int, _ left: Double, _ y: Double, _ style: Style, on svg: inout SVG) {
        let count = block.candidates.count
        let step = min(12, (style.inner - 8) / Double(max(1, count - 1)))
        guard step >= 5 else {
            svg.text("\(choice + 1) of \(count)", at: PlotPoint(left, y + 4), style: "small")
            return
        }
        let radius = min(3.5, step / 2 - 0.75)
        for (index, candidate) in block.candidates.enumerated() {
            let centre = PlotPoint(left + 4 + Double(index) * step, y)
            if index == choice {
                svg.circle(
                    at: centre, radius: radius + 1, style: "cell chosen \(ChoiceColour.className(index))",
                    hint: candidate)
            } else {
                svg.circle(at: centre, radius: radius, style: "open", hint: candidate)
            }
            if style.isOtherNamed, differs, index == other {
                svg.circle(at: centre, radius: radius + 1, style: "outline \(Tone.alert.className)", hint: candidate)
            }
        }
    }

    private func drawBar(_ left: Double, _ top: Double, _ style: Style, on svg: inout SVG) {
        let text = share > 0 && share < 0.0005 ? "< \(NumberText.percent(0.001))" : NumberText.percent(share)
        let room = style.inner - TextMeasure.width("88.8\(NumberText.space)%", size: 10) - 6
        svg.rectangle(x: left, y: top, width: room, height: 4, corner: 2, style: "track")
        if length > 0 {
            let colour = block.choice.map(ChoiceColour.className) ?? Tone.quiet.className
            svg.rectangle(
                x: left, y: top, width: max(1.5, room * length), height: 4, corner: 2, style: "cell \(colour)")
        }
        svg.text(text, at: PlotPoint(left + style.inner, top + 5.5), anchor: .end, style: "tiny")
    }

    /// The text that is shown when the pointer rests on the box.
    private var hint: String {
        let choice = block.choice.map { " (\($0 + 1) of \(block.candidates.count) candidates)" } ?? ""
        let head = block.name + (block.chosen.map { ": \($0)" } ?? "") + choice
        let output = block.output.isEmpty ? "" : "\noutput \(block.output)"
        return head + output + "\n\(NumberText.grouped(block.parameters)) parameters"
            + "\n\(NumberText.grouped(block.multiplyAdds)) multiply-adds"
    }
}
