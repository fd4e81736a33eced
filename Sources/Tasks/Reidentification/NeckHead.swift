import NN
import Torch

/// Batch norm between two losses that want different features: the triplet loss takes them before it, the classifier after
/// it, where they are also compared (Luo et al., "Bag of Tricks and a Strong Baseline for Deep Person
/// Re-identification", 2019: BNNeck). Keys `neck.…` and `classifier.weight`.
struct NeckHead: TaskHead {
    private let neck: BatchNorm2d
    private let classifier: Linear
    private let labelSmoothing: Double
    private let tripletWeight: Double

    /// - Parameters:
    ///   - features: F.
    ///   - identities: to tell apart.
    ///   - labelSmoothing: of the cross-entropy.
    ///   - tripletWeight: of the triplet loss, with soft margin.
    ///   - scope: where its tensors stand.
    /// - Throws: `StateError.duplicateKey` if the scope is taken.
    init(features: Int, identities: Int, labelSmoothing: Double, tripletWeight: Double, _ scope: Scope) throws {
        neck = try BatchNorm2d(scope / "neck", features)
        classifier = try Linear(scope / "classifier", features, identities, bias: false)
        self.labelSmoothing = labelSmoothing
        self.tripletWeight = tripletWeight
    }

    /// Embeddings: [N, F] to [N, F], float32; compared by the cosine.
    func outputs(_ features: Tensor, _ mode: Mode) throws -> Tensor {
        try neck(features.to(.float32), mode.batchNorm)
    }

    func loss(_ features: Tensor, labels: Tensor, _ mode: Mode, progress: Double) throws -> Tensor {
        let logits = try classifier(outputs(features, mode)).to(.float32)
        return try logits.crossEntropy(labels, smoothing: labelSmoothing)
            + batchHardTripletLoss(features, identities: labels) * tripletWeight
    }
}
