import Datasets
import Drawings
import Experiments
import Foundation
import Networks
import Results
import Supernets
import Support
import Tasks
import TestFolders
import Testing
import Workflows

@testable import SupernetCommands

/// From a folder of images to a network of a task without classes, by the verbs alone.
@Suite(.serialized) struct TaskStudyVerbTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ words: [String], _ settings: [String] = []) throws {
        var command = try SupernetCommand.parseAsRoot(words + settings.flatMap { ["--set", $0] })
        try command.run()
    }

    private func words(_ arguments: [String]) throws -> String {
        let error = #expect(throws: (any Error).self) { try run(arguments) }
        return SupernetCommand.fullMessage(for: try #require(error))
    }

    private static let short = [
        "precision=float32", "space.name=chain", "space.widths=[4, 8]", "space.depths=[1, 1]", "supernet.epochs=1",
        "supernet.batch-size=8", "probe.epochs=1", "probe.batch-size=8", "probe.learning-rate=0.1",
        "search.evaluations=4", "search.initial=2", "search.round=2", "search.recalibration-images=16",
        "search.batch-size=8", "finetune.epochs=1", "finetune.batch-size=8", "finetune.warm-up-epochs=0",
    ]

    @Test func agesAreLearnedFromScratch() throws {
        var options = SyntheticFaces.Options()
        (options.count, options.ages, options.side) = (48, 20...49, 32)
        let (faces, study) = (folder.file("faces"), folder.file("study"))
        try SyntheticFaces(options).write(to: faces)
        let command = ["run", "--data", faces, "--task", "age", "--run", study]
        // With labels, and without: then there is a probe as well.
        let settings = Self.short + ["method.name=spos"]
        try run(command, settings)
        let stored = try ConfigurationLoader.load(
            StudyConfiguration.self, stored: FilePath.join(study, Study.settingsName)
        ).value
        #expect(stored.task.name == AgeTask.name && stored.data.imageSize == 32 && stored.data.channels == .rgb)
        #expect(try SupernetFile.read(study + "/supernet/supernet.safetensors").card.task == AgeTask.name)
        let result = try #require(try ResultFile.read(NetworkResult.self, study + "/finetune/result.json"))
        #expect(try #require(result.test).metrics.keys.sorted() == ["CS@5", "MAE"])
        for page in ["report.html", "finetune/report.html"] {
            let text = try folder.text("study/\(page)")
            #expect(text.contains("MAE") && text.contains("years"), "\(page)")
        }
        // The same command goes on, and finds all of it done.
        let weights = try folder.bytes("study/finetune/network.safetensors")
        try run(command, settings)
        #expect(try folder.bytes("study/finetune/network.safetensors") == weights)
        #expect(try ResultFile.read(NetworkResult.self, study + "/finetune/result.json") == result)

        // The verbs that take a network know what it is.
        let network = study + "/finetune/network.safetensors"
        let score = try #require(try SupernetCommand.parseAsRoot(["evaluate", network, "--data", faces]) as? Evaluate)
        let rows = Dictionary(uniqueKeysWithValues: try score.rows().map { ($0.0, $0.1) })
        let years = try #require(rows["MAE"]?.split(separator: " ").first.flatMap { Double($0) })
        #expect(
            abs(years - (result.test?.metrics["MAE"] ?? .nan)) < 0.0101
                && rows["images"] == "\(result.test?.count ?? 0)")
        try run(["predict", network, faces, "--output", folder.file("ages.csv")])
        #expect(try folder.text("ages.csv").hasPrefix("image,age\n"))
        try run(["export", network, "--output", folder.file("ages.onnx")])
        // A supernet of ages is adapted to genders.
        let adapted = folder.file("adapted")
        try run(
            ["adapt", "--source", study, "--data", faces, "--task", "gender", "--run", adapted, "--no-controls"],
            ["supernet.epochs=1", "finetune.epochs=1", "search.evaluations=2", "search.initial=2", "data.threads=0"])
        #expect(try NetworkFile.read(adapted + "/joint/network.safetensors").card.task == GenderTask.name)
    }

    @Test func peopleAreToldApartFromScratchWithoutLabels() throws {
        var options = SyntheticPedestrians.Options()
        (options.trainingIdentities, options.testIdentities, options.imagesPerIdentity) = (10, 3, 6)
        options.height = 32
        let (people, study) = (folder.file("people"), folder.file("study"))
        try SyntheticPedestrians(options).write(to: people)
        try run(
            ["run", "--data", people, "--task", "re-identification", "--run", study, "--retrain"],
            Self.short + [
                "method.queue-length=32", "method.dimension=4", "data.validation-fraction=0.3", "retrain.epochs=1",
                "retrain.batch-size=8",
            ])
        let result = try #require(try ResultFile.read(NetworkResult.self, study + "/retrain/result.json"))
        #expect(result.test?.metrics["mAP"] != nil && result.test?.metrics["rank-1"] != nil)
        #expect(try folder.text("study/report.html").contains("mAP"))
        #expect(try NetworkFile.read(study + "/retrain/network.safetensors").card.head?.kind == .neck)
    }

    @Test func aTaskThatThereIsNotIsRefused() throws {
        let refused = try words(["run", "--data", folder.path, "--task", "ages"])
        #expect(refused.contains("ages") && refused.contains("age-and-gender"))
        #expect(try words(["run", "--config", "x.yaml", "--task", "age"]).contains("task.name"))
        // Images of another task are told of before anything is made.
        let run = folder.file("run")
        #expect(
            try words(["run", "--data", folder.makeFolder("none"), "--task", "age", "--run", run]).contains("none"))
        #expect(!FilePath.exists(run))
    }
}
