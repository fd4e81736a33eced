import Architectures
import Datasets
import Experiments
import Networks
import Supernets
import Tasks
import Torch
import Training

/// Scores paths of a supernet and provides the weights of the chosen one.
protocol PathJudge {
    /// The supernet whose paths are scored.
    var supernet: Supernet { get }
    /// Computes the scores of architectures, in their order; NaN for a path whose outputs are not finite.
    func scores(of architectures: [Architecture]) throws -> [PathScore]
    /// The cost of evaluating paths, in evaluations of a whole path; what paths have in common is computed once.
    func work(of architectures: [Architecture]) -> Double
    /// The weights of a path, with recalibrated batch-norm statistics, and the head that it was scored with.
    func weights(of architecture: Architecture) throws -> [(key: String, tensor: Tensor)]
    /// Frees the memory that is used for scoring.
    func finish() throws
    /// The number of paths that are evaluated and archived at a time, which is what an interruption can lose.
    var chunk: Int { get }
}

extension PathJudge {
    /// By default, sixteen.
    var chunk: Int { 16 }
}

/// Scores paths by their features with the supernet's shared weights.
struct SharedWeightsJudge: PathJudge {
    let evaluator: PathEvaluator
    let scorer: any PathScorer
    /// Creates the evaluator that recalibrates a path, where paths are not scored with recalibrated statistics.
    var recalibrator: () throws -> PathEvaluator? = { nil }

    var supernet: Supernet { evaluator.supernet }

    func scores(of architectures: [Architecture]) throws -> [PathScore] {
        func score(_ features: [FeatureMaps]) throws -> PathScore {
            // An accuracy of what is not a number would look like one: some class is always taken for the likeliest.
            let named = features.map { (key: "", tensor: $0.output) }
            return try named.keysWithoutNumbers().isEmpty ? scorer.score(features) : .none
        }
        guard scorer.needsMaps else {
            return try evaluator.evaluate(architectures) { _, features in
                try score(features.map { FeatureMaps(output: $0, maps: []) })
            }
        }
        return try evaluator.evaluateMaps(architectures) { _, maps in try score(maps) }
    }

    func work(of architectures: [Architecture]) -> Double { evaluator.work(of: architectures) }

    func weights(of architecture: Architecture) throws -> [(key: String, tensor: Tensor)] {
        evaluator.forgetActivations()
        let head = try evaluator.evaluateAlone(architecture) { _, features in try scorer.headState(features) }
        try recalibrator()?.recalibrate(architecture)
        return try supernet.state(of: architecture) + head
    }

    func finish() throws {
        evaluator.forgetActivations()
        try Runtime.trimMemory()
    }
}

/// Scores each path after a brief training of its own, in which its weights adapt to the path.
struct BriefTrainingJudge: PathJudge {
    let supernet: Supernet
    /// The task with its training images.
    let task: any RecognitionTask
    let images: any ImageDataset
    /// The setup of the training of a path, whose layers and weights are set for each path.
    let setup: NetworkSetup
    /// The head that paths start with; nil for initial values.
    let head: [(key: String, tensor: Tensor)]?
    /// Whether paths start with the supernet's weights.
    let inherits: Bool
    let progress: ProgressReporter
    /// Creates the evaluator that recalibrates a path.
    let recalibrator: () throws -> PathEvaluator?

    func scores(of architectures: [Architecture]) throws -> [PathScore] {
        let training = try setup.loader()
        let scored = try setup.data.evaluationLoader(images)
        return try architectures.map { architecture in
            var own = setup
            own.layer = try supernet.description.fixed(to: architecture)
            if inherits { own.weights = { try supernet.state(of: architecture) + (head ?? []) } }
            do {
                guard let outcome = try own.trainBriefly(on: training, scoring: scored) else {
                    throw TrainingError.nothingToScore
                }
                return PathScore(outcome.score, isByLoss: true)
            } catch TrainingError.diverged(let divergence) {
                // Another path may well learn at this rate.
                progress.print("the path \(architecture): \(divergence)")
                return .none
            }
        }
    }

    func work(of architectures: [Architecture]) -> Double { Double(architectures.count) }

    func weights(of architecture: Architecture) throws -> [(key: String, tensor: Tensor)] {
        try recalibrator()?.recalibrate(architecture)
        return try supernet.state(of: architecture) + (head ?? [])
    }

    func finish() throws { try Runtime.trimMemory() }
}
