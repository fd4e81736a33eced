import Testing

@testable import Reports

struct GroupScatterTests {
    private func plot(_ groups: [GroupScatter.Group], kind: Scale.Kind = .linear) -> GroupScatter {
        GroupScatter(
            title: "Shift <&>", horizontal: Axis("shift", kind: kind), vertical: Axis("τ", limits: -1...1),
            groups: groups)
    }

    private func group(_ name: String, _ points: [GroupScatter.Point], position: Int = 0) -> GroupScatter.Group {
        .init(name: name, style: ChoiceColour.className(position), isOpen: position >= 8, points: points)
    }

    @Test func everyPointHasAMarkAndEveryGroupItsName() throws {
        let groups = (0..<12).map { index in
            group(
                "method <\(index)>", [.init(PlotPoint(Double(index), 0.5), name: "seed \"\(index)\"")], position: index)
        }
        let svg = plot(groups).svg()
        let content = try #require(XMLContent(svg.document()))
        #expect(content.count("circle") == 2 * 12)
        for index in 0..<12 {
            #expect(content.text.contains("method <\(index)>") && content.text.contains("seed \"\(index)\""))
        }
        // Colours come again from the ninth on, but as rings.
        let rings = content.attributes.compactMap { $0["class"] }.filter { $0.hasPrefix("ring") }
        #expect(rings.count == 2 * 4)
        #expect(partsOutside(svg) == [])
    }

    @Test func whiskersReachTheirEnds() throws {
        let svg = plot([group("", [.init(PlotPoint(1, 0.5), whisker: 0.2...0.9, name: "a")])]).svg()
        let content = try #require(XMLContent(svg.document()))
        #expect(content.count("circle") == 1 && content.count("path") == 1)
        #expect(partsOutside(svg) == [])
    }

    @Test func pointsWithoutAPlaceAreLeftOutWithANote() throws {
        let points = [PlotPoint(0, 0.1), PlotPoint(.nan, 0.2), PlotPoint(1, 0.3), PlotPoint(2, .infinity)]
        let groups = [group("a", points.map { .init($0, name: "x") }), group("none", [])]
        let svg = plot(groups, kind: .logarithmic).svg()
        let content = try #require(XMLContent(svg.document()))
        #expect(content.count("circle") == 1 + 2)
        #expect(content.text.contains("3 values are left out: not finite, or not positive."))
        #expect(partsOutside(svg) == [])
    }

    @Test func emptyPlotsAndLongNamesStayInside() throws {
        let empty = plot([]).svg()
        #expect(try #require(XMLContent(empty.document())).text.contains("no values recorded"))
        let long = String(repeating: "Wide", count: 40)
        for svg in [empty, plot([group(long, [.init(PlotPoint(1, 0), name: "")]), group("b", [])]).svg()] {
            #expect(partsOutside(svg) == [])
        }
    }
}
