import Datasets
import Metrics

/// What a network takes images for: all of a test set as a confusion matrix, a sample as pictures, and a row of its
/// most confident mistakes.
struct PredictionSections {
    /// The confusion matrix: rows are true classes, columns predicted ones; empty for none.
    let confusion: [[Int]]
    /// The names of the classes, one for each row of the confusion matrix.
    let classNames: [String]
    /// A sample of images in the order to be shown.
    let examples: [TrainingReport.Example]
    /// Wrong predictions in any order; right ones are left out.
    let mistakes: [TrainingReport.Example]

    /// The sections from top to bottom, without those that have no data.
    ///
    /// - Throws: ``ReportError`` for a picture that cannot be written.
    func markup() throws(ReportError) -> [Markup] {
        var sections: [Markup] = []
        if !confusion.isEmpty, let matrix = try? ConfusionMatrix(confusion) {
            sections.append(ConfusionSection(matrix: matrix, classNames: classNames).markup)
        }
        if !examples.isEmpty {
            let wrong = examples.count { $0.isMistake }
            let lead =
                wrong == 0
                ? "\(NumberText.grouped(examples.count)) images with the predicted class."
                : "\(NumberText.grouped(examples.count)) images with the predicted class. A frame marks the "
                    + "\(NumberText.grouped(wrong)) wrong: truth → prediction, with its probability."
            sections.append(Page.section("Predictions", lead: lead, [try grid(examples)]))
        }
        let confident = mistakes.filter(\.isMistake).enumerated()
            .sorted { (Self.rank($0.element), $0.offset) < (Self.rank($1.element), $1.offset) }
            .prefix(TrainingReport.mostMistakes).map(\.element)
        if !confident.isEmpty {
            let lead = "Wrong predictions of the highest probability: truth → prediction."
            sections.append(Page.section("Most confident mistakes", lead: lead, [try grid(confident)]))
        }
        return sections
    }

    /// Everything in the matrix that does not fit together.
    var confusionProblems: [String] {
        var problems: [String] = []
        do { _ = try ConfusionMatrix(confusion) } catch {
            if case .confusionCounts(let wrong) = error { problems += wrong }
        }
        if !confusion.isEmpty, confusion.count != classNames.count {
            problems.append(
                "the confusion matrix has \(confusion.count) rows, but there are \(classNames.count) class names")
        }
        return problems
    }

    /// Everything in the pictures that does not fit together.
    var pictureProblems: [String] {
        var problems: [String] = []
        for (list, examples) in [("example", examples), ("mistake", mistakes)] {
            for (index, example) in examples.enumerated() { problems += self.problems(of: example, "\(list) \(index)") }
        }
        return problems
    }

    private func problems(of example: TrainingReport.Example, _ place: String) -> [String] {
        var problems: [String] = []
        for (what, label) in [("true", example.truth), ("predicted", example.prediction)]
        where !classNames.indices.contains(label) {
            problems.append("\(place): its \(what) class is \(label) of \(classNames.count) class names")
        }
        if example.image.width < 1 || example.image.height < 1 {
            problems.append("\(place): its image is \(example.image.width)x\(example.image.height)")
        }
        return problems
    }

    /// The highest probability first; what is not a number last.
    private static func rank(_ example: TrainingReport.Example) -> Double {
        example.probability.isNaN ? .infinity : -example.probability
    }

    private func grid(_ examples: [TrainingReport.Example]) throws(ReportError) -> Markup {
        do throws(DatasetError) {
            return try ImageGrid(examples.map(entry)).markup()
        } catch {
            throw ReportError([error.description])
        }
    }

    private func entry(_ example: TrainingReport.Example) -> ImageGrid.Entry {
        let truth = Self.shown(classNames[example.truth])
        guard example.isMistake else {
            return ImageGrid.Entry(example.image, caption: [.text(truth)], label: truth)
        }
        let prediction = Self.shown(classNames[example.prediction])
        let probability = Self.probability(example.probability)
        return ImageGrid.Entry(
            example.image,
            caption: [
                .text(truth + " → "), Markup("span", ["class": "prediction"], text: prediction), .text(" "),
                Markup("span", ["class": "probability"], text: probability),
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
