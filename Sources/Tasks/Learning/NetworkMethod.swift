import Architectures
import Datasets
import NN
import Networks
import Results
import Support
import Torch
import Training

/// The training of a stand-alone network on a task, with a moving average of its weights where the settings ask for
/// one.
public final class NetworkMethod: Method {
    /// A backbone with the head of a task, in one store.
    public struct Network {
        /// The layers that compute the features.
        public let backbone: Backbone
        /// The head on the features.
        public let head: any TaskHead
        /// The tensors of both.
        public var store: ParameterStore { backbone.store }

        /// Builds a network at the root of a store, from whose seed the initial values follow.
        ///
        /// - Parameters:
        ///   - layer: the layers without choices, from [channels, H, W] to [features].
        ///   - channels: the channels of the images.
        ///   - task: the task, which makes the head.
        ///   - store: an empty store.
        /// - Throws: what building the backbone or the task's head throws.
        public init(_ layer: Layer, channels: Int, task: any RecognitionTask, store: ParameterStore) throws {
            backbone = try Backbone(layer, channels: channels, store: store)
            head = try task.makeHead(
                features: backbone.features, maps: backbone.mapChannels, store.root / NetworkHead.key)
        }
    }

    /// The network that learns.
    public let network: Network
    /// The network that is evaluated and returned: the moving average, or the trained network where there is none.
    public let result: Network
    /// The objective: the task's loss, with precision, device and seed.
    public let objective: TaskObjective
    /// The tensors that are trained.
    public var store: ParameterStore { network.store }
    private let average: WeightAverage?
    private let teacher: NetworkTeacher?

    /// Creates the method.
    ///
    /// - Parameters:
    ///   - network: the network, with the weights to start from.
    ///   - objective: the task's loss, with precision, device and seed.
    ///   - teacher: a network whose outputs are learned beside the labels or in their place; nil for labels alone.
    ///   - makeCopy: a closure that builds another network of the same shape, for the moving average.
    /// - Throws: what `makeCopy` throws.
    public init(
        _ network: Network, objective: TaskObjective, teacher: NetworkTeacher? = nil, makeCopy: () throws -> Network
    ) throws {
        (self.network, self.objective, self.teacher) = (network, objective, teacher)
        guard objective.train.averageDecay > 0 else {
            (result, average) = (network, nil)
            return
        }
        result = try makeCopy()
        average = try WeightAverage(
            of: network.store, in: result.store, decay: objective.train.averageDecay, warmsUp: true, extent: .everything
        )
    }

    /// Computes the gradients of the task's loss, of the distance from the teacher's outputs, or of both. Correct
    /// predictions are counted by the labels before mixing.
    public func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        let prepared = try objective.prepare(batch, step: step)
        let mode = prepared.mode
        let outcome = try objective.loss(prepared, head: network.head, mode) { try network.backbone.maps($0, mode) }
        var loss = outcome.loss
        if let teacher {
            let words = try teacher.answers(prepared, objective)
            let distance = try network.head.distance(outcome.outputs, to: words)
            loss = teacher.share < 1 ? try loss * (1 - teacher.share) + distance * teacher.share : distance
        }
        try loss.backward()
        return StepOutcome(loss: try loss.detached(), correct: outcome.correct)
    }

    /// Whether a tensor is of the task's own layers or head.
    public func isOfHead(_ key: String) -> Bool { objective.task.isOfHead(key) }

    /// Updates the moving average.
    public func didUpdate(step: Int) throws { try average?.follow(step: step) }

    /// Computes the task's metrics on validation images, with the score under the name `score`.
    public func evaluate(_ batches: BatchIterator) throws -> [String: Double] {
        try measure(batches, of: .validation).figures()
    }

    /// Recalibrates the batch-norm statistics of the result on images (BN recalibration).
    ///
    /// - Parameter batches: the batches, read to their end; those of a single image are skipped.
    /// - Throws: `TrainingError.tooFewImages` if no batch has two images; what the network throws.
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

    /// Evaluates the result on images, with running statistics.
    ///
    /// - Parameters:
    ///   - batches: the batches, read to their end.
    ///   - part: the part of the data that the images are from.
    ///   - isMirrored: whether outputs are averaged over an image and its mirror image, at twice the cost.
    ///   - progress: called after each batch with the number of images seen so far.
    /// - Returns: a meter that has taken all outputs.
    /// - Throws: what the loader, the network or the meter throws.
    public func measure(
        _ batches: BatchIterator, of part: TaskPart, isMirrored: Bool = false, progress: (Int) -> Void = { _ in }
    ) throws -> any ScoreMeter {
        var meter = objective.task.meter(of: part)
        var seen = 0
        func outputs(_ images: Tensor, _ sizes: [ImageSize]) throws -> Tensor {
            try result.head.outputs(
                of: objective.maps(of: images, sizes: sizes) { try result.backbone.maps($0, .evaluation) }, .evaluation)
        }
        try withoutGradients {
            while let batch = try batches.next() {
                guard batch.count > 0 else { continue }
                let images = try batch.images(on: objective.device)
                let sizes = batch.frames(view: 0).map(\.seen)
                let plain = try outputs(images, sizes)
                try meter.add(
                    isMirrored ? (plain + outputs(images.flipped([3]), sizes)) * 0.5 : plain, ScoredBatch(batch))
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

    /// Restores a state that `state()` returned.
    ///
    /// - Throws: `StateError.mismatch` if it does not fit.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws {
        try store.load(state.under("model."))
        try average?.store.load(state.under("average."))
    }
}

extension Score {
    /// The metrics by name, with the score under the name `score`.
    public var figures: [String: Double] { metrics.merging(["score": value]) { $1 } }
}
