import Architectures
import Archives
import Datasets
import Experiments
import Foundation
import NN
import Networks
import SearchStrategies
import Supernets
import Tasks
import TestImages
import Testing
import Torch
import Training

@testable import Workflows

/// Paths that give no numbers are said, and never found.
@Suite(.serialized) struct NumberlessPathTests {
    private let folder = NSTemporaryDirectory() + "supernet-numberless-" + UUID().uuidString

    /// Keeps what is shown.
    private final class Lines: ProgressOutput {
        var text = ""
        var columns: Int? { nil }
        func write(_ text: String) { self.text += text }
    }

    /// Scores paths by their first choice; those that choose 1 there give no numbers.
    private struct Judge: PathJudge {
        let supernet: Supernet
        var all = false

        func scores(of architectures: [Architecture]) throws -> [PathScore] {
            architectures.map { path in
                guard !all, path[0] != 1 else { return path[1] == 0 ? .none : PathScore(99, ["loss": .infinity]) }
                return PathScore(Double(path[1]), ["loss": 1])
            }
        }

        func work(of architectures: [Architecture]) -> Double { Double(architectures.count) }
        func weights(of architecture: Architecture) throws -> [(key: String, tensor: Tensor)] { [] }
        func finish() throws {}
    }

    private func supernet() throws -> Supernet {
        try Supernet(
            ChainSpace(channels: 1, widths: [4, 8], depths: [1, 1]).description(),
            store: ParameterStore(seed: 1, format: .channelsLast))
    }

    private func search(
        _ judge: any PathJudge, _ strategy: SearchConfiguration.Strategy, _ progress: ProgressReporter
    ) throws -> [ArchiveEntry] {
        var options = SearchConfiguration()
        options.strategy = strategy
        (options.evaluations, options.initial, options.round) = (9, 4, 2)
        let costs = try CostTable(judge.supernet.description, imageSize: 12, classes: 4)
        let check = try BudgetCheck(Budget(), costs: costs)
        let archive = try ArchitectureArchive(path: folder + "/\(strategy.rawValue).sqlite", context: "test")
        let loop = SearchLoop(
            judge: judge, archive: archive, check: check, options: options, seed: 1, progress: progress,
            isAccuracy: false)
        var made = try options.makeStrategy(judge.supernet.space, seed: 1, check: check)
        try loop(&made)
        return try archive.entries()
    }

    @Test(arguments: SearchConfiguration.Strategy.all) func areSaidAndNotFound(
        _ strategy: SearchConfiguration.Strategy
    ) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let judge = Judge(supernet: try supernet())
        let lines = Lines()
        let entries = try search(judge, strategy, ProgressReporter(output: lines))
        #expect(!entries.isEmpty && entries.allSatisfy { $0.score.isFinite && !$0.architecture.hasPrefix("1") })
        let costs = try CostTable(judge.supernet.description, imageSize: 12, classes: 4)
        #expect(entries.best(costs: costs)?.entry.score == entries.map(\.score).max())
        #expect(lines.text.contains("left out: what the path 1 "))
        // As after a kill: the same entries, whatever was left out.
        let again = try search(judge, strategy, ProgressReporter(output: Silence()))
        #expect(again.map(\.architecture) == entries.map(\.architecture))
    }

    @Test func aSupernetWithoutNumbersIsSaid() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let error = #expect(throws: WorkflowError.self) {
            _ = try search(
                Judge(supernet: supernet(), all: true), .init(of: RandomSearch.self),
                ProgressReporter(output: Silence()))
        }
        #expect("\(try #require(error))".contains("`supernet.learning-rate`"))
    }

    /// An accuracy of what is no number would be as good as any.
    @Test func sharedWeightsThatGiveNoNumbersHaveNoScore() throws {
        let supernet = try supernet()
        let paths = [[0, 0], [0, 1], [1, 0], [1, 2]].map { Architecture($0) }
        let own = { (path: Architecture) in Set(supernet.entries(on: path).map(\.key)) }
        let spoiled = try #require(
            supernet.entries(on: paths[2]).first { !own(paths[0]).contains($0.key) && $0.role == .parameter })
        try withoutGradients { try spoiled.tensor.fillInPlace(.nan) }
        let images = try Tensor.normal([6, 1, 12, 12], using: Generator(seed: 1))
        let labels = try Tensor([Int64](repeating: 0, count: 6))
        let bars = BarImages(count: 4)
        let task = ClassificationTask(OpenedDataset(train: bars, validation: bars))
        let head = try task.makeHead(features: supernet.features, ParameterStore(seed: 1).root / NetworkHead.key)
        let scored = try ScoredImages([LabelledTensors(images: images, labels: labels)])
        for policy in StatisticsPolicy.allCases {
            var options = PathEvaluator.Options()
            (options.policy, options.precision) = (policy, .float32)
            let scorers: [any PathScorer] = [
                SharedHeadScorer(
                    supernet: supernet, head: head, task: task, scored: scored, isByLoss: false, state: []),
                LinearEvaluationScorer(
                    supernet: supernet, task: task, fitted: scored, scored: scored, isByLoss: true),
            ]
            for scorer in scorers {
                let evaluator = try PathEvaluator(
                    supernet, recalibration: policy == .recalibrate ? [images] : [], validation: scorer.images,
                    options: options)
                let scores = try SharedWeightsJudge(evaluator: evaluator, scorer: scorer).scores(of: paths)
                #expect(scores.map(\.value.isNaN) == [false, false, true, true], "\(policy)")
            }
        }
    }
}
