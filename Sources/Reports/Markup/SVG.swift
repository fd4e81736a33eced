/// A point of a series, in the units of the axes, or of a drawing, in its pixels.
struct PlotPoint: Sendable, Equatable {
    /// The coordinate from left to right.
    var x: Double
    /// A series' value, which grows upwards; in a drawing, the distance from the top.
    var y: Double

    /// A point by its two coordinates.
    init(_ x: Double, _ y: Double) {
        (self.x, self.y) = (x, y)
    }
}

/// A drawing. Lengths are in its own pixels, from the top left; colours come from classes, as `Palette` has them.
struct SVG: Sendable, Equatable {
    /// The part of a text that stands at its x.
    enum Anchor: String, Sendable { case start, middle, end }

    /// The width in pixels.
    let width: Double
    /// The height in pixels.
    let height: Double
    /// What the drawing shows, in words, for those who cannot see it.
    var label: String
    /// The marks and texts in the order of painting.
    private(set) var content: [Markup] = []

    /// An empty drawing.
    init(width: Double, height: Double, label: String) {
        (self.width, self.height, self.label) = (width, height, label)
    }

    /// Paints what has been made elsewhere.
    mutating func add(_ markup: Markup) { content.append(markup) }

    /// A straight line.
    mutating func line(from start: PlotPoint, to end: PlotPoint, style: String) {
        add(
            Markup(
                "line",
                [
                    "x1": NumberText.coordinate(start.x), "y1": NumberText.coordinate(start.y),
                    "x2": NumberText.coordinate(end.x), "y2": NumberText.coordinate(end.y), "class": style,
                ]))
    }

    /// Straight lines through points.
    mutating func path(_ points: [PlotPoint], style: String) {
        guard let first = points.first else { return }
        func place(_ point: PlotPoint) -> String {
            "\(NumberText.coordinate(point.x)) \(NumberText.coordinate(point.y))"
        }
        let steps = points.dropFirst().map { "L\(place($0))" }.joined()
        add(Markup("path", ["d": "M\(place(first))\(steps)", "class": style]))
    }

    /// A rectangle.
    ///
    /// - Parameters:
    ///   - x: of its left edge.
    ///   - y: of its upper edge.
    ///   - width: its extent to the right of `x`.
    ///   - height: its extent downwards from `y`.
    ///   - corner: radius of its corners.
    ///   - opacity: of its fill, 0 to 1.
    ///   - style: its class in the style sheet.
    ///   - hint: shown when the pointer rests on it.
    mutating func rectangle(
        x: Double, y: Double, width: Double, height: Double, corner: Double = 0, opacity: Double = 1, style: String,
        hint: String? = nil
    ) {
        add(
            Markup(
                "rect",
                [
                    "x": NumberText.coordinate(x), "y": NumberText.coordinate(y),
                    "width": NumberText.coordinate(width), "height": NumberText.coordinate(height),
                    "rx": NumberText.coordinate(corner), "fill-opacity": NumberText.coordinate(opacity),
                    "class": style,
                ], Self.hint(hint)))
    }

    /// A disc or, with such a style, a ring.
    mutating func circle(at centre: PlotPoint, radius: Double, style: String, hint: String? = nil) {
        add(
            Markup(
                "circle",
                [
                    "cx": NumberText.coordinate(centre.x), "cy": NumberText.coordinate(centre.y),
                    "r": NumberText.coordinate(radius), "class": style,
                ], Self.hint(hint)))
    }

    /// A line of text on the base line at `place`.
    ///
    /// - Parameters:
    ///   - text: nothing is painted if it is empty.
    ///   - place: on the base line, where `anchor` says.
    ///   - anchor: which part of the text stands at `place`.
    ///   - style: its class in the style sheet; empty for none.
    ///   - rotation: in degrees about `place`, clockwise.
    mutating func text(
        _ text: String, at place: PlotPoint, anchor: Anchor = .start, style: String = "", rotation: Double = 0
    ) {
        guard !text.isEmpty else { return }
        let x = NumberText.coordinate(place.x)
        let y = NumberText.coordinate(place.y)
        if rotation == 0 {
            add(Markup("text", ["x": x, "y": y, "text-anchor": anchor.rawValue, "class": style], text: text))
        } else {
            let turn = "rotate(\(NumberText.coordinate(rotation)) \(x) \(y))"
            add(
                Markup(
                    "text", ["x": x, "y": y, "text-anchor": anchor.rawValue, "class": style, "transform": turn],
                    text: text))
        }
    }

    /// The drawing as a part of a page, as wide as there is room. The page has the style sheet.
    var markup: Markup {
        Markup("svg", ["viewBox": box, "role": "img", "aria-label": label], content)
    }

    /// A file of its own, style sheet included.
    ///
    /// - Parameter margin: of a page painted behind the drawing, in pixels, which makes it legible whatever it lies on;
    ///   nil for none, as for a place that has the page's own colour.
    func document(margin: Double? = nil) -> String {
        let edge = margin ?? 0
        let size = (NumberText.coordinate(width + 2 * edge), NumberText.coordinate(height + 2 * edge))
        let box = "\(NumberText.coordinate(-edge)) \(NumberText.coordinate(-edge)) \(size.0) \(size.1)"
        let page = margin.map { margin in
            Markup(
                "rect",
                [
                    "x": NumberText.coordinate(-margin), "y": NumberText.coordinate(-margin), "width": size.0,
                    "height": size.1, "rx": "6", "class": "page",
                ])
        }
        let root = Markup(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "viewBox": box, "width": size.0, "height": size.1,
                "role": "img", "aria-label": label,
            ],
            [Markup("style", text: Palette.colours + "\n" + Palette.drawing)] + [page].compactMap(\.self) + content)
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\(root.rendered())\n"
    }

    private var box: String { "0 0 \(NumberText.coordinate(width)) \(NumberText.coordinate(height))" }

    private static func hint(_ text: String?) -> [Markup] { text.map { [Markup("title", text: $0)] } ?? [] }
}
