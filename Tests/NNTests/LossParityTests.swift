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

/// The losses of transfer between domains and tasks against their formulas, pair by pair.
@Suite struct TransferLossParityTests {
    @Test(arguments: GoldenFile.arguments("transfer-losses").filter { $0.kind != "batch_norm" })
    func agreesWithTheFormula(golden: GoldenCase) throws {
        let comparison = Comparison(golden)
        if golden.kind == "reversal_strength" {
            let progress = try golden.tensor("input.progress").array(Double.self)
            try comparison.compare("value.strength", progress.map { reversalStrength(progress: $0) })
        } else {
            let leaves = try Dictionary(
                uniqueKeysWithValues: golden.names("gradients").map {
                    ($0, try golden.tensor(String($0.dropFirst("grad.".count))).requireGradient())
                })
            let output = try output(golden) { name in
                guard let leaf = leaves["grad.input." + name] else { return try golden.tensor("input." + name) }
                return leaf
            }
            try comparison.compare("output", output)
            if golden.has("upstream") { try output.backward(golden.tensor("upstream")) }
            for (name, leaf) in leaves { try comparison.compare(name, leaf.gradient) }
        }
        #expect(comparison.discrepancies == [])
    }

    /// Batch norm takes features [N, C] as it takes images, under the keys of PyTorch's `BatchNorm1d`.
    @Test(arguments: GoldenFile.arguments("transfer-losses").filter { $0.kind == "batch_norm" })
    func batchNormOfFeatures(golden: GoldenCase) throws {
        let policy =
            try golden.bool("training") ? BatchNormPolicy.training(momentum: golden.double("momentum")) : .running
        let discrepancies = try layerDiscrepancies(golden, .contiguous) { scope in
            let norm = try BatchNorm2d(scope, golden.int("num_features"), epsilon: golden.double("eps"))
            return { try norm($0[0], policy) }
        }
        #expect(discrepancies == [])
    }

    @Test func allCasesAreThere() throws {
        #expect(try GoldenFile.cases("transfer-losses").count == 22)
    }

    /// The result of a case; `input` gives its tensors, leaves where they have gradients.
    private func output(_ golden: GoldenCase, _ input: (String) throws -> Tensor) throws -> Tensor {
        switch golden.kind {
        case "triplet":
            let margin = try golden.bool("soft") ? TripletMargin.soft : .hard(golden.double("margin"))
            return try batchHardTripletLoss(input("features"), identities: input("identities"), margin: margin)
        case "expected_age": return try expectedAge(input("logits"))
        case "age_distributions":
            return try ageDistributions(input("ages"), classes: 12, deviation: golden.double("deviation"))
        case "age_loss":
            return try ageDistributionLoss(
                input("logits"), ages: input("ages"), deviation: golden.double("deviation"),
                weight: golden.double("weight"))
        case "coral": return try coralLoss(input("source"), input("target"))
        case "mmd":
            guard let estimate = MMDEstimate(rawValue: try golden.text("estimate")) else { throw golden.unknownKind() }
            return try multiKernelMMD(input("source"), input("target"), estimate: estimate)
        case "reversal":
            let features = try input("features").gradientReversed(golden.double("strength"))
            return try features.matrixProduct(input("weight")).tanh()
        default: throw golden.unknownKind()
        }
    }
}
