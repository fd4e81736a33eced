import Experiments
import Results

/// A finished training of one network as a page: the score, how it came about, and what the network gets wrong.
///
/// Parts without data are left out.
public struct TrainingReport: PageReport {
    /// The network.
    public var network: TrainedNetwork
    /// Whether a search found the network.
    public var isFound: Bool
    /// The name or the path of the images.
    public var source: String
    /// The number of training images.
    public var trainingImages: Int
    /// The number of images of a step.
    public var batchSize: Int
    /// What forward passes computed in, such as `bfloat16`.
    public var precision: String
    /// Who made the run, and when; nil for none.
    public var record: RunRecord?
    /// The resolved configuration, as text; empty for none.
    public var configuration: String

    /// A report of a training, with the values of its properties.
    public init(
        _ network: TrainedNetwork, isFound: Bool, source: String, trainingImages: Int, batchSize: Int,
        precision: String, record: RunRecord? = nil, configuration: String = ""
    ) {
        (self.network, self.isFound, self.source, self.trainingImages) = (network, isFound, source, trainingImages)
        (self.batchSize, self.precision, self.record) = (batchSize, precision, record)
        self.configuration = configuration
    }

    /// The page.
    ///
    /// - Throws: ``ReportError`` with everything in the data that does not fit together.
    public func page() throws(ReportError) -> Page {
        let problems = header.problems + network.predictions.problems
        if !problems.isEmpty { throw ReportError(problems) }
        let command = record?.starts.last.map { CommandText.text($0.command) } ?? ""
        let content =
            [header.markup, network.curves.section("Training")].compactMap(\.self) + (try network.predictions.markup())
            + [ReportFooter(command: command, configuration: configuration).markup].compactMap(\.self)
        return Page(title: header.title, content: content)
    }

    private var header: ReportHeader {
        let result = network.result
        let images = Double(result.steps * batchSize)
        var facts = network.facts + Fact.cost(result.cost)
        facts += [
            Fact("training time", Quantity.duration(result.seconds)),
            Fact("images/s", Quantity.count(images / max(result.seconds, 1e-9))), Fact("precision", precision),
        ]
        if let record { facts.append(Fact("seed", "\(record.seed)")) }
        if let commit = record?.starts.last?.gitCommit { facts.append(Fact("commit", String(commit.prefix(10)))) }
        return ReportHeader(
            title: "\(isFound ? "Found network" : "Network") on \(source)",
            subtitle: "\(NumberText.grouped(trainingImages)) training images"
                + (network.epochs.map { ", \($0) epochs" } ?? ""),
            score: network.score, facts: facts + Fact.leftOut(result.leftOut))
    }
}
