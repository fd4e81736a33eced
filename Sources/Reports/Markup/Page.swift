import Experiments
import Support

/// One self-contained HTML file: style sheet, drawings, pictures and the script that sorts tables inside, and nothing that is
/// fetched. Without scripts it is the same but for the sorting.
public struct Page: Sendable, Equatable {
    /// The title of the window.
    var title: String
    /// The content from top to bottom.
    var content: [Markup]

    /// A part of a page under a heading.
    ///
    /// - Parameters:
    ///   - heading: plain text.
    ///   - lead: what there is to see, below the heading; empty for none.
    ///   - content: what follows below the lead, in this order.
    static func section(_ heading: String, lead: String = "", _ content: [Markup]) -> Markup {
        let head = [Markup("h2", text: heading)] + (lead.isEmpty ? [] : [Markup("p", ["class": "lead"], text: lead)])
        return Markup("section", [:], head + content)
    }

    /// Drawings side by side, as many as there is room for.
    static func row(_ drawings: [SVG]) -> Markup {
        Markup(
            "div", ["class": "row"],
            drawings.map { drawing in
                // The style sheet gives all of a row the same scale.
                let style = "--width:\(NumberText.coordinate(drawing.width))"
                return Markup("figure", ["class": "drawing", "style": style], [drawing.markup])
            })
    }

    /// A drawing that keeps its size on a narrow screen, to be moved sideways there.
    static func scrolling(_ drawing: SVG) -> Markup {
        let width = "width:\(NumberText.coordinate(drawing.width))px"
        return Markup("figure", ["class": "scrolling"], [Markup("div", ["style": width], [drawing.markup])])
    }

    /// The one of two drawings of the same that there is room for.
    ///
    /// - Parameters:
    ///   - wide: for large screens.
    ///   - narrow: for small ones and for paper; on the smallest it is to be moved sideways.
    static func adapting(wide: SVG, narrow: SVG) -> Markup {
        func shown(_ drawing: SVG, _ style: String) -> Markup {
            let width = "width:\(NumberText.coordinate(drawing.width))px"
            return Markup(
                "figure", ["class": "scrolling \(style)"], [Markup("div", ["style": width], [drawing.markup])])
        }
        return Markup("div", ["class": "adapting"], [shown(wide, "wide"), shown(narrow, "narrow")])
    }

    /// A table whose columns after the first `wordColumns` are numbers. Where there are several rows, each of which stands for
    /// itself, readers may sort them.
    ///
    /// - Parameters:
    ///   - heads: of the columns.
    ///   - rows: from top to bottom.
    ///   - wordColumns: how many columns, from the left, are words.
    ///   - marked: the position of a row that stands out; nil for none.
    static func table(
        _ heads: [String], _ rows: [[String]], wordColumns: Int = 1, marked: Int? = nil
    ) -> Markup {
        let cells = rows.map { row in row.map { [Markup.text($0)] } }
        return table(
            heads, cells: cells, wordColumns: wordColumns, styles: marked.map { [$0: "chosen"] } ?? [:],
            isSortable: rows.count > 2)
    }

    /// A table whose cells hold more than text.
    ///
    /// - Parameters:
    ///   - heads: of the columns.
    ///   - cells: the content of each, in rows from top to bottom.
    ///   - wordColumns: how many columns, from the left, are words.
    ///   - styles: the classes of rows that have one, by their position.
    ///   - isSortable: whether readers may bring the rows into another order.
    static func table(
        _ heads: [String], cells: [[[Markup]]], wordColumns: Int = 1, styles: [Int: String] = [:],
        isSortable: Bool = false
    ) -> Markup {
        func row(_ name: StaticString, _ contents: [[Markup]]) -> [Markup] {
            contents.enumerated().map { Markup(name, ["class": $0 < wordColumns ? "word" : "number"], $1) }
        }
        let body = cells.enumerated().map { index, contents in
            Markup("tr", styles[index].map { ["class": $0] } ?? [:], row("td", contents))
        }
        return Markup(
            "table", isSortable ? ["class": "sortable"] : [:],
            [
                Markup("thead", [:], [Markup("tr", [:], row("th", heads.map { [.text($0)] }))]),
                Markup("tbody", [:], body),
            ])
    }

    /// A table that keeps its size on a narrow screen, to be moved sideways there.
    static func scrolling(table: Markup) -> Markup { Markup("div", ["class": "scrolling figures"], [table]) }

    /// The content of the file.
    ///
    /// - Parameter refresher: the address of the script that keeps the page of a run up to date; nil for a page that stands.
    public func html(refresher: String? = nil) -> String {
        // The policy makes browsers refuse what should not be there: other scripts, and whatever lies outside the file.
        let scripts = "script-src '\(PageScript.digest)'" + (refresher == nil ? "" : " 'self'; connect-src 'self'")
        let policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; \(scripts)"
        let script = refresher.map { Markup("script", ["src": $0]) } ?? Markup("script", text: PageScript.sorting)
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
        let body = Markup("body", [:], [Markup("main", [:], content), script])
        return "<!DOCTYPE html>\n" + Markup("html", ["lang": "en"], [head, body]).rendered() + "\n"
    }

    /// Writes the file: whoever looks finds the old one or the whole new one.
    ///
    /// - Throws: `FileError`.
    public func write(to path: String) throws {
        try AtomicFile.write(html(), to: path)
    }
}
