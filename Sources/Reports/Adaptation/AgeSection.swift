import Datasets

/// Ages as they were seen over ages as they are, and a few faces.
struct AgeSection {
    let actual: [Double]
    let predicted: [Double]
    let faces: [AdaptationExamples.Face]

    /// In years, on either side.
    private static let tolerance = 5.0

    /// Nil without ages and faces.
    ///
    /// - Throws: ``ReportError`` for a picture that cannot be written.
    func markup() throws(ReportError) -> Markup? {
        var parts: [Markup] = []
        if !actual.isEmpty { parts.append(Page.scrolling(plot.svg())) }
        if !faces.isEmpty { parts.append(Markup("div", ["class": "side"], [try grid()])) }
        guard !parts.isEmpty else { return nil }
        return Page.section("Ages", lead: lead, [Markup("div", ["class": "beside"], parts)])
    }

    /// What cannot be shown.
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
