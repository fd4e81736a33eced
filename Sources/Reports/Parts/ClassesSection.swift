import Datasets
import Metrics

/// The classes that a network gives images: all of them as a confusion matrix, a sample as pictures, and a row of its
/// most confident mistakes.
struct ClassesSection {
    /// The names of the classes.
    let names: [String]
    /// The place of each image.
    let places: [Int]
    let actual: [Int]
    let predicted: [Int]
    /// The probability of each predicted class, 0 to 1.
    let confidence: [Double]
    let images: ExampleImages?

    /// The most pictures of the sample.
    static let mostExamples = 24
    /// The most mistakes: a row, where the page is wide.
    static let mostMistakes = 8

    /// The sections from top to bottom, without those that have no data.
    ///
    /// - Parameters:
    ///   - confusion: how often images of each class (rows) were taken for each class (columns).
    ///   - before: the same of a network that did not see the target's images; nil for none.
    /// - Throws: ``ReportError`` for a picture that cannot be written.
    func markup(confusion: [[Int]]?, before: [[Int]]? = nil) throws(ReportError) -> [Markup] {
        var sections: [Markup] = []
        if let confusion, !actual.isEmpty, let matrix = try? ConfusionMatrix(confusion) {
            if let before, let other = try? ConfusionMatrix(before) {
                let pair = ConfusionPair(sides: [("source only", other), ("adapted", matrix)], classNames: names)
                sections += [pair.markup].compactMap(\.self)
            } else {
                sections.append(ConfusionSection(matrix: matrix, classNames: names).markup)
            }
        }
        // A sample from all over the list, the same each time.
        let count = min(Self.mostExamples, actual.count)
        let sample = (0..<count).map { $0 * actual.count / count }.compactMap(entry)
        if !sample.isEmpty {
            let wrong = sample.count { $0.isMarked }
            let lead =
                "\(NumberText.grouped(sample.count)) images with the predicted class."
                + (wrong == 0
                    ? ""
                    : " A frame marks the \(NumberText.grouped(wrong)) wrong: truth → prediction, with its probability.")
            sections.append(Page.section("Predictions", lead: lead, [try ImageGrid(sample).markup()]))
        }
        let mistakes = mistakes.prefix(Self.mostMistakes).compactMap(entry)
        if !mistakes.isEmpty {
            let lead = "Wrong predictions of the highest probability: truth → prediction."
            sections.append(Page.section("Most confident mistakes", lead: lead, [try ImageGrid(mistakes).markup()]))
        }
        return sections
    }

    /// The rows of wrong predictions, the most confident first; what is not a number last.
    var mistakes: [Int] {
        func rank(_ row: Int) -> Double { confidence[row].isNaN ? .infinity : -confidence[row] }
        return actual.indices.filter { actual[$0] != predicted[$0] }.sorted { (rank($0), $0) < (rank($1), $1) }
    }

    private func entry(_ row: Int) -> ImageGrid.Entry? {
        guard let image = images?(places[row]) else { return nil }
        let truth = Self.shown(names[actual[row]])
        guard actual[row] != predicted[row] else {
            return ImageGrid.Entry(image, caption: [.text(truth)], label: truth)
        }
        let prediction = Self.shown(names[predicted[row]])
        return ImageGrid.Entry(
            image,
            caption: [
                .text(truth + " → "), Markup("span", ["class": "prediction"], text: prediction), .text(" "),
                Markup("span", ["class": "probability"], text: Self.probability(confidence[row])),
            ],
            label: "\(truth), taken for \(prediction)", isMarked: true)
    }

    /// A class's name, as much of it as fits below a picture in three lines.
    private static func shown(_ name: String) -> String { TextMeasure.shortened(name, to: 300, size: 13) }

    /// A probability in whole percents, never rounded to certainty.
    private static func probability(_ value: Double) -> String {
        guard value < 1, value > 0.995 else { return NumberText.percent(value, decimals: 0) }
        return value > 0.9995 ? "> \(NumberText.percent(0.999))" : NumberText.percent(value)
    }
}
