import Datasets
import Foundation
import Metrics
import NN
import Torch

/// The same classes in another domain whose labels nobody has: learned from a labelled domain and the images of the target,
/// with features that are brought to be alike. Labels of the target are read for the final score alone.
///
/// Without labels of the target, choices are made by the mean of two shares: the labelled domain's accuracy, and the mutual
/// information between the target's images and the classes they are given, of its greatest possible value (Shi and Sha,
/// "Information-theoretical learning of discriminative clusters for unsupervised domain adaptation", 2012).
public struct DomainAdaptationTask: RecognitionTask {
    /// `domain-adaptation`
    public static let name = "domain-adaptation"
    /// Accuracy on the target; of validation, where its labels are not known, what stands in for it.
    public static let metrics = [
        TaskMetric("accuracy"), TaskMetric("source accuracy"), TaskMetric("target information"),
    ]
    /// Training and validation images of both domains, the target's of the class `unlabelled`; the test is the target's.
    public let data: OpenedDataset
    /// The labelled domain's classes.
    public var outputNames: [String]? { labelled.classNames }
    private let alignment: DomainAlignment
    private let informationWeight: Double
    private let labelSmoothing: Double
    private let labelled: OpenedDataset
    private let target: OpenedDataset
    private let sourceCount: Int

    /// - Parameters:
    ///   - source: the labelled domain, with a validation part.
    ///   - target: the other, with a validation part that was drawn without its labels, and a test part; labelled by the
    ///     source's classes.
    ///   - alignment: what brings features together; with `.none` nothing is learned of the target.
    ///   - informationWeight: of the mutual information between the target's images and their classes.
    ///   - labelSmoothing: of the labelled domain's classes.
    public init(
        source: OpenedDataset, target: OpenedDataset, alignment: DomainAlignment, informationWeight: Double,
        labelSmoothing: Double
    ) {
        labelled = source
        self.target = target
        self.alignment = alignment
        self.informationWeight = informationWeight
        self.labelSmoothing = labelSmoothing
        sourceCount = source.train.count
        data = OpenedDataset(
            train: DomainPair(source: source.train, target: target.train),
            validation: DomainPair(
                source: source.validation ?? source.train, target: target.validation ?? target.train),
            test: target.test)
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
                    source: labelled, target: target, alignment: .none, informationWeight: 0,
                    labelSmoothing: labelSmoothing)),
            TaskComparison(
                name: "target-supervised", task: ClassificationTask(target, labelSmoothing: labelSmoothing)),
        ]
    }

    /// A classifier, and what the alignment needs.
    public func makeHead(features: Int, _ scope: Scope) throws -> any TaskHead {
        try DomainHead(
            features: features, classes: labelled.classNames.count, alignment: alignment,
            informationWeight: alignment == .none ? 0 : informationWeight, labelSmoothing: labelSmoothing, scope)
    }

    /// Of the test: by the target's accuracy. Of validation: as the task says.
    public func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> TaskScore {
        let classes = labelled.classNames.count
        let known = labels.indices.filter { labels[$0] < classes }
        let predicted = try outputs.argmax(1).array(Int.self)
        let accuracy =
            Double(known.count { predicted[$0] == labels[$0] }) / Double(max(known.count, 1))
        let error = StandardError.ofShare(accuracy, count: known.count)
        guard part == .validation else {
            return TaskScore(accuracy, standardError: error, metrics: ["accuracy": accuracy])
        }
        let rows = labels.indices.filter { labels[$0] >= classes }.map(Int64.init)
        let information =
            rows.isEmpty ? 0 : try Self.information(outputs.indexed(by: Tensor(rows, device: outputs.device)))
        return TaskScore(
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
    public func examples(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> [TaskExamples] {
        part == .validation ? [] : [try .classes(labelled.classNames, outputs, labels: labels)]
    }
}
