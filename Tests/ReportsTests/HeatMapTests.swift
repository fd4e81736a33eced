import Foundation
import Testing

@testable import Reports

struct HeatMapTests {
    private func map(_ count: Int, intensity: Double = 0.5) -> HeatMap {
        let names = (0..<count).map { "class <\($0)> & \"co\"" }
        let row = [HeatMap.Cell](repeating: .init(text: "7", intensity: intensity, hint: "<hint>"), count: count)
        return HeatMap(
            label: "a map", rowTitle: "truth", columnTitle: "prediction", rowNames: names, columnNames: names,
            cells: [[HeatMap.Cell]](repeating: row, count: count),
            rowMargin: .init(name: "recall", values: names.map { _ in "1 %" }),
            columnMargin: .init(name: "precision", values: names.map { _ in "2 %" }))
    }

    @Test(arguments: [0, 1, 2, 13, 40]) func mapsOfAnySizeAreWellFormed(_ count: Int) throws {
        let svg = map(count).svg()
        let content = try #require(XMLContent(svg.document()))
        #expect(content.count("rect") == count * count)
        #expect(svg.width > 0 && svg.height > 0 && svg.width < 1200)
        for attributes in content.attributes {
            guard let x = attributes["x"].flatMap(Double.init), let y = attributes["y"].flatMap(Double.init) else {
                continue
            }
            #expect((0...svg.width).contains(x) && (0...svg.height).contains(y))
        }
    }

    @Test func missingCellsAndOddIntensitiesAreEmptySquares() throws {
        var map = map(3, intensity: .nan)
        map.cells[1] = []
        map.cells[2][0].intensity = 7
        map.rowMargin?.values = ["1 %"]
        let content = try #require(XMLContent(map.svg().document()))
        let rectangles = zip(content.elements, content.attributes).filter { $0.0 == "rect" }.map(\.1)
        #expect(rectangles.count == 9)
        #expect(rectangles.count { $0["class"] == "empty" } == 8)
        #expect(rectangles.first { $0["class"] != "empty" }?["fill-opacity"] == "1")
    }

    @Test func textThatDoesNotFitIsLeftOut() throws {
        var map = map(1)
        map.cells[0][0].text = "1,000,000,000"
        #expect(try !#require(XMLContent(map.svg().document())).text.contains("1,000,000,000"))
        map.cells[0][0].text = "1,000"
        #expect(try #require(XMLContent(map.svg().document())).text.contains("1,000"))
    }
}
