import Architectures
import Archives
import Datasets
import Experiments
import Foundation
import NN
import Networks
import Results
import Supernets
import Support
import Tasks
import TestImages
import TestSupernets
import Testing
import Torch
import Training

@testable import Workflows

/// Adaptations from one network whose blocks may be narrower or left out.
@Suite(.serialized) struct ElasticAdaptationTests {
    private let folder = NSTemporaryDirectory() + "supernet-elastic-" + UUID().uuidString
    private var source: String { folder + "/source.safetensors" }

    private func makeSource() throws { try ElasticSource.write(to: source) }

    private func options(_ budgets: [String] = ["50%", "100%"]) throws -> AdaptationConfiguration {
        try SmallElastic.options(source, budgets: budgets)
    }

    private func adaptation(_ options: AdaptationConfiguration, _ name: String = "target") throws -> Adaptation {
        try SmallElastic.adaptation(options, path: "\(folder)/\(name)")
    }

    /// The bytes of all networks of an adaptation, by their path.
    private func networks(_ adaptation: Adaptation) throws -> [String: Data] {
        Dictionary(
            uniqueKeysWithValues: try adaptation.rows.map { row in
                let file = FilePath.join(adaptation.folder(row), NetworkTraining.networkName)
                return (row, try Data(contentsOf: URL(fileURLWithPath: file)))
            })
    }

    /// A result without what is measured anew by each training.
    private func timeless(_ result: AdaptationResult) -> AdaptationResult {
        var result = result
        for row in result.outcomes.keys { result.outcomes[row]?.seconds = 0 }
        result.latencies = nil
        return result
    }

    @Test func aNetworkIsFoundForEachBudgetBesideItsControls() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeSource()
        var options = try options()
        (options.finetune.epochs, options.shortlist) = (4, 2)
        (options.supernet.epochs, options.teacherEpochs) = (1, 1)
        #expect(options.controls == [.weightsOnly, .narrowing, .scaling, .randomPath] && options.caution == 1)
        let adaptation = try adaptation(options)
        #expect(
            adaptation.rows == ["50-percent", "100-percent"].flatMap { folder in
                ["joint", "narrowing", "scaling", "random-path"].map { "\(folder)/\($0)" }
            } + ["weights-only"])
        let result = try adaptation()
        #expect(Set(result.outcomes.keys) == Set(adaptation.rows))
        #expect(Set(result.latencies?.keys.map { $0 } ?? []) == Set(adaptation.rows))
        #expect(result.latencies?.values.allSatisfy { $0 > 0 && $0.isFinite } ?? false)

        // Each budget is kept exactly, by the method and by every control.
        let costs = try adaptation.costs()
        let most = costs.cost(of: try adaptation.largest).multiplyAdds
        let budgets = try #require(result.budgets)
        #expect(budgets.map(\.budget) == ["50%", "100%"] && budgets.map(\.quantity) == ["macs", "macs"])
        #expect(budgets.map(\.limit) == [Double(most / 2), Double(most)])
        for budget in budgets {
            let joint = try #require(result.outcomes["\(budget.folder)/joint"])
            #expect(joint.architecture == budget.path && joint.cost == costs.cost(of: budget.path))
            for row in adaptation.rows where row.hasPrefix(budget.folder) {
                let outcome = try #require(result.outcomes[row])
                #expect(Double(outcome.cost.multiplyAdds) <= budget.limit, "\(row)")
                #expect(abs(outcome.epochs - joint.epochs) <= 0.5, "\(row) \(outcome.epochs) \(joint.epochs)")
                #expect(outcome.test?.metrics["accuracy"] != nil)
            }
            // Made smaller by hand, they are no paths; and they are as large as the budget lets them be.
            #expect(result.outcomes["\(budget.folder)/narrowing"]?.architecture == nil)
        }
        let whole = try #require(result.outcomes["weights-only"])
        #expect(whole.architecture == result.sourcePath && whole.cost.multiplyAdds == most)
        #expect(result.outcomes["100-percent/narrowing"]?.cost == whole.cost, "all of it is allowed")
        #expect(result.path == budgets[0].path)

        // Networks of which one is chosen are compared on validation images alone.
        var tried: [Architecture] = []
        for trials in ["joint-trials", "scaling-trials"].map({ folder + "/target/50-percent/\($0)" }) {
            for name in try FileManager.default.contentsOfDirectory(atPath: trials) {
                let trial = try #require(
                    try ResultFile.read(NetworkResult.self, FilePath.join(trials, "\(name)/\(ResultFile.name)")))
                #expect(trial.test == nil && trial.validation.accuracy != nil, "\(name)")
                if trials.hasSuffix("joint-trials") { tried.append(try #require(trial.architecture)) }
            }
        }
        #expect(tried.count == 2 && Set(tried).count == 2 && tried.contains(budgets[0].path))

        // The found network is a file of its own.
        let file = try NetworkFile.read(folder + "/target/50-percent/joint/network.safetensors")
        #expect(try file.card.network.cost(imageSize: 12) == result.outcomes["50-percent/joint"]?.cost)
        #expect(try file.network(.zeros([2, 1, 12, 12]), .evaluation).shape == [2, file.card.classNames.count])

        try continues(adaptation, options, result)
    }

    /// As kills leave it: whatever is missing is made anew, to the same bytes, and the rest is not touched.
    private func continues(
        _ adaptation: Adaptation, _ options: AdaptationConfiguration, _ result: AdaptationResult
    ) throws {
        let before = try networks(adaptation)
        for missing in [["100-percent", "weights-only"], ["50-percent", "100-percent", "weights-only", "search"]] {
            for name in missing + ["result.json"] {
                try FileManager.default.removeItem(atPath: "\(folder)/target/\(name)")
            }
            let again = try self.adaptation(options)()
            #expect(timeless(again) == timeless(result), "without \(missing)")
            #expect(try networks(adaptation) == before, "without \(missing)")
        }
        // What is finished is read, with the latencies that were measured.
        let stored = try #require(try Adaptation.stored(adaptation.path))
        #expect(try self.adaptation(options)() == stored)
    }

    @Test func withoutDistillationNetworksLearnFromLabels() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeSource()
        var options = try options([])
        (options.controls, options.search.maxMacs) = ([.narrowing], nil)
        var taught: [Data] = []
        for share in [0, 1.0] {
            options.distillation = share
            let adaptation = try adaptation(options, "share-\(share)")
            #expect(adaptation.rows == ["joint", "narrowing"])
            let result = try adaptation()
            #expect(result.budgets == nil && result.latencies?.count == 2)
            taught.append(try #require(try networks(adaptation)["narrowing"]))
        }
        #expect(taught[0] != taught[1])
    }

    @Test func aLatencyIsABudget() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeSource()
        var options = try options(["10000ms"])
        (options.search.budgetKind, options.controls) = (.latency, [.narrowing])
        let result = try adaptation(options)()
        let budget = try #require(result.budgets?.first)
        #expect(budget.folder == "10000ms-latency" && budget.quantity == "latency" && budget.limit == 10_000)
        #expect(Set(result.outcomes.keys) == ["10000ms-latency/joint", "10000ms-latency/narrowing"])

        // One that no path keeps is found out before the supernet is trained.
        options.search.budgets = ["0.000001ms"]
        #expect(throws: SpaceError.self) { _ = try adaptation(options, "fast")() }
        #expect(!FilePath.exists(folder + "/fast/supernet"))
    }

    @Test func whatCannotBeIsRefusedBeforeAnythingIsTrained() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeSource()
        let least = try #require(throws: SpaceError.self) { _ = try adaptation(options(["50%", "10"])) }
        #expect("\(least)".contains("the least multiply-adds that can be had is"))
        // A single limit beside the budgets holds as well.
        var both = try options(["50%"])
        both.search.maxMacs = 10
        #expect(throws: SpaceError.self) { _ = try adaptation(both) }
        #expect(!FilePath.exists(folder + "/target"))

        for (budgets, word) in [
            (["0%"], "`0%`"), (["101%"], "`101%`"), (["half"], "`half`"), (["25%", "25 %"], "different"),
            (["-5M"], "-5M"),
        ] {
            let error = try #require(throws: ConfigurationError.self) { _ = try Resolved(options(budgets)) }
            #expect("\(error)".contains("search.budgets") && "\(error)".contains(word), "\(error)")
        }
        var slow = try options(["5M"])
        slow.search.budgetKind = .latency
        let error = try #require(throws: ConfigurationError.self) { _ = try Resolved(slow) }
        #expect("\(error)".contains("3.5ms"))
    }

    @Test func controlsOfElasticSourcesNeedOne() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let study = try SmallStudy(folder: folder + "/study").study(SmallStudy.options("spos"))
        try SupernetTraining(study)()
        try ArchitectureSearch(study)()
        var options = AdaptationConfiguration()
        (options.source, options.precision, options.data) = (study.path, .float32, study.options.data)
        options.controls = [.weightsOnly, .narrowing, .randomPath]
        let error = try #require(throws: WorkflowError.self) { _ = try adaptation(options) }
        #expect("\(error)".hasPrefix("controls: narrowing, random-path need an elastic source"))
        // Of an elastic one, too, where its supernet stays as it is.
        try makeSource()
        var unsupervised = try self.options()
        unsupervised.search.score = .linearEvaluation
        #expect(throws: WorkflowError.self) { _ = try adaptation(unsupervised) }
    }

    /// Stages of few blocks lose the same ones for several shares.
    @Test func networksThatAreTheSameAreTriedOnce() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeSource()
        let adaptation = try adaptation(options(["100%"]))
        let check = try BudgetCheck(Budget(), costs: adaptation.costs())
        let found = Adaptation.Found(
            check: check, candidates: [.init(path: adaptation.sourcePath, weights: [])])
        let scales = try adaptation.scales(found, SupernetFile.read(source).supernet())
        #expect(scales.map(\.depth) == [4, 2, 0] && scales.allSatisfy { $0.width == 64 })
    }

    @Test func theEstimateCountsEveryBudgetOnce() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeSource()
        var one = try options(["50%"])
        one.controls = []
        var three = try options(["50%", "75%", "100%"])
        three.controls = []
        // In epochs: the supernet's are the same, the search and the network's are three times as many.
        let (single, several) = (try adaptation(one), try adaptation(three, "three"))
        let search = single.costBefore(evaluations: 8) - single.supernetCost
        let expected = (single.supernetCost + 3 * (search + 2)) / (single.supernetCost + search + 2)
        let (first, second) = (single.epochs, several.epochs)
        #expect(abs(second.method / first.method - expected) < 1e-9 && first.method == first.total)
        var controls = three
        controls.controls = [.weightsOnly, .narrowing, .randomPath]
        let all = try adaptation(controls, "all").epochs
        // What narrowing is taught by, and what a random path inherits from, was paid for with the supernet.
        let inherited = single.teacherCost + single.supernetCost
        #expect(single.teacherCost == 1 && single.supernetCost == 4)
        let kept = 3 * (2 * (2 + single.supernetCost + search) - inherited)
        #expect(abs(all.total - all.method - kept - (2 + single.supernetCost + 3 * search)) < 1e-9)
    }
}
