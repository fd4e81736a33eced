import GoldenCases
import Testing
import Torch

/// The instrument that golden cases are read with sees what is wrong.
@Suite struct ComparisonTests {
    private func golden(_ name: String, in file: String) throws -> GoldenCase {
        try #require(GoldenFile.cases(file).first { $0.name == name })
    }

    @Test func whatWasNotComparedIsADiscrepancy() throws {
        let golden = try golden("normalize-2d", in: "nn-losses")
        let comparison = Comparison(golden)
        #expect(comparison.discrepancies == ["grad.input.x: was not compared", "output: was not compared"])
        try comparison.compare("output", golden.tensor("output"))
        #expect(comparison.discrepancies == ["grad.input.x: was not compared"])
        try comparison.compare("grad.input.x", nil)
        #expect(comparison.discrepancies == ["grad.input.x: there is none"])
    }

    @Test func errorsShapesTypesAndNotNumbersAreSeen() throws {
        let golden = try golden("normalize-2d", in: "nn-losses")
        let output = try golden.tensor("output")
        for (wrong, expected) in [
            (try output * 1.0001, "relative error"), (try output * Double.nan, "relative error nan"),
            (try output.reshaped([7, 5]), "is float32 [7, 5], not float32 [5, 7]"),
            (try output.to(.float64), "is float64 [5, 7], not float32 [5, 7]"),
        ] {
            let comparison = Comparison(golden, lists: ["outputs"])
            try comparison.compare("output", wrong)
            #expect(comparison.discrepancies.count == 1)
            #expect(comparison.discrepancies.first?.contains(expected) == true, "\(comparison.discrepancies)")
        }
    }

    @Test func integersMustBeEqual() throws {
        let golden = try golden("batch-norm-train", in: "nn-layers")
        let name = "after.buffer.num_batches_tracked"
        let comparison = Comparison(golden, lists: ["after"])
        try comparison.compare(name, golden.tensor("buffer.num_batches_tracked"))
        #expect(comparison.discrepancies.contains { $0.hasPrefix(name + ": relative error") })
    }

    @Test func zerosAreHeldAgainstTheirNeighbour() throws {
        let golden = try golden("split-attention-radix-1-cardinality-1", in: "nn-layers")
        let name = "grad.param.fc1.bias"
        for (value, isWrong) in [(1e-9, false), (1, true), (Double.nan, true)] {
            let comparison = Comparison(golden, lists: [])
            try comparison.compareZero(name, .full([32], value))
            #expect(comparison.discrepancies.isEmpty != isWrong, "\(value)")
        }
    }

    @Test func whatIsNoResultIsRefused() throws {
        let golden = try golden("normalize-2d", in: "nn-losses")
        let comparison = Comparison(golden, lists: [])
        try comparison.compare("input.x", golden.tensor("input.x"))
        #expect(comparison.discrepancies == ["input.x: is no result of the case"])
    }

    @Test func settingsWithoutACounterpartAreRefused() throws {
        let golden = try golden("adam", in: "nn-optimizers")
        try golden.requires("amsgrad", "false")
        #expect(throws: GoldenError.self) { try golden.requires("amsgrad", "true") }
        #expect(throws: GoldenError.self) { try golden.requires("capturable", "false") }
        #expect(throws: GoldenError.self) { try golden.int("beta1") }
        #expect(throws: GoldenError.self) { try golden.text("steps") }
        #expect(throws: GoldenError.self) { try golden.tensor("param.other") }
    }
}
