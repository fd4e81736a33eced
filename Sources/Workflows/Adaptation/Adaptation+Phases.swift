import Architectures
import Archives
import Datasets
import Distributed
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

    /// The seed of the strategy of an adaptation's first search.
    static func searchSeed(_ seed: UInt64) -> UInt64 { SeededGenerator(seed: seed, RandomStream.adaptedSearch).state }

    // MARK: The supernet

    private static let supernetPhase = "supernet"
    /// The path of the file of the supernet that was trained on the target.
    var adaptedFile: String { FilePath.join(path, "\(Self.supernetPhase)/adapted.safetensors") }

    /// Creates the loader of augmented batches for training the supernet.
    func supernetLoader() throws -> BatchLoader {
        let size = task.batchSize(atMost: options.supernet.batchSize)
        let setting = "\(Self.supernetPhase).batch-size"
        return try options.data.trainingLoader(
            DataConfiguration.sample(task.data.train, options.supernet.images), batchSize: size, setting: setting,
            sampling: namingBatchSize(setting) { try task.sampling(batchSize: size) },
            share: ranks.map { BatchShare($0.rank, of: $0.size) }, seed: seed(RandomStream.adaptedSupernetImages))
    }

    /// The source's supernet with the target's head, before it learns.
    private func taskSupernet(_ device: Device) throws -> TaskSupernet {
        try TaskSupernet(
            supernet, task: task,
            store: ParameterStore(seed: seed(RandomStream.adaptedSupernet), device: device, format: .channelsLast))
    }

    /// The settings by which the supernet learns, its teacher's epochs included.
    private var supernetTraining: TrainConfiguration {
        var train = options.supernet
        if supernet.isElastic { train.epochs += options.teacherEpochs }
        return train
    }

    /// Trains the source's supernet with the target's head on the target.
    private func trainSupernet(_ device: Device) throws -> TaskSupernet {
        let model = try taskSupernet(device)
        let store = model.store
        let run = try run(Self.supernetPhase, supernetTraining, [FileDigest.text(of: source.path)])
        if FilePath.exists(adaptedFile) {
            try StateError.naming(adaptedFile) { try store.load(Checkpoint.readWeights(adaptedFile).tensors) }
            return model
        }
        let weights = source.tensors.filter { !$0.key.hasPrefix("fc.") && !$0.key.hasPrefix("neck.") }
        try StateError.naming(source.path) { try store.load(weights + sourceHead, strict: false) }
        let paths = try pathsWithinBudgets()
        let validation = try options.data.evaluationLoader(task.validationSet())
        try Ranks.together(.supernet) {
            try train(model, device, paths: paths, validating: validation, run: run, progress: progress)
        }
        try Checkpoint.write(store.state, metadata: ["format": "pt"], to: adaptedFile)
        return model
    }

    /// Trains the supernet to the end, from the newest checkpoint of the run's folder where there is one.
    ///
    /// - Parameter paths: the paths of a step of the sandwich rule; on other ranks than the first any closure, or nil where rank 0
    ///   has none.
    private func train(
        _ model: TaskSupernet, _ device: Device, paths: ((Int) throws -> [Architecture])?,
        validating validation: BatchLoader?, run: RunFolder?, progress: ProgressReporter
    ) throws {
        let train = supernetTraining
        let loader = try supernetLoader()
        let objective = try TaskObjective(
            task, train: train, precision: options.precision, device: device,
            seed: seed(RandomStream.adaptedSupernetSteps), steps: train.epochs * loader.batchCount,
            section: Self.supernetPhase, ranks: ranks)
        let method: any SupervisedSupernetMethod =
            supernet.isElastic
            ? SandwichMethod(
                model, objective: objective, costs: try costs(), randomPaths: options.randomPaths,
                alone: options.teacherEpochs * loader.batchCount, others: shared(paths))
            : SinglePathMethod(
                model, objective: objective,
                around: options.departure < 1 ? (sourcePath, options.departure) : nil,
                stream: RandomStream.adaptedPaths)
        let trainer = try train.trainer(
            of: method, batches: loader.batchCount, phase: Self.supernetPhase,
            settings: SettingNames(section: Self.supernetPhase), criterion: "score", log: options.log, run: run,
            ranks: ranks, progress: progress)
        _ = try trainer.train(on: loader, validating: validation ?? loader)
    }

    /// The paths of a step as rank 0 draws them: where a latency is limited, it alone has measured.
    private func shared(_ paths: ((Int) throws -> [Architecture])?) -> ((Int) throws -> [Architecture])? {
        guard let paths, let ranks else { return paths }
        let (rows, points) = (options.randomPaths + 1, supernet.space.points.count)
        return { step in
            let own = try ranks.isFirst ? paths(step).flatMap(\.choices) : Array(repeating: 0, count: rows * points)
            let all = try ranks.shared(own)
            return stride(from: 0, to: all.count, by: points).map { Architecture(Array(all[$0..<$0 + points])) }
        }
    }

    /// Takes part in the trainings of an adaptation whose files rank 0 writes, until it has no more.
    ///
    /// - Parameter ranks: the processes, of which this is not the first.
    /// - Throws: `RanksError` if rank 0 ends before; what training throws.
    public func follow(_ ranks: Ranks) throws {
        let device = try Device.configured(options.device)
        try ranks.follow { words in
            switch try SharedTraining(words) {
            case .probe: throw RanksError.apart("rank 0 calls to a probe, which an adaptation has none of")
            case .supernet:
                try train(
                    taskSupernet(device), device, paths: options.search.isLimited ? { _ in [] } : nil, validating: nil,
                    run: nil, progress: ProgressReporter(output: NoOutput()))
            case .network(let shared):
                let other = shared.otherTask.flatMap { name in task.comparisons.first { $0.name == name } }
                try NetworkSetup(shared, task: other?.task ?? task, device: device, ranks: ranks).follow()
            }
        }
    }

    /// The paths of a step of the sandwich rule where budgets are given: each nearly uses up one of them, in turn, so that
    /// what is searched later has learned. Nil without a budget, for paths of any cost.
    private func pathsWithinBudgets() throws -> ((Int) throws -> [Architecture])? {
        guard options.search.isLimited else { return nil }
        let checks = try pathSearch().budgets(supernet, device: .cpu).map(\.check)
        let budgets = checks.map { BudgetPaths(supernet.space, within: $0) }
        let count = options.randomPaths + 1
        return { step in
            (step * count..<(step + 1) * count).map { number in
                var generator = SeededGenerator(seed: options.seed, RandomStream.adaptedPaths, UInt64(number))
                return budgets[number % budgets.count].path(using: &generator)
            }
        }
    }

    // MARK: The search

    /// Finds the best path within each budget: of the adapted supernet by the head that all paths share, or of the
    /// unchanged source supernet by linear evaluation.
    func search(_ device: Device) throws -> Ranking {
        let scorer: any PathScorer
        let digest: String
        if isUnsupervised {
            digest = try FileDigest.text(of: source.path)
            scorer = LinearEvaluationScorer(
                supernet: try source.supernet(device: device), task: task,
                fitted: try images(task.data.train, options.search.fitImages, device),
                scored: try images(task.validationSet(), options.search.images, device), isByLoss: false)
        } else {
            if options.search.needsLatency {
                // A limit that no path keeps is found out before the supernet is trained, as weights take no time.
                _ = try pathSearch().budgets(supernet, device: device)
            }
            scorer = try sharedHead(of: trainSupernet(device), device)
            digest = try FileDigest.text(of: adaptedFile)
        }
        return try search(scorer, digest: digest, device)
    }

    /// Decodes so many images of a set, class by class; 0 for all.
    private func images(_ set: any ImageDataset, _ count: Int, _ device: Device) throws -> ScoredImages {
        try ScoredImages(
            task.domains(of: DataConfiguration.sample(set, count)).flatMap {
                try options.data.tensors($0, batchSize: options.search.batchSize, device: device)
            })
    }

    /// The scorer of the adapted supernet's paths by the head that they share.
    private func sharedHead(of model: TaskSupernet, _ device: Device) throws -> SharedHeadScorer {
        SharedHeadScorer(
            supernet: model.supernet, head: model.head, task: task,
            scored: try images(task.validationSet(), options.search.images, device),
            isByLoss: options.search.score == .loss,
            state: model.store.state.filter { $0.key.hasPrefix(NetworkHead.key + ".") })
    }

    private func judge(_ scorer: any PathScorer, _ device: Device) throws -> SharedWeightsJudge {
        SharedWeightsJudge(
            evaluator: try options.search.evaluator(
                over: scorer.supernet, scoring: scorer.images, keepsMaps: scorer.needsMaps, policy: statistics,
                learned: task.data.train, data: options.data, precision: options.precision, device: device),
            scorer: scorer)
    }

    /// The judge of the paths of the supernet that a finished adaptation trained. Nothing is written.
    ///
    /// - Throws: what reading the supernet and decoding images throws.
    func judgeOfFinished(_ device: Device) throws -> SharedWeightsJudge {
        let store = try ParameterStore(
            seed: seed(RandomStream.adaptedSupernet), device: device, format: .channelsLast)
        let model = try TaskSupernet(supernet, task: task, store: store)
        try StateError.naming(adaptedFile) { try store.load(Checkpoint.readWeights(adaptedFile).tensors) }
        return try judge(sharedHead(of: model, device), device)
    }

    /// A description of what scores depend on, one item on each line.
    ///
    /// - Parameter digest: the digest of the supernet's file.
    func context(digest: String) -> String {
        let search = options.search
        return "supernet: \(digest)\ntask: \(task.name)\nscore: \(search.score.rawValue)"
            + (search.images > 0 ? ", of \(search.images) images" : "")
            + (isUnsupervised ? ", fitted to \(search.fitImages) images" : "")
            + "\nstatistics: \(statistics.rawValue), \(search.recalibrationImages) images in batches of "
            + "\(search.batchSize)"
    }

    private func search(_ scorer: any PathScorer, digest: String, _ device: Device) throws -> Ranking {
        let judge = try judge(scorer, device)
        let phase = try pathSearch(context(digest: digest))
        let budgets = try phase.budgets(judge.supernet.description, device: device)
        let searches = try budgets.enumerated().map { number, budget in
            try phase(
                .asked(
                    seed: number == 0
                        ? Self.searchSeed(options.seed)
                        : SeededGenerator(seed: options.seed, RandomStream.adaptedSearch, UInt64(number)).state,
                    beginning: beginning(seed: options.seed, within: budget.check)), judge, within: budget.check)
        }
        guard let entries = searches.last?.entries else { throw WorkflowError.nothingEvaluated(path) }
        func weights(_ path: Architecture) throws -> [(key: String, tensor: Tensor)] {
            // What paths share is overwritten when the next one is recalibrated.
            try judge.weights(of: path).map { (key: $0.key, tensor: try $0.tensor.cloned()) }
        }
        // Chosen when all searches are done, so that a search that continues sees what the first saw.
        let file = FilePath.join(path, "search/found.json")
        let stored = try ResultFile.read([[Architecture]].self, file)
        let paths = try stored ?? budgets.map { try best(of: entries, within: $0.check) }
        guard paths.count == budgets.count, paths.allSatisfy({ !$0.isEmpty }) else {
            throw ResultError.damaged(path: file)
        }
        if stored == nil { try ResultFile.write(paths, to: file) }
        let found = try zip(budgets, paths).map { budget, paths in
            for path in paths { try supernet.space.validate(path) }
            return Found(
                budget: budget.request, check: budget.check,
                candidates: try paths.map { Candidate(path: $0, weights: try weights($0)) })
        }
        var ranking = Ranking(
            found: found, evaluations: entries.count,
            work: judge.work(of: entries.compactMap { Architecture($0.architecture) }))
        if supernet.isElastic, !isUnsupervised {
            ranking.largest = try weights(largest)
            for control in options.controls where control.isPathOfSupernet {
                ranking.paths[control] = try found.map { found in
                    let path =
                        control == .uniformPath
                        ? BudgetPaths(supernet.space, within: found.check).uniform
                        : try found.check.randomPath(supernet.space, seed: seed(RandomStream.adaptedRandomPath))
                    return try path.map { Candidate(path: $0, weights: try weights($0)) }
                }
            }
        }
        try judge.finish()
        return ranking
    }

    /// The search of paths, whose scores depend on what the context says.
    private func pathSearch(_ context: String = "") throws -> PathSearch {
        PathSearch(
            folder: FilePath.join(path, "search"), context: context, options: options.search, costs: try costs(),
            imageSize: options.data.imageSize, seed: options.seed, progress: progress, isAccuracy: false)
    }

    /// The best of the evaluated paths that keep a budget, for an elastic source as many as the shortlist has, each of
    /// which differs from those before it at a quarter of the choices where there is such a path.
    private func best(of entries: [ArchiveEntry], within check: BudgetCheck) throws -> [Architecture] {
        var allowed = entries.filter { Architecture($0.architecture).map(check.allows) ?? false }
        var fastest = Double.infinity
        var found: [Architecture] = []
        let count = supernet.isElastic && !isUnsupervised ? options.shortlist : 1
        let distance = max(supernet.space.points.count / 4, 1)
        while found.count < count,
            let best = supernet.isElastic
                ? allowed.largest(costs: check.costs, within: options.caution)
                : allowed.best(costs: check.costs, closestTo: sourcePath, within: options.caution)
        {
            let path = best.architecture
            let time = try measuredLatency(path, check)
            if let time, let most = check.budget.latency, time > most {
                fastest = min(fastest, time)
            } else {
                found.append(path)
            }
            allowed.removeAll { entry in
                entry.architecture == best.entry.architecture
                    || (found.last == path
                        && Architecture(entry.architecture).map { $0.distance(to: path) < distance } ?? false)
            }
        }
        if !found.isEmpty { return found }
        guard fastest.isFinite, let most = check.budget.latency else {
            throw WorkflowError.nothingEvaluated(FilePath.join(path, "search"))
        }
        throw WorkflowError.slowerThanPredicted(limit: most, fastest: fastest)
    }

    /// The milliseconds of a path as the network that it will be, where a latency is limited; nil where none is, or where
    /// it is predicted from another machine's table, as what that machine measured cannot be measured here.
    private func measuredLatency(_ path: Architecture, _ check: BudgetCheck) throws -> Double? {
        guard check.budget.latency != nil, options.search.latencyTable == nil else { return nil }
        let head = task.networkHead(features: try supernet.features(imageSize: options.data.imageSize))
        return try LatencyMeter.latency(
            of: NetworkDescription(
                channels: supernet.channels, classes: head.linearOutputs, backbone: supernet.fixed(to: path)),
            imageSize: options.data.imageSize)
    }

    /// The head of an elastic source that learned the same classes as the target has; empty for any other source.
    var sourceHead: [(key: String, tensor: Tensor)] {
        let card = source.card
        guard supernet.isElastic, card.task == task.name, let names = task.outputNames, card.classNames == names else {
            return []
        }
        return source.head ?? []
    }

    /// The path with the most multiply-adds: of an elastic supernet, the one that all others are parts of.
    var largest: Architecture {
        get throws { try costs().cheapest { -Double($0.multiplyAdds) } }
    }

    /// The paths that a search starts with: the source's own path, some near it where training stays near it, and those
    /// of an elastic source that nearly use up a budget, the plain ones first.
    func beginning(seed: UInt64, within check: BudgetCheck) -> [Architecture] {
        var generator = SeededGenerator(seed: seed, RandomStream.adaptedBeginning)
        var paths = [sourcePath]
        if supernet.isElastic, !isUnsupervised, !check.budget.isOpen {
            let budget = BudgetPaths(supernet.space, within: check)
            paths = (check.allows(sourcePath) ? paths : []) + budget.plain.filter { $0 != sourcePath }
            for _ in 0..<(4 * options.search.initial) where paths.count < options.search.initial {
                let path = budget.path(using: &generator)
                if !paths.contains(path) { paths.append(path) }
            }
            return paths
        }
        guard options.departure < 1 else { return paths }
        // Few distinct ones may be had of a small space.
        for _ in 0..<(4 * options.search.initial) where paths.count < options.search.initial {
            let path = supernet.space.mutated(sourcePath, probability: options.departure, using: &generator)
            if !paths.contains(path) { paths.append(path) }
        }
        return paths
    }

    // MARK: The networks

    /// Creates the setup of the training of one path, or of other layers.
    func networkSetup(
        _ task: any RecognitionTask, _ architecture: Architecture?, _ layer: Layer? = nil, device: Device
    ) throws -> NetworkSetup {
        var setup = NetworkSetup(
            task: task, layer: try layer ?? supernet.fixed(to: architecture ?? sourcePath), channels: supernet.channels,
            data: options.data,
            train: options.finetune, precision: options.precision, device: device,
            seeds: .adaptation(options.seed), section: "finetune")
        (setup.architecture, setup.log, setup.ranks) = (architecture, options.log, ranks)
        return setup
    }

    /// A network to be trained on the target.
    struct Row {
        /// The name of the row and of its folder.
        var name: String
        /// The path that the network is; nil for layers that are none.
        var architecture: Architecture?
        /// The layers of a network that is no path, and how they were made of the source's.
        var layer: Layer?
        var scale: ScaledSource.Scale?
        /// The number of epochs of its training.
        var epochs: Int
        /// The number of epochs that were spent before.
        var before = 0.0
        /// The tensors of the network whose outputs are learned in place of labels; nil for labels alone.
        var teacher: [(key: String, tensor: Tensor)]?
        /// Whether the network is only compared with others on validation images, so that no test image is read.
        var isTrial = false
        /// A task to train instead of the target's, for as many steps, whatever the number of its images; nil for the
        /// target's.
        var other: TaskComparison?
        /// A closure that returns the weights to start from, which replace initial values by key.
        var weights: () throws -> [(key: String, tensor: Tensor)]
    }

    /// Trains a network on the target and scores it.
    func learn(_ row: Row, _ device: Device) throws -> NetworkResult {
        var setup = try networkSetup(row.other?.task ?? task, row.architecture, row.layer, device: device)
        (setup.train.epochs, setup.epochsBefore, setup.phase) = (row.epochs, row.before, row.name)
        (setup.weights, setup.readsTest) = (row.weights, !row.isTrial)
        if let other = row.other {
            let steps =
                try row.epochs
                * networkSetup(task, row.architecture, row.layer, device: device).loader()
                .batchCount
            let own = try max(setup.loader().batchCount, 1)
            setup.train.epochs = max(1, Int((Double(steps) / Double(own)).rounded()))
            // The account is of passes over the target's images.
            setup.epochsBefore += Double(row.epochs - setup.train.epochs)
            (setup.task, setup.otherTask) = (other.task, other.name)
        }
        var digests = [
            try FileDigest.text(of: source.path), row.architecture?.description ?? row.scale?.description ?? "",
        ]
        if let teacher = row.teacher, options.distillation > 0 {
            setup.teacher = try NetworkSetup.Teacher(
                supernet.fixed(to: largest), share: options.distillation
            ) { teacher }
            digests.append("teacher: \(options.distillation)")
        }
        if setup.train.decay == .steps { setup.train.milestones.removeAll { $0 >= setup.train.epochs } }
        let run = try run(row.name, setup.train, digests)
        return try NetworkTraining(setup, run: run, record: record, progress: progress)()
    }
}
