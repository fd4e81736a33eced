import Datasets
import Experiments
import Foundation
import NN
import TestImages
import Testing
import Torch
import Training

@testable import Tasks

/// A labelled domain and one whose labels nobody has.
@Suite struct DomainAdaptationTests {
    private func parts(_ count: Int) -> OpenedDataset {
        OpenedDataset(
            train: BarImages(count: count), validation: BarImages(count: 8), test: BarImages(count: 12))
    }

    private func task(_ alignment: DomainAlignment = .dann, target: Int = 20) -> DomainAdaptationTask {
        DomainAdaptationTask(
            source: parts(24), target: parts(target), alignment: alignment, informationWeight: 0.1)
    }

    @Test func labelsOfTheTargetAreNotSeen() throws {
        let data = task().data
        #expect(data.classNames.last == "unlabelled" && data.classNames.count == 5)
        #expect((0..<24).allSatisfy { data.train.label(at: $0) == BarImages(count: 24).label(at: $0) })
        #expect((24..<44).allSatisfy { data.train.label(at: $0) == 4 })
        let validation = try #require(data.validation)
        #expect((0..<16).map(validation.label).filter { $0 == 4 }.count == 8)
        #expect(data.test?.count == 12)
    }

    @Test func validationIsJudgedWithoutTheTargetsLabels() throws {
        let task = task()
        // Two of the labelled domain, one of them right; the target is told apart surely, or not at all.
        let sure = try Tensor([9, 0, 0, 0, 9, 0, 0, 0, 90, 0, 0, 0, 0, 90, 0, 0].map { Float($0) }).reshaped([4, 4])
        let score = try task.score(sure, labels: [0, 1, 4, 4], of: .validation)
        #expect(score.metrics["source accuracy"] == 0.5)
        let information = try #require(score.metrics["target information"])
        #expect(abs(information - 0.5) < 1e-4, "two of four classes occur: ln 2 of ln 4")
        #expect(abs(score.value - 0.5) < 1e-4)
        #expect(abs((score.standardError ?? 0) - 0.5 / Double(2).squareRoot()) < 1e-6, "of two images, one is right")
        let unsure = try Tensor([Float](repeating: 1, count: 16)).reshaped([4, 4])
        #expect(
            abs(try task.score(unsure, labels: [0, 1, 4, 4], of: .validation).metrics["target information"] ?? 1) < 1e-6
        )
        // The final score reads them.
        #expect(try task.score(sure, labels: [0, 1, 0, 1], of: .test).metrics == ["accuracy": 0.75])
    }

    @Test func comparisonsAreOfTheSameTest() throws {
        let comparisons = task().comparisons
        #expect(comparisons.map(\.name) == ["source-only", "target-supervised"])
        #expect(comparisons.allSatisfy { $0.task.data.test?.count == 12 })
        #expect(comparisons[1].task.data.train.count == 20, "the target's own images")
        guard case .byDomain(let first, let scoredBy) = comparisons[0].task.normalization,
            case .byDomain(_, let aligned) = task().normalization
        else { throw CancellationError() }
        #expect(first == 24 && scoredBy.count == 24, "nothing of the target, its statistics neither")
        #expect(aligned.count == 20)
    }

    @Test func domainsAreToldApartWithoutTheTargetsLabels() throws {
        let task = task()
        let parts = try task.domains(of: task.data.train)
        #expect(parts.map(\.count) == [24, 20])
        #expect((0..<20).allSatisfy { parts[1].label(at: $0) == task.data.train.classNames.count - 1 })
        // Of a part of them, in any order.
        let some = try Subset(of: task.data.train, indices: [43, 0, 30, 1])
        let (labelled, target) = (try task.domains(of: some)[0], try task.domains(of: some)[1])
        #expect(
            [labelled, target].map { part in (0..<part.count).map { part.source(at: $0) } }
                == [[0, 1], [43, 30]].map { $0.map { task.data.train.source(at: $0) } })
        #expect(try task.domains(of: Subset(of: some, indices: [0])).count == 1)
    }

    @Test(arguments: DomainAlignment.allCases) func headsLearnFromBothDomains(_ alignment: DomainAlignment) throws {
        let store = try ParameterStore(seed: 1)
        let head = try task(alignment).makeHead(features: 6, store.root / "fc")
        #expect(store.parameters.contains { $0.key.contains("discriminator") } == (alignment == .dann))
        let features = try Tensor.normal([8, 6], using: Generator(seed: 2)).requireGradient()
        let labels = Targets(numbers: try Tensor([0, 1, 2, 3, 4, 4, 4, 4].map(Int64.init)))
        try head.loss(features, labels, .training(nil), progress: 0.5).loss.backward()
        let gradient = try #require(features.gradient)
        let target = try gradient.split([4, 4])[1].absolute().sum().item()
        #expect((target > 0) == (alignment != .none), "the target is learned from where domains are aligned")
        // A batch without labelled images teaches nothing and breaks nothing.
        let unlabelled = Targets(numbers: try Tensor([Int64](repeating: 4, count: 8)))
        #expect(try head.loss(features, unlabelled, .training(nil), progress: 0.5).loss.item() == 0)
    }

    @Test func classesThatTheSourceLacksAreNamed() throws {
        let target = OpenedDataset(train: NamedBars(["top", "middle", "unheard of", "none"]))
        var data = DataConfiguration()
        data.source = "target"
        let task = try TaskConfiguration(named: "domain-adaptation", DomainAdaptationTask.Options.self) {
            $0.sourceDomain = "source"
        }
        let open = TaskData(classes: { $0 == "source" ? OpenedDataset(train: BarImages(count: 24)) : target })
        let error = #expect(throws: DatasetError.self) { _ = try task.task(data, open: open) }
        #expect("\(try #require(error))".contains("unheard of"))
        // Without a labelled domain there is nothing to learn from, which is told by its key.
        let nameless = try TaskConfiguration(named: "domain-adaptation")
        let missing = #expect(throws: InvalidConfiguration.self) { _ = try nameless.task(data, open: open) }
        #expect("\(try #require(missing))".contains("task.source-domain"))
    }

    @Test func aTargetWithoutATestPartGivesOneThatIsNeverSeen() throws {
        var data = DataConfiguration()
        data.validationFraction = 0.1
        let task = try TaskConfiguration(named: "domain-adaptation", DomainAdaptationTask.Options.self) {
            $0.sourceDomain = "source"
        }
        let made = try task.task(data, open: TaskData(classes: { _ in OpenedDataset(train: BarImages(count: 40)) }))
        let test = try #require(made.data.test)
        #expect(test.count == 8)
        let held = Set((0..<test.count).map(test.source))
        let pair = try #require(made.data.train as? DomainPair)
        #expect(held.isDisjoint(with: (0..<pair.target.count).map(pair.target.source)))
    }
}

/// Bars under other names.
private struct NamedBars: ImageDataset {
    let base = BarImages(count: 20)
    let classNames: [String]
    var count: Int { base.count }
    init(_ names: [String]) { classNames = names }
    func label(at index: Int) -> Int { base.label(at: index) }
    func image(at index: Int, decoding: ImageDecoding) throws -> Image { try base.image(at: index, decoding: decoding) }
    func source(at index: Int) -> String { base.source(at: index) }
}
