import NN
import Torch

/// A batch-norm neck between the losses of re-identification: the triplet loss takes the features before it, the
/// classifier those after it, which are also the embeddings (BNNeck: Luo et al., "Bag of Tricks and a Strong Baseline
/// for Deep Person Re-identification", 2019). Its keys are `neck.…` and `classifier.weight`.
struct NeckHead: TaskHead {
    private let neck: BatchNorm2d
    private let classifier: Linear
    private let tripletWeight: Double

    /// Creates the head.
    ///
    /// - Parameters:
    ///   - features: the number of features F.
    ///   - identities: the number of identities to distinguish.
    ///   - tripletWeight: the weight of the triplet loss, which has a soft margin.
    ///   - scope: the path of the tensors in a store.
    /// - Throws: `StateError.duplicateKey` if the scope is taken.
    init(
        features: Int, identities: Int, tripletWeight: Double, _ scope: Scope, weights: Initializer? = nil
    ) throws {
        neck = try BatchNorm2d(scope / "neck", features)
        classifier = try Linear(
            scope / "classifier", features, identities, bias: false, initializer: weights ?? .defaultWeight)
        self.tripletWeight = tripletWeight
    }

    /// Computes embeddings [N, F], float32, of features [N, F]; they are compared by cosine similarity.
    func outputs(_ features: Tensor, _ mode: Mode) throws -> Tensor {
        try neck(features.to(.float32), mode.batchNorm)
    }

    func loss(_ features: Tensor, _ targets: Targets, _ mode: Mode, progress: Double) throws -> TaskLoss {
        let outputs = try outputs(features, mode)
        let logits = try classifier(outputs).to(.float32)
        return TaskLoss(
            loss: try targets.crossEntropy(logits)
                + batchHardTripletLoss(features.to(.float32), identities: targets.numbers) * tripletWeight,
            outputs: outputs)
    }

    /// The mean of 1 minus the cosine similarity of the embeddings.
    func distance(_ outputs: Tensor, to teacher: Tensor) throws -> Tensor {
        try 1.0 - (outputs.normalized(1) * teacher.normalized(1)).sum([1]).mean()
    }
}
