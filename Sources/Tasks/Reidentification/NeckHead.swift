import Datasets
import Experiments
import Metrics
import NN
import Networks
import Results
import Support
import Torch
import Training

/// Batch norm between two losses that want different features: the triplet loss takes them before it, the classifier after
/// it, where they are also compared (Luo et al., "Bag of Tricks and a Strong Baseline for Deep Person
/// Re-identification", 2019: BNNeck). Keys `neck.…` and `classifier.weight`.
struct NeckHead: TaskHead {
    private let neck: BatchNorm2d
    private let classifier: Linear
    private let tripletWeight: Double

    /// - Parameters:
    ///   - features: F.
    ///   - identities: to tell apart.
    ///   - tripletWeight: of the triplet loss, with soft margin.
    ///   - scope: where its tensors stand.
    /// - Throws: `StateError.duplicateKey` if the scope is taken.
    init(
        features: Int, identities: Int, tripletWeight: Double, _ scope: Scope, weights: Initializer? = nil
    ) throws {
        neck = try BatchNorm2d(scope / "neck", features)
        classifier = try Linear(
            scope / "classifier", features, identities, bias: false, initializer: weights ?? .defaultWeight)
        self.tripletWeight = tripletWeight
    }

    /// Embeddings: [N, F] to [N, F], float32; compared by the cosine.
    func outputs(_ features: Tensor, _ mode: Mode) throws -> Tensor {
        try neck(features.to(.float32), mode.batchNorm)
    }

    func loss(_ features: Tensor, _ targets: Targets, _ mode: Mode, progress: Double) throws -> TaskLoss {
        let outputs = try outputs(features, mode)
        let logits = try classifier(outputs).to(.float32)
        return TaskLoss(
            loss: try targets.crossEntropy(logits)
                + batchHardTripletLoss(features, identities: targets.numbers) * tripletWeight,
            outputs: outputs)
    }

    /// One less the cosine: embeddings are compared by their angle.
    func distance(_ outputs: Tensor, to teacher: Tensor) throws -> Tensor {
        try 1.0 - (outputs.normalized(1) * teacher.normalized(1)).sum([1]).mean()
    }
}
