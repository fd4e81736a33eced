import Architectures
import Datasets
import NN
import Networks
import Results
import Support
import Torch
import Training

/// A stand-alone network that learns a task, with a moving average of its weights where the settings ask for one.
public final class NetworkMethod: Method {
    /// A backbone with the head of a task, in one store.
    public struct Network {
        /// The layers that give the features.
        public let backbone: Backbone
        /// What the task makes of them.
        public let head: any TaskHead
        /// The tensors of both.
        public var store: ParameterStore { backbone.store }

        /// Builds a network at the root of a store, from whose seed the initial values follow.
        ///
        /// - Parameters:
        ///   - layer: from [channels, H, W] to [features]; without choices.
        ///   - channels: the channels of the images.
        ///   - task: makes the head.
        ///   - store: empty.
        /// - Throws: as `Backbone` and the task's head.
        public init(_ layer: Layer, channels: Int, task: any RecognitionTask, store: ParameterStore) throws {
            backbone = try Backbone(layer, channels: channels, store: store)
            head = try task.makeHead(features: backbone.features, store.root / NetworkHead.key)
        }
    }

    /// The network that learns.
    public let network: Network
    /// The network that is evaluated and handed over: the moving average, or the one that learns where there is none.
    public let result: Network
    /// What is learned by.
    public let objective: TaskObjective
    /// The tensors that are learned.
    public var store: ParameterStore { network.store }
    private let average: WeightAverage?

    /// A method.
    ///
    /// - Parameters:
    ///   - network: with the weights to start from.
    ///   - objective: what is learned by.
    ///   - makeCopy: makes another network of the same shape, for the moving average.
    /// - Throws: what `makeCopy` throws.
    public init(_ network: Network, objective: TaskObjective, makeCopy: () throws -> Network) throws {
        (self.network, self.objective) = (network, objective)
        guard objective.train.averageDecay > 0 else {
            (result, average) = (network, nil)
            return
        }
        result = try makeCopy()
        average = try WeightAverage(
            of: network.store, in: result.store, decay: objective.train.averageDecay, warmsUp: true, extent: .everything
        )
    }

    /// The task's loss. Right predictions are counted against the labels before mixing.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        let mode = Mode.training(nil)
        let outcome = try objective.loss(objective.prepare(batch, step: step), head: network.head, mode) {
            try network.backbone($0, mode)
        }
        try outcome.loss.backward()
        return StepOutcome(loss: try outcome.loss.detached(), correct: outcome.correct)
    }

    /// The average follows.
    public func didUpdate(step: Int) throws { try average?.follow(step: step) }

    /// The task's metrics of validation images, and as `score` the figure that choices are made by.
    public func evaluate(_ batches: BatchIterator) throws -> [String: Double] {
        try measure(batches, of: .validation).score().figures
    }

    /// Takes the statistics of batch norm from images, in place of those that training left.
    ///
    /// - Parameter batches: read to their end; those of a single image are passed over.
    /// - Throws: `TrainingError.tooFewImages` if there was no other; what the network throws.
    public func recalibrate(_ batches: BatchIterator) throws {
        var (number, seen) = (0, 0)
        try withoutGradients {
            while let batch = try batches.next() {
                seen = max(seen, batch.count)
                guard batch.isLearnable else { continue }
                _ = try objective.features(of: batch.images(on: objective.device)) {
                    try result.backbone($0, Mode(batchNorm: .recalibrating(batch: number)))
                }
                number += 1
            }
        }
        guard number > 0 else {
            throw TrainingError.needsTwo(
                seen, purpose: "in every batch, to take statistics of batch norm from",
                advice: "give more training images")
        }
    }

    /// Has the handed-over network look at images, with running statistics.
    ///
    /// - Parameters:
    ///   - batches: read to their end.
    ///   - part: where the images are from.
    ///   - isMirrored: whether outputs are the mean over an image and its mirror image, at twice the cost.
    ///   - progress: called after each batch with the number of images seen so far.
    /// - Returns: a meter that has taken all outputs.
    /// - Throws: what the loader, the network or the meter throws.
    public func measure(
        _ batches: BatchIterator, of part: TaskPart, isMirrored: Bool = false, progress: (Int) -> Void = { _ in }
    ) throws -> any ScoreMeter {
        var meter = objective.task.meter(of: part)
        var seen = 0
        func outputs(_ images: Tensor) throws -> Tensor {
            try result.head.outputs(
                objective.features(of: images) { try result.backbone($0, .evaluation) }, .evaluation)
        }
        try withoutGradients {
            while let batch = try batches.next() {
                guard batch.count > 0 else { continue }
                let images = try batch.images(on: objective.device)
                let plain = try outputs(images)
                try meter.add(
                    isMirrored ? (plain + outputs(images.flipped([3]))) * 0.5 : plain, ScoredBatch(batch))
                seen += batch.count
                progress(seen)
            }
        }
        return meter
    }

    /// The tensors of the network under `model.`, and those of the average under `average.`.
    public func state() throws -> [(key: String, tensor: Tensor)] {
        store.state.map { (key: "model." + $0.key, tensor: $0.tensor) }
            + (average?.store.state.map { (key: "average." + $0.key, tensor: $0.tensor) } ?? [])
    }

    /// Takes over a saved state.
    ///
    /// - Throws: `StateError.mismatch` if it does not fit.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws {
        try store.load(state.under("model."))
        try average?.store.load(state.under("average."))
    }
}

extension Score {
    /// The metrics, and as `score` the figure that choices are made by.
    public var figures: [String: Double] { metrics.merging(["score": value]) { $1 } }
}
