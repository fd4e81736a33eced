import Datasets
import Experiments
import Reports
import Results
import Support
import Tasks
import Training

extension NetworkRun {
    /// The images of the final score that were right, for a task with classes.
    var reportScore: (correct: Int, count: Int)? {
        let score = result.test ?? result.validation
        return score.accuracy.map { accuracy in
            let count = score.count ?? examples.first?.images.count ?? 0
            return (Int((accuracy * Double(count)).rounded()), count)
        }
    }

    /// The validation score, and that of the test where it is not told by how many images are right.
    var scoreFacts: [TrainingReport.Fact] {
        let metrics = training.setup.task.metrics
        var facts = [TrainingReport.Fact("validation", StudySummary.text(result.validation, metrics))]
        if let test = result.test, test.accuracy == nil {
            facts.append(TrainingReport.Fact("test", StudySummary.text(test, metrics)))
        }
        return facts
    }

    /// Writes the page that shows the run.
    func writeReport() throws {
        let setup = training.setup
        let partName = result.test == nil ? "validation" : "test"
        let pictures = try pictures()
        let stepsPerEpoch = max(1, result.steps / max(1, setup.train.epochs))
        let images = Double(result.steps * setup.train.batchSize)
        var facts = scoreFacts
        facts += [
            TrainingReport.Fact("parameters", Console.grouped(result.cost.parameters)),
            TrainingReport.Fact("multiply-adds", Console.grouped(result.cost.multiplyAdds)),
            TrainingReport.Fact("training time", Quantity.duration(result.seconds)),
            TrainingReport.Fact("images/s", Quantity.count(images / max(result.seconds, 1e-9))),
            TrainingReport.Fact("precision", setup.precision.rawValue),
        ]
        let record = training.run.record
        facts.append(TrainingReport.Fact("seed", "\(record.seed)"))
        if let commit = record.starts.last?.gitCommit {
            facts.append(TrainingReport.Fact("commit", String(commit.prefix(10))))
        }
        facts += LeftOut.facts(result.leftOut)
        let rows = try MetricsLog.read(training.run.metricsFile)
        let report = TrainingReport(
            title: "\(setup.architecture == nil ? "Network" : "Found network") on \(setup.data.source)",
            subtitle:
                "\(Console.grouped(setup.task.data.train.count)) training images, \(setup.train.epochs) epochs",
            score: reportScore.map {
                TrainingReport.Score("\(partName) accuracy", correct: $0.correct, count: $0.count)
            }, facts: facts, curves: TrainingCurves(rows: rows, stepsPerEpoch: stepsPerEpoch),
            confusion: examples.first?.confusion ?? [], classNames: setup.task.outputNames ?? [],
            examples: pictures.examples, mistakes: pictures.mistakes,
            command: record.starts.last.map { CommandText.text($0.command) } ?? "",
            configuration: try String(decoding: InputFile.readAll(training.run.configurationFile), as: UTF8.self))
        try report.write(to: reportFile)
    }

    /// A sample of the scored images, and those that the network was surest of and wrong; nothing for a task without
    /// classes.
    func pictures() throws -> (examples: [TrainingReport.Example], mistakes: [TrainingReport.Example]) {
        guard let example = examples.first,
            case .classes(_, let actual, let predicted, let confidence) = example.content
        else { return ([], []) }
        let part = result.test == nil ? training.setup.task.data.validation : training.setup.task.data.test
        func picture(_ row: Int) throws -> TrainingReport.Example {
            // Of a file that somebody edited, or of images of which some are gone since.
            guard let part, (0..<part.count).contains(example.images[row]) else {
                throw ResultError.damaged(path: training.resultFile)
            }
            return TrainingReport.Example(
                image: try part.image(at: example.images[row], decoding: training.setup.data.decoding),
                truth: actual[row], prediction: predicted[row], probability: confidence[row])
        }
        let rows = actual.indices
        let wrong = rows.filter { actual[$0] != predicted[$0] }.sorted { confidence[$0] > confidence[$1] }
        // A sample from all over the list, the same each time.
        let count = min(24, rows.count)
        let sample = (0..<count).map { $0 * rows.count / count }
        return (try sample.map(picture), try wrong.prefix(TrainingReport.mostMistakes).map(picture))
    }
}
