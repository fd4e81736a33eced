import Architectures
import Datasets
import Experiments
import Methods
import NN
import Networks
import Supernets
import Support
import Tasks
import Torch
import Training

/// The trained supernet of a study with the head that its paths are scored with, for searching and ranking.
struct ScoredSupernet {
    let study: Study
    let file: SupernetFile
    /// The digest of the supernet's file.
    let digest: String
    /// The tensors of the head that all paths share, the supernet's own or a probe, under the key of heads; nil where
    /// there is none.
    let head: [(key: String, tensor: Tensor)]?
    /// The digest of the probe's file; empty where the head is the supernet's own, or there is none.
    let probeDigest: String

    /// Reads the supernet and the head.
    ///
    /// - Throws: `WorkflowError.needsProbe` if the score needs a head and there is none; what reading throws.
    init(_ study: Study) throws {
        self.study = study
        let path = SupernetTraining(study).supernetFile
        file = try SupernetFile.read(path)
        digest = try FileDigest.text(of: path)
        let probe = LinearProbing(study).probeFile
        if let own = file.head {
            (head, probeDigest) = (own, "")
        } else if FilePath.exists(probe) {
            (head, probeDigest) = (try file.head(probe: probe), try FileDigest.text(of: probe))
        } else {
            guard !study.options.search.score.needsClassifier else { throw WorkflowError.needsProbe(study.path) }
            (head, probeDigest) = (nil, "")
        }
    }

    /// The cost of every candidate, including the task's head.
    func costs() throws -> CostTable {
        try study.task.costs(of: file.card.supernet, imageSize: study.options.data.imageSize)
    }

    /// Creates the judge that scores paths.
    ///
    /// - Parameters:
    ///   - images: the images that paths are scored on, of which the settings say how many are used.
    ///   - device: the device that computes.
    /// - Throws: what decoding the images throws.
    func judge(on images: any ImageDataset, device: Device) throws -> any PathJudge {
        let search = study.options.search
        let set = try DataConfiguration.sample(images, search.images)
        let supernet = try file.supernet(device: device)
        // Whatever paths are scored with, a network that stands alone needs statistics of its own.
        func recalibrator() throws -> PathEvaluator? {
            guard search.statistics != .recalibrate || search.score.trains else { return nil }
            return try evaluator(over: supernet, policy: .recalibrate, device: device)
        }
        guard search.score.trains else {
            let scorer = try scorer(supernet, on: set, device: device)
            return SharedWeightsJudge(
                evaluator: try evaluator(
                    over: scorer.supernet, scoring: scorer.images, keepsMaps: scorer.needsMaps,
                    policy: search.statistics, device: device),
                scorer: scorer, recalibrator: recalibrator)
        }
        return BriefTrainingJudge(
            supernet: supernet, task: study.task, images: set, setup: try briefSetup(device),
            // A probe's weights, learned at a high rate on features that stood still, would be a bad start.
            head: file.head, inherits: search.score == .finetune, progress: study.progress,
            recalibrator: recalibrator)
    }

    private func scorer(_ supernet: Supernet, on set: any ImageDataset, device: Device) throws -> any PathScorer {
        let search = study.options.search
        func tensors(_ images: any ImageDataset, least: Int = 2) throws -> ScoredImages {
            try ScoredImages(
                study.options.data.tensors(images, batchSize: search.batchSize, least: least, device: device))
        }
        // An image by itself has no statistics, but can be scored with those of others.
        let least = search.statistics == .batch ? 2 : 1
        switch search.score {
        case .accuracy, .loss, .finetune, .briefTraining:
            guard let head else { throw WorkflowError.needsProbe(study.path) }
            let store = try ParameterStore(seed: 0, device: device, format: .channelsLast)
            let made = try study.task.makeHead(
                features: supernet.features, maps: supernet.mapChannels, store.root / NetworkHead.key)
            try StateError.naming(file.path) { try store.load(head, strict: false) }
            return SharedHeadScorer(
                supernet: supernet, head: made, task: study.task, scored: try tensors(set, least: least),
                isByLoss: search.score == .loss, state: head)
        case .linearEvaluation:
            return LinearEvaluationScorer(
                supernet: supernet, task: study.task,
                fitted: try tensors(DataConfiguration.sample(study.task.data.train, search.fitImages)),
                scored: try tensors(set, least: least), isByLoss: true)
        case .contrastive: return try contrastive(set, device: device)
        }
    }

    private func contrastive(_ set: any ImageDataset, device: Device) throws -> ContrastiveScorer {
        let options = study.options
        guard let dimension = file.card.dimension, let views = options.method.views else {
            throw WorkflowError.needsEmbeddings(file.path)
        }
        func encoder(_ file: SupernetFile) throws -> SupernetEncoder {
            let made = try SupernetEncoder(
                file.card.supernet, dimension: dimension,
                store: ParameterStore(seed: 0, device: device, format: .channelsLast))
            try StateError.naming(file.path) { try made.store.load(file.tensors) }
            return made
        }
        let teacherFile = SupernetTraining(study).teacherFile
        let student = try encoder(file)
        let teacher =
            FilePath.exists(teacherFile) ? try encoder(SupernetFile.read(teacherFile)) : student
        let loader = try options.data.trainingLoader(
            set, augmentation: views.augmentation, batchSize: min(options.search.batchSize, set.count),
            setting: "search.batch-size", views: 2, seed: study.seed(RandomStream.contrastedViews))
        var settings = MethodSettings()
        (settings.precision, settings.device, settings.seed) = (options.precision, device, options.seed)
        return try ContrastiveScorer(
            student, teacher: teacher, batches: loader.batches(epoch: 0), settings: settings,
            temperature: try options.method.options(as: PiMethod.Options.self).temperature)
    }

    /// Creates the setup of the brief training of a path, whose layers and weights are set for each path.
    private func briefSetup(_ device: Device) throws -> NetworkSetup {
        let options = study.options
        let section = options.search.score == .finetune ? "finetune" : "retrain"
        var train = options.search.score == .finetune ? options.finetune : options.retrain
        (train.epochs, train.learningRate) = (options.search.trainEpochs, options.search.trainLearningRate)
        train.warmUpEpochs = 0
        if train.decay == .steps { (train.decay, train.milestones) = (.cosine, []) }
        var setup = NetworkSetup(
            task: study.task, layer: .identity, channels: file.card.supernet.channels, data: options.data,
            train: train, precision: options.precision, device: device,
            seeds: .brief(study.seed(RandomStream.briefTraining)), section: section)
        (setup.settings.learningRate, setup.settings.warmUp) = ("search.train-learning-rate", nil)
        return setup
    }

    /// Creates an evaluator that recalibrates paths and evaluates them on images, if there are any.
    private func evaluator(
        over supernet: Supernet, scoring images: [Tensor]? = nil, keepsMaps: Bool = false, policy: StatisticsPolicy,
        device: Device
    ) throws -> PathEvaluator {
        try study.options.search.evaluator(
            over: supernet, scoring: images, keepsMaps: keepsMaps, policy: policy, learned: study.task.data.train,
            data: study.options.data,
            precision: study.options.precision, device: device)
    }

    /// Whether an archive's description is equivalent to `context`. The name of the data is ignored, as opening the
    /// phase's folder checks that the images are the same.
    func isContext(_ stored: String) -> Bool {
        func plain(_ context: String) -> [Substring] {
            context.split(separator: "\n").map { line in
                guard line.hasPrefix("data: "), let comma = line.lastIndex(of: ",") else { return line }
                return line[comma...]
            }
        }
        return plain(stored) == plain(context)
    }

    /// A description of what the scores in an archive depend on, one item on each line.
    var context: String {
        let search = study.options.search
        let task = study.task.name == ClassificationTask.name ? [] : ["task: \(study.task.name)"]
        return
            ([
                "supernet: \(digest)", "classifier: \(probeDigest)",
                "data: \(study.options.data.source), \(search.images == 0 ? "all" : "\(search.images)") validation "
                    + "images",
                "score: \(search.score.rawValue)"
                    + (search.score == .linearEvaluation ? ", fitted to \(search.fitImages) images" : "")
                    + (search.score.trains ? ", \(search.trainEpochs) epochs at \(search.trainLearningRate)" : ""),
                "statistics: \(search.statistics.rawValue), \(search.recalibrationImages) images in batches of "
                    + "\(search.batchSize)", "precision: \(study.options.precision.rawValue)",
            ] + task).joined(separator: "\n")
    }
}
