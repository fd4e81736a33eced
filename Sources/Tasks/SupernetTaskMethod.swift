import Architectures
import Batches
import Datasets
import Methods
import NN
import Networks
import Seeding
import Torch
import Training

/// A supernet that learns a task, one uniform path a step.
public final class SupernetTaskMethod: Method {
    /// What gives the features.
    public let supernet: Supernet
    /// What the task makes of them.
    public let head: any TaskHead
    /// The tensors of both.
    public var store: ParameterStore { supernet.store }
    private let settings: MethodSettings

    /// - Parameters:
    ///   - supernet: with the weights to start from.
    ///   - head: built in the supernet's store.
    ///   - settings: precision, device, seed.
    public init(_ supernet: Supernet, head: any TaskHead, settings: MethodSettings) {
        self.supernet = supernet
        self.head = head
        self.settings = settings
    }

    private func loss(_ batch: Batch, _ path: Architecture, _ mode: Mode) throws -> Tensor {
        let (images, labels) = try (batch.images(on: settings.device), batch.targets(on: settings.device))
        let features = try withPrecision(settings.precision, on: settings.device) {
            try supernet.features(images, path, mode)
        }
        return try head.loss(features.to(.float32), labels: labels, mode)
    }

    /// The task's loss on one path.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        var generator = SeededGenerator(seed: settings.seed, 0xAD47, UInt64(step))
        let loss = try loss(batch, supernet.space.random(using: &generator), .training(nil))
        try loss.backward()
        return StepOutcome(loss: try loss.detached())
    }

    /// Nothing.
    public func didUpdate(step: Int) throws {}

    /// The mean `loss` of some fixed paths, with the statistics of each batch.
    public func evaluate(_ batches: BatchIterator) throws -> [String: Double] {
        var generator = SeededGenerator(seed: settings.seed, 0xAD48)
        let paths = (0..<settings.evaluatedPaths).map { _ in supernet.space.random(using: &generator) }
        var (sum, count) = (0.0, 0.0)
        try withoutGradients {
            while let batch = try batches.next() {
                guard batch.count > 1 else { continue }
                for path in paths {
                    sum += try loss(batch, path, Mode(batchNorm: .batch)).item() * Double(batch.count)
                    count += Double(batch.count)
                }
            }
        }
        guard count > 0 else { throw TrainingError.nothingToScore }
        return ["loss": sum / count]
    }

    /// The tensors of supernet and head.
    public func state() throws -> [(key: String, tensor: Tensor)] { store.state }

    /// Takes over a saved state.
    ///
    /// - Throws: `StateError.mismatch` if it does not fit.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws { try store.load(state) }
}
