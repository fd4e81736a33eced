import Architectures
import ArgumentParser
import Datasets
import Experiments
import Foundation
import Interchange
import NN
import Networks
import Results
import Supernets
import TestFolders
import TestSupernets
import Testing

@testable import SupernetCommands
@testable import Workflows

/// `supernet adapt` from one network whose blocks may be narrower or left out.
@Suite(.serialized) struct ElasticAdaptVerbTests {
    private let folder: TemporaryFolder
    private var photos: String { folder.file("photos") }
    private var source: String { folder.file("elastic.safetensors") }

    init() throws {
        folder = try TemporaryFolder()
        for (number, name) in ["dark", "light"].enumerated() {
            for (part, count) in [("train", 24), ("test", 7)] {
                _ = try folder.makeFolder("photos/\(part)/\(name)")
                for index in 0..<count {
                    let value = UInt8(30 + 120 * number + index)
                    try Image(width: 16, height: 16, channels: 3, pixels: [UInt8](repeating: value, count: 768))
                        .writePNG(to: folder.file("photos/\(part)/\(name)/\(index).png"))
                }
            }
        }
        try ElasticSource.write(to: source, channels: 3, size: 16)
    }

    private static let short = [
        "supernet.epochs=1", "finetune.epochs=1", "search.evaluations=6", "search.initial=4", "search.round=2",
    ]

    @Test func severalBudgetsGiveSeveralNetworksAndOnePage() throws {
        let run = folder.file("run")
        let words = ["adapt", "--source", source, "--data", photos, "--run", run, "--budgets", "50%,100%"]
        var command = try SupernetCommand.parseAsRoot(words + Self.short.flatMap { ["--set", $0] })
        try command.run()
        let result = try #require(try Adaptation.stored(run))
        #expect(result.outcomes.count == 9 && result.budgets?.map(\.folder) == ["50-percent", "100-percent"])
        for budget in ["50-percent", "100-percent"] {
            #expect(FileManager.default.fileExists(atPath: run + "/\(budget)/joint/network.safetensors"))
        }
        let page = try String(contentsOfFile: run + "/report.html", encoding: .utf8)
        for text in [
            "accuracy over multiply-adds", "accuracy over measured latency", "Architecture at 50%",
            "100-percent/random-path/", "the whole network, weights-only,",
        ] {
            #expect(page.contains(text), "\(text)")
        }
    }

    /// Strategies are compared on what an adaptation left, by the same verb as methods and ways of transfer.
    @Test func strategiesAreComparedOnTheAdaptedSupernet() throws {
        let (run, compared) = (folder.file("run"), folder.file("compared"))
        let words = ["adapt", "--source", source, "--data", photos, "--run", run, "--no-controls"]
        var adapt = try SupernetCommand.parseAsRoot(words + Self.short.flatMap { ["--set", $0] })
        try adapt.run()

        func compare(_ text: String, _ options: [String] = []) throws {
            let file = try folder.write(text, to: "strategies.yaml")
            var command = try SupernetCommand.parseAsRoot(["compare", file, "--run", compared] + options)
            try command.run()
        }
        func refusal(_ text: String, _ options: [String] = []) throws -> String {
            let error = try #require(throws: (any Error).self) { try compare(text, options) }
            #expect(SupernetCommand.exitCode(for: error).rawValue != 0)
            return "\(error)"
        }
        let strategies = "strategies: [random, evolution, nsga2]"
        let text = "adaptation: \(run)\n\(strategies)\nseeds: [1, 2]\nsettings: [\"search.budgets=[60%]\"]\n"
        let unknown = try refusal("adaptation: \(run)\nstrategies: [random, evolutoin]\n")
        #expect(unknown.contains("evolutoin") && unknown.contains("nsga2"), "\(unknown)")
        #expect(try refusal(text + "seed: 3\n").contains("seeds"))
        #expect(try refusal("adaptation: \(photos)\n\(strategies)\n").contains("`supernet adapt"))
        #expect(try refusal(text, ["--workers", "2"]).contains("one after the other"))
        #expect(!FileManager.default.fileExists(atPath: compared))

        try compare(text)
        for file in ["strategies.json", "curves.csv", "report.html", "results.md", "results/strategies.svg"] {
            #expect(FileManager.default.fileExists(atPath: "\(compared)/\(file)"), "\(file)")
        }
        let page = try String(contentsOfFile: compared + "/report.html", encoding: .utf8)
        for text in [
            "random", "evolution", "nsga2", "band tone-quiet", "seconds of search", "60% of the most multiply-adds",
        ] {
            #expect(page.contains(text), "\(text)")
        }
        let table = try String(contentsOfFile: compared + "/curves.csv", encoding: .utf8)
        // Given again, it searches nothing, and says the same.
        try compare(text)
        #expect(try String(contentsOfFile: compared + "/curves.csv", encoding: .utf8) == table)
    }

    private func plan(_ change: (inout AdaptationConfiguration) -> Void) throws -> [String: String] {
        var options = try AdaptationConfiguration.adapting(source)
        options.data.source = photos
        options.search.budgets = ["25%", "100%"]
        change(&options)
        let task = try options.task.task(options.data, open: TaskSource.open)
        let adaptation = try Adaptation(options: options, task: task, path: folder.file("planned"))
        let plan = AdaptationPlan(adaptation: adaptation, estimate: .init(method: 60, total: 600))
        return Dictionary(uniqueKeysWithValues: try plan.rows())
    }

    @Test func thePlanSaysHowAnElasticSupernetLearns() throws {
        let rows = try plan { $0.teacherEpochs = 2 }
        let supernet = try SupernetFile.read(source).card.supernet
        let costs = try CostTable(supernet, imageSize: 16, classes: 2)
        let most = costs.cost(of: costs.cheapest { -Double($0.multiplyAdds) })
        #expect(
            rows["supernet"]
                == "10 epochs by the sandwich rule: in each step the largest path learns from the labels, 3 "
                + "random paths within the budgets from its outputs, after 2 more in which it learns alone")
        let space = try #require(rows["space"])
        #expect(space.hasPrefix("\(Console.grouped(Int(supernet.distinctPaths))) paths, from "))
        #expect(
            space.hasSuffix(
                "\(Console.grouped(most.multiplyAdds)) multiply-adds and \(Console.grouped(most.parameters)) parameters"
            ))
        #expect(
            rows["budgets"] == "at most \(Console.grouped(most.multiplyAdds / 4)) (25%), "
                + "\(Console.grouped(most.multiplyAdds)) (100%) multiply-adds")
        #expect(rows["search"]?.hasPrefix("32 paths for each budget by evolution and a shared head on ") == true)
        #expect(
            rows["network"]
                == "the largest within 1 standard error of the best within each budget: 15 epochs from the weights that it was ranked with, by 50% "
                + "from the outputs of the supernet's largest path and by 50% from the labels")
        #expect(rows["controls"] == "narrowing, scaling, random-path for each budget; weights-only once")
        #expect(rows["time"] == "about 10m00s, of which the method itself takes 1m00s")

        let other = try plan {
            ($0.randomPaths, $0.distillation, $0.search.budgets, $0.controls) = (3, 0.75, ["8ms"], [])
            $0.search.budgetKind = .latency
        }
        #expect(other["supernet"]?.hasSuffix("4 random paths within the budget from its outputs") == true)
        #expect(
            other["budgets"] == "at most 8ms for one image with one thread" && other["controls"] == "none")
        #expect(
            other["network"]?.hasSuffix(
                "ranked with, by 75% from the outputs of the supernet's largest path and by 25% from the labels")
                == true)
        let labels = try plan { ($0.randomPaths, $0.distillation, $0.search.budgets, $0.caution) = (0, 0, [], 1) }
        #expect(labels["supernet"]?.hasSuffix("the labels, the smallest from its outputs") == true)
        #expect(labels["budgets"] == nil && labels["controls"] == "weights-only, narrowing, scaling, random-path")
        #expect(
            labels["network"] == "the largest within 1 standard error of the best: 15 epochs from "
                + "the weights that it was ranked with, from the labels")
    }

    @Test func nothingLearnsWherePathsAreComparedByLinearEvaluation() throws {
        let rows = try plan {
            ($0.search.score, $0.search.budgets, $0.controls) = (.linearEvaluation, [], [.weightsOnly])
        }
        #expect(rows["supernet"] == "stays as it is" && rows["search"]?.contains("linear evaluation") == true)
        #expect(
            rows["network"]?.contains("largest path") == false && rows["controls"]?.hasPrefix("weights-only") == true)
    }
}
