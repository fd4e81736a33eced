import Architectures
import Archives
import Datasets
import Drawings
import Experiments
import Methods
import Networks
import Results
import Supernets
import Support
import Tasks
import TestFolders
import TestImages
import Testing
import Torch
import Training

@testable import Workflows

/// A study from scratch of what is not classification: every phase is that of any task.
@Suite(.serialized) struct TaskStudyTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Drawn faces, or drawn people.
    private func images(_ task: String) throws -> String {
        let path = folder.file("images")
        if task == ReidentificationTask.name {
            var people = SyntheticPedestrians.Options()
            (people.trainingIdentities, people.testIdentities, people.imagesPerIdentity) = (12, 3, 6)
            (people.distractors, people.junk, people.height) = (3, 2, 32)
            try SyntheticPedestrians(people).write(to: path)
        } else {
            var faces = SyntheticFaces.Options()
            (faces.count, faces.ages, faces.side) = (60, 20...49, 32)
            try SyntheticFaces(faces).write(to: path)
        }
        return path
    }

    private func options(_ task: String, _ method: String) throws -> StudyConfiguration {
        var options = try StudyConfiguration.quick(images(task), task: task, size: 16)
        options.precision = .float32
        options.data.validationFraction = 0.3
        options.space = try SpaceConfiguration(named: "chain", ChainOptions.self) {
            ($0.widths, $0.depths) = ([4, 8], [1, 1])
        }
        options.method = try MethodConfiguration(named: method)
        if method == PiMethod.name {
            let views = options.data.evaluation.transforms + [.horizontalFlip()]
            try options.method.update(PiMethod.Options.self) {
                ($0.queueLength, $0.dimension, $0.views) = (32, 4, try Augmentation(views))
            }
        }
        (options.supernet.epochs, options.supernet.batchSize) = (1, 8)
        (options.probe.epochs, options.probe.batchSize, options.probe.learningRate) = (1, 8, 0.1)
        (options.search.evaluations, options.search.initial, options.search.round) = (4, 2, 2)
        (options.search.recalibrationImages, options.search.batchSize) = (16, 8)
        (options.finetune.epochs, options.finetune.batchSize, options.finetune.warmUpEpochs) = (1, 8, 0)
        options.retrain = options.finetune
        return try Resolved(options).value
    }

    private func study(_ options: StudyConfiguration) throws -> Study {
        try Study(options, path: folder.file("study"), progress: ProgressReporter(output: Silence()))
    }

    private func file(_ name: String) -> String { folder.file("study/\(name)") }

    /// The result of a phase and the file of its network; its folder is free for the next.
    private func trained(_ study: Study, _ start: NetworkPhase.Start) throws -> (result: NetworkResult, file: String) {
        let training = try NetworkPhase(study, start).training()
        return (try training(), training.networkFile)
    }

    @Test(arguments: [
        (AgeTask.name, SinglePathMethod.name), (AgeTask.name, PiMethod.name),
        (AgeAndGenderTask.name, SupervisedPiMethod.name), (ReidentificationTask.name, FairMethod.name),
        (ReidentificationTask.name, PiMethod.name), (ReidentificationTask.name, SandwichMethod.name),
        (GenderTask.name, SinglePathMethod.name),
    ]) func everyPhaseIsForEveryTask(name: String, method: String) throws {
        let options = try options(name, method)
        let study = try study(options)
        let (task, metrics) = (study.task, study.task.metrics.map(\.name))
        #expect(task.name == name)

        let supernet = try SupernetTraining(study)()
        #expect(supernet.steps > 0 && supernet.validation.values.allSatisfy(\.isFinite))
        #expect((supernet.validation["score"] != nil) == options.method.isSupervised)
        let card = try SupernetFile.read(file("supernet/supernet.safetensors")).card
        #expect(card.task == name && card.classNames == task.outputNames ?? [])
        if !options.method.isSupervised {
            #expect(try Set(LinearProbing(study)().validation.keys).isSuperset(of: metrics + ["score"]))
        }

        let found = try ArchitectureSearch(study)()
        #expect(found.evaluations == 4 && Set(found.metrics.keys).isSuperset(of: metrics))
        let inherited = try NetworkFile.read(file("search/network.safetensors"))
        #expect(inherited.card.task == name && found.validation?.count == task.data.validation?.count)

        for start in [NetworkPhase.Start.finetune, .retrain] {
            let (result, path) = try trained(study, start)
            let test = try #require(result.test)
            #expect(Set(test.metrics.keys).isSuperset(of: metrics) && test.metrics.values.allSatisfy(\.isFinite))
            #expect(result.architecture == found.architecture && result.steps > 0)
            let examples = try ExamplesFile.read(in: file(start.rawValue))
            #expect(!examples.isEmpty && examples.allSatisfy(\.isWhole))
            // What the file gives is what was scored.
            let network = try NetworkFile.read(path)
            #expect(try network.task() == type(of: task) && network.network.store.parameterCount > 0)
            let again = try Predictor(network).score(task, on: #require(task.data.test))
            #expect(abs(again.value - test.value) < 1e-5 * max(1, abs(test.value)) && again.count == test.count)
            // A finished phase is read.
            #expect(try trained(study, start).result == result)
        }
    }

    /// Ages have no cross-entropy of classes to be ranked by.
    @Test(arguments: SearchConfiguration.Score.allCases) func agesAreRankedByEveryScore(
        score: SearchConfiguration.Score
    ) throws {
        var options = try options(AgeTask.name, score == .contrastive ? PiMethod.name : SinglePathMethod.name)
        (options.search.score, options.search.trainEpochs) = (score, 1)
        let study = try study(options)
        _ = try SupernetTraining(study)()
        let found = try ArchitectureSearch(study)()
        #expect(found.evaluations == 4 && found.score.isFinite)
        let scores = try ArchitectureArchive(existing: file("search/archive.sqlite")).entries()
        #expect(score == .contrastive || scores.allSatisfy { abs($0.score + ($0.metrics["MAE"] ?? .nan)) < 1e-9 })
    }

    /// Before hours are spent on what comes first.
    @Test func whatATaskCannotMixIsRefusedAtOnce() throws {
        for (section, key) in [
            ("supernet", \StudyConfiguration.supernet), ("finetune", \.finetune), ("retrain", \.retrain),
        ] as [(String, WritableKeyPath<StudyConfiguration, TrainConfiguration>)] {
            var options = try options(AgeTask.name, SinglePathMethod.name)
            (options[keyPath: key].mixup, options[keyPath: key].mixProbability) = (0.2, 0.5)
            let error = #expect(throws: TrainingError.self) { _ = try study(options) }
            #expect("\(try #require(error))".hasPrefix("\(section).mixup"), "\(section)")
        }
    }
}
