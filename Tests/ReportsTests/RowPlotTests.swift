import Testing

@testable import Reports

struct RowPlotTests {
    private static let axis = Axis("Kendall's τ", limits: -1...1, isRounded: false)

    private func row(_ name: String, _ value: Double?, dots: [Double] = []) -> RowPlot.Row {
        let text = value.map { NumberText.fixed($0) } ?? "—"
        return .init(
            name: name, value: value, range: value.map { $0 - 0.1...$0 + 0.1 }, dots: dots, text: text,
            style: Tone.accent.className)
    }

    private func plot(_ rows: [RowPlot.Row], lines: [RowPlot.Line] = []) -> RowPlot {
        RowPlot(title: "Title <&>", axis: Self.axis, rows: rows, lines: lines)
    }

    @Test func aRowHasItsNameItsFigureAMarkAWhiskerAndItsDots() throws {
        let svg = plot([row("a <\"b\">", 0.5, dots: [0.4, 0.6]), row("none", nil)]).svg()
        let content = try #require(XMLContent(svg.document()))
        #expect(content.count("circle") == 3 && content.count("path") == 1)
        for text in ["Title <&>", "a <\"b\">", "0.50", "none", "—", "Kendall's τ"] {
            #expect(content.text.contains(text), "\(text)")
        }
        #expect(partsOutside(svg) == [])
    }

    @Test func emptyAndSingleRowsStayInsideTheDrawing() throws {
        let empty = plot([]).svg()
        #expect(try #require(XMLContent(empty.document())).text.contains("no values recorded"))
        for svg in [empty, plot([row("one", 0)]).svg(), plot([row("one", nil)]).svg(), plot([row("", 0.3)]).svg()] {
            #expect(partsOutside(svg) == [])
        }
    }

    @Test func valuesThatAreNotFiniteHaveNoMark() throws {
        var bad = row("bad", nil, dots: [.nan, 0.2])
        bad.value = .infinity
        bad.range = -Double.infinity...0.5
        let svg = plot([bad], lines: [.init(x: .nan, name: "nowhere")]).svg()
        let content = try #require(XMLContent(svg.document()))
        #expect(content.count("circle") == 1 && content.count("path") == 0 && !content.text.contains("nowhere"))
        #expect(partsOutside(svg) == [])
    }

    @Test func longNamesAreWholeAndMeetNothing() {
        let word = String(repeating: "Wide", count: 30)
        let words = (1...20).map { "word\($0)" }.joined(separator: " ")
        let plot = plot([row(word, 0.2), row(words, 0.7), row("short", -0.4)])
        let frame = RowFrame(plot, lines: [])
        #expect(frame.rows.map { $0.name.joined(separator: " ") } == [word, words, "short"])
        for line in frame.rows.flatMap(\.name) {
            #expect(TextMeasure.width(line, size: RowFrame.nameSize) < frame.left)
        }
        #expect(frame.right - frame.left >= 200)
        // No row reaches into the next.
        for (upper, lower) in zip(frame.rows, frame.rows.dropFirst()) {
            let halves = Double(upper.name.count + lower.name.count) / 2 * RowFrame.lineHeight
            #expect(lower.centre - upper.centre >= halves)
        }
        #expect(partsOutside(plot.svg()) == [])
    }

    @Test func namesOfLinesAreOnRowsOfTheirOwnAndCrossedByNoLine() {
        let lines = [
            RowPlot.Line(x: 0.2, name: "left"), .init(x: 0.9, name: "right", band: 0.8...0.95),
            .init(x: 0.21, name: "a name that is longer than the way to the left end of the drawing, and then some"),
        ]
        let plot = plot([row("one", 0.5)], lines: lines)
        let frame = RowFrame(plot, lines: lines)
        #expect(Set(frame.lineNames).count == 3)
        // Further right is further up, so no line to the left passes a name.
        #expect(frame.lineNames[1] < frame.lineNames[2] && frame.lineNames[2] < frame.lineNames[0])
        #expect(frame.lineNames.allSatisfy { $0 < frame.top })
        #expect(partsOutside(plot.svg()) == [])
    }
    @Test(arguments: [0.0002, 0.004, 0.05, 0.8]) func textsOfTicksMeetNoOther(span: Double) {
        let rows = [row("least", 1 - span), row("most", 1)].map { row in
            var row = row
            row.range = nil
            return row
        }
        let axis = Axis("share", format: .percent, limits: 0...1)
        let frame = RowFrame(RowPlot(title: "", axis: axis, rows: rows, width: 300), lines: [])
        let step = frame.x.textStep(size: RowFrame.nameSize)
        let written = stride(from: 0, to: frame.x.ticks.count, by: step).map { index in
            let (x, width) = (
                frame.x.scale.position(of: frame.x.ticks[index]),
                TextMeasure.width(frame.x.texts[index], size: RowFrame.nameSize)
            )
            return x - width / 2...x + width / 2
        }
        #expect(!written.isEmpty)
        for (left, right) in zip(written, written.dropFirst()) { #expect(left.upperBound < right.lowerBound) }
        // No more are left out than must be.
        #expect(step == 1 || frame.x.textStep(size: 0.1) == 1)
    }
}
