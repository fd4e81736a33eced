import Architectures
import Datasets
import Experiments
import Foundation
import Methods
import Rankings
import Results
import Support
import TestImages
import Testing
import Torch
import Training

@testable import Workflows

@Suite(.serialized) struct RankingTests {
    private let folder = NSTemporaryDirectory() + "supernet-ranking-" + UUID().uuidString

    /// A truth of architectures of the small study's space, whose accuracy grows with the first choice.
    private func truth(_ study: Study, count: Int = 12) throws -> String {
        #expect(try SupernetTraining(study).description().space.points.count == 3)
        let rows = (0..<count).flatMap { number in
            let architecture = Architecture([number % 4, number / 4 % 4, number / 16])
            return (1...2).map { seed in
                BenchmarkRow(
                    architecture: architecture, seed: seed,
                    accuracy: 0.5 + 0.1 * Double(architecture[0]) + 0.001 * Double((number * 7 + seed) % 5),
                    loss: 1 - 0.1 * Double(architecture[0]) + 0.001 * Double((number * 5 + seed) % 7), parameters: 100,
                    multiplyAdds: 1000 + number, seconds: 1, half: number.isMultiple(of: 2) ? .choose : .report)
            }
        }
        let path = folder + "/tables/small.csv"
        try FileManager.default.createDirectory(atPath: folder + "/tables", withIntermediateDirectories: true)
        try BenchmarkTable(rows).write(to: path)
        return path
    }

    private func trained(_ change: (inout StudyConfiguration) -> Void = { _ in }) throws -> Study {
        var options = try SmallStudy.options(SinglePathMethod.name, epochs: 4)
        change(&options)
        let study = try SmallStudy(folder: folder + "/study").study(options, images: 192)
        try SupernetTraining(study)()
        return study
    }

    @Test(arguments: SearchConfiguration.Score.allCases.filter { $0 != .contrastive })
    func everyPathOfTheTableIsScoredOnce(score: SearchConfiguration.Score) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let study = try trained {
            $0.search.score = score
            ($0.search.trainEpochs, $0.finetune.batchSize, $0.retrain.batchSize) = (1, 16, 16)
        }
        let ranking = try PathRanking(study, table: truth(study))
        let result = try ranking()
        #expect(result.paths.map(\.architecture) == ranking.table.entries.map(\.architecture))
        #expect(Set(result.paths.map(\.score)).count > 1)
        #expect(result.paths.allSatisfy { (0...1).contains($0.metrics["accuracy"] ?? -1) })
        #expect(result.paths.allSatisfy { score == .accuracy || $0.score == -($0.metrics["loss"] ?? 0) })
        // A second call reads what the first left.
        #expect(try ranking() == result)
        // What was lost but for the archive is not evaluated again.
        try FileManager.default.removeItem(atPath: ranking.folder + "/result.json")
        #expect(try ranking() == result)
    }

    @Test func whatTheTruthWasMeasuredOnIsNotWhatPathsAreScoredOn() throws {
        let halves = try ValidationHalves(BarImages(count: 40))
        let (ranking, truth) = (halves.ranking as? Subset, halves.truth as? Subset)
        let (left, right) = (Set(try #require(ranking).indices), Set(try #require(truth).indices))
        #expect(left.isDisjoint(with: right) && left.union(right).count == 40 && left.count == 20)
    }

    @Test func theVerdictIsOfTheScores() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let study = try SmallStudy(folder: folder + "/study").study(SmallStudy.options(SinglePathMethod.name))
        let table = try BenchmarkTable.read(truth(study, count: 40))
        let right = Dictionary(uniqueKeysWithValues: table.entries.map { ($0.architecture, $0.mean(\.accuracy)) })
        let trial = RankingTrial(table: table, scores: right, proxies: [])
        let judged = try trial.judge(by: .accuracy, resamples: 100)
        #expect(judged.rankers.first?.quality.tau?.value == 1)
        #expect(judged.isBeyondNoise && judged.architectures == 40)
        #expect(try trial.judge(by: .accuracy, half: .report, resamples: 100).architectures == 20)
        let wrong = RankingTrial(table: table, scores: right.mapValues { -$0 }, proxies: [])
        #expect(try wrong.judge(by: .accuracy, resamples: 100).rankers.first?.quality.tau?.value == -1)
        #expect(try !wrong.judge(by: .accuracy, resamples: 100).isBeyondNoise)
        #expect(throws: RankingError.self) {
            _ = try RankingTrial(table: BenchmarkTable(Array(table.rows.prefix(8))), scores: right, proxies: []).judge(
                by: .loss)
        }
        #expect(throws: RankingError.self, "an architecture that was not scored") {
            _ = try RankingTrial(table: table, scores: [:], proxies: []).judge(by: .accuracy)
        }
    }

    @Test func tablesOfOtherSpacesAreRefusedBeforeAnythingIsEvaluated() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let study = try trained()
        let path = try truth(study)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.replacingOccurrences(of: "\n0 0", with: "\n0 9").write(toFile: path, atomically: true, encoding: .utf8)
        let error = #expect(throws: BenchmarkTableError.self) { _ = try PathRanking(study, table: path)() }
        #expect("\(try #require(error))".contains(path))
        #expect(try PathRanking(study, table: path).dataWarning()?.contains("config.yaml") == true)
    }

    @Test func aStudyOfMethodsGoesOnAndGrows() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let base = try SmallStudy.options()
        let file = folder + "/base.yaml"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Resolved(base).yaml().write(toFile: file, atomically: true, encoding: .utf8)
        let small = try SmallStudy(folder: folder + "/study").study(base)
        var options = RankingComparisonConfiguration()
        options.seeds = [1]
        options.settings = Self.settings
        options.spaces = [.init(name: "bars", truth: try truth(small, count: 24), settings: [])]
        options.methods = [
            .init(name: "SPOS", settings: ["method.name=spos"], scores: [.accuracy, .linearEvaluation], seeds: nil)
        ]
        func study() -> RankingComparison {
            RankingComparison(
                options: options, path: folder + "/run", versions: [:], progress: ProgressReporter(output: Silence())
            ) { _ in OpenedDataset(layout: .idx, train: BarImages(count: 192)) }
        }
        let first = try study()(workers: 2)
        #expect(first.outcomes.map(\.score) == ["accuracy", "linear-evaluation"])
        #expect(first.outcomes.allSatisfy { $0.quality["all"]?.tau != nil && $0.seconds > 0 })
        #expect(first.outcomes.allSatisfy { $0.shifts["feature-shift"] != nil })
        #expect(first.trivial["bars"]?["report"]?.rankers.contains { $0.kind == .ceiling } == true)
        let trained = try Self.modified(folder + "/run/bars/SPOS/seed-1/supernet/supernet.safetensors")
        options.methods.append(.init(name: "Pi-NAS", settings: ["method.name=pi-nas"], scores: nil, seeds: 1))
        let second = try study()(workers: 2)
        #expect(Array(second.outcomes.prefix(2)) == first.outcomes)
        #expect(second.outcomes.count == 3 && second.outcomes[2].method == "Pi-NAS")
        #expect(try Self.modified(folder + "/run/bars/SPOS/seed-1/supernet/supernet.safetensors") == trained)
        for scores: [SearchConfiguration.Score] in [[], [.accuracy, .accuracy]] {
            var wrong = options
            wrong.methods[0].scores = scores
            #expect(throws: ConfigurationError.self) { _ = try Resolved(wrong) }
        }
        options.spaces[0].truth = "/nowhere/truth.csv"
        #expect(throws: FileError.self, "before anything is trained") { _ = try study()(workers: 1) }
        options.spaces[0].truth = try truth(small, count: 18)
        options.seeds = [1, 2]
        #expect(
            throws: WorkflowError.unusableTable(
                options.spaces[0].truth, half: "choose", .tooFewArchitectures(count: 9, least: 10))
        ) { _ = try study()(workers: 1) }
        #expect(!FileManager.default.fileExists(atPath: folder + "/run/bars/SPOS/seed-2"), "nothing was trained")
        options.spaces[0].truth = try truth(small, count: 24)
        options.methods[1].settings.append("method.paths=7")
        #expect(throws: ConfigurationError.self, "before anything is trained") { _ = try study()(workers: 1) }
    }

    private static func modified(_ path: String) throws -> Date? {
        try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
    }

    /// Those of the small study that differ from the defaults, as settings.
    static let settings: [String] = [
        "precision=float32", "data.validation-fraction=0.25",
        "data.augmentation=[{random-crop: {size: 12, padding: 1}}, {normalize: {mean: 0.3, std: 0.3}}]",
        "data.evaluation=[{center-crop: 12}, {normalize: {mean: 0.3, std: 0.3}}]",
        "method.views=[{random-crop: {size: 12, padding: 2}}, {normalize: {mean: 0.3, std: 0.3}}]",
        "space.stem=small", "space.planes=[16, 16]", "space.depths=[1, 2]", "space.expansion=1",
        "method.queue-length=64", "method.dimension=16", "supernet.epochs=5", "supernet.batch-size=16",
        "probe.epochs=2", "probe.batch-size=16", "probe.learning-rate=1", "search.recalibration-images=32",
        "search.batch-size=16", "log.every=2",
    ]
}
