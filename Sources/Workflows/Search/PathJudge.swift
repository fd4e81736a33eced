import Architectures
import Datasets
import NN
import Networks
import Supernets
import Support
import Torch
import Training

/// Gives paths their scores.
protocol PathJudge {
    /// Whose paths are scored.
    var supernet: Supernet { get }
    /// One for each architecture, in their order: the score, higher is better, and what else was measured. Not a number for
    /// one that gives none.
    func scores(of architectures: [Architecture]) throws -> [(score: Double, metrics: [String: Double])]
}

/// Scores paths by the features that they give with shared weights.
struct SharedWeightsJudge: PathJudge {
    let evaluator: PathEvaluator
    let scorer: any PathScorer

    var supernet: Supernet { evaluator.supernet }

    func scores(of architectures: [Architecture]) throws -> [(score: Double, metrics: [String: Double])] {
        try evaluator.evaluate(architectures) { _, features in
            // An accuracy of what is not a number would look like one: some class is always taken for the likeliest.
            let named = features.map { (key: "", tensor: $0) }
            guard try named.keysWithoutNumbers().isEmpty else { return (.nan, [:]) }
            return try scorer.score(features)
        }
    }
}

/// Scores each path after a brief training of its own, so that its weights have let go of what other paths want.
struct BriefTrainingJudge: PathJudge {
    let study: Study
    let supernet: Supernet
    /// [classes, features] and [classes]; nil for one from scratch.
    let classifier: (weight: Tensor, bias: Tensor)?
    /// Whether paths start with the supernet's weights.
    let inherits: Bool
    /// What they are scored on.
    let images: any ImageDataset
    let device: Device

    func scores(of architectures: [Architecture]) throws -> [(score: Double, metrics: [String: Double])] {
        let options = study.options
        var train = inherits ? options.finetune : options.retrain
        (train.epochs, train.learningRate) = (options.search.trainEpochs, options.search.trainLearningRate)
        (train.precision, train.device, train.warmUpEpochs) = (options.precision, options.device, 0)
        let seed = SeededGenerator(seed: options.seed, 0xB21E).state
        var settings = SettingNames(section: inherits ? "finetune" : "retrain")
        (settings.learningRate, settings.warmUp) = ("search.train-learning-rate", nil)
        let training = try options.data.trainingLoader(
            study.data.train, batchSize: train.batchSize, setting: settings.batchSize, seed: seed)
        let scored = try options.data.evaluationLoader(images)
        return try architectures.map { architecture in
            var weights: [(key: String, tensor: Tensor)]?
            if inherits {
                weights = try supernet.state(of: architecture)
                if let classifier { weights? += [("fc.weight", classifier.weight), ("fc.bias", classifier.bias)] }
            }
            let network = NetworkDescription(
                channels: supernet.description.channels, classes: study.data.classNames.count,
                backbone: try supernet.description.fixed(to: architecture))
            do {
                let outcome = try BriefTraining(train, settings: settings)(
                    network, on: training, scoring: scored, seed: seed, device: device, weights: weights)
                guard let score = outcome?.score else { throw TrainingError.nothingToScore }
                return (-score.loss, ["accuracy": score.accuracy, "loss": score.loss])
            } catch TrainingError.diverged(let divergence) {
                // Another path may well learn at this rate.
                study.progress.print("the path \(architecture): \(divergence)")
                return (.nan, [:])
            }
        }
    }
}
