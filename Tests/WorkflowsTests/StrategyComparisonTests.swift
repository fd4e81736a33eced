import Archives
import Experiments
import Foundation
import Results
import Support
import Tasks
import TestImages
import TestSupernets
import Testing

@testable import Workflows

/// Search strategies on the supernet of a finished adaptation.
@Suite(.serialized) struct StrategyComparisonTests {
    private let folder = NSTemporaryDirectory() + "supernet-strategies-" + UUID().uuidString
    private var adapted: String { folder + "/adapted" }
    private var path: String { folder + "/compared" }

    private func adapt(_ change: (inout AdaptationConfiguration) -> Void = { _ in }) throws {
        let source = folder + "/source.safetensors"
        try ElasticSource.write(to: source)
        var options = try SmallElastic.options(source, budgets: ["50%"])
        (options.controls, options.shortlist, options.finetune.epochs) = ([], 1, 1)
        change(&options)
        try SmallElastic.adaptation(options, path: adapted)()
    }

    private func options(_ change: (inout StrategyComparisonConfiguration) -> Void = { _ in }) throws
        -> StrategyComparisonConfiguration
    {
        var options = StrategyComparisonConfiguration()
        (options.adaptation, options.seeds) = (adapted, [1, 2])
        options.strategies = try ["random", "evolution", "nsga2"].map { name in
            try #require(SearchConfiguration.Strategy(rawValue: name))
        }
        change(&options)
        return try Resolved(options).value
    }

    private func comparison(_ options: StrategyComparisonConfiguration, path: String? = nil) -> StrategyComparison {
        StrategyComparison(
            options: options, path: path ?? self.path, versions: [:], progress: ProgressReporter(output: Silence()),
            open: TaskData(classes: { _ in SmallElastic.data }))
    }

    /// The content of all files below a folder, and when each was written.
    private func files(_ folder: String) throws -> [String: [String]] {
        var found: [String: [String]] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            let file = FilePath.join(folder, name)
            let date = try FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date
            let content = FileManager.default.contents(atPath: file)?.base64EncodedString() ?? ""
            found[name] = [content, "\(date?.timeIntervalSince1970 ?? 0)"]
        }
        return found
    }

    private func entries(_ folder: String) throws -> [ArchiveEntry] {
        try ArchitectureArchive(existing: folder + "/archive.sqlite").entries()
    }

    /// A result without what is measured.
    private func timeless(_ result: StrategyComparisonResult) -> [[String]] {
        result.searches.map { search in
            ["\(search.strategy) \(search.seed) \(search.path)"] + search.curve.map { "\($0.evaluations) \($0.score)" }
        }
    }

    @Test func eachStrategySearchesTheSupernetAsTheAdaptationDid() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try adapt()
        let before = try files(adapted)
        let options = try options()
        let result = try comparison(options)()
        #expect(try files(adapted) == before, "the adaptation stays as it is")

        #expect(
            result.strategies == ["random", "evolution", "nsga2"] && result.budget == "50% of the most multiply-adds")
        #expect(result.score == "negative cross-entropy" && !result.isShare)
        #expect(result.searches.map(\.strategy) == ["random", "random", "evolution", "evolution", "nsga2", "nsga2"])
        #expect(result.searches.map(\.seed) == [1, 2, 1, 2, 1, 2])
        for search in result.searches {
            #expect(search.curve.map(\.evaluations) == Array(1...8))
            #expect(search.curve.map(\.score) == search.curve.map(\.score).sorted())
            #expect(search.curve.map(\.seconds) == search.curve.map(\.seconds).sorted())
            #expect(search.strategySeconds > 0 && search.strategySeconds < search.seconds)
            let entries = try entries("\(path)/\(search.strategy)/seed-\(search.seed)")
            #expect(entries.map(\.score).max() == search.curve.last?.score)
        }

        // The seed and the strategy of the adaptation give its own search.
        func evaluated(_ folder: String) throws -> [String] {
            try entries(folder).map { "\($0.architecture): \($0.score), \($0.costs.sorted { $0.key < $1.key })" }
        }
        #expect(try evaluated(path + "/evolution/seed-1") == evaluated(adapted + "/search"))
        // All begin with the same paths, and then go ways of their own.
        for seed in [1, 2] {
            let begun = try ["random", "evolution", "nsga2"].map { name in
                try entries("\(path)/\(name)/seed-\(seed)").map(\.architecture)
            }
            #expect(begun[0].prefix(4) == begun[1].prefix(4) && begun[0].prefix(4) == begun[2].prefix(4))
            #expect(begun[0] != begun[1])
        }

        #expect(try ResultFile.read(StrategyComparisonResult.self, path + "/strategies.json") == result)
        let table = try String(contentsOfFile: path + "/curves.csv", encoding: .utf8).split(separator: "\n")
        #expect(table.count == 1 + 3 * 2 * 8 && table[0] == "strategy,seed,seconds,evaluations,best_score")
        #expect(table[1].hasPrefix("random,1,") && table[1].hasSuffix(",1,\(result.searches[0].curve[0].score)"))
        try continues(options, result)
    }

    /// As kills leave it: half of a search is there, and it ends as it would have.
    private func continues(_ options: StrategyComparisonConfiguration, _ result: StrategyComparisonResult) throws {
        let own = path + "/evolution/seed-2"
        let whole = try ArchitectureArchive(existing: own + "/archive.sqlite")
        let (context, kept) = (whole.context, try Array(whole.entries().prefix(5)))
        for name in ["evolution/seed-2/archive.sqlite", "evolution/seed-2/result.json", "strategies.json"] {
            try FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
        try ArchitectureArchive(path: own + "/archive.sqlite", context: context).add(kept)
        let others = try files(path + "/random")["seed-1/archive.sqlite"]
        let again = try comparison(options)()
        #expect(timeless(again) == timeless(result))
        #expect(try entries(own).prefix(5).map(\.seconds) == kept.map(\.seconds))
        #expect(again.searches[0] == result.searches[0] && again.searches[3] != result.searches[3])
        #expect(try files(path + "/random")["seed-1/archive.sqlite"] == others)

        // A strategy more is searched with alone; other settings are for another folder.
        var more = options
        more.strategies.append(try #require(SearchConfiguration.Strategy(rawValue: "regularized-evolution")))
        #expect(try Array(comparison(more)().searches.prefix(6)) == again.searches)
        more.settings = ["search.evaluations=7"]
        let error = try #require(throws: RunFolderError.self) { _ = try comparison(more)() }
        #expect("\(error)".contains("search.evaluations"))
    }

    @Test func whatCannotBeComparedIsRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func refusal(_ change: (inout StrategyComparisonConfiguration) -> Void = { _ in }) throws -> String {
            let error = try #require(throws: (any Error).self) { _ = try comparison(options(change))() }
            #expect(!FilePath.exists(path))
            return "\(error)"
        }
        #expect(try refusal().contains("there is no such folder"))
        #expect(try refusal { $0.adaptation = "" }.contains("the folder of a finished `supernet adapt` run"))
        #expect(try refusal { $0.strategies = [] }.contains("must name at least one"))
        #expect(try refusal { $0.seeds = [3, 3] }.contains("different seeds"))
        #expect(try refusal { $0.settings = ["supernet.epochs=3"] }.contains("everything else is the adaptation's"))
        #expect(try refusal { $0.settings = ["search.strategy=random"] }.contains("`strategies` lists them"))

        try FilePath.makeFolder(adapted)
        #expect(try refusal().contains("config.yaml"))
        try FileManager.default.removeItem(atPath: adapted)
        try adapt { $0.search.budgets = ["50%", "100%"] }
        #expect(try refusal().contains("within one budget, and there are 2"))
        let one = "search.budgets=[]"
        #expect(try refusal { $0.settings = [one, "search.evalutions=3"] }.contains("evaluations"))
        #expect(try refusal { $0.settings = [one, "search.score=linear-evaluation"] }.contains("`accuracy` or `loss`"))
        let inside = try #require(throws: WorkflowError.self) {
            _ = try comparison(options { $0.settings = [one] }, path: adapted + "/joint/compared")()
        }
        #expect("\(inside)".contains("choose another folder"))
        let file = adapted + "/supernet/adapted.safetensors"
        try FileManager.default.moveItem(atPath: file, toPath: file + ".gone")
        #expect(try refusal { $0.settings = [one] }.contains("adapted.safetensors is missing"))
        try FileManager.default.removeItem(atPath: adapted + "/result.json")
        #expect(try refusal { $0.settings = [one] }.contains("it has no result.json yet"))
    }

    @Test func anAdaptationWithoutASupernetOfItsOwnIsRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try adapt { ($0.search.score, $0.search.budgets, $0.search.fitImages) = (.linearEvaluation, [], 16) }
        let error = try #require(throws: WorkflowError.self) { _ = try comparison(options())() }
        #expect(error == .noAdaptedSupernet(adapted) && "\(error)".contains("--unsupervised"))
    }

    @Test func latenciesAreThoseOfTheAdaptation() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try adapt { ($0.search.budgets, $0.search.budgetKind) = (["10000ms"], .latency) }
        let result = try comparison(
            options { ($0.seeds, $0.settings) = ([4], ["search.score=accuracy", "search.objectives=[latency]"]) })()
        #expect(result.isShare && result.score == "accuracy" && result.budget == "10000ms latency")
        let latencies = try [adapted + "/search", path].map {
            try Data(contentsOf: URL(fileURLWithPath: $0 + "/latency.json"))
        }
        #expect(latencies[0] == latencies[1])
        let costs = try entries(path + "/nsga2/seed-4").map { $0.costs["latencyMilliseconds"] ?? 0 }
        #expect(costs.count == 8 && costs.allSatisfy { $0 > 0 })
    }
}
