import GoldenCases
import NN
import Testing
import Torch

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
