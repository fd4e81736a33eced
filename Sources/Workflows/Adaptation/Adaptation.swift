import Architectures
import Datasets
import Distributed
import Experiments
import Networks
import Results
import Supernets
import Support
import Tasks
import Torch
import Training

/// Adapts architecture and weights of a source to a target together (G. Wang, L. Lin, R. Chen, G. Wang, J. Zhang,
/// "Joint Learning of Neural Transfer and Architecture Adaptation for Image Recognition", IEEE TNNLS 2021): the
/// source's supernet is trained on the target, its paths are ranked there, and the best one is fine-tuned from the
/// weights that it was ranked with. Call the value to run it, or to continue an interrupted run; the folder then holds:
///
/// ```
/// supernet/          the supernet with the target's head:   adapted.safetensors
/// search/            the ranking on the target:             archive.sqlite
/// joint/             the found path, on from those weights: network.safetensors, result.json, examples.json
/// weights-only/ …    the controls, at the same cost
/// ```
///
/// In the unsupervised variant there is no `supernet/`, as paths of the source's supernet are compared by linear
/// evaluation.
public struct Adaptation {
    /// The result of one row: a network that was trained on the target.
    public typealias Outcome = NetworkResult
    /// The result that an adaptation writes to `result.json`.
    public typealias Result = AdaptationResult

    /// A path with the weights that it was ranked with.
    struct Candidate {
        var path: Architecture
        var weights: [(key: String, tensor: Tensor)]
    }

    /// The best paths within a budget.
    struct Found {
        /// The budget, where there are several.
        var budget: BudgetRequest?
        var check: BudgetCheck
        /// The shortlist, the best first; at least one.
        var candidates: [Candidate]

        /// The path that was ranked best, or, once the shortlist was compared, that which was best there.
        var path: Architecture { candidates[0].path }
    }

    /// The result of the search.
    struct Ranking {
        /// The best path within each budget.
        var found: [Found]
        /// The number of paths that were evaluated.
        var evaluations: Int
        /// The cost of the evaluations, in evaluations of a whole path; what paths have in common is computed once.
        var work: Double
        /// The tensors of an elastic supernet's largest path; nil for another supernet.
        var largest: [(key: String, tensor: Tensor)]?
        /// For each control that is a path of the supernet, the path within each budget with its weights; nil where none
        /// keeps it.
        var paths: [AdaptationControl: [Candidate?]] = [:]
    }

    /// The name of the method's own row among the outcomes.
    public static let joint = AdaptationResult.joint

    /// The settings of the adaptation.
    public let options: AdaptationConfiguration
    /// The target task with its images.
    public let task: any RecognitionTask
    /// The path of the folder.
    public let path: String
    let versions: [String: String]
    let progress: ProgressReporter
    let source: SupernetFile
    /// The supernet that is adapted: the source's, with the task's own layers where it has some.
    public let supernet: SupernetDescription
    /// The record of the images, which the folder keeps.
    public let record: DataRecord
    /// The best path on the source.
    public let sourcePath: Architecture
    /// The processes that train together; nil for one alone.
    let ranks = Ranks.current

    /// Sets up an adaptation. Nothing is trained before it is called.
    ///
    /// - Parameters:
    ///   - options: the settings of the adaptation.
    ///   - task: the target task with its images.
    ///   - path: the path of the folder.
    ///   - versions: versions of whatever the result may depend on, such as that of libtorch, for the record.
    ///   - changedData: the policy for images that differ from those that the adaptation began with.
    ///   - progress: the reporter that shows progress.
    /// - Throws: `WorkflowError.missingPhase` if the source study has no supernet or no search;
    ///   `WorkflowError.noOrigin` for a supernet's file that names no best path; `SpaceError` if the supernet takes
    ///   other images; `SpaceError.impossibleBudget`.
    public init(
        options: AdaptationConfiguration, task: any RecognitionTask, path: String, versions: [String: String] = [:],
        changedData: ChangedDataPolicy = .refused, progress: ProgressReporter = ProgressReporter()
    ) throws {
        var options = options
        options.data = try options.data.prepared(for: task)
        self.options = options
        self.task = task
        self.path = FilePath.trim(path)
        self.versions = versions
        self.progress = progress
        record = DataRecord(
            folder: path, of: task.data, root: options.data.source, changes: changedData)
        let opened = try AdaptationSource(options.source)
        (source, sourcePath) = (opened.supernet, opened.path)
        supernet = try task.supernet(on: source.card.supernet)
        _ = try task.validationSet()
        if options.search.score != .accuracy, options.search.score != .loss {
            try task.requirePooled("search.score", options.search.score.rawValue)
        }
        if options.search.needsLatency { try task.requirePredictableLatency("search") }
        let channels = try options.data.evaluationLoader(task.data.train).imageShape[0]
        guard source.card.supernet.channels == channels else {
            throw SpaceError.invalid(
                space: source.card.supernet.space.name,
                [
                    "the source's supernet takes images of \(source.card.supernet.channels) channels, the target has "
                        + "\(channels); set data.channels"
                ])
        }
        // Refused before anything is trained: mixing and batches that the task cannot use, an impossible budget.
        try options.supernet.requireMixable(task, section: "supernet")
        try options.finetune.requireMixable(task, section: "finetune")
        _ = try supernetLoader()
        _ = try networkSetup(task, sourcePath, device: .cpu).loader()
        try PathSearch.refuseImpossible(
            options.search, costs(), of: supernet, imageSize: options.data.imageSize)
        let foreign = options.controls.filter { AdaptationControl.ofElasticSources.contains($0) }
        guard supernet.isElastic && !isUnsupervised || foreign.isEmpty else {
            throw WorkflowError.needsElasticSource(foreign.map(\.rawValue))
        }
    }

    /// Whether the supernet is not trained on the target, so that paths are compared by linear evaluation.
    public var isUnsupervised: Bool { options.search.score == .linearEvaluation }

    /// The batch-norm statistics that paths are compared with. Domains that are normalised separately have no common
    /// statistics to recalibrate, so that each batch, which is then of one domain, uses its own.
    var statistics: StatisticsPolicy {
        if case .byDomain = task.normalization { return .batch }
        return options.search.statistics
    }

    private var comparisons: [TaskComparison] { options.comparisons ? task.comparisons : [] }

    /// The names of all networks that are trained, in the order of the table.
    public var rows: [String] {
        guard !options.search.budgets.isEmpty else {
            return [Self.joint] + options.controls.map(\.rawValue) + comparisons.map(\.name)
        }
        let kept = options.controls.filter(\.keepsBudget).map(\.rawValue)
        return options.search.budgetRequests.flatMap { budget in
            ([Self.joint] + kept).map { Self.name($0, budget) }
        } + options.controls.filter { !$0.keepsBudget }.map(\.rawValue) + comparisons.map(\.name)
    }

    /// The name of a row, which with several budgets begins with that of the budget's folder.
    private static func name(_ row: String, _ budget: BudgetRequest?) -> String {
        budget.map { "\($0.name)/\(row)" } ?? row
    }

    /// Runs the adaptation, continues an interrupted one, or returns the result of a finished one.
    ///
    /// - Throws: `RunFolderError` if the folder was made with other settings; `ChangedDataError` if the images differ
    ///   from those that it began with; what training and evaluating throws.
    @discardableResult
    public func callAsFunction() throws -> Result {
        let run = try RunFolder(
            path, configuration: Resolved(options), seed: options.seed, versions: versions, places: places())
        progress.record = run.progressFile
        try record.open(told: { progress.print("the images changed: \($0)") })
        let device = try Device.configured(options.device)
        let original = try source.supernet(device: device)
        var ranking = try search(device)
        let before = costBefore(evaluations: ranking.work)
        // What the method spent before fine-tuning, the others spend on fine-tuning. Every budget is charged with all of
        // the supernet's training, and with its share of the search.
        let each = costBefore(evaluations: ranking.work / Double(ranking.found.count))
        let epochs = options.finetune.epochs + Int(each.rounded())
        var outcomes: [String: NetworkResult] = [:]
        for number in ranking.found.indices {
            let joint = try joint(&ranking.found[number], ranking.largest, before: each, device)
            let found = ranking.found[number]
            outcomes[Self.name(Self.joint, found.budget)] = joint
            func learn(_ row: Row) throws {
                var row = row
                row.name = Self.name(row.name, found.budget)
                outcomes[row.name] = try self.learn(row, device)
            }
            for control in options.controls where control.keepsBudget {
                // Its teacher was trained with the supernet.
                var row = Row(
                    name: control.rawValue, epochs: max(epochs - Int(teacherCost), 1), before: teacherCost,
                    teacher: ranking.largest
                ) { [] }
                switch control {
                case .weightsOnly: continue
                case .architectureOnly: row.architecture = found.path
                case .mismatchedWeights:
                    row.architecture = found.path
                    row.weights = {
                        try MismatchedWeights.state(of: original, found.path, seed: options.seed)
                    }
                case .narrowing:
                    guard let scale = try scales(found, original).first(where: { $0.depth == 4 }) else {
                        progress.print("\(Self.name(row.name, found.budget)): not even the narrowest keeps the budget")
                        continue
                    }
                    let scaled = try scaledSource(original)
                    (row.layer, row.scale) = (try scaled.layer(scale), scale)
                    row.weights = { try scaled.weights(scale) + sourceHead }
                case .scaling:
                    guard let outcome = try scaling(found, original, ranking, epochs: row.epochs, device) else {
                        progress.print("\(Self.name(row.name, found.budget)): no such network keeps the budget")
                        continue
                    }
                    outcomes[Self.name(row.name, found.budget)] = outcome
                    continue
                case .randomPath, .uniformPath:
                    guard let path = ranking.paths[control]?[number] else {
                        progress.print("\(Self.name(row.name, found.budget)): no such path keeps the budget")
                        continue
                    }
                    row.architecture = path.path
                    // It inherits from the same supernet; only the search is saved.
                    row.before = Double(supernetCost)
                    row.epochs = max(epochs - Int(supernetCost), 1)
                    row.weights = { path.weights }
                }
                try learn(row)
            }
        }
        let first = ranking.found[0]
        if options.controls.contains(.weightsOnly) {
            outcomes[AdaptationControl.weightsOnly.rawValue] = try learn(
                Row(
                    name: AdaptationControl.weightsOnly.rawValue, architecture: sourcePath,
                    epochs: options.finetune.epochs + Int(before.rounded())
                ) { try original.state(of: sourcePath) + sourceHead }, device)
        }
        for other in comparisons {
            outcomes[other.name] = try learn(
                Row(name: other.name, architecture: first.path, epochs: epochs, other: other) {
                    try original.state(of: first.path)
                }, device)
        }
        let names = supernet.space.names
        var result = Result(
            sourcePath: sourcePath, sourceCandidates: names(sourcePath), path: first.path,
            candidates: names(first.path), evaluations: ranking.evaluations, outcomes: outcomes,
            leftOut: options.data.skipBadImages ? record.leftOut : nil, budgets: budgets(ranking))
        // What a finished adaptation says stays as it is, in the words of its version.
        if let stored = try Self.stored(path), stored.says(result) {
            result.latencies = stored.latencies
        } else {
            // How long a detector takes depends on what it finds.
            let findsObjects = if case .objects = type(of: task).outputs { true } else { false }
            if supernet.isElastic, !findsObjects { result.latencies = try latencies(of: outcomes.keys) }
            try ResultFile.write(result, to: FilePath.join(path, ResultFile.name))
        }
        withExtendedLifetime(run) {}
        return result
    }

    /// Trains the found network: where there is a shortlist, each of its paths for a part of the epochs, and then the one
    /// that is best on the validation images for the rest.
    ///
    /// - Parameters:
    ///   - found: the shortlist, whose best path then comes first.
    ///   - largest: the tensors of the teacher; nil for none.
    ///   - before: the cost of the supernet's training and the search, in epochs.
    ///   - device: the device that computes.
    private func joint(
        _ found: inout Found, _ largest: [(key: String, tensor: Tensor)]?, before: Double, _ device: Device
    ) throws -> NetworkResult {
        let name = Self.name(Self.joint, found.budget)
        let count = found.candidates.count
        func row(_ name: String, _ candidate: Candidate, epochs: Int, before: Double) throws -> Row {
            // The largest path is no pupil of its own.
            let teacher = try candidate.path == self.largest ? nil : largest
            return Row(
                name: name, architecture: candidate.path, epochs: epochs, before: before, teacher: teacher
            ) { candidate.weights }
        }
        let trial = options.finetune.epochs / (2 * count)
        guard count > 1, trial > 0 else {
            return try learn(
                row(name, found.candidates[0], epochs: options.finetune.epochs, before: before), device)
        }
        var best = (place: 0, score: -Double.infinity)
        for (place, candidate) in found.candidates.enumerated() {
            var row = try row("\(name)-trials/\(place + 1)", candidate, epochs: trial, before: 0)
            row.isTrial = true
            let score = try learn(row, device).validation.value
            if score > best.score { best = (place, score) }
        }
        let file = FilePath.join(folder("\(name)-trials/\(best.place + 1)"), NetworkTraining.networkName)
        let chosen = found.candidates.remove(at: best.place)
        found.candidates.insert(chosen, at: 0)
        let spent = trial * count
        var last = try row(
            name, chosen, epochs: options.finetune.epochs - spent, before: before + Double(spent))
        last.weights = { try NetworkFile.read(file).network.store.state }
        return try learn(last, device)
    }

    /// The milliseconds that one image takes in the network of each row.
    private func latencies(of rows: some Sequence<String>) throws -> [String: Double] {
        let cards = try rows.sorted().map { row in
            (row, try NetworkFile.read(FilePath.join(folder(row), NetworkTraining.networkName)).card)
        }
        var measured: [String: Double] = [:]
        // In two turns, of which the faster counts: a machine that has just trained is slow to come to rest.
        for _ in 0..<2 {
            for (row, card) in cards {
                let time = try LatencyMeter.latency(of: card.network, imageSize: card.imageSize)
                measured[row] = min(measured[row] ?? .infinity, time)
            }
        }
        return measured
    }

    /// What was found for several budgets; nil for one.
    private func budgets(_ ranking: Ranking) -> [AdaptationResult.FoundForBudget]? {
        guard !options.search.budgets.isEmpty else { return nil }
        return ranking.found.compactMap { found in
            found.budget.map { request in
                let budget = found.check.budget
                let limit =
                    switch request.quantity {
                    case .parameters: Double(budget.parameters ?? 0)
                    case .multiplyAdds: Double(budget.multiplyAdds ?? 0)
                    case .latency: budget.latency ?? 0
                    }
                return AdaptationResult.FoundForBudget(
                    budget: request.text, folder: request.name, quantity: request.quantity.rawValue, limit: limit,
                    path: found.path)
            }
        }
    }

    /// Reads the result of a finished adaptation; nil where there is none.
    ///
    /// - Parameter path: the path of the adaptation's folder.
    /// - Throws: `ResultError.damaged` for a file that cannot be read.
    public static func stored(_ path: String) throws -> Result? {
        try ResultFile.read(Result.self, FilePath.join(path, ResultFile.name))
    }

    /// Reads the examples of a row's outputs on the test images, or on the validation images where there are none;
    /// empty where the row was not trained.
    ///
    /// - Parameter row: one of `rows`.
    /// - Throws: `ResultError.damaged` for a file that cannot be read.
    public func examples(_ row: String) throws -> [Examples] {
        try ExamplesFile.read(in: folder(row))
    }

    /// The path of a row's folder.
    public func folder(_ row: String) -> String {
        let folder = FilePath.join(path, row)
        // What version 0.8 called it.
        let earlier = FilePath.join(path, "broken-pair")
        let isEarlier = row == AdaptationControl.mismatchedWeights.rawValue && FilePath.exists(earlier)
        return isEarlier && !FilePath.exists(folder) ? earlier : folder
    }

    /// The number of images that paths are ranked on.
    public var rankedImages: Int {
        let all = task.data.validation?.count ?? 0
        return options.search.images > 0 ? min(options.search.images, all) : all
    }

    /// The cost of the supernet's training and of the search, in epochs of training. A forward pass costs a third of a
    /// training step.
    ///
    /// - Parameter evaluations: the number of evaluations of a whole path; what paths have in common is computed once.
    func costBefore(evaluations: Double) -> Double {
        let search = options.search
        var looked = rankedImages
        if statistics == .recalibrate { looked += min(search.recalibrationImages, task.data.train.count) }
        if isUnsupervised { looked += min(search.fitImages, task.data.train.count) }
        return supernetCost + evaluations * Double(looked) / 3
            / Double(options.imagesPerEpoch(of: task))
    }

    /// The cost of the supernet's training, in epochs of training: each path of a step counts.
    var supernetCost: Double {
        guard !isUnsupervised else { return 0 }
        guard supernet.isElastic else { return Double(options.supernet.epochs) }
        return Double(options.teacherEpochs + options.supernet.epochs * (options.randomPaths + 2))
    }

    /// The cost of the teacher that a control learns from, in epochs of training; 0 without one.
    var teacherCost: Double {
        supernet.isElastic && !isUnsupervised && options.distillation > 0
            ? Double(options.teacherEpochs + options.supernet.epochs) : 0
    }

    /// The files and folders that the settings name, by key. The source is identified by its supernet.
    private func places() throws -> [String: NamedPlace] {
        var places = try options.data.places(under: "data")
        places["source"] = NamedPlace(options.source, digest: try FileDigest.text(of: source.path))
        if let domain = try? options.task.options(as: DomainAdaptationTask.Options.self).sourceDomain,
            !domain.isEmpty, FilePath.exists(domain)
        {
            places["task.source-domain"] = NamedPlace(domain)
        }
        return places
    }

    /// The cost of every candidate, including the task's head.
    public func costs() throws -> CostTable { try task.costs(of: supernet, imageSize: options.data.imageSize) }
}
