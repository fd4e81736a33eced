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
import Torch
import Training

/// The settings on which the result of a phase of an adaptation depends.
private struct AdaptationPhaseConfiguration: Configuration {
    var phase = ""
    var data = DataConfiguration()
    var train = TrainConfiguration()
    /// The digests of the source's supernet and of the results of earlier phases.
    var digests: [String] = []

    /// Until version 0.8, label smoothing was the task's, and no phase recorded it. The adaptation itself does.
    static var resumeIgnoredKeys: [String] { DataConfiguration.keysWithoutEffect + ["train.label-smoothing"] }
}

extension Adaptation {
    /// Opens the run folder of a phase.
    private func run(_ phase: String, _ train: TrainConfiguration, _ digests: [String]) throws -> RunFolder {
        var configuration = AdaptationPhaseConfiguration()
        let folder = folder(phase)
        // Its name, which is an earlier one where the folder is of an earlier version.
        configuration.phase = FilePath.name(of: folder)
        (configuration.data, configuration.train) = (options.data, train)
        configuration.digests = digests
        return try RunFolder(
            folder, configuration: Resolved(configuration), seed: options.seed, versions: versions,
            places: options.data.places(under: "data"))
    }

    private func seed(_ stream: UInt64) -> UInt64 { SeededGenerator(seed: options.seed, stream).state }

    // MARK: The supernet

    private static let supernetPhase = "supernet"
    private var adaptedFile: String { FilePath.join(path, "\(Self.supernetPhase)/adapted.safetensors") }

    /// Creates the loader of augmented batches for training the supernet.
    func supernetLoader() throws -> BatchLoader {
        let size = task.batchSize(atMost: options.supernet.batchSize)
        let setting = "\(Self.supernetPhase).batch-size"
        return try options.data.trainingLoader(
            DataConfiguration.sample(task.data.train, options.supernet.images), batchSize: size, setting: setting,
            sampling: namingBatchSize(setting) { try task.sampling(batchSize: size) },
            seed: seed(RandomStream.adaptedSupernetImages))
    }

    /// Trains the source's supernet with the target's head on the target.
    private func trainSupernet(_ device: Device) throws -> TaskSupernet {
        let store = try ParameterStore(
            seed: seed(RandomStream.adaptedSupernet), device: device, format: .channelsLast)
        let model = try TaskSupernet(supernet, task: task, store: store)
        let run = try run(Self.supernetPhase, options.supernet, [FileDigest.text(of: source.path)])
        if FilePath.exists(adaptedFile) {
            try StateError.naming(adaptedFile) { try store.load(Checkpoint.readWeights(adaptedFile).tensors) }
            return model
        }
        let weights = source.tensors.filter { !$0.key.hasPrefix("fc.") && !$0.key.hasPrefix("neck.") }
        try StateError.naming(source.path) { try store.load(weights, strict: false) }
        let loader = try supernetLoader()
        let method = SinglePathMethod(
            model,
            objective: try TaskObjective(
                task, train: options.supernet, precision: options.precision, device: device,
                seed: seed(RandomStream.adaptedSupernetSteps), steps: options.supernet.epochs * loader.batchCount,
                section: Self.supernetPhase), around: options.departure < 1 ? (sourcePath, options.departure) : nil,
            stream: RandomStream.adaptedPaths)
        let trainer = try options.supernet.trainer(
            of: method, batches: loader.batchCount, phase: Self.supernetPhase,
            settings: SettingNames(section: Self.supernetPhase), criterion: "score", log: options.log, run: run,
            progress: progress)
        _ = try trainer.train(on: loader, validating: options.data.evaluationLoader(task.validationSet()))
        try Checkpoint.write(store.state, metadata: ["format": "pt"], to: adaptedFile)
        return model
    }

    // MARK: The search

    /// Finds the best path: of the adapted supernet by the head that all paths share, or of the unchanged source
    /// supernet by linear evaluation.
    func search(_ device: Device) throws -> Found {
        func images(_ set: any ImageDataset, _ count: Int) throws -> ScoredImages {
            try ScoredImages(
                task.domains(of: DataConfiguration.sample(set, count)).flatMap {
                    try options.data.tensors($0, batchSize: options.search.batchSize, device: device)
                })
        }
        let scorer: any PathScorer
        let digest: String
        if isUnsupervised {
            digest = try FileDigest.text(of: source.path)
            scorer = LinearEvaluationScorer(
                supernet: try source.supernet(device: device), task: task,
                fitted: try images(task.data.train, options.search.fitImages),
                scored: try images(task.validationSet(), options.search.images), isByLoss: false)
        } else {
            let model = try trainSupernet(device)
            digest = try FileDigest.text(of: adaptedFile)
            scorer = SharedHeadScorer(
                supernet: model.supernet, head: model.head, task: task,
                scored: try images(task.validationSet(), options.search.images), isByLoss: false,
                state: model.store.state.filter { $0.key.hasPrefix(NetworkHead.key + ".") })
        }
        return try search(scorer, digest: digest, device)
    }

    private func search(_ scorer: any PathScorer, digest: String, _ device: Device) throws -> Found {
        let search = options.search
        let judge = SharedWeightsJudge(
            evaluator: try search.evaluator(
                over: scorer.supernet, scoring: scorer.images, policy: statistics, learned: task.data.train,
                data: options.data, precision: options.precision, device: device), scorer: scorer)
        let phase = PathSearch(
            folder: FilePath.join(path, "search"),
            context: "supernet: \(digest)\ntask: \(task.name)\nscore: \(search.score.rawValue)"
                + (search.images > 0 ? ", of \(search.images) images" : "")
                + (isUnsupervised ? ", fitted to \(search.fitImages) images" : "")
                + "\nstatistics: \(statistics.rawValue), \(search.recalibrationImages) images in batches of "
                + "\(search.batchSize)", options: search, costs: try costs(), imageSize: options.data.imageSize,
            seed: options.seed, progress: progress, isAccuracy: false)
        let found = try phase(
            .asked(seed: seed(RandomStream.adaptedSearch), beginning: beginning()), judge)
        guard
            let best = found.entries.best(
                costs: found.check.costs, closestTo: sourcePath, within: options.caution)
        else { throw WorkflowError.nothingEvaluated(found.archive.path) }
        let weights = try judge.weights(of: best.architecture)
        try judge.finish()
        return Found(
            path: best.architecture, evaluations: found.entries.count,
            work: judge.work(of: found.entries.compactMap { Architecture($0.architecture) }), weights: weights)
    }

    /// The paths that the search starts with: the source's own path, and some near it where training stays near it.
    private func beginning() -> [Architecture] {
        guard options.departure < 1 else { return [sourcePath] }
        var generator = SeededGenerator(seed: options.seed, RandomStream.adaptedBeginning)
        var paths = [sourcePath]
        // Few distinct ones may be had of a small space.
        for _ in 0..<(4 * options.search.initial) where paths.count < options.search.initial {
            let path = supernet.space.mutated(sourcePath, probability: options.departure, using: &generator)
            if !paths.contains(path) { paths.append(path) }
        }
        return paths
    }

    // MARK: The networks

    /// Creates the setup of the training of one path.
    func networkSetup(
        _ task: any RecognitionTask, _ architecture: Architecture, device: Device
    ) throws -> NetworkSetup {
        var setup = NetworkSetup(
            task: task, layer: try supernet.fixed(to: architecture), channels: supernet.channels, data: options.data,
            train: options.finetune, precision: options.precision, device: device,
            seeds: .adaptation(options.seed), section: "finetune")
        (setup.architecture, setup.log) = (architecture, options.log)
        return setup
    }

    /// Trains one path on the target and scores it.
    ///
    /// - Parameters:
    ///   - row: the name of the row and of its folder.
    ///   - architecture: the path.
    ///   - other: a task to train instead of the target's, for as many steps, whatever the number of its images; nil
    ///     for the target's.
    ///   - epochs: the number of epochs of its training.
    ///   - before: the number of epochs that were spent before.
    ///   - device: the device that computes.
    ///   - weights: a closure that returns the weights to start from, which replace initial values by key.
    func learn(
        _ row: String, _ architecture: Architecture, as other: (any RecognitionTask)? = nil, epochs: Int,
        before: Double, _ device: Device, weights: @escaping () throws -> [(key: String, tensor: Tensor)]
    ) throws -> NetworkResult {
        var setup = try networkSetup(other ?? task, architecture, device: device)
        (setup.train.epochs, setup.epochsBefore, setup.phase, setup.weights) = (epochs, before, row, weights)
        if other != nil {
            let steps = try epochs * networkSetup(task, architecture, device: device).loader().batchCount
            let own = try max(setup.loader().batchCount, 1)
            setup.train.epochs = max(1, Int((Double(steps) / Double(own)).rounded()))
            // The account is of passes over the target's images.
            setup.epochsBefore += Double(epochs - setup.train.epochs)
        }
        if setup.train.decay == .steps { setup.train.milestones.removeAll { $0 >= setup.train.epochs } }
        let run = try run(row, setup.train, [FileDigest.text(of: source.path), architecture.description])
        return try NetworkTraining(setup, run: run, record: record, progress: progress)()
    }
}
