import Architectures
import Archives
import Datasets
import Experiments
import Files
import NN
import Networks
import SearchStrategies
import Seeding
import Supernets
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

    static var resumeIgnoredKeys: [String] { ["data.threads"] }
}

extension Adaptation {
    /// A folder of its own for a phase.
    private func run(_ phase: String, _ train: LoopConfiguration, _ digests: [String]) throws -> RunFolder {
        var configuration = AdaptationPhaseConfiguration()
        (configuration.phase, configuration.data, configuration.train) = (phase, options.data, train)
        configuration.digests = digests
        return try RunFolder(
            FilePath.join(path, phase), configuration: Resolved(configuration), seed: options.seed, versions: versions)
    }

    private func training(batchSize: Int, stream: UInt64) throws -> BatchLoader {
        try options.data.trainingLoader(
            task.data.train, batchSize: batchSize, seed: SeededGenerator(seed: options.seed, stream).state)
    }

    private func validation() throws -> any ImageDataset {
        guard let set = task.data.validation else { throw TrainingError.nothingToScore }
        return set
    }

    /// The source's supernet with the target's head, trained on the target.
    func trainSupernet(_ device: Device) throws -> SupernetTaskMethod {
        let store = try ParameterStore(
            seed: SeededGenerator(seed: options.seed, 0xAD0).state, device: device, format: .channelsLast)
        let supernet = try Supernet(source.card.supernet, store: store)
        let head = try task.makeHead(features: supernet.features, store.root / "fc")
        let method = SupernetTaskMethod(supernet, head: head, settings: settings(device, stream: 0xAD1))
        let file = FilePath.join(path, "supernet/adapted.safetensors")
        let run = try run("supernet", options.supernet, [FileDigest.text(of: source.path)])
        if FilePresence.exists(file) {
            try store.load(Checkpoint.read(file).tensors)
            return method
        }
        let weights = source.tensors.filter { !$0.key.hasPrefix("fc.") && !$0.key.hasPrefix("neck.") }
        try store.load(weights, strict: false)
        let loader = try training(batchSize: options.supernet.batchSize, stream: 0xAD2)
        var loop = try options.supernet.trainerOptions(batches: loader.batchCount, log: options.log, criterion: "loss")
        loop.phase = "supernet"
        let trainer = try Trainer(
            method: method, optimizer: options.supernet.optimizer(store), options: loop, run: run, progress: progress)
        _ = try trainer.train(on: loader, validating: options.data.evaluationLoader(validation()))
        try Checkpoint.write(store.state, metadata: ["format": "pt"], to: file)
        return method
    }

    /// The best path on the target's validation images.
    func search(_ method: SupernetTaskMethod, _ device: Device) throws -> (best: Architecture, evaluations: Int) {
        let digest = try FileDigest.text(of: FilePath.join(path, "supernet/adapted.safetensors"))
        let folder = FilePath.join(path, "search")
        try FilePath.makeFolder(folder)
        let scorer = TaskScorer(
            supernet: method.supernet, head: method.head, task: task,
            batches: try Study.tensors(
                validation(), options.data, batchSize: options.search.batchSize, device: device))
        let evaluator = try options.search.evaluator(
            over: method.supernet, scoring: scorer.images, policy: options.search.statistics, learned: task.data.train,
            data: options.data, precision: options.precision, device: device)
        let costs = try CostTable(source.card.supernet, imageSize: options.data.imageSize, classes: 0)
        let latencies = try options.search.latencies(
            method.supernet, imageSize: options.data.imageSize, file: FilePath.join(folder, "latency.json"), progress)
        let check = try BudgetCheck(options.search.budget, costs: costs, latencies: latencies)
        let archive = try ArchitectureArchive(
            path: FilePath.join(folder, "archive.sqlite"),
            context: "supernet: \(digest)\ntask: \(options.task.rawValue)\nstatistics: "
                + "\(options.search.statistics.rawValue), "
                + "\(options.search.recalibrationImages) images in batches of \(options.search.batchSize)")
        let loop = SearchLoop(
            judge: SharedWeightsJudge(evaluator: evaluator, scorer: scorer), archive: archive, check: check,
            options: options.search, seed: options.seed, progress: progress)
        var strategy = try options.search.makeStrategy(
            source.card.supernet.space, seed: SeededGenerator(seed: options.seed, 0xAD5).state, check: check)
        try loop(&strategy)
        let entries = try archive.entries()
        let best = entries.best(costs: costs)
        guard let best else { throw WorkflowError.nothingEvaluated(archive.path) }
        // The path goes on with statistics of its own.
        try evaluator.reestimate(best.architecture)
        evaluator.forgetActivations()
        return (best.architecture, entries.count)
    }

    /// One path learns the target, and is scored.
    ///
    /// - Parameters:
    ///   - phase: name and folder.
    ///   - architecture: the path.
    ///   - epochs: of its training.
    ///   - before: passes that were spent before.
    ///   - device: where.
    ///   - weights: in place of initial values, as far as they go.
    func learn(
        _ phase: String, _ architecture: Architecture, epochs: Int, before: Double, _ device: Device,
        weights: () throws -> [(key: String, tensor: Tensor)]
    ) throws -> Outcome {
        var train = options.finetune
        train.epochs = epochs
        let run = try run(phase, train, [FileDigest.text(of: source.path), architecture.description])
        let resultFile = FilePath.join(run.path, "result.json")
        if let stored = try PhaseResult.read(Outcome.self, resultFile) { return stored }
        let store = try ParameterStore(
            seed: SeededGenerator(seed: options.seed, 0xAD6).state, device: device, format: .channelsLast)
        let description = source.card.supernet
        let backbone = try Backbone(description.fixed(to: architecture), channels: description.channels, store: store)
        let head = try task.makeHead(features: backbone.features, store.root / "fc")
        try store.load(weights(), strict: false)
        let method = NetworkTaskMethod(backbone, head: head, task: task, settings: settings(device, stream: 0xAD7))
        let loader = try training(batchSize: train.batchSize, stream: 0xAD8)
        var loop = try train.trainerOptions(batches: loader.batchCount, log: options.log, criterion: "score")
        loop.phase = phase
        let trainer = try Trainer(
            method: method, optimizer: train.optimizer(store), options: loop, run: run, progress: progress)
        let scored = try options.data.evaluationLoader(validation())
        let summary = try trainer.train(on: loader, validating: scored)
        let outcome = Outcome(
            architecture: architecture,
            cost: try CostTable(description, imageSize: options.data.imageSize, classes: 0).cost(of: architecture),
            epochs: before + Double(epochs), seconds: summary.seconds,
            validation: try method.score(scored.batches(epoch: 0)),
            test: try task.data.test.map { try method.score(options.data.evaluationLoader($0).batches(epoch: 0)) })
        try Checkpoint.write(
            store.state, metadata: ["format": "pt"], to: FilePath.join(run.path, "network.safetensors"))
        try PhaseResult.write(outcome, resultFile)
        return outcome
    }
}
