import Architectures
import Datasets
import Experiments
import Methods
import NN
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

/// A method of a program's own: one path learns, the same in every step.
private final class OnePathMethod: SupervisedSupernetMethod {
    struct Options: Configuration {
        var choice = 0
        static let keyHelp = ["choice": "The candidate that is taken at each choice."]

        func validate() throws {
            var check = ConfigurationCheck()
            check.require(choice >= 0, "choice", "must not be negative, is \(choice)")
            try check.finish()
        }
    }

    static let name = "test-one-path"
    static let summary = "One path, the same in every step."

    let model: TaskSupernet
    let objective: TaskObjective
    private let path: Architecture

    init(_ model: TaskSupernet, objective: TaskObjective, choice: Int) throws {
        (self.model, self.objective) = (model, objective)
        path = Architecture(model.supernet.space.points.map { _ in choice })
        try model.supernet.space.validate(path)
    }

    static func make(_ setup: SupernetSetup, _ options: Options) throws -> OnePathMethod {
        try OnePathMethod(
            setup.taskSupernet(setup.initialSeed), objective: setup.objective, choice: options.choice)
    }

    static func passes(_ options: Options, in space: SearchSpace) -> Double { 3 }

    var evaluatedPaths: [Architecture] { [path] }

    func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        let step = try objective.prepare(batch, step: step)
        let outcome = try objective.loss(step, head: model.head, .training(nil)) {
            try supernet.features($0, path, .training(nil))
        }
        try outcome.loss.backward()
        return StepOutcome(loss: try outcome.loss.detached())
    }
}

/// A task of a program's own: how far down a bar is, a number by itself.
private struct PlaceTask: RecognitionTask {
    struct Options: Configuration {
        var step = 1.0
        static let keyHelp = ["step": "The distance between two places."]
    }

    static let name = "test-place"
    static let summary = "how far down a bar is; images of classes in their order"
    static let metrics = [Metric("distance", unit: .quantity("steps"), isHigherBetter: false)]
    static let outputs = TaskOutputs.readings(PlaceReader.self)

    let data: OpenedDataset
    let step: Double
    var outputNames: [String]? { nil }

    static func open(_ data: DataConfiguration, _ options: Options, with open: TaskData) throws -> Self {
        Self(data: try data.withValidation(open.classes(data.source)), step: options.step)
    }

    static func scoring(_ source: String, with open: TaskData) throws -> any RecognitionTask {
        Self(data: try open.classes(source), step: 1)
    }

    func makeHead(features: Int, _ scope: Scope, weights: Initializer?) throws -> any TaskHead {
        let step = step
        return try LinearHead(features: features, outputs: 1, scope, weights: weights) { outputs, targets in
            let wanted = try targets.numbers.to(.float32).reshaped([outputs.size(0), 1]) * step
            let difference = try outputs - wanted
            return try (difference * difference).mean()
        }
    }

    func networkHead(features: Int) -> NetworkHead { .linear(outputs: 1) }

    func score(_ outputs: Tensor, labels: [Int], of part: TaskPart) throws -> Score {
        let places = try outputs.to(.float32).array(Float.self).map(Double.init)
        let errors = zip(places, labels).map { abs($0 - Double($1) * step) }
        let mean = errors.reduce(0, +) / Double(max(errors.count, 1))
        return Score(-mean, standardError: nil, metrics: ["distance": mean])
    }

    func linearMap(fittedTo features: Tensor, labels: Tensor) throws -> any FittedMap {
        throw TrainingError.badOption("search.score", "cannot be linear-evaluation for places")
    }

    func examples(_ outputs: Tensor, labels: [Int], images: [Int], of part: TaskPart) throws -> [Examples] {
        [
            Examples(
                images: images,
                .numbers(
                    quantity: "place", unit: "steps", actual: labels.map { Double($0) * step },
                    predicted: try outputs.to(.float32).array(Float.self).map(Double.init)))
        ]
    }
}

private enum PlaceReader: TaskReader {
    static let columns = ["place"]
    static let fewestOutputs = 1
    static func outputNames(_ count: Int) -> [String] { columns }
    static func readings(_ outputs: Tensor) throws -> [TaskReading] {
        try outputs.to(.float32).array(Float.self).map {
            TaskReading(values: [.number(Double($0))], words: "place \($0)")
        }
    }
}

/// What a program registers is chosen by name like what is built in.
@Suite(.serialized) struct RegisteredMembersTests {
    private let folder: TemporaryFolder

    /// Once in a process.
    private static let registration = Result {
        try SupernetMethodFamily.register(SupernetMethodType<OnePathMethod>())
        try TaskFamily.register(TaskType<PlaceTask>())
    }

    init() throws {
        folder = try TemporaryFolder()
        try Self.registration.get()
    }

    private static let bars = OpenedDataset(train: BarImages(count: 96), test: BarImages(count: 16))

    private func options(_ settings: [String]) throws -> StudyConfiguration {
        try ConfigurationLoader.load(
            StudyConfiguration.self, over: SmallStudy.options(SinglePathMethod.name, epochs: 2), overrides: settings
        ).value
    }

    @Test func aMethodAndATaskAreChosenByTheirNames() throws {
        let text = """
            task: {name: test-place, step: 0.5}
            method: {name: test-one-path, choice: 1}
            search: {evaluations: 4, initial: 2, round: 2}
            supernet: {learning-rate: 0.02}
            finetune: {learning-rate: 0.02, epochs: 4}
            """
        let options = try ConfigurationLoader.load(
            StudyConfiguration.self, over: SmallStudy.options(SinglePathMethod.name, epochs: 2),
            files: [folder.write(text, to: "study.yaml")]
        ).value
        #expect(try options.task.options(as: PlaceTask.Options.self).step == 0.5)
        let study = try Study(
            options, path: folder.file("study"), open: .given(Self.bars), progress: ProgressReporter(output: Silence()))
        let supernet = try SupernetTraining(study)()
        #expect(supernet.validation["distance"].map { supernet.validation["score"] == -$0 } == true)
        // Of the first choice that is not the method's own, nothing has learned.
        let file = try SupernetFile.read(SupernetTraining(study).supernetFile)
        #expect(file.card.method == OnePathMethod.name && file.card.task == PlaceTask.name)
        let start = try options.method.make(
            SupernetSetup(
                file.card.supernet,
                objective: study.objective(options.supernet, device: .cpu, steps: 1, section: "supernet"),
                imageSize: options.data.imageSize))
        let own = Set(start.supernet.entries(on: Architecture([1, 1, 1])).map(\.key))
        let learned = Dictionary(file.tensors.map { ($0.key, $0.tensor) }, uniquingKeysWith: { first, _ in first })
        let moved = try start.supernet.store.parameters.filter {
            try (#require(learned[$0.key]) - $0.tensor).absolute().max().item() > 0
        }.map(\.key).filter { !$0.hasPrefix(NetworkHead.key) }
        #expect(!moved.isEmpty && moved.allSatisfy(own.contains))

        let found = try ArchitectureSearch(study)()
        #expect(found.evaluations == 4 && found.metrics["distance"] == -found.score)
        let training = try NetworkPhase(study, .finetune).training()
        let test = try #require(try training().test)
        let network = try NetworkFile.read(training.networkFile)
        #expect(try network.task() == PlaceTask.self)
        let images = try #require(study.task.data.test)
        let read = try Predictor(network).readings(images, by: PlaceReader.self).map { line -> Double in
            guard case .number(let place) = line.reading.values[0] else { return .nan }
            return place
        }
        let errors = read.enumerated().map { abs($1 - Double(images.label(at: $0)) * 0.5) }
        #expect(abs(errors.reduce(0, +) / Double(errors.count) - (test.metrics["distance"] ?? .nan)) < 1e-4)
        // The folder opens by the names that it has stored.
        let stored = try ConfigurationLoader.load(
            StudyConfiguration.self, stored: folder.file("study/\(Study.settingsName)")
        ).value
        #expect(stored == study.options)
    }

    @Test func theirOptionsAreCheckedAsThoseOfOthers() throws {
        for (settings, words) in [
            (["method.name=test-one-path", "method.choice=-1"], "must not be negative"),
            (["method.name=test-one-path", "method.random-paths=1"], "the method `test-one-path` has `choice`"),
            (["task.name=test-place", "task.stepp=1"], "did you mean `task.step`"),
            (["task.name=test-places"], "test-place"),
        ] {
            let error = #expect(throws: ConfigurationError.self) { _ = try options(settings) }
            #expect("\(try #require(error))".contains(words), "\(settings)")
        }
        #expect(throws: RegistrationError.nameTaken(OnePathMethod.name, noun: "method")) {
            try SupernetMethodFamily.register(SupernetMethodType<OnePathMethod>())
        }
    }

    /// Every method is made by its name, for every task whose labels it can learn, and takes a step.
    @Test(arguments: [
        PiMethod.name, SupervisedPiMethod.name, SinglePathMethod.name, FairMethod.name, SandwichMethod.name,
        OnePathMethod.name,
    ]) func everyMethodMakesItsSupernet(name: String) throws {
        var method = try MethodConfiguration(named: name)
        if name == PiMethod.name {
            try method.update(PiMethod.Options.self) { ($0.queueLength, $0.dimension) = (8, 4) }
        }
        let description = try ChainSpace(channels: 1, widths: [4, 8], depths: [1, 1]).description()
        let bars = OpenedDataset(train: BarImages(count: 16), validation: BarImages(count: 8))
        let tasks: [any RecognitionTask] = [
            ClassificationTask(bars), AgeTask(bars), AgeAndGenderTask(bars), PlaceTask(data: bars, step: 1),
        ]
        for task in tasks {
            let train = TrainConfiguration()
            let setup = SupernetSetup(
                description,
                objective: try TaskObjective(task, train: train, precision: .float32, device: .cpu, seed: 5, steps: 2),
                imageSize: 12)
            let (made, again) = (try method.make(setup), try method.make(setup))
            #expect(made.supernet.space == description.space)
            #expect(made.embeddingDimension == (method.isSupervised ? nil : 4))
            #expect((made.teacher != nil) == !method.isSupervised)
            #expect(method.passes(in: description.space) >= 3)
            // The same seed is the same supernet.
            for (one, other) in zip(made.store.parameters, again.store.parameters) {
                #expect(try one.key == other.key && one.tensor.array(Float.self) == other.tensor.array(Float.self))
            }
            let data = try SmallStudy.options().data
            let batches = try data.trainingLoader(
                task.data.train, augmentation: data.evaluation, batchSize: 8, views: method.views?.count ?? 1, seed: 1
            ).batches(epoch: 0)
            let step = TrainingStep(method: made, optimizer: try train.optimizer(made.store))
            let loss = try step(#require(try batches.next()), step: 0, learningRate: 0.01).loss.item()
            #expect(loss.isFinite && loss > 0, "\(task.name)")
            let moved = try zip(made.store.parameters, again.store.parameters).contains {
                try $0.tensor.array(Float.self) != $1.tensor.array(Float.self)
            }
            #expect(moved, "\(task.name)")
        }
    }
}
