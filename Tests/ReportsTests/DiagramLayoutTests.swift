import Support
import Testing

@testable import Reports

struct DiagramLayoutTests {
    private func stages(_ counts: [Int]) -> [ArchitectureDiagram.Stage] {
        counts.enumerated().map { stage, count in
            .init("\(stage)", (0..<count).map { .init(name: count == 1 ? "\(stage)" : "\(stage).\($0)") })
        }
    }

    @Test func everyBlockStandsOnceInOrderAndInsideTheWidth() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<200 {
            let counts = (0..<generator.below(8)).map { _ in generator.below(12) }
            let width = 200 + 1200 * generator.uniform()
            let layout = DiagramLayout(stages(counts), width: width)
            let placed = layout.rows.joined().flatMap { group in group.blocks.map { [group.stage, $0] } }
            #expect(placed == counts.enumerated().flatMap { stage, count in (0..<count).map { [stage, $0] } })
            for row in layout.rows {
                var end = -Double.infinity
                for group in row {
                    #expect(group.left > end)
                    for block in group.blocks {
                        let left = layout.left(of: block, in: group)
                        #expect(left >= group.left && left > end)
                        end = left + layout.boxWidth
                    }
                    #expect(end <= group.left + layout.width(of: group) + 1e-9)
                    end = group.left + layout.width(of: group)
                }
                #expect(end <= width)
            }
        }
    }

    @Test func stagesStayTogetherWhereARowHasRoomForThem() {
        let layout = DiagramLayout(stages([1, 3, 4, 6, 3, 1]), width: 1120)
        #expect(layout.rows.map { $0.map(\.stage) } == [[0, 1, 2], [3], [4, 5]])
        #expect(layout.rows.joined().map(\.isBare) == [true, false, false, false, false, true])
        let narrow = DiagramLayout(stages([1, 3, 4, 6, 3, 1]), width: 720)
        #expect(narrow.rows.map { $0.map(\.blocks.count) } == [[1, 3], [4], [3], [3], [3, 1]])
        #expect(DiagramLayout(stages([1, 2, 2, 2, 1]), width: 1120).rows.count == 1)
    }

    @Test func textIsBrokenIntoLinesThatFit() {
        let text = "a block of several candidates, each with a name"
        for width in [20, 60, 100, 1000.0] {
            let lines = TextMeasure.lines(text, width: width, size: 12)
            for line in lines { #expect(TextMeasure.width(line, size: 12) <= width) }
            if width >= 100 { #expect(lines.joined(separator: " ") == text) }
            let two = TextMeasure.lines(text, width: width, size: 12, atMost: 2)
            #expect(two.count <= 2)
            if lines.count > 2 { #expect(two.last?.hasSuffix("…") == true) }
        }
        #expect(TextMeasure.lines("", width: 100, size: 12).isEmpty)
        #expect(TextMeasure.lines("word", width: 100, size: 12, atMost: 1) == ["word"])
    }
}
