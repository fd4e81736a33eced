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
import Tasks
import TestImages
import Testing
import Torch
import Training

@testable import Workflows

@Suite(.serialized) struct AdaptationTests {
    private let folder = NSTemporaryDirectory() + "supernet-adapt-" + UUID().uuidString

    private func source() throws -> Study {
        let options = try SmallStudy.options(SinglePathMethod.name)
        let study = try SmallStudy(folder: folder + "/source").study(options)
        try SupernetTraining(study)()
        try ArchitectureSearch(study)()
        return study
    }

    private func options(_ study: Study) -> AdaptationConfiguration {
        var options = AdaptationConfiguration()
        (options.source, options.precision, options.data) = (study.path, .float32, study.options.data)
        (options.supernet.epochs, options.supernet.batchSize) = (1, 16)
        (options.finetune.epochs, options.finetune.batchSize) = (1, 16)
        (options.search.evaluations, options.search.initial, options.search.round) = (8, 4, 4)
        (options.search.recalibrationImages, options.search.batchSize) = (32, 16)
        return options
    }

    private func adaptation(
        _ options: AdaptationConfiguration, channels: Int = 1, _ name: String = "target"
    ) throws -> Adaptation {
        let data = OpenedDataset(train: BarImages(count: 64), test: BarImages(count: 16))
        return try Adaptation(
            options: options,
            task: ClassificationTask(options.data.withValidation(data)),
            path: "\(folder)/\(name)", progress: ProgressReporter(output: Silence()))
    }

    @Test func theMethodAndItsControlsCostTheSameAndAreContinued() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let study = try source()
        let options = options(study)
        let result = try adaptation(options)()
        #expect(result.outcomes.count == 4)
        let joint = try #require(result.outcomes[Adaptation.joint])
        #expect(joint.architecture == result.path)
        // Whatever is found was held against the source's own path.
        let archive = try ArchitectureArchive(existing: folder + "/target/search/archive.sqlite")
        #expect(try archive.entry(result.sourcePath.description)?.round == 0)
        for control in AdaptationControl.ofPaths {
            let outcome = try #require(result.outcomes[control.rawValue])
            #expect(outcome.architecture == (control == .weightsOnly ? result.sourcePath : result.path))
            #expect(abs(outcome.epochs - joint.epochs) <= 0.5, "\(control) \(outcome.epochs) \(joint.epochs)")
            #expect(outcome.test?.metrics["accuracy"] != nil)
        }
        // Each has other weights to start from, and so another end.
        #expect(Set(result.outcomes.values.map(\.validation.metrics["loss"])).count == 4)

        // As a kill leaves it before the last phase: the same result, and what was finished is not trained again.
        let network = folder + "/target/joint/network.safetensors"
        let before = try Data(contentsOf: URL(fileURLWithPath: network))
        for name in ["result.json", "mismatched-weights"] {
            try FileManager.default.removeItem(atPath: "\(folder)/target/\(name)")
        }
        var again = try adaptation(options)()
        var expected = result
        again.outcomes["mismatched-weights"]?.seconds = 0
        expected.outcomes["mismatched-weights"]?.seconds = 0
        #expect(again == expected)
        #expect(try Data(contentsOf: URL(fileURLWithPath: network)) == before)
        var other = options
        other.supernet.epochs = 2
        #expect(throws: RunFolderError.self) { _ = try adaptation(other)() }
    }

    @Test func withoutLabelsPathsAreComparedByLinearEvaluationAndTheSupernetStays() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let study = try source()
        var options = options(study)
        options.search.score = .linearEvaluation
        options.search.fitImages = 32
        options.controls = [.weightsOnly]
        let adaptation = try adaptation(options)
        #expect(adaptation.isUnsupervised)
        let result = try adaptation()
        #expect(!FileManager.default.fileExists(atPath: folder + "/target/supernet"))
        let joint = try #require(result.outcomes[Adaptation.joint])
        let spent = Double(result.evaluations) * Double(adaptation.task.data.validation?.count ?? 0) + 8 * (32 + 32)
        // What paths have in common is computed once, and so counted once.
        #expect(joint.epochs - 1 < spent / 3 / 48 && joint.epochs - 1 > spent / 3 / 48 / 4, "\(joint.epochs)")
        // Where the path is the source's own, both begin with the same weights and differ in length alone.
        #expect(result.outcomes[AdaptationControl.weightsOnly.rawValue]?.architecture == result.sourcePath)
        #expect(try adaptation.examples(Adaptation.joint).count == 1)
        #expect(try adaptation.examples("architecture-only").isEmpty)
        let network = try NetworkFile.read(folder + "/target/joint/network.safetensors")
        #expect(network.card.classNames == adaptation.task.data.classNames)
        var other = options
        other.search.score = .contrastive
        #expect(throws: ConfigurationError.self) { _ = try Resolved(other) }
    }

    @Test func thePathGoesOnWithTheLinearMapThatItWasRankedWith() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let study = try source()
        var options = options(study)
        (options.search.score, options.search.fitImages, options.controls) = (.linearEvaluation, 48, [])
        // Nothing is learned any more: what is scored is what was found.
        options.finetune.learningRate = 1e-12
        let result = try adaptation(options)()
        let archive = try ArchitectureArchive(existing: folder + "/target/search/archive.sqlite")
        let ranked = try #require(try archive.entry(result.path.description)).score
        let joint = try #require(result.outcomes[Adaptation.joint]).validation.value
        #expect(joint > 0.6 && joint > ranked - 0.2, "\(joint), by linear evaluation \(ranked)")
    }

    /// One training for every verb: what a network of its own may be trained with, an adapted one may.
    @Test func theFoundNetworkIsAveragedAndLearnsFromMixedImages() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let study = try source()
        var options = options(study)
        (options.controls, options.finetune.epochs) = ([], 2)
        func learned(_ name: String, _ change: (inout TrainConfiguration) -> Void) throws -> (Score, [Float]) {
            var changed = options
            change(&changed.finetune)
            let outcome = try #require(try adaptation(changed, name)().outcomes[Adaptation.joint])
            let network = try NetworkFile.read("\(folder)/\(name)/joint/network.safetensors").network
            return (outcome.validation, try #require(network.store["fc.weight"]).array(Float.self))
        }
        let plain = try learned("plain") { _ in }
        let averaged = try learned("averaged") { $0.averageDecay = 0.9 }
        let mixed = try learned("mixed") { ($0.mixup, $0.mixProbability) = (0.4, 1) }
        let both = try learned("both") {
            ($0.mixup, $0.cutmix, $0.mixProbability, $0.averageDecay) = (0.4, 0.4, 1, 0.9)
        }
        #expect(Set([plain, averaged, mixed, both].map(\.1)).count == 4)
        #expect(Set([plain, averaged, mixed, both].map { $0.0.metrics["loss"] }).count == 4)
        // The checkpoint has both networks, and the average is what was handed over.
        let checkpoint = try #require(
            FilePath.list("\(folder)/averaged/joint/checkpoints").filter { $0.hasSuffix(".safetensors") }.sorted().last)
        let tensors = Dictionary(
            try Checkpoint.read("\(folder)/averaged/joint/checkpoints/\(checkpoint)").tensors.map {
                ($0.key, $0.tensor)
            },
            uniquingKeysWith: { first, _ in first })
        let average = try #require(tensors["method.average.fc.weight"]).array(Float.self)
        #expect(try averaged.1 == average && #require(tensors["method.model.fc.weight"]).array(Float.self) != average)
        var wrong = options
        wrong.supernet.averageDecay = 0.9
        #expect(throws: ConfigurationError.self) { _ = try Resolved(wrong) }
    }

    /// Before hours are spent on the supernet.
    @Test func whatATaskCannotMixIsRefusedAtOnce() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let study = try source()
        let bars = OpenedDataset(train: BarImages(count: 32), validation: BarImages(count: 16))
        for (section, key) in [("supernet", \AdaptationConfiguration.supernet), ("finetune", \.finetune)] {
            var options = options(study)
            (options[keyPath: key].cutmix, options[keyPath: key].mixProbability) = (0.2, 0.5)
            let error = #expect(throws: TrainingError.self) {
                _ = try Adaptation(options: options, task: AgeTask(bars), path: folder + "/ages")
            }
            #expect("\(try #require(error))".hasPrefix("\(section).cutmix"))
        }
    }

    @Test func whatMayBeLuckLeavesTheSourcesPath() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let study = try source()
        var options = options(study)
        (options.caution, options.controls) = (1e6, [])
        let result = try adaptation(options)()
        #expect(result.evaluations == 8 && result.path == result.sourcePath)
    }

    @Test func aSupernetsFileIsASourceWhereItSaysWhichPathIsBest() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let study = try source()
        let file = try SupernetFile.read(SupernetTraining(study).supernetFile)
        let unknown = #expect(throws: WorkflowError.self) {
            var options = self.options(study)
            options.source = SupernetTraining(study).supernetFile
            _ = try adaptation(options)
        }
        #expect("\(try #require(unknown))".contains("supernet import --spread"))

        var card = file.card
        let origin = file.card.supernet.space.points.map { $0.candidates.count - 1 }
        card.origin = Architecture(origin)
        let path = folder + "/spread.safetensors"
        try SupernetFile.write(file.tensors, card, to: path)
        var options = self.options(study)
        (options.source, options.controls) = (path, [.weightsOnly])
        let result = try adaptation(options)()
        #expect(result.sourcePath == Architecture(origin))
        #expect(result.outcomes[AdaptationControl.weightsOnly.rawValue]?.architecture == Architecture(origin))

        // Images are prepared as the card says, since there are no settings of a study.
        card.imageSize = 32
        card.steps = ImageStep.middle(of: 32)
        try SupernetFile.write(file.tensors, card, to: path)
        var settings = try AdaptationConfiguration.adapting(path)
        #expect(settings.source == path && settings.data.imageSize == 32 && settings.data.channels == .grey)
        #expect(settings.data.normalization.mean == card.mean && settings.data.normalization.std == card.std)

        #expect(settings.departure < 1 && settings.precision == .float32)
        // As many images whatever their number, and more where they are smaller.
        try settings.suit(ClassificationTask.name, images: 12_000)
        #expect((settings.finetune.epochs, settings.supernet.epochs) == (9, 2))
        try settings.suit(ClassificationTask.name, images: 100)
        #expect((settings.finetune.epochs, settings.supernet.epochs) == (60, 15))

        card.origin = Architecture([0])
        try SupernetFile.write(file.tensors, card, to: path)
        #expect(throws: NetworkFileError.self) { _ = try SupernetFile.read(path) }
    }

    @Test func pathsStayAroundTheSourcesOwnWhereTheyAreToldTo() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let study = try source()
        let before = try SupernetFile.read(SupernetTraining(study).supernetFile)
        func moved(_ departure: Double, _ name: String) throws -> (own: Int, others: Int, path: Architecture) {
            var options = self.options(study)
            (options.departure, options.controls, options.search.initial) = (departure, [], 4)
            let adaptation = try self.adaptation(options, name)
            _ = try adaptation()
            let after = Dictionary(
                try Checkpoint.read("\(folder)/\(name)/supernet/adapted.safetensors").tensors.map {
                    ($0.key, $0.tensor)
                },
                uniquingKeysWith: { $1 })
            let supernet = try before.supernet()
            let own = Set(supernet.entries(on: adaptation.sourcePath).map(\.key))
            let keys = try supernet.store.entries.filter { entry in
                guard entry.key.hasSuffix("weight"), let other = after[entry.key] else { return false }
                return try (other - entry.tensor).absolute().max().item() > 0
            }.map(\.key)
            return (keys.count { own.contains($0) }, keys.count { !own.contains($0) }, adaptation.sourcePath)
        }
        let near = try moved(1e-9, "near")
        #expect(near.own > 0 && near.others == 0, "only the source's path learns")
        let far = try moved(1, "far")
        #expect(far.own > 0 && far.others > 0)
        // The search begins with the paths that learned.
        let some = try moved(0.2, "some")
        let archive = try ArchitectureArchive(existing: folder + "/some/search/archive.sqlite")
        let first = try archive.entries().filter { $0.round == 0 }.compactMap { Architecture($0.architecture) }
        let mean = Double(first.map { $0.distance(to: some.path) }.reduce(0, +)) / Double(first.count)
        #expect(first.count == 4 && mean < Double(some.path.choices.count) / 2, "\(mean)")
        var wrong = options(study)
        wrong.departure = 0
        #expect(throws: ConfigurationError.self) { _ = try Resolved(wrong) }
    }

    /// A supernet of squares is adapted to what is not square.
    @Test func imagesOfTheTargetMayHaveAnotherShape() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let study = try source()
        let tall = ImageSize(height: 20, width: 10)
        var options = options(study)
        options.controls = []
        try options.prepare(imagesOf: tall, mean: [0.3], std: [0.3])
        let adaptation = try adaptation(options)
        let result = try adaptation()
        let outcome = try #require(result.outcomes[Adaptation.joint])
        let file = try NetworkFile.read("\(folder)/target/joint/network.safetensors")
        #expect(file.card.imageSize == tall && file.card.steps == [.stretch(tall), .centerCrop(tall)])
        let cost = try CostTable(adaptation.supernet, imageSize: tall, classes: 4).cost(of: result.path)
        #expect(outcome.cost == cost)
        let logits = try file.network(.zeros([2, 1, 20, 10]), .evaluation)
        #expect(logits.shape == [2, file.card.classNames.count])

        // People are seen whole, in this shape.
        try options.suit(ReidentificationTask.name, images: nil)
        #expect(options.data.augmentation.outputSize == tall && options.data.steps == [.stretch(tall)])
        #expect(options.data.augmentation.transforms.contains(.randomCrop(size: tall, padding: 1)))
    }

    @Test func rankingOnManyImagesDoesNotOutweighLearning() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var large = AdaptationConfiguration()
        (large.search.evaluations, large.search.recalibrationImages) = (48, 256)
        try large.suit(ClassificationTask.name, images: 54_000)
        // A fifth of 3 passes, looked at for a third of the price by 48 paths.
        #expect(large.finetune.epochs == 3 && large.search.images == 54_000 * 3 * 3 / 5 / 48 - 256)
        try large.suit(ClassificationTask.name, images: 1_000)
        #expect(large.search.images == 500)

        let study = try source()
        var options = options(study)
        let whole = try adaptation(options)
        options.search.images = 8
        options.controls = []
        let part = try adaptation(options, "part")
        #expect(whole.rankedImages == 16 && part.rankedImages == 8)
        #expect(abs(whole.costBefore(evaluations: 3) - part.costBefore(evaluations: 3) - 3 * 8 / 3.0 / 48) < 1e-9)
        let result = try part()
        let archive = try ArchitectureArchive(existing: folder + "/part/search/archive.sqlite")
        let scores = try archive.entries().map { $0.score * 8 }
        #expect(scores.count == result.evaluations && scores.allSatisfy { abs($0 - $0.rounded()) < 1e-4 }, "eighths")
    }

    @Test func theSupernetsTrainingIsTheBeginningOfOne() throws {
        var loop = AdaptationConfiguration().supernet
        let rate = loop.schedule(batches: 10)
        #expect([0, 50, Double(loop.epochs * 10)].map(rate.factor) == [1, 1, 1])
        loop.decay = .cosine
        let falling = loop.schedule(batches: 10)
        #expect(falling.factor(Double(loop.epochs * 10)) == 0)
    }

    @Test func domainsHaveNoStatisticsInCommon() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let study = try source()
        let bars = OpenedDataset(
            train: BarImages(count: 32), validation: BarImages(count: 16), test: BarImages(count: 16))
        let task = DomainAdaptationTask(
            source: bars, target: bars, alignment: .dann, informationWeight: 0.1)
        let apart = try Adaptation(options: options(study), task: task, path: folder + "/apart")
        #expect(apart.statistics == .batch)
        #expect(try adaptation(options(study)).statistics == .recalibrate)
    }

    @Test func whatIsMissingOrDoesNotFitIsNamed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let options = try SmallStudy.options(SinglePathMethod.name)
        let study = try SmallStudy(folder: folder + "/source").study(options)
        let none = #expect(throws: WorkflowError.self) { _ = try adaptation(self.options(study)) }
        #expect("\(try #require(none))".contains("supernet train"))
        try SupernetTraining(study)()
        let unsearched = #expect(throws: WorkflowError.self) { _ = try adaptation(self.options(study)) }
        #expect("\(try #require(unsearched))".contains("supernet search"))
        try ArchitectureSearch(study)()
        var colour = self.options(study)
        colour.data.channels = .rgb
        let channels = #expect(throws: SpaceError.self) { _ = try adaptation(colour) }
        #expect("\(try #require(channels))".contains("channels"))
        var budget = self.options(study)
        budget.search.maxMacs = 1
        #expect(throws: SpaceError.self, "before anything is trained") { _ = try adaptation(budget) }
    }

    @Test func mismatchedWeightsKeepShapesAndNumbersButNotWhoHasThem() throws {
        let description = try ChainSpace(channels: 1, widths: [4, 8], depths: [2, 1]).description()
        let supernet = try Supernet(description, store: ParameterStore(seed: 1))
        let path = Architecture([0, 2, 0])
        let own = try supernet.state(of: path)
        let broken = try MismatchedWeights.state(of: supernet, path, seed: 3)
        #expect(broken.map(\.key) == own.map(\.key))
        let shared = Set(supernet.sharedEntries.map { ObjectIdentifier($0.tensor) })
        for (before, after) in zip(own, broken) {
            #expect(after.tensor.shape == before.tensor.shape)
            let isShared = shared.contains(ObjectIdentifier(before.tensor))
            let values = try (before.tensor.to(.float32).array(Float.self), after.tensor.to(.float32).array(Float.self))
            if isShared { #expect(values.0 == values.1, "\(before.key)") }
            // Weights with different numbers are all moved; nothing else of a 3x3 kernel's shape is among the candidates.
            if !isShared, before.tensor.rank == 4 {
                #expect(values.0 != values.1, "\(before.key)")
                #expect(values.0.sorted() == values.1.sorted(), "the same numbers: \(before.key)")
            }
        }
        let again = try MismatchedWeights.state(of: supernet, path, seed: 3)
        for (one, other) in zip(broken, again) {
            #expect(try one.tensor.to(.float32).array(Float.self) == other.tensor.to(.float32).array(Float.self))
        }
    }
}
