@testable import Reports

/// What of a drawing lies outside it, by its marks' coordinates and the guessed widths of its texts.
func partsOutside(_ svg: SVG) -> [String] {
    let (xs, ys) = (-0.01...svg.width + 0.01, -0.01...svg.height + 0.01)
    return svg.content.compactMap { part -> String? in
        guard case .element(let name, let list, let children) = part else { return nil }
        let attributes = Dictionary(uniqueKeysWithValues: list.map { ($0.name, $0.value) })
        func value(_ name: String) -> Double { attributes[name].flatMap(Double.init) ?? .nan }
        let (x, y): ([Double], [Double])
        switch name {
        case "line": (x, y) = ([value("x1"), value("x2")], [value("y1"), value("y2")])
        case "circle":
            let radius = value("r")
            (x, y) = ([value("cx") - radius, value("cx") + radius], [value("cy") - radius, value("cy") + radius])
        case "rect":
            (x, y) = ([value("x"), value("x") + value("width")], [value("y"), value("y") + value("height")])
        case "path":
            let numbers = (attributes["d"] ?? "").split { "ML ".contains($0) }.map { Double($0) ?? .nan }
            x = stride(from: 0, to: numbers.count, by: 2).map { numbers[$0] }
            y = stride(from: 1, to: numbers.count, by: 2).map { numbers[$0] }
        case "text":
            guard case .text(let text)? = children.first else { return nil }
            let width = TextMeasure.width(text, size: 12)
            let share = attributes["text-anchor"] == "middle" ? 0.5 : attributes["text-anchor"] == "end" ? 1 : 0
            (x, y) = (
                [value("x") - share * width, value("x") + (1 - share) * width], [value("y") - 9, value("y") + 3]
            )
        default: return nil
        }
        return x.allSatisfy(xs.contains) && y.allSatisfy(ys.contains) ? nil : part.rendered()
    }
}
