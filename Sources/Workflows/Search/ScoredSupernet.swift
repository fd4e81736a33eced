import Architectures
import Datasets
import Methods
import NN
import Networks
import Supernets
import Support
import Torch
import Training

/// The trained supernet of a study, and what its paths are scored by: what searching and ranking have in common.
struct ScoredSupernet {
    let study: Study
    let file: SupernetFile
    /// Digest of the supernet's file.
    let digest: String
    /// [classes, features] and [classes], of the supernet itself or of the probe; nil where none is needed.
    let classifier: (weight: Tensor, bias: Tensor)?
    /// Digest of the probe's file; empty where the classifier is the supernet's own, or none is needed.
    let classifierDigest: String

    /// Reads supernet and classifier.
    ///
    /// - Throws: `WorkflowError.needsProbe` where a classifier is needed and there is none; what reading throws.
    init(_ study: Study) throws {
        self.study = study
        let path = SupernetTraining(study).supernetFile
        file = try SupernetFile.read(path)
        digest = try FileDigest.text(of: path)
        let probe = LinearProbing(study).probeFile
        if let own = file.classifier {
            (classifier, classifierDigest) = (own, "")
        } else if FilePresence.exists(probe) {
            (classifier, classifierDigest) = (try file.classifier(probe: probe), try FileDigest.text(of: probe))
        } else {
            guard !study.options.search.score.needsClassifier else { throw WorkflowError.needsProbe(study.path) }
            (classifier, classifierDigest) = (nil, "")
        }
    }

    /// What scores paths on some of these images.
    ///
    /// - Throws: what decoding the images throws.
    func scorer(on images: any ImageDataset, device: Device) throws -> any PathScorer {
        let search = study.options.search
        let set = try Study.sample(images, search.images)
        // An image by itself has no statistics, but can be scored with those of others.
        let least = search.statistics == .batch ? 2 : 1
        switch search.score {
        case .accuracy, .loss, .finetune, .briefTraining:
            guard let classifier else { throw WorkflowError.needsProbe(study.path) }
            return AccuracyScorer(
                supernet: try file.supernet(device: device),
                batches: try study.tensors(set, batchSize: search.batchSize, least: least, device: device),
                classifier: try (classifier.weight.to(device), classifier.bias.to(device)),
                isByLoss: search.score == .loss)
        case .linearEvaluation:
            return try LinearEvaluationScorer(
                supernet: file.supernet(device: device),
                fitted: study.tensors(
                    Study.sample(study.data.train, search.fitImages), batchSize: search.batchSize, device: device),
                scored: study.tensors(set, batchSize: search.batchSize, least: least, device: device),
                classes: study.data.classNames.count)
        case .contrastive:
            return try contrastive(set, device: device)
        }
    }

    private func contrastive(_ set: any ImageDataset, device: Device) throws -> ContrastiveScorer {
        let options = study.options
        guard let dimension = file.card.dimension else { throw WorkflowError.needsEmbeddings(file.path) }
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
            FilePresence.exists(teacherFile) ? try encoder(SupernetFile.read(teacherFile)) : student
        let loader = try options.data.trainingLoader(
            set, augmentation: options.method.views, batchSize: min(options.search.batchSize, set.count),
            setting: "search.batch-size", views: 2,
            seed: SeededGenerator(seed: options.seed, 0xC0E8).state)
        return try ContrastiveScorer(
            student, teacher: teacher, batches: loader.batches(epoch: 0),
            settings: study.methodSettings(device: device), temperature: options.method.temperature)
    }

    /// What gives paths their scores.
    ///
    /// - Parameters:
    ///   - images: what they are scored on.
    ///   - device: where.
    /// - Throws: what decoding the images throws.
    func judge(on images: any ImageDataset, device: Device) throws -> any PathJudge {
        let search = study.options.search
        guard search.score.trains else {
            let scorer = try scorer(on: images, device: device)
            return SharedWeightsJudge(
                evaluator: try evaluator(scorer, policy: search.statistics, device: device), scorer: scorer)
        }
        // A probe's weights, learned at a high rate on features that stood still, would be a bad start.
        return BriefTrainingJudge(
            study: study, supernet: try file.supernet(device: device), classifier: file.classifier,
            inherits: search.score == .finetune, images: try Study.sample(images, search.images), device: device)
    }

    /// What evaluates many paths at once.
    ///
    /// - Throws: what decoding the images throws.
    func evaluator(_ scorer: any PathScorer, policy: StatisticsPolicy, device: Device) throws -> PathEvaluator {
        try evaluator(over: scorer.supernet, scoring: scorer.images, policy: policy, device: device)
    }

    /// What gives single paths statistics of their own, and evaluates paths on images, if there are any.
    ///
    /// - Throws: what decoding the images throws.
    func evaluator(
        over supernet: Supernet, scoring images: [Tensor]? = nil, policy: StatisticsPolicy, device: Device
    ) throws -> PathEvaluator {
        try study.options.search.evaluator(
            over: supernet, scoring: images, policy: policy, learned: study.data.train, data: study.options.data,
            precision: study.options.precision, device: device)
    }

    /// Whether the context of an archive says the same as `context`. By what path the images were named is of no matter: that
    /// they are the same is seen to where the phase's folder is opened.
    func isContext(_ stored: String) -> Bool {
        func plain(_ context: String) -> [Substring] {
            context.split(separator: "\n").map { line in
                guard line.hasPrefix("data: "), let comma = line.lastIndex(of: ",") else { return line }
                return line[comma...]
            }
        }
        return plain(stored) == plain(context)
    }

    /// What the scores in an archive mean, one thing a line.
    var context: String {
        let search = study.options.search
        return [
            "supernet: \(digest)", "classifier: \(classifierDigest)",
            "data: \(study.options.data.source), \(search.images == 0 ? "all" : "\(search.images)") validation images",
            "score: \(search.score.rawValue)"
                + (search.score == .linearEvaluation ? ", fitted to \(search.fitImages) images" : "")
                + (search.score.trains ? ", \(search.trainEpochs) epochs at \(search.trainLearningRate)" : ""),
            "statistics: \(search.statistics.rawValue), \(search.recalibrationImages) images in batches of "
                + "\(search.batchSize)",
            "precision: \(study.options.precision.rawValue)",
        ].joined(separator: "\n")
    }
}
