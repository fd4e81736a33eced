import Datasets
import Experiments
import Results
import Support

/// A network that learned a task, as its folder tells of it: what any page takes that shows one.
public struct TrainedNetwork: Sendable {
    /// What the training left in `result.json`.
    public var result: NetworkResult
    /// The metrics of the task, the one that counts first.
    public var metrics: [Metric]
    /// What the network says of the images of the final score.
    public var examples: [Examples]
    /// The images of the final score; nil leaves out all pictures.
    public var images: ExampleImages?
    /// The log of the training.
    public var log: [MetricsRow]
    /// Passes over the training images; nil has curves count steps.
    public var epochs: Int?

    /// A network with whatever is known of its training.
    public init(
        _ result: NetworkResult, metrics: [Metric], examples: [Examples] = [], images: ExampleImages? = nil,
        log: [MetricsRow] = [], epochs: Int? = nil
    ) {
        (self.result, self.metrics, self.examples) = (result, metrics, examples)
        (self.images, self.log, self.epochs) = (images, log, epochs)
    }

    /// A network with what lies in the folder of its training.
    ///
    /// - Parameters:
    ///   - result: what the training left in `result.json`.
    ///   - folder: the folder of the training.
    ///   - data: the images of the task, parted as they were.
    ///   - decoding: how an image is read for the page.
    ///   - view: the transforms by which images were prepared for scores.
    ///   - metrics: the metrics of the task.
    ///   - classNames: the classes of the task, which version 0.8 did not keep with its examples.
    ///   - epochs: passes over the training images; nil has curves count steps.
    /// - Throws: `ResultError.damaged`, `MetricsLogError`, `FileError`.
    public init(
        _ result: NetworkResult, in folder: String, data: OpenedDataset, decoding: ImageDecoding,
        view: Augmentation? = nil,
        metrics: [Metric],
        classNames: [String] = [], epochs: Int? = nil
    ) throws {
        let part = result.test == nil ? data.validation : data.test
        self.init(
            result, metrics: metrics, examples: try ExamplesFile.read(in: folder, classNames: classNames),
            images: part.map { ExampleImages($0, decoding: decoding, view: view) },
            log: try MetricsLog.read(FilePath.join(folder, RunFolder.metricsName)), epochs: epochs)
    }

    /// The curves of the training.
    var curves: TrainingCurves {
        TrainingCurves(rows: log, stepsPerEpoch: epochs.map { max(1, result.steps / max(1, $0)) })
    }

    /// The main figure of a page; nil for a task without accuracy.
    var score: ReportHeader.Score? {
        let score = result.test ?? result.validation
        return score.accuracy.map { accuracy in
            let count = score.count ?? examples.first?.images.count ?? 0
            return .init(
                name: "\(result.test == nil ? "Validation" : "Test") accuracy",
                correct: Int((accuracy * Double(count)).rounded()), count: count)
        }
    }

    /// What the main figure does not say: every metric of the test where there is no such figure, and the validation.
    var facts: [Fact] {
        let test = score == nil ? result.test?.metrics ?? [:] : [:]
        let tested = metrics.compactMap { metric in
            test[metric.name].map { Fact("test \(metric.name)", metric.unit.text($0)) }
        }
        return tested + [Fact("validation", result.validation.words(Array(metrics.prefix(1))))]
    }

    /// What the network gets right and wrong.
    var predictions: ExampleSections { ExampleSections(examples: examples, images: images) }
}
