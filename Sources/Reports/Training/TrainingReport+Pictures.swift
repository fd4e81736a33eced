import Datasets

extension TrainingReport {
    /// The sample and the row of mistakes.
    func pictureSections() throws(ReportError) -> [Markup] {
        var sections: [Markup] = []
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
            .prefix(Self.mostMistakes).map(\.element)
        if !confident.isEmpty {
            let lead = "Wrong predictions of the highest probability: truth → prediction."
            sections.append(Page.section("Most confident mistakes", lead: lead, [try grid(confident)]))
        }
        return sections
    }

    /// The highest probability first; what is not a number last.
    private static func rank(_ example: Example) -> Double {
        example.probability.isNaN ? .infinity : -example.probability
    }

    private func grid(_ examples: [Example]) throws(ReportError) -> Markup {
        do throws(DatasetError) {
            return try ImageGrid(examples.map(entry)).markup()
        } catch {
            throw ReportError([error.description])
        }
    }

    private func entry(_ example: Example) -> ImageGrid.Entry {
        let truth = classNames[example.truth]
        guard example.isMistake else {
            return ImageGrid.Entry(example.image, caption: [.text(truth)], label: truth)
        }
        let prediction = classNames[example.prediction]
        let probability = Self.probability(example.probability)
        return ImageGrid.Entry(
            example.image,
            caption: [
                .text(truth + " → "), Markup("span", ["class": "prediction"], text: prediction), .text(" "),
                Markup("span", ["class": "probability"], text: probability),
            ],
            label: "\(truth), taken for \(prediction)", isMarked: true)
    }

    /// In whole percents; never rounded to certainty.
    private static func probability(_ value: Double) -> String {
        guard value < 1, value > 0.995 else { return NumberText.percent(value, decimals: 0) }
        return value > 0.9995 ? "> \(NumberText.percent(0.999))" : NumberText.percent(value)
    }
}
