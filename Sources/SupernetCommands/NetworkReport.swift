import Datasets
import Experiments
import Reports
import Torch
import Training

extension NetworkRun {
    /// Writes the page that shows the run.
    func writeReport(configuration: String) throws {
        let options = training.options
        let score = result.test ?? result.validation
        let partName = result.test == nil ? "validation" : "test"
        let pictures = try pictures()
        let stepsPerEpoch = max(1, result.steps / max(1, options.train.epochs))
        let images = Double(result.steps * options.train.batchSize)
        var facts = [
            TrainingReport.Fact("validation", Console.percent(result.validation.accuracy)),
            TrainingReport.Fact("parameters", Console.grouped(result.parameters)),
            TrainingReport.Fact("multiply-adds", Console.grouped(result.multiplyAdds)),
            TrainingReport.Fact("training time", Quantity.duration(result.trainingSeconds)),
            TrainingReport.Fact("images/s", Quantity.count(images / max(result.trainingSeconds, 1e-9))),
            TrainingReport.Fact("precision", options.train.precision.rawValue),
            TrainingReport.Fact("seed", "\(options.seed)"),
        ]
        if let commit = training.run.record.starts.last?.gitCommit {
            facts.append(TrainingReport.Fact("commit", String(commit.prefix(10))))
        }
        facts += LeftOut.facts(result.leftOut)
        let rows = try MetricsLog.read(training.run.metricsFile)
        let report = TrainingReport(
            title: "\(options.network.from.isEmpty ? "ResNeSt" : "Found network") on \(options.data.source)",
            subtitle: "\(Console.grouped(training.data.train.count)) training images, \(options.train.epochs) epochs",
            score: TrainingReport.Score(
                "\(partName) accuracy", correct: score.predictions.count { $0.label == $0.predicted },
                count: score.count),
            facts: facts, curves: TrainingCurves(rows: rows, stepsPerEpoch: stepsPerEpoch),
            confusion: score.confusion, classNames: training.data.classNames,
            examples: pictures.examples, mistakes: pictures.mistakes,
            command: training.run.record.starts.last.map { CommandText.text($0.command) } ?? "",
            configuration: configuration)
        try report.write(to: reportFile)
    }

    /// A sample of the scored images, and those that the network was surest of and wrong.
    func pictures() throws -> (examples: [TrainingReport.Example], mistakes: [TrainingReport.Example]) {
        let score = result.test ?? result.validation
        let part = result.test == nil ? training.data.validation : training.data.test
        let wrong = score.predictions.filter { $0.label != $0.predicted }.sorted { $0.probability > $1.probability }
        return (
            try examples(Self.spread(score.predictions, 24), of: part),
            try examples(Array(wrong.prefix(TrainingReport.mostMistakes)), of: part)
        )
    }

    /// A sample from all over the list, the same each time.
    private static func spread(
        _ predictions: [ClassificationScore.Prediction], _ count: Int
    ) -> [ClassificationScore.Prediction] {
        guard predictions.count > count else { return predictions }
        return (0..<count).map { predictions[$0 * predictions.count / count] }
    }

    private func examples(
        _ predictions: [ClassificationScore.Prediction], of part: (any ImageDataset)?
    ) throws -> [TrainingReport.Example] {
        guard let part else { return [] }
        return try predictions.map {
            // Of a file that somebody edited, or of images of which some are gone since.
            guard (0..<part.count).contains($0.index) else {
                throw TrainingError.badResult(path: training.resultFile)
            }
            return TrainingReport.Example(
                image: try part.image(
                    at: $0.index, decoding: training.options.data.decoding),
                truth: $0.label, prediction: $0.predicted, probability: $0.probability)
        }
    }
}
