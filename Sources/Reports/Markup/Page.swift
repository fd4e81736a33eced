import Experiments

/// One self-contained HTML file: style sheet, drawings and pictures inside, and nothing that is fetched or run.
public struct Page: Sendable, Equatable {
    /// In the window's title.
    public var title: String
    /// From top to bottom.
    public var content: [Markup]

    /// A page of a title and content, such as sections.
    public init(title: String, content: [Markup]) {
        self.title = title
        self.content = content
    }

    /// A part of a page under a heading.
    ///
    /// - Parameters:
    ///   - heading: plain text.
    ///   - lead: what there is to see, below the heading; empty for none.
    ///   - content: what follows below the lead, in this order.
    public static func section(_ heading: String, lead: String = "", _ content: [Markup]) -> Markup {
        let head = [Markup("h2", text: heading)] + (lead.isEmpty ? [] : [Markup("p", ["class": "lead"], text: lead)])
        return Markup("section", [:], head + content)
    }

    /// Drawings side by side, as many as there is room for.
    public static func row(_ drawings: [SVG]) -> Markup {
        Markup(
            "div", ["class": "row"],
            drawings.map { drawing in
                // The style sheet gives all of a row the same scale.
                let style = "--width:\(NumberText.coordinate(drawing.width))"
                return Markup("figure", ["class": "drawing", "style": style], [drawing.markup])
            })
    }

    /// A drawing that keeps its size on a narrow screen, to be moved sideways there.
    public static func scrolling(_ drawing: SVG) -> Markup {
        let width = "width:\(NumberText.coordinate(drawing.width))px"
        return Markup("figure", ["class": "scrolling"], [Markup("div", ["style": width], [drawing.markup])])
    }

    /// A table whose columns after the first `wordColumns` are numbers.
    public static func table(_ heads: [String], _ rows: [[String]], wordColumns: Int = 1) -> Markup {
        func cells(_ name: StaticString, _ texts: [String]) -> [Markup] {
            texts.enumerated().map { Markup(name, ["class": $0 < wordColumns ? "word" : "number"], text: $1) }
        }
        return Markup(
            "table", [:],
            [
                Markup("thead", [:], [Markup("tr", [:], cells("th", heads))]),
                Markup("tbody", [:], rows.map { Markup("tr", [:], cells("td", $0)) }),
            ])
    }

    /// The file's content.
    public func html() -> String {
        // The policy makes browsers refuse what should not be there: scripts, and whatever lies outside the file.
        let policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
        let head = Markup(
            "head", [:],
            [
                Markup("meta", ["charset": "utf-8"]),
                Markup("meta", ["http-equiv": "Content-Security-Policy", "content": policy]),
                Markup("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                Markup("meta", ["name": "color-scheme", "content": "light dark"]),
                Markup("title", text: title),
                Markup("style", text: [Palette.colours, Palette.drawing, PageStyle.text].joined(separator: "\n")),
            ])
        let body = Markup("body", [:], [Markup("main", [:], content)])
        return "<!DOCTYPE html>\n" + Markup("html", ["lang": "en"], [head, body]).rendered() + "\n"
    }

    /// Writes the file: whoever looks finds the old one or the whole new one.
    ///
    /// - Throws: `FileError`.
    public func write(to path: String) throws {
        try AtomicFile.write(html(), to: path)
    }
}
