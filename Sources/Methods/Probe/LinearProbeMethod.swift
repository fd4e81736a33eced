import Architectures
import Datasets
import NN
import Networks
import Torch
import Training

/// A linear classifier on the frozen features of a supernet, one uniform path a step (Peng et al., "Pi-NAS", ICCV 2021:
/// the linear phase). Batch norm takes each batch's statistics, since the running ones belong to no path.
public final class LinearProbeMethod: Method {
    /// The frozen network.
    public let supernet: Supernet
    /// What learns: [classes, features] and [classes], under `fc`.
    public let fc: Linear
    /// The classifier's tensors; not the supernet's.
    public let store: ParameterStore
    /// Precision, device, seed.
    public let settings: MethodSettings

    /// - Parameters:
    ///   - supernet: what gives the features; it is not changed.
    ///   - classes: the number of logits.
    ///   - settings: precision, device, seed; the classifier starts from that seed.
    /// - Throws: `TorchError`.
    public init(_ supernet: Supernet, classes: Int, settings: MethodSettings) throws {
        self.supernet = supernet
        self.settings = settings
        store = try ParameterStore(seed: settings.seed, device: settings.device, format: supernet.store.format)
        fc = try Linear(
            store.root / "fc", supernet.features, classes, initializer: .normal(mean: 0, deviation: 0.01))
        if let bias = fc.bias { try withoutGradients { try bias.fillInPlace(0) } }
    }

    private func logits(_ images: Tensor, _ path: Architecture) throws -> Tensor {
        let features = try withoutGradients {
            try withPrecision(settings.precision, on: settings.device) {
                try supernet.features(images, path, Mode(batchNorm: .batch)).to(.float32)
            }
        }
        return try fc(features)
    }

    /// Cross-entropy on one path's features.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        var generator = settings.generator(step: step)
        let path = supernet.space.random(using: &generator)
        let labels = try batch.targets(on: settings.device)
        let logits = try logits(batch.images(on: settings.device), path)
        let loss = try logits.crossEntropy(labels)
        try loss.backward()
        return StepOutcome(loss: try loss.detached(), correct: try logits.detached().argmax(1).equals(labels).sum())
    }

    /// Nothing.
    public func didUpdate(step: Int) throws {}

    /// Mean `accuracy` and `loss` of some fixed paths.
    public func evaluate(_ batches: BatchIterator) throws -> [String: Double] {
        let paths = settings.pairs(in: supernet.space).flatMap { [$0.0, $0.1] }
        var single = settings
        // The features have a precision scope of their own; the classifier stays in float32.
        single.precision = .float32
        return try PathScores.mean(batches, single) { images, labels in
            try paths.map { path in
                let logits = try logits(images, path)
                return (try logits.crossEntropy(labels), try logits.argmax(1).equals(labels).sum())
            }
        }
    }

    /// The classifier.
    public func state() throws -> [(key: String, tensor: Tensor)] { store.state }

    /// Takes over a saved state.
    ///
    /// - Throws: `StateError.mismatch` if it does not fit.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws { try store.load(state) }
}
