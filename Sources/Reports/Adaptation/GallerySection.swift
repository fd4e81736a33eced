import Datasets

/// Queries with the images that the gallery gives first, each marked as right or wrong by a frame, a sign and a word.
struct GallerySection {
    let queries: [AdaptationExamples.Query]

    /// Nil without queries.
    ///
    /// - Throws: ``ReportError`` for a picture that cannot be written.
    func markup() throws(ReportError) -> Markup? {
        guard !queries.isEmpty else { return nil }
        var rows: [Markup] = []
        for query in queries { rows.append(try row(query)) }
        return Page.section("Queries and what the gallery gives first", lead: lead, rows)
    }

    /// What cannot be shown.
    var problems: [String] {
        queries.enumerated().flatMap { index, query in
            query.image.problems("query \(index)")
                + query.ranked.enumerated().flatMap { rank, image in
                    image.image.problems("query \(index), rank \(rank + 1)")
                }
        }
    }

    private var lead: String {
        let first = queries.count { $0.ranked.first?.isRight == true }
        let count = queries.count == 1 ? "1 query" : "\(NumberText.grouped(queries.count)) queries"
        return "\(count), leftmost, each followed by the images nearest to it. The nearest is right for "
            + "\(NumberText.grouped(first)) of them; these are examples, not the score."
    }

    private func row(_ query: AdaptationExamples.Query) throws(ReportError) -> Markup {
        let head = ImageGrid.Entry(
            query.image, caption: [Markup("strong", text: "query")] + Self.camera(query.camera),
            label: Self.label("query: person \(query.person)", query.camera))
        let ranked = query.ranked.enumerated().map { rank, image in
            ImageGrid.Entry(
                image.image,
                caption: [
                    .text("\(rank + 1) "),
                    Markup("span", ["class": "verdict"], text: image.isRight ? "✓ right" : "✗ wrong"),
                ] + Self.camera(image.camera),
                label: Self.label(
                    "rank \(rank + 1), \(image.isRight ? "right: the same person" : "wrong: somebody else")",
                    image.camera), isRight: image.isRight)
        }
        do throws(DatasetError) {
            return Markup("div", ["class": "gallery"], try ImageGrid([head] + ranked).figures())
        } catch {
            throw ReportError([error.description])
        }
    }

    private static func camera(_ name: String) -> [Markup] {
        name.isEmpty ? [] : [Markup("span", ["class": "camera"], text: "camera \(name)")]
    }

    private static func label(_ text: String, _ camera: String) -> String {
        camera.isEmpty ? text : "\(text), camera \(camera)"
    }
}
