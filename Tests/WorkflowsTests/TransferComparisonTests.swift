import Datasets
import Experiments
import Foundation
import Results
import Tasks
import TestImages
import Testing

@testable import Workflows

@Suite(.serialized) struct TransferComparisonTests {
    private let folder = NSTemporaryDirectory() + "supernet-transfer-" + UUID().uuidString

    private func options() -> TransferComparisonConfiguration {
        var options = TransferComparisonConfiguration()
        options.seeds = [1]
        options.settings = [
            "supernet.epochs=1", "supernet.batch-size=16", "finetune.epochs=1", "finetune.batch-size=16",
            "search.evaluations=6", "search.initial=3", "search.round=3", "search.recalibration-images=16",
            "search.batch-size=16", "search.fit-images=16", "data.threads=0",
        ]
        options.sources = [
            .init(name: "labelled", settings: RankingTests.settings + ["method.name=spos"], adaptation: nil),
            .init(
                name: "unlabelled", settings: RankingTests.settings + ["method.name=pi-nas"],
                adaptation: ["controls=[weights-only]", "comparisons=false"]),
        ]
        options.tasks = [
            .init(
                name: "bars", sources: ["labelled", "unlabelled"],
                settings: ["task.name=domain-adaptation", "task.source-domain=others", "data.source=bars"],
                isSynthetic: true, note: nil)
        ]
        return options
    }

    private func study(_ options: TransferComparisonConfiguration) -> TransferComparison {
        TransferComparison(
            options: options, path: folder, versions: [:], progress: ProgressReporter(output: Silence()),
            open: TaskData(classes: { name in
                guard name != "missing" else { throw DatasetError(.unreadable, file: name, "is not there", advice: "") }
                return OpenedDataset(
                    layout: .idx, train: BarImages(count: name == "bars" ? 48 : 96), test: BarImages(count: 16))
            }))
    }

    @Test func sourcesAreAdaptedToTasksAndFinishedOnesStay() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = options()
        let first = try study(options)(workers: 2)
        #expect(first.map(\.source) == ["labelled", "unlabelled"])
        #expect(first.map(\.isUnsupervised) == [false, true])
        #expect(
            Set(first[0].result.outcomes.keys) == [
                "joint", "weights-only", "architecture-only", "mismatched-weights", "source-only", "target-supervised",
            ])
        #expect(Set(first[1].result.outcomes.keys) == ["joint", "weights-only"])
        #expect(first.allSatisfy { $0.result.outcomes.values.allSatisfy { $0.test?.metrics["accuracy"] != nil } })
        let examples = try #require(try study(options).adaptation(first[0])).examples("source-only")
        #expect(examples.count == 1)

        let network = folder + "/bars/labelled/seed-1/joint/network.safetensors"
        let before = try FileManager.default.attributesOfItem(atPath: network)[.modificationDate] as? Date
        options.seeds.append(2)
        let second = try study(options)(workers: 2)
        #expect(second.map(\.seed) == [1, 2, 1, 2])
        #expect([second[0], second[2]] == first)
        #expect(second[1].result != second[0].result, "another seed is another training")
        #expect(try FileManager.default.attributesOfItem(atPath: network)[.modificationDate] as? Date == before)
    }

    @Test func whatMakesNoSenseIsRefusedBeforeAnythingIsTrained() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var unknown = options()
        unknown.tasks[0].sources = ["nobody"]
        #expect(throws: ConfigurationError.self) { _ = try Resolved(unknown) }
        var slashed = options()
        slashed.tasks[0].name = "a/b"
        #expect(throws: ConfigurationError.self) { _ = try Resolved(slashed) }
        var setting = options()
        setting.tasks[0].settings.append("finetune.epochs=none")
        #expect(throws: ConfigurationError.self) { _ = try study(setting)(workers: 1) }
        var missing = options()
        missing.tasks[0].settings.append("data.source=missing")
        #expect(throws: DatasetError.self) { _ = try study(missing)(workers: 1) }
        #expect(!FileManager.default.fileExists(atPath: folder + "/sources"))
    }
}
