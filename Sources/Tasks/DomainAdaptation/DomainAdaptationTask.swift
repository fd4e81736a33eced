import Datasets
import Experiments
import Foundation
import Metrics
import NN
import Networks
import Results
import Support
import Torch
import Training

/// The same classes in another domain whose labels nobody has: learned from a labelled domain and the images of the target,
/// with features that are brought to be alike. Labels of the target are read for the final score alone.
///
/// Without labels of the target, choices are made by the mean of two shares: the labelled domain's accuracy, and the mutual
/// information between the target's images and the classes they are given, of its greatest possible value (Shi and Sha,
/// "Information-theoretical learning of discriminative clusters for unsupervised domain adaptation", 2012).
public struct DomainAdaptationTask: RecognitionTask {
    /// The settings of domain adaptation.
    public struct Options: Configuration {
        /// The labelled domain, a data set like the target.
        public var sourceDomain = ""
        /// What brings the domains' features together.
        public var alignment = DomainAlignment.dann
        /// The weight of the mutual information between the target's images and the classes they are given, which is made
        /// large beside the alignment.
        public var informationWeight = 0.1

        /// An adversarial alignment, with a labelled domain still to be named.
        public init() {}

        /// What each key is for.
        public static let keyHelp = [
            "source-domain": "The labelled domain, a data set like the target.",
            "alignment": "What brings the domains' features together: dann, dan, coral or none.",
            "information-weight":
                "The weight of the mutual information between the target's images and the classes they are given.",
        ]

        /// Refuses a weight below 0.
        public func validate() throws {
            var check = ConfigurationCheck()
            check.require(
                informationWeight >= 0 && informationWeight.isFinite, "information-weight",
                "must not be negative, is \(informationWeight)")
            try check.finish()
        }
    }

    /// `domain-adaptation`
    public static let name = "domain-adaptation"
    /// The task as a heading.
    public static let title = "Unsupervised domain adaptation"
    /// What is recognised.
    public static let summary =
        "the classes of a labelled domain in another, whose labels nobody has; two data sets of classes"
    /// Accuracy on the target; of validation, where its labels are not known, what stands in for it.
    public static let metrics = [
        Metric.accuracy, Metric("source accuracy"), Metric("target information"),
    ]
    /// Logits of classes.
    public static let outputs = TaskOutputs.classes
    /// Training and validation images of both domains, the target's of the class `unlabelled`; the test is the target's.
    public let data: OpenedDataset
    /// The labelled domain's classes.
    public var outputNames: [String]? { labelled.classNames }
    /// Nil: images of the target have no class that could be mixed.
    public var mixableClasses: Int? { nil }
    private let alignment: DomainAlignment
    private let informationWeight: Double
    private let labelled: OpenedDataset
    private let target: OpenedDataset
    private let sourceCount: Int

    /// - Parameters:
    ///   - source: the labelled domain, with a validation part.
    ///   - target: the other, with a validation part that was drawn without its labels, and a test part; labelled by the
    ///     source's classes.
    ///   - alignment: what brings features together; with `.none` nothing is learned of the target.
    ///   - informationWeight: of the mutual information between the target's images and their classes.
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

    /// Opens both domains; the target's images are relabelled by the source's classes, for the final score alone.
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

    /// The images as they lie, by class.
    public static func scoring(_ source: String, with open: TaskData) throws -> any RecognitionTask {
        try ClassificationTask.scoring(source, with: open)
    }

    /// No more than twice the images of the larger domain.
    public func batchSize(atMost size: Int) -> Int { min(size, 2 * max(sourceCount, data.train.count - sourceCount)) }

    /// Half of a batch from each domain.
    public func sampling(batchSize: Int) throws -> BatchLoaderOptions.Sampling { .halves(first: sourceCount) }

    /// Each domain for itself; scored with the target's statistics, or without alignment with the labelled domain's.
    public var normalization: TaskNormalization {
        .byDomain(first: sourceCount, scoredBy: alignment == .none ? labelled.train : target.train)
    }

    /// The labelled domain's images, and the target's.
    public func domains(of set: any ImageDataset) throws -> [any ImageDataset] {
        let isLabelled = (0..<set.count).map { set.label(at: $0) < labelled.classNames.count }
        return try [true, false].map { known in
            try Subset(of: set, indices: isLabelled.indices.filter { isLabelled[$0] == known })
        }.filter { $0.count > 0 }
    }

    /// The same network without anything that aligns the domains, and with the target's labels: what is to be surpassed, and
    /// what is to be reached.
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

    /// A classifier, and what the alignment needs.
    public func makeHead(features: Int, _ scope: Scope, weights: Initializer?) throws -> any TaskHead {
        try DomainHead(
            features: features, classes: labelled.classNames.count, alignment: alignment,
            informationWeight: alignment == .none ? 0 : informationWeight, scope)
    }

    /// Of the test: by the target's accuracy. Of validation: as the task says.
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

    /// Mutual information between images and classes under the outputs [N, K], as a share of ln K.
    static func information(_ outputs: Tensor) throws -> Double {
        try mutualInformation(outputs).item() / log(Double(max(outputs.size(1), 2)))
    }

    /// Logistic regression on the labelled domain.
    public func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        let classes = labelled.classNames.count
        let values = try labels.array(Int.self)
        let known = values.indices.filter { values[$0] < classes }.map(Int64.init)
        guard !known.isEmpty else { return UnfittedMap(width: classes) }
        let rows = try Tensor(known, device: features.device)
        return try LinearClassifierFit(
            features.indexed(by: rows), labels: labels.indexed(by: rows), classes: classes)
    }

    /// What each image of the target was taken for; nothing of validation, where that is not known.
    public func examples(
        _ outputs: Tensor, labels: [Int], images: [Int], of part: TaskPart
    ) throws -> [Examples] {
        part == .validation ? [] : [try .classes(labelled.classNames, outputs, labels: labels, images: images)]
    }
}
