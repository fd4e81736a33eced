import NN
import Torch

/// The method that aligns the features of two domains.
public enum DomainAlignment: String, Sendable, Codable, CaseIterable {
    /// No alignment.
    case none
    /// A domain discriminator with reversed gradients (DANN: Ganin et al., "Domain-Adversarial Training of Neural
    /// Networks", 2016).
    case dann
    /// The maximum mean discrepancy with several kernels (DAN: Long et al., "Learning Transferable Features with Deep
    /// Adaptation Networks", 2015).
    case dan
    /// The distance between the covariances of features (Sun and Saenko, "Deep CORAL", 2016).
    case coral
}

/// A classifier that is trained on the labelled images, with an alignment loss on all images. Its keys are `weight`,
/// `bias` and for DANN `discriminator.0.…` and `discriminator.2.…`.
struct DomainHead: TaskHead {
    private let classifier: Linear
    private let discriminator: (first: Linear, second: Linear)?
    private let alignment: DomainAlignment
    private let classes: Int
    private let informationWeight: Double

    private enum Constant {
        static let hidden = 64
        /// CORAL's loss is small, being divided by the square of the number of features.
        static let coralWeight = 100.0
        static let discrepancyWeight = 1.0
    }

    init(
        features: Int, classes: Int, alignment: DomainAlignment, informationWeight: Double, _ scope: Scope
    ) throws {
        classifier = try Linear(scope, features, classes)
        discriminator =
            alignment == .dann
            ? try (
                Linear(scope / "discriminator" / "0", features, Constant.hidden),
                Linear(scope / "discriminator" / "2", Constant.hidden, 2)
            ) : nil
        self.alignment = alignment
        self.classes = classes
        self.informationWeight = informationWeight
    }

    /// Computes logits [N, K], float32, of features [N, F].
    func outputs(_ features: Tensor, _ mode: Mode) throws -> Tensor { try classifier.outputs(features) }

    func loss(_ features: Tensor, _ targets: Targets, _ mode: Mode, progress: Double) throws -> TaskLoss {
        // Distances between domains are computed in float32.
        let features = try features.to(.float32)
        return TaskLoss(
            loss: try loss(features, targets.numbers, smoothing: targets.smoothing, mode, progress: progress),
            outputs: try withoutGradients { try outputs(features, mode) })
    }

    private func loss(
        _ features: Tensor, _ labels: Tensor, smoothing: Double, _ mode: Mode, progress: Double
    ) throws -> Tensor {
        let values = try labels.array(Int.self)
        func rows(where isIn: (Int) -> Bool) throws -> Tensor? {
            let found = values.indices.filter { isIn(values[$0]) }.map(Int64.init)
            return found.count > 1 ? try Tensor(found, device: features.device) : nil
        }
        let (known, others) = (try rows { $0 < classes }, try rows { $0 >= classes })
        // A batch that images were left out of may lack a domain.
        guard let known else { return try features.sum() * 0 }
        let source = try features.indexed(by: known)
        var loss = try outputs(source, mode).crossEntropy(labels.indexed(by: known), smoothing: smoothing)
        guard let others else { return loss }
        let target = try features.indexed(by: others)
        // What tells the target's classes apart must first be learned of the source.
        let strength = reversalStrength(progress: progress)
        if informationWeight > 0 {
            loss = try loss - mutualInformation(outputs(target, mode)) * (informationWeight * strength)
        }
        switch alignment {
        case .none: return loss
        case .dan: return try loss + multiKernelMMD(source, target) * Constant.discrepancyWeight
        case .coral: return try loss + coralLoss(source, target) * Constant.coralWeight
        case .dann:
            guard let discriminator else { return loss }
            let reversed = try features.gradientReversed(strength)
            let domains = try Tensor(values.map { Int64($0 < classes ? 0 : 1) }, device: features.device)
            return try loss
                + discriminator.second(discriminator.first(reversed).relu()).to(.float32).crossEntropy(domains)
        }
    }
}

/// Computes the mutual information between images and their predicted classes, in nats. It is large where predictions
/// are confident and all classes occur (Bridle, Heading and MacKay, "Unsupervised classifiers, mutual information and
/// phantom targets", 1992).
///
/// - Parameter outputs: the logits [N, K].
/// - Returns: a tensor of one element, from 0 to ln K.
func mutualInformation(_ outputs: Tensor) throws -> Tensor {
    let shares = try outputs.to(.float32).softmax(1)
    func entropy(_ shares: Tensor) throws -> Tensor {
        try (shares * shares.clamped(min: 1e-12).logarithm()).sum([1]).mean() * -1
    }
    return try entropy(shares.mean([0], keep: true)) - entropy(shares)
}
