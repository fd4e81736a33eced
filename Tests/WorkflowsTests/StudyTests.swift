import Architectures
import Archives
import Datasets
import Experiments
import Foundation
import Methods
import NN
import Networks
import Results
import Supernets
import Support
import TestImages
import Testing
import Torch
import Training

@testable import Workflows

@Suite(.serialized) struct StudyTests {
    @Test(arguments: SupernetMethodFamily.registry.names.filter { !$0.hasPrefix("test-") })
    func everyMethodLeadsToANetwork(method: String) throws {
        let small = SmallStudy()
        defer { small.remove() }
        let options = try SmallStudy.options(method, epochs: 1)
        let found = try small.run(options)
        #expect(found.evaluations == 30)
        #expect(try ArchitectureArchive(existing: small.folder + "/search/archive.sqlite").count == 30)
        let network = try NetworkFile.read(small.folder + "/finetune/network.safetensors")
        #expect(network.network.store.parameterCount == found.cost.parameters)
        #expect(try network.card.network.cost(imageSize: 12) == found.cost)
    }

    @Test func aReloadedNetworkGivesTheSameBits() throws {
        let small = SmallStudy()
        defer { small.remove() }
        let found = try small.run(SmallStudy.options(SinglePathMethod.name))
        let images = try Tensor.normal([5, 1, 12, 12], using: Generator(seed: 9))
        let supernet = try SupernetFile.read(small.folder + "/supernet/supernet.safetensors")
        let network = try NetworkFile.read(small.folder + "/search/network.safetensors").network
        let again = try NetworkFile.read(small.folder + "/search/network.safetensors").network
        func logits(_ network: ImageNetwork) throws -> [Float] {
            try withoutGradients { try network(images, .evaluation).array(Float.self) }
        }
        #expect(try logits(network) == logits(again))
        // Inherited means inherited: but for the statistics of batch norm, the weights are the supernet's own.
        let own = try supernet.supernet()
        for (key, tensor) in try own.state(of: found.architecture)
        where !key.contains("running_") && !key.contains("num_batches") {
            #expect(try network.store[key]?.array(Float.self) == tensor.array(Float.self), "\(key)")
        }
    }

    @Test func theScoreOfTheFoundPathIsThatOfTheNetworkHandedOver() throws {
        let small = SmallStudy()
        defer { small.remove() }
        let found = try small.run(SmallStudy.options(SupervisedPiMethod.name))
        // All validation images were used to score, so that the two agree to the last image.
        #expect(found.validation?.accuracy == found.score)
    }

    @Test func pathsAreScoredWithoutLabels() throws {
        let small = SmallStudy()
        defer { small.remove() }
        var options = try SmallStudy.options(epochs: 1)
        options.search.score = .contrastive
        let study = try small.study(options)
        _ = try SupernetTraining(study)()
        let found = try ArchitectureSearch(study)()
        #expect(found.validation == nil, "there is no classifier to hand over")
        #expect(found.score < 0 && found.metrics["retrieval"] != nil)
        let missing = #expect(throws: WorkflowError.self) { _ = try NetworkPhase(study, .finetune).training() }
        #expect("\(try #require(missing))".contains("supernet search"))
    }

    /// One class of images more or less and the split is another: what was learned from would be chosen by.
    @Test func phasesSeeTheImagesThatTheStudyBeganWith() throws {
        let small = SmallStudy()
        defer { small.remove() }
        let options = try SmallStudy.options(SinglePathMethod.name, epochs: 1)
        _ = try SupernetTraining(small.study(options))()
        let error = #expect(throws: ChangedDataError.self) {
            try ArchitectureSearch(small.study(options, images: 104))()
        }
        let words = "\(try #require(error))"
        #expect(words.contains("are new in train") && words.contains("moved from train to validation"))
        // Neither was anything made, nor is the study harmed.
        #expect(!FileManager.default.fileExists(atPath: small.folder + "/search/archive.sqlite"))
        // A study of before there was such a record is known by the classes that its supernet learned.
        let record = small.folder + "/" + DataRecord.manifestName
        try FileManager.default.removeItem(atPath: record)
        let renamed = try Study(
            options, path: small.folder,
            open: .given(
                OpenedDataset(
                    train: RenamedBars(bars: BarImages(count: 96)), test: RenamedBars(bars: BarImages(count: 16)))),
            progress: ProgressReporter(output: Silence()))
        let shifted = #expect(throws: ChangedDataError.self) { try ArchitectureSearch(renamed)() }
        #expect("\(try #require(shifted))".contains("labels mean other classes"))
        #expect(!FileManager.default.fileExists(atPath: record))
        let decided = try small.study(options, images: 104, changedData: .accepted)
        #expect(try ArchitectureSearch(decided)().evaluations == 30)
    }

    @Test func aSearchByAccuracyNeedsAProbe() throws {
        let small = SmallStudy()
        defer { small.remove() }
        let study = try small.study(SmallStudy.options(epochs: 1))
        _ = try SupernetTraining(study)()
        let error = #expect(throws: WorkflowError.self) { _ = try ArchitectureSearch(study)() }
        #expect("\(try #require(error))".contains("supernet probe"))
    }

    @Test func noPathBeyondTheBudgetIsEvaluated() throws {
        let small = SmallStudy()
        defer { small.remove() }
        var options = try SmallStudy.options(SinglePathMethod.name, epochs: 1)
        let costs = try CostTable(
            SupernetTraining(small.study(options)).description(), imageSize: 12, classes: 4)
        let least = costs.cost(of: costs.cheapest { Double($0.multiplyAdds) }).multiplyAdds
        options.search.maxMacs = least + least / 10
        let found = try small.run(options)
        #expect(found.cost.multiplyAdds <= least + least / 10)
        for entry in try ArchitectureArchive(existing: small.folder + "/search/archive.sqlite").entries() {
            #expect(Int(entry.costs["multiplyAdds"] ?? .infinity) <= least + least / 10)
        }
    }

    @Test func anImpossibleBudgetNamesTheLeastAndLosesNothing() throws {
        let small = SmallStudy()
        defer { small.remove() }
        var options = try SmallStudy.options(SinglePathMethod.name, epochs: 1)
        let study = try small.study(options)
        _ = try SupernetTraining(study)()
        let before = try small.bytes("supernet/supernet.safetensors")
        let costs = try CostTable(SupernetTraining(study).description(), imageSize: 12, classes: 4)
        let least = costs.cost(of: costs.cheapest { Double($0.parameters) }).parameters
        options.search.maxParams = 10
        let error = #expect(throws: SpaceError.self) { _ = try ArchitectureSearch(small.study(options))() }
        #expect("\(try #require(error))".contains("\(least)"))
        #expect(!FileManager.default.fileExists(atPath: small.folder + "/search"))
        #expect(try small.bytes("supernet/supernet.safetensors") == before)
    }

    /// Training a supernet takes hours, after which a search that cannot succeed would be too late to refuse.
    @Test func anImpossibleBudgetIsRefusedBeforeTheSupernetIsTrained() throws {
        let small = SmallStudy()
        defer { small.remove() }
        var options = try SmallStudy.options(SinglePathMethod.name, epochs: 1)
        options.search.maxMacs = 1
        let study = try small.study(options)
        #expect(throws: SpaceError.self) { try study() }
        #expect(!FileManager.default.fileExists(atPath: study.folder(SupernetTraining.name)))
    }

    @Test func latencyIsMeasuredOnceAndLimitsTheSearch() throws {
        let small = SmallStudy()
        defer { small.remove() }
        var options = try SmallStudy.options(SinglePathMethod.name, epochs: 1)
        options.search.maxLatencyMs = 10_000
        let found = try small.run(options)
        #expect(try #require(found.latency) > 0)
        #expect(try #require(found.latencyError) >= 0)
        let entries = try ArchitectureArchive(existing: small.folder + "/search/archive.sqlite").entries()
        #expect(entries.allSatisfy { ($0.costs["latencyMilliseconds"] ?? 0) > 0 })
        options.search.maxLatencyMs = 1e-9
        try FileManager.default.moveItem(atPath: small.folder + "/search", toPath: small.folder + "/search.old")
        #expect(throws: SpaceError.self) { _ = try ArchitectureSearch(small.study(options))() }
    }

    @Test func aTableOfLatenciesIsUsedInPlaceOfMeasuring() throws {
        let small = SmallStudy()
        defer { small.remove() }
        var options = try SmallStudy.options(SinglePathMethod.name, epochs: 1)
        let file = small.folder + ".csv"
        defer { try? FileManager.default.removeItem(atPath: file) }
        func write(_ size: ImageSize, _ constant: Double) throws -> LatencyTable {
            let blocks = try LatencyBlocks(options.space.description(channels: 1), imageSize: size)
            let times = BlockTimes(
                blocks, milliseconds: blocks.blocks.indices.map { 1 + Double($0 % 5) }, constant: constant)
            try times.write(to: file)
            return times.table
        }
        _ = try write(16, 0)
        options.search.latencyTable = file
        let study = try small.study(options)
        let refusal = try #require(throws: LatencyTableError.self) { try study() }
        #expect("\(refusal)".contains("images of another size"))
        #expect(!FileManager.default.fileExists(atPath: study.folder(SupernetTraining.name)), "before it trains")

        let table = try write(12, 7)
        options.search.maxLatencyMs = table.sum.mean
        let found = try small.run(options)
        #expect(found.latency == table.latency(of: found.architecture))
        let entries = try ArchitectureArchive(existing: small.folder + "/search/archive.sqlite").entries()
        #expect(entries.allSatisfy { ($0.costs["latencyMilliseconds"] ?? 100) <= table.sum.mean })
        let result = small.folder + "/search/result.json"
        try FileManager.default.removeItem(atPath: result)
        #expect(try ArchitectureSearch(small.study(options))().latency == found.latency, "the same table goes on")
        try FileManager.default.removeItem(atPath: result)
        _ = try write(12, 7.5)
        let change = try #require(throws: LatencyTableError.self) { try ArchitectureSearch(small.study(options))() }
        #expect("\(change)".contains("began with other latencies"))
    }

    @Test(arguments: SearchConfiguration.Strategy.all) func everyStrategySearches(
        strategy: SearchConfiguration.Strategy
    ) throws {
        let small = SmallStudy()
        defer { small.remove() }
        var options = try SmallStudy.options(SinglePathMethod.name, epochs: 1)
        options.search.strategy = strategy
        options.search.objectives = [.macs, .params]
        let study = try small.study(options)
        _ = try SupernetTraining(study)()
        let found = try ArchitectureSearch(study)()
        #expect(found.evaluations == 30)
        let best = try ArchitectureArchive(existing: small.folder + "/search/archive.sqlite").best(1)[0]
        #expect(best.score == found.score)
    }

    @Test func aPhaseWithOtherSettingsIsRefused() throws {
        let small = SmallStudy()
        defer { small.remove() }
        var options = try SmallStudy.options(SinglePathMethod.name, epochs: 1)
        _ = try SupernetTraining(small.study(options))()
        options.supernet.learningRate = 0.01
        let error = #expect(throws: RunFolderError.self) { _ = try SupernetTraining(small.study(options))() }
        #expect("\(try #require(error))".contains("learning-rate"))
    }

    @Test func shiftsAreInTheLog() throws {
        let small = SmallStudy()
        defer { small.remove() }
        _ = try SupernetTraining(small.study(SmallStudy.options()))()
        let rows = try MetricsLog.read(small.folder + "/supernet/metrics.jsonl")
        for name in ["feature-shift", "parameter-shift", "sign-agreement"] {
            let values = rows.compactMap { $0.values[name] }
            #expect(!values.isEmpty && values.allSatisfy { (0...2).contains($0) }, "\(name): \(values)")
        }
    }
}

/// The same images with their classes in another order.
private struct RenamedBars: ImageDataset {
    let bars: BarImages
    var classNames: [String] { bars.classNames.sorted() }
    var count: Int { bars.count }
    func label(at index: Int) -> Int { bars.label(at: index) }
    func image(at index: Int, decoding: ImageDecoding) throws -> Image { try bars.image(at: index, decoding: decoding) }
    func source(at index: Int) -> String { bars.source(at: index) }
}
