import Datasets
import NN
import Networks
import Testing
import Torch
import Training

@testable import Methods

@Suite struct LinearProbeTests {
    /// Bars at fixed places: whatever random features are, a linear classifier tells four classes apart by them.
    @Test func itLearnsOnFeaturesThatStandStill() throws {
        let supernet = try Tiny.supernet(seed: 3)
        try shake(supernet.store)
        let method = try LinearProbeMethod(supernet, objective: Tiny.objective(smoothing: 0))
        let before = try bits(supernet.store.state)
        let optimizer = try SGD(ParameterGroup.splitByDecay(method.store), momentum: 0.9)
        let loader = try Bars.loader(views: 1, batchSize: 16, shifted: false)
        let start = try method.evaluate(loader.batches(epoch: 0))
        for epoch in 0..<12 {
            let batches = try loader.batches(epoch: epoch)
            while let batch = try batches.next() {
                try method.store.clearGradients()
                _ = try method.computeGradients(batch, step: 4 * epoch + batch.number)
                try optimizer.step(learningRate: 0.5)
            }
        }
        let end = try method.evaluate(loader.batches(epoch: 0))
        #expect(try #require(end["accuracy"]) > 0.9)
        #expect(try #require(end["loss"]) < 0.5 * #require(start["loss"]))
        #expect(try bits(supernet.store.state) == before, "parameters and statistics are as they were")
        #expect(supernet.store.parameters.allSatisfy { $0.tensor.gradient == nil })
    }

    @Test func onlyTheClassifierIsLearned() throws {
        let supernet = try Tiny.supernet(seed: 3)
        let method = try LinearProbeMethod(supernet, objective: Tiny.objective(smoothing: 0))
        #expect(method.store !== supernet.store)
        #expect(method.store.entries.map(\.key) == ["fc.weight", "fc.bias"])
        #expect(try method.state().map(\.key) == ["fc.weight", "fc.bias"])
        let weight = try #require(method.store["fc.weight"])
        #expect(weight.shape == [4, supernet.features])
        #expect(try #require(method.store["fc.bias"]).array(Float.self) == [0, 0, 0, 0])
        let weights = try weight.array(Float.self)
        let deviation = (weights.reduce(0) { $0 + $1 * $1 } / Float(weights.count)).squareRoot()
        #expect(deviation > 0.006 && deviation < 0.015, "N(0, 0.01)")
    }

    /// The loss is that of one uniform path's features, with the statistics of the batch.
    @Test(arguments: Precision.allCases) func aStepIsTheCrossEntropyOfOnePath(precision: Precision) throws {
        let supernet = try Tiny.supernet(seed: 3)
        try shake(supernet.store)
        let method = try LinearProbeMethod(supernet, objective: Tiny.objective(seed: 5, precision, smoothing: 0))
        for (step, batch) in try Bars.batches(3, views: 1).enumerated() {
            var generator = MethodSettings(method.objective).generator(step: step)
            let path = supernet.space.random(using: &generator)
            let features = try withoutGradients {
                try withPrecision(precision) {
                    try supernet.features(batch.images(), path, Mode(batchNorm: .batch)).to(.float32)
                }
            }
            let outputs = try method.head.outputs(features, .training(nil))
            let scores = try rows(outputs)
            let loss = zip(scores, batch.labels).reduce(0) { $0 + logSumExp($1.0) - $1.0[Int($1.1)] } / 8
            try method.store.clearGradients()
            let outcome = try method.computeGradients(batch, step: step)
            #expect(abs(try outcome.loss.item() - loss) < 1e-5)
            // The mean of (softmax - label) x features.
            let errors = try outputs.softmax(1) - batch.targets().oneHot(4).to(.float32)
            let gradient = try #require(method.store["fc.weight"]?.gradient)
            #expect(try distance(gradient, errors.transposed(0, 1).matrixProduct(features) / 8) < 1e-5)
            #expect(try distance(#require(method.store["fc.bias"]?.gradient), errors.mean([0])) < 1e-5)
        }
    }
}
