import Datasets
import NN
import TestImages
import Testing
import Torch
import Training

/// What one step does, and in which order.
@Suite struct TrainingStepTests {
    /// Writes down what happens to it.
    private final class Witness: Method, Optimizer {
        let store: ParameterStore
        let weight: Tensor
        var groups: [ParameterGroup] = []
        var events: [String] = []

        init() throws {
            store = try ParameterStore(seed: 1)
            weight = try store.root.parameter("weight", [2], .zeros)
        }

        func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
            events.append(
                "gradients of \(batch.count) images at \(step), \(weight.gradient == nil ? "cleared" : "left")")
            try weight.setGradient(Tensor([Float(3), 4]))
            return StepOutcome(loss: try Tensor(Float(7)))
        }

        func step(learningRate: Double) throws {
            let gradient = try weight.gradient?.array(Float.self) ?? []
            events.append("moved at \(learningRate) by \(gradient.map { ($0 * 100).rounded() / 100 })")
        }

        func didUpdate(step: Int) throws { events.append("updated \(step)") }
        func evaluate(_ batches: BatchIterator) throws -> [String: Double] { [:] }
        func state() throws -> [(key: String, tensor: Tensor)] { [] }
        func load(_ state: [(key: String, tensor: Tensor)]) throws {}
    }

    private func batch() throws -> Batch {
        let loader = try PixelClassifier.data().trainingLoader(BarImages(count: 8), batchSize: 8, seed: 1)
        return try #require(try loader.batches(epoch: 0).next())
    }

    @Test func gradientsAreClearedComputedAndClippedBeforeTheMove() throws {
        let (witness, batch) = (try Witness(), try batch())
        let step = TrainingStep(method: witness, optimizer: witness, clipNorm: 1)
        #expect(try step(batch, step: 0, learningRate: 0.5).loss.item() == 7)
        try step(batch, step: 1, learningRate: 0.25)
        #expect(
            witness.events == [
                "gradients of 8 images at 0, cleared", "moved at 0.5 by [0.6, 0.8]", "updated 0",
                "gradients of 8 images at 1, cleared", "moved at 0.25 by [0.6, 0.8]", "updated 1",
            ])
    }

    @Test func aNormOfZeroLeavesGradients() throws {
        let witness = try Witness()
        try TrainingStep(method: witness, optimizer: witness)(batch(), step: 4, learningRate: 1)
        #expect(witness.events[1] == "moved at 1.0 by [3.0, 4.0]")
        // A norm that they do not reach leaves them, too.
        try TrainingStep(method: witness, optimizer: witness, clipNorm: 6)(batch(), step: 5, learningRate: 1)
        #expect(witness.events[4] == "moved at 1.0 by [3.0, 4.0]")
    }
}
