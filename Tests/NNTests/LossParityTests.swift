import GoldenCases
import NN
import Testing
import Torch

/// Losses and L2 normalisation against PyTorch's functions.
@Suite struct LossParityTests {
    @Test(arguments: GoldenFile.arguments("nn-losses"))
    func agreesWithPyTorch(golden: GoldenCase) throws {
        let comparison = Comparison(golden)
        let (output, leaf) = try run(golden, comparison)
        try comparison.compare("output", output)
        if golden.has("upstream") {
            try output.backward(golden.tensor("upstream"))
            for name in golden.names("gradients") { try comparison.compare(name, leaf[name]?.gradient) }
        }
        #expect(comparison.discrepancies == [])
    }

    @Test func allCasesAreThere() throws {
        #expect(try GoldenFile.cases("nn-losses").count == 13)
    }

    /// The loss, and the leaves by the name of their gradient.
    private func run(
        _ golden: GoldenCase, _ comparison: Comparison
    ) throws -> (output: Tensor, leaves: [String: Tensor]) {
        func leaf(_ name: String) throws -> Tensor { try golden.tensor(name).requireGradient() }
        switch golden.kind {
        case "cross_entropy":
            try golden.requires("reduction", "mean")
            let logits = try leaf("input.logits")
            let weight = try golden.bool("weighted") ? golden.tensor("input.weight") : nil
            let loss = try logits.crossEntropy(
                golden.tensor("input.target"), weight: weight, smoothing: golden.double("label_smoothing"))
            return (loss, ["grad.input.logits": logits])
        case "info_nce":
            let queries = try leaf("input.queries")
            let (keys, queue) = (try golden.tensor("input.keys"), try golden.tensor("input.queue"))
            let temperature = try golden.double("temperature")
            let logits = try infoNCELogits(queries, positive: keys, negatives: queue, temperature: temperature)
            try comparison.compare("output.logits", logits)
            let first = try Tensor.zeros([queries.size(0)], dtype: .int64)
            return (try logits.crossEntropy(first), ["grad.input.queries": queries])
        case "mean_squared_error":
            try golden.requires("reduction", "mean")
            let (prediction, target) = (try leaf("input.prediction"), try leaf("input.target"))
            let leaves = ["grad.input.prediction": prediction, "grad.input.target": target]
            return (try prediction.meanSquaredError(target), leaves)
        case "normalize":
            let x = try leaf("input.x")
            return (try x.normalized(golden.int("dim"), epsilon: golden.double("eps")), ["grad.input.x": x])
        default: throw golden.unknownKind()
        }
    }
}
