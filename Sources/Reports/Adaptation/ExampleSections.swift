import Datasets

/// Queries with the images that the gallery gives first, each marked as right or wrong by a frame, a sign and a word.
struct GallerySection {
    let queries: [AdaptationExamples.Query]

    /// The section; nil without queries.
    ///
    /// - Throws: ``ReportError`` for a picture that cannot be written.
    func markup() throws(ReportError) -> Markup? {
        guard !queries.isEmpty else { return nil }
        var rows: [Markup] = []
        for query in queries { rows.append(try row(query)) }
        return Page.section("Queries and what the gallery gives first", lead: lead, rows)
    }

    /// Everything in the queries that cannot be shown.
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

/// Ages as they were seen over ages as they are, and a few faces.
struct AgeSection {
    let actual: [Double]
    let predicted: [Double]
    let faces: [AdaptationExamples.Face]

    /// The largest error of a prediction that counts as right, in years on either side.
    private static let tolerance = 5.0

    /// The section; nil without ages and faces.
    ///
    /// - Throws: ``ReportError`` for a picture that cannot be written.
    func markup() throws(ReportError) -> Markup? {
        var parts: [Markup] = []
        if !actual.isEmpty { parts.append(Page.scrolling(plot.svg())) }
        if !faces.isEmpty { parts.append(Markup("div", ["class": "side"], [try grid()])) }
        guard !parts.isEmpty else { return nil }
        return Page.section("Ages", lead: lead, [Markup("div", ["class": "beside"], parts)])
    }

    /// Everything in the ages and faces that cannot be shown.
    var problems: [String] {
        var problems: [String] = []
        if actual.count != predicted.count {
            problems.append("there are \(actual.count) ages, but \(predicted.count) predictions of ages")
        }
        for (index, face) in faces.enumerated() {
            problems += face.image.problems("face \(index)")
            for (what, age) in [("age", face.actual), ("predicted age", face.predicted)] where !age.isFinite {
                problems.append("face \(index): its \(what) is \(age)")
            }
        }
        return problems
    }

    var plot: AgreementPlot {
        AgreementPlot(
            title: "Predicted age over true age", horizontal: "true age, years", vertical: "predicted age, years",
            points: zip(actual, predicted).map { PlotPoint($0, $1) }, tolerance: Self.tolerance,
            toleranceName: "within 5 years")
    }

    private var lead: String {
        let errors = zip(actual, predicted).map { abs($0 - $1) }.filter(\.isFinite)
        guard !errors.isEmpty else { return "" }
        let mean = errors.reduce(0, +) / Double(errors.count)
        let near = errors.count { $0 <= Self.tolerance }
        let images = errors.count == 1 ? "1 image" : "\(NumberText.grouped(errors.count)) images"
        return "\(images): \(NumberText.fixed(mean)) years off on average, "
            + "\(NumberText.percent(Double(near) / Double(errors.count))) of them by at most 5 years."
    }

    private func grid() throws(ReportError) -> Markup {
        let entries = faces.map { face in
            let (truth, seen) = ("true \(Self.years(face.actual)), ", "seen as \(Self.years(face.predicted))")
            return ImageGrid.Entry(
                face.image, caption: [.text(truth), Markup("span", ["class": "probability"], text: seen)],
                label: "face, \(truth)\(seen)")
        }
        do throws(DatasetError) {
            return try ImageGrid(entries).markup()
        } catch {
            throw ReportError([error.description])
        }
    }

    private static func years(_ age: Double) -> String { NumberText.fixed(age, decimals: 0) }
}
