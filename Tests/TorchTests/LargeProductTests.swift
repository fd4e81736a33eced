import Testing

@testable import Torch

/// Linear maps so large that oneDNN computes them, against libtorch's in float64.
@Suite struct LargeProductTests {
    private struct Found {
        var output: Tensor
        var gradients: [Tensor]
    }

    private static func mapped(rows: Int, _ dtype: DType, hasBias: Bool) throws -> Found {
        let generator = try Generator(seed: 3)
        var leaves = try [Tensor.normal([rows, 700], using: generator), .normal([600, 700], using: generator)]
        if hasBias { leaves.append(try .normal([600], using: generator)) }
        leaves = try leaves.map { try $0.to(dtype).requireGradient() }
        let output = try leaves[0].linear(leaves[1], bias: hasBias ? leaves[2] : nil)
        let weights = try Tensor.normal(output.shape, using: generator).to(dtype)
        try (output * weights).sum().backward()
        return Found(output: output, gradients: try leaves.map { try #require($0.gradient) })
    }

    @Test(arguments: [true, false]) func theyAreThoseOfTheSmallerOnes(hasBias: Bool) throws {
        let rows = Tensor.largeProduct / (700 * 600) + 1
        let (own, plain) = (
            try Self.mapped(rows: rows, .float32, hasBias: hasBias),
            try Self.mapped(rows: rows, .float64, hasBias: hasBias)
        )
        #expect(own.output.shape == [rows, 600])
        #expect(try own.output.to(.float64).isClose(to: plain.output, relative: 1e-5, absolute: 1e-3))
        for (own, plain) in zip(own.gradients, plain.gradients) {
            #expect(own.shape == plain.shape)
            #expect(try own.to(.float64).isClose(to: plain, relative: 1e-5, absolute: 1e-3))
        }
    }

    @Test func shapesThatDoNotFitAreRefused() throws {
        let rows = try Tensor.zeros([1_000, 700])
        #expect(throws: TorchError.self) { _ = try rows.linear(.zeros([600, 701])) }
    }
}
