import Architectures
import Archives
import Datasets
import Experiments
import NN
import Networks
import SearchStrategies
import Supernets
import Support
import Tasks
import Torch
import Training

/// What a phase of an adaptation depends on.
private struct AdaptationPhaseConfiguration: Configuration {
    var phase = ""
    var data = DataConfiguration()
    var train = LoopConfiguration()
    /// Digest of the source's supernet, and of what came before.
    var digests: [String] = []

    static var resumeIgnoredKeys: [String] { DataConfiguration.keysWithoutEffect }
}

extension Adaptation {
    /// A folder of its own for a phase.
    private func run(_ phase: String, _ train: LoopConfiguration, _ digests: [String]) throws -> RunFolder {
        var configuration = AdaptationPhaseConfiguration()
        (configuration.phase, configuration.data, configuration.train) = (phase, options.data, train)
        configuration.digests = digests
        return try RunFolder(
            FilePath.join(path, phase), configuration: Resolved(configuration), seed: options.seed, versions: versions,
            places: options.data.places(under: "data"))
    }

    /// What learns, under the name of its settings.
    enum Phase: String {
        case supernet, finetune

        var settings: SettingNames { SettingNames(section: rawValue) }
    }

    /// Augmented batches of a task's training images, of as many as the phase's settings say and the task can fill.
    func training(_ task: any RecognitionTask, _ phase: Phase, stream: UInt64) throws -> BatchLoader {
        try options.training(task, phase, seed: SeededGenerator(seed: options.seed, stream).state)
    }

    private func validation(_ task: any RecognitionTask) throws -> any ImageDataset {
        guard let set = task.data.validation else { throw TrainingError.nothingToScore }
        return set
    }

    /// The images that paths are ranked on.
    private func ranked() throws -> any ImageDataset { try Study.sample(validation(task), options.search.images) }

    /// The source's supernet with the target's head, trained on the target.
    func trainSupernet(_ device: Device) throws -> SupernetTaskMethod {
        let store = try ParameterStore(
            seed: SeededGenerator(seed: options.seed, 0xAD0).state, device: device, format: .channelsLast)
        let supernet = try Supernet(source.card.supernet, store: store)
        let head = try task.makeHead(features: supernet.features, store.root / "fc")
        let loader = try training(task, .supernet, stream: 0xAD2)
        let method = SupernetTaskMethod(
            supernet, head: head, task: task, settings: settings(device, stream: 0xAD1),
            steps: options.supernet.epochs * loader.batchCount,
            around: options.departure < 1 ? (sourcePath, options.departure) : nil)
        let run = try run("supernet", options.supernet, [FileDigest.text(of: source.path)])
        if FilePresence.exists(adaptedFile) {
            try StateError.naming(adaptedFile) { try store.load(Checkpoint.readWeights(adaptedFile).tensors) }
            return method
        }
        let weights = source.tensors.filter { !$0.key.hasPrefix("fc.") && !$0.key.hasPrefix("neck.") }
        try StateError.naming(source.path) { try store.load(weights, strict: false) }
        var loop = try options.supernet.trainerOptions(batches: loader.batchCount, log: options.log, criterion: "score")
        (loop.phase, loop.settings) = ("supernet", Phase.supernet.settings)
        let trainer = try Trainer(
            method: method, optimizer: options.supernet.optimizer(store), options: loop, run: run, progress: progress)
        _ = try trainer.train(on: loader, validating: options.data.evaluationLoader(validation(task)))
        try Checkpoint.write(store.state, metadata: ["format": "pt"], to: adaptedFile)
        return method
    }

    private var adaptedFile: String { FilePath.join(path, "supernet/adapted.safetensors") }

    /// The best path by the head that all paths share.
    func search(_ method: SupernetTaskMethod, _ device: Device) throws -> Found {
        let scorer = SharedHeadScorer(
            supernet: method.supernet, head: method.head, task: task,
            batches: try tensors(ranked(), device))
        return try search(scorer, digest: FileDigest.text(of: adaptedFile), device) { evaluator, path in
            try evaluator.recalibrate(path)
            return method.store.state.filter { $0.key.hasPrefix("fc.") }
        }
    }

    /// The best path of the source's supernet as it is, by linear evaluation, with a head fitted to what it was ranked by.
    func searchFrozen(_ supernet: Supernet, _ device: Device) throws -> Found {
        let scorer = FrozenFeaturesScorer(
            supernet: supernet, task: task,
            fitted: try tensors(Study.sample(task.data.train, options.search.fitImages), device),
            scored: try tensors(ranked(), device))
        return try search(scorer, digest: FileDigest.text(of: source.path), device) { evaluator, path in
            let map = try evaluator.evaluateAlone(path) { _, features in try scorer.map(features) }
            return try map.headState().map { ("fc." + $0.key, $0.tensor) }
        }
    }

    /// The source's own path, and where paths stay near it in training some of those.
    private func beginning() -> [Architecture] {
        guard options.departure < 1 else { return [sourcePath] }
        var generator = SeededGenerator(seed: options.seed, 0xAD9)
        var paths = [sourcePath]
        // Few distinct ones may be had of a small space.
        for _ in 0..<(4 * options.search.initial) where paths.count < options.search.initial {
            let path = source.card.supernet.space.mutated(
                sourcePath, probability: options.departure, using: &generator)
            if !paths.contains(path) { paths.append(path) }
        }
        return paths
    }

    private func tensors(_ set: any ImageDataset, _ device: Device) throws -> [(images: Tensor, labels: Tensor)] {
        try task.domains(of: set).flatMap {
            try Study.tensors($0, options.data, batchSize: options.search.batchSize, device: device)
        }
    }

    /// - Parameter head: tensors of the head that a path was ranked with; gives the path statistics of its own as well.
    private func search(
        _ scorer: any PathScorer, digest: String, _ device: Device,
        head: (PathEvaluator, Architecture) throws -> [(key: String, tensor: Tensor)]
    ) throws -> Found {
        let search = options.search
        let folder = FilePath.join(path, "search")
        try FilePath.makeFolder(folder)
        try AtomicFile.removeLeftovers(in: folder)
        let evaluator = try search.evaluator(
            over: scorer.supernet, scoring: scorer.images, policy: statistics, learned: task.data.train,
            data: options.data, precision: options.precision, device: device)
        let costs = try CostTable(source.card.supernet, imageSize: options.data.imageSize, classes: 0)
        let latencies = try search.latencies(
            scorer.supernet, imageSize: options.data.imageSize, file: FilePath.join(folder, "latency.json"), progress)
        let check = try BudgetCheck(search.budget, costs: costs, latencies: latencies)
        let archive = try ArchitectureArchive(
            path: FilePath.join(folder, "archive.sqlite"),
            context: "supernet: \(digest)\ntask: \(options.task.name.rawValue)\nscore: \(search.score.rawValue)"
                + (search.images > 0 ? ", of \(search.images) images" : "")
                + (isUnsupervised ? ", fitted to \(search.fitImages) images" : "")
                + "\nstatistics: \(statistics.rawValue), \(search.recalibrationImages) images in batches of "
                + "\(search.batchSize)")
        _ = try archive.entries(in: source.card.supernet.space)
        let loop = SearchLoop(
            judge: SharedWeightsJudge(evaluator: evaluator, scorer: scorer), archive: archive, check: check,
            options: search, seed: options.seed, progress: progress, isAccuracy: false)
        var strategy = try search.makeStrategy(
            source.card.supernet.space, seed: SeededGenerator(seed: options.seed, 0xAD5).state, check: check,
            beginningWith: beginning())
        try loop(&strategy)
        let entries = try archive.entries(in: source.card.supernet.space)
        guard let best = entries.best(costs: costs, closestTo: sourcePath, within: options.caution) else {
            throw WorkflowError.nothingEvaluated(archive.path)
        }
        evaluator.forgetActivations()
        try Runtime.trimMemory()
        let head = try head(evaluator, best.architecture)
        return Found(
            path: best.architecture, evaluations: entries.count,
            work: evaluator.work(of: entries.compactMap { Architecture($0.architecture) }),
            weights: try scorer.supernet.state(of: best.architecture) + head)
    }

    /// One path learns the target, and is scored.
    ///
    /// - Parameters:
    ///   - phase: name and folder.
    ///   - architecture: the path.
    ///   - other: in place of the target's task. It learns for as many steps, whatever the number of its images.
    ///   - epochs: of its training.
    ///   - before: passes that were spent before.
    ///   - device: where.
    ///   - weights: in place of initial values, as far as they go.
    func learn(
        _ phase: String, _ architecture: Architecture, as other: (any RecognitionTask)? = nil, epochs: Int,
        before: Double, _ device: Device, weights: () throws -> [(key: String, tensor: Tensor)]
    ) throws -> Outcome {
        let task = other ?? self.task
        var train = options.finetune
        let loader = try training(task, .finetune, stream: 0xAD8)
        train.epochs = epochs
        if other != nil {
            let steps = try epochs * training(self.task, .finetune, stream: 0xAD8).batchCount
            train.epochs = max(1, Int((Double(steps) / Double(max(loader.batchCount, 1))).rounded()))
        }
        let run = try run(phase, train, [FileDigest.text(of: source.path), architecture.description])
        let resultFile = FilePath.join(run.path, "result.json")
        if let stored = try PhaseResult.read(Outcome.self, resultFile) { return stored }
        let store = try ParameterStore(
            seed: SeededGenerator(seed: options.seed, 0xAD6).state, device: device, format: .channelsLast)
        let description = source.card.supernet
        let backbone = try Backbone(description.fixed(to: architecture), channels: description.channels, store: store)
        let head = try task.makeHead(features: backbone.features, store.root / "fc")
        try store.load(weights(), strict: false)
        let method = NetworkTaskMethod(
            backbone, head: head, task: task, settings: settings(device, stream: 0xAD7),
            steps: train.epochs * loader.batchCount)
        var loop = try train.trainerOptions(batches: loader.batchCount, log: options.log, criterion: "score")
        (loop.phase, loop.settings) = (phase, Phase.finetune.settings)
        let trainer = try Trainer(
            method: method, optimizer: train.optimizer(store), options: loop, run: run, progress: progress)
        let validated = try options.data.evaluationLoader(validation(task))
        let summary = try trainer.train(on: loader, validating: validated)
        if case .byDomain(_, let images) = task.normalization {
            try method.recalibrate(options.data.evaluationLoader(images).batches(epoch: 0))
        }
        try write(store, backbone, description.fixed(to: architecture), task, FilePath.join(run.path, Self.networkName))
        var (outputs, part) = (try method.outputs(validated.batches(epoch: 0)), TaskPart.validation)
        let score = try task.score(outputs.values, labels: outputs.labels, of: .validation)
        var test: TaskScore?
        if let images = task.data.test {
            (outputs, part) = (try method.outputs(options.data.evaluationLoader(images).batches(epoch: 0)), .test)
            test = try task.score(outputs.values, labels: outputs.labels, of: .test)
        }
        try PhaseResult.write(
            task.examples(outputs.values, labels: outputs.labels, of: part),
            FilePath.join(run.path, "examples.json"))
        let outcome = Outcome(
            architecture: architecture,
            cost: try CostTable(description, imageSize: options.data.imageSize, classes: 0).cost(of: architecture),
            epochs: before + Double(epochs), seconds: summary.seconds, validation: score, test: test)
        try PhaseResult.write(outcome, resultFile)
        return outcome
    }
}
