import Datasets
import Experiments
import Foundation
import Metrics
import NN
import Results
import Torch
import Training

/// Unsupervised domain adaptation: classification in a target domain without labels, learned from a labelled source
/// domain and the target's images, whose features are aligned. Labels of the target are read for the final score only.
///
/// As the target has no labels, the validation score is the mean of the source domain's accuracy and of the mutual
/// information between the target's images and their predicted classes, divided by its largest possible value (Shi and
/// Sha, "Information-theoretical learning of discriminative clusters for unsupervised domain adaptation", 2012).
public struct DomainAdaptationTask: RecognitionTask {
    /// The settings of domain adaptation.
    public struct Options: Configuration {
        /// The labelled domain, a data set like the target.
        public var sourceDomain = ""
        /// The method that aligns the domains' features.
        public var alignment = DomainAlignment.dann
        /// The weight of the mutual information between the target's images and their predicted classes, which is
        /// maximised beside the alignment.
        public var informationWeight = 0.1

        /// Creates the default settings: adversarial alignment, with a source domain still to be named.
        public init() {}

        /// A help text for each key.
        public static let keyHelp = [
            "source-domain": "The labelled domain, a data set like the target.",
            "alignment": "What brings the domains' features together: dann, dan, coral or none.",
            "information-weight":
                "The weight of the mutual information between the target's images and the classes they are given.",
        ]

        /// Checks that the weight is not negative.
        public func validate() throws {
            var check = ConfigurationCheck()
            check.require(
                informationWeight >= 0 && informationWeight.isFinite, "information-weight",
                "must not be negative, is \(informationWeight)")
            try check.finish()
        }
    }

    /// The name of the task, `domain-adaptation`.
    public static let name = "domain-adaptation"
    /// The task's name as a heading.
    public static let title = "Unsupervised domain adaptation"
    /// The task in one sentence for help texts.
    public static let summary =
        "the classes of a labelled domain in another, whose labels nobody has; two data sets of classes"
    /// The metrics of the task: the accuracy on the target for the test images, and for validation images, where the
    /// target's labels are not known, the figures that replace it.
    public static let metrics = [
        Metric.accuracy, Metric("source accuracy"), Metric("target information"),
    ]
    /// The outputs are the logits of classes.
    public static let outputs = TaskOutputs.classes
    /// The images: those of training and validation are of both domains, with the target's in the class `unlabelled`;
    /// those of the test are the target's.
    public let data: OpenedDataset
    /// The names of the source domain's classes.
    public var outputNames: [String]? { labelled.classNames }
    /// Nil, as images of the target have no class that could be mixed.
    public var mixableClasses: Int? { nil }
    private let alignment: DomainAlignment
    private let informationWeight: Double
    private let labelled: OpenedDataset
    private let target: OpenedDataset
    private let sourceCount: Int

    /// Creates the task for two opened domains.
    ///
    /// - Parameters:
    ///   - source: the images of the labelled domain, with a validation part.
    ///   - target: the images of the target domain, labelled by the source's classes, with a test part and a validation
    ///     part that was drawn without its labels.
    ///   - alignment: the method that aligns features; with `.none` the target's images are not used.
    ///   - informationWeight: the weight of the mutual information between the target's images and their predicted
    ///     classes.
    public init(
        source: OpenedDataset, target: OpenedDataset, alignment: DomainAlignment, informationWeight: Double
    ) {
        labelled = source
        self.target = target
        self.alignment = alignment
        self.informationWeight = informationWeight
        sourceCount = source.train.count
        data = OpenedDataset(
            train: DomainPair(source: source.train, target: target.train),
            validation: DomainPair(
                source: source.validation ?? source.train, target: target.validation ?? target.train),
            test: target.test)
    }

    /// Opens both domains. The target's images are relabelled by the source's classes for the final score only.
    public static func open(_ data: DataConfiguration, _ options: Options, with open: TaskData) throws -> Self {
        var check = ConfigurationCheck()
        check.require(
            !options.sourceDomain.isEmpty, "task.source-domain", "must name the data set whose labels are known")
        try check.finish()
        // The final score is the target's.
        var whole = data
        whole.testFraction = 0
        let source = try whole.withValidation(open.classes(options.sourceDomain))
        let target = try open.classes(data.source)
        return Self(
            source: source,
            target: try target.relabelled(source.classNames, name: data.source).asUnlabelledTarget(
                validationFraction: data.validationFraction),
            alignment: options.alignment, informationWeight: options.informationWeight)
    }

    /// Opens the images by class without splitting them.
    public static func scoring(_ source: String, with open: TaskData) throws -> any RecognitionTask {
        try ClassificationTask.scoring(source, with: open)
    }

    /// At most twice the number of images of the larger domain.
    public func batchSize(atMost size: Int) -> Int { min(size, 2 * max(sourceCount, data.train.count - sourceCount)) }

    /// Batches consist of one half from each domain.
    public func sampling(batchSize: Int) throws -> BatchLoaderOptions.Sampling { .halves(first: sourceCount) }

    /// Batch norm normalises each domain separately. Images are scored with the statistics of the target, or without
    /// alignment with those of the source.
    public var normalization: TaskNormalization {
        .byDomain(first: sourceCount, scoredBy: alignment == .none ? labelled.train : target.train)
    }

    /// The images of the source domain, and those of the target.
    public func domains(of set: any ImageDataset) throws -> [any ImageDataset] {
        let isLabelled = (0..<set.count).map { set.label(at: $0) < labelled.classNames.count }
        return try [true, false].map { known in
            try Subset(of: set, indices: isLabelled.indices.filter { isLabelled[$0] == known })
        }.filter { $0.count > 0 }
    }

    /// Two reference trainings: on the source domain alone, as a lower bound, and with the target's labels, as an upper
    /// bound.
    public var comparisons: [TaskComparison] {
        [
            TaskComparison(
                name: "source-only",
                task: DomainAdaptationTask(
                    source: labelled, target: target, alignment: .none, informationWeight: 0)),
            TaskComparison(
                name: "target-supervised", task: ClassificationTask(target)),
        ]
    }

    /// Creates a classifier and the discriminator that the alignment may need.
    public func makeHead(features: Int, _ scope: Scope, weights: Initializer?) throws -> any TaskHead {
        try DomainHead(
            features: features, classes: labelled.classNames.count, alignment: alignment,
            informationWeight: alignment == .none ? 0 : informationWeight, scope)
    }

    /// Computes the target's accuracy for the test, and for validation the mean of the source's accuracy and the
    /// target's mutual information.
    public func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> Score {
        let classes = labelled.classNames.count
        let known = labels.indices.filter { labels[$0] < classes }
        let predicted = try outputs.argmax(1).array(Int.self)
        let accuracy =
            Double(known.count { predicted[$0] == labels[$0] }) / Double(max(known.count, 1))
        let error = StandardError.ofShare(accuracy, count: known.count)
        guard part == .validation else {
            return Score(accuracy, standardError: error, metrics: ["accuracy": accuracy])
        }
        let rows = labels.indices.filter { labels[$0] >= classes }.map(Int64.init)
        let information =
            rows.isEmpty ? 0 : try Self.information(outputs.indexed(by: Tensor(rows, device: outputs.device)))
        return Score(
            // The information is a mean over images as well, and taken to be as uncertain.
            (accuracy + information) / 2, standardError: error.map { $0 / Double(2).squareRoot() },
            metrics: ["source accuracy": accuracy, "target information": information])
    }

    /// The mutual information between images and predicted classes for the outputs [N, K], divided by ln K.
    static func information(_ outputs: Tensor) throws -> Double {
        try mutualInformation(outputs).item() / log(Double(max(outputs.size(1), 2)))
    }

    /// Fits a logistic regression to the source domain.
    public func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        let classes = labelled.classNames.count
        let values = try labels.array(Int.self)
        let known = values.indices.filter { values[$0] < classes }.map(Int64.init)
        guard !known.isEmpty else { return UnfittedMap(width: classes) }
        let rows = try Tensor(known, device: features.device)
        return try LinearClassifierFit(
            features.indexed(by: rows), labels: labels.indexed(by: rows), classes: classes)
    }

    /// The predicted and the true class of each image of the target; empty for validation, where the true classes are
    /// not known.
    public func examples(
        _ outputs: Tensor, labels: [Int], images: [Int], of part: TaskPart
    ) throws -> [Examples] {
        part == .validation ? [] : [try .classes(labelled.classNames, outputs, labels: labels, images: images)]
    }
}
