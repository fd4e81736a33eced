import Testing

@testable import Torch

/// Convolutions whose weights lie far apart, whose gradients are found weight by weight, against libtorch's in float64.
@Suite struct DilatedConvolutionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var size: [Int]
        var dilation: Int
        var bias = false
        var testDescription: String { "\(size) by \(dilation)\(bias ? ", with a bias" : "")" }
    }

    /// The window wider than the image in one direction, in both, as wide as the image, and half within it; and one
    /// nearly all within it, which is left to libtorch.
    static let cases = [
        Case(size: [9, 20], dilation: 10), Case(size: [5, 6], dilation: 8, bias: true),
        Case(size: [7, 7], dilation: 7), Case(size: [1, 1], dilation: 2),
        Case(size: [12, 13], dilation: 6, bias: true), Case(size: [16, 16], dilation: 2, bias: true),
    ]

    private struct Found {
        var output: Tensor
        var gradients: [Tensor]
    }

    private static func convolved(_ test: Case, _ dtype: DType, _ precision: Precision = .float32) throws -> Found {
        let generator = try Generator(seed: 7)
        var leaves = try [
            Tensor.normal([2, 6] + test.size, using: generator), Tensor.normal([4, 6, 3, 3], using: generator),
        ]
        if test.bias { leaves.append(try .normal([4], using: generator)) }
        leaves = try leaves.map { leaf in
            let format: MemoryFormat = leaf.shape.count == 4 ? .channelsLast : .contiguous
            return try leaf.to(dtype).contiguous(format).requireGradient()
        }
        let d = (test.dilation, test.dilation)
        let output = try withPrecision(precision) {
            try leaves[0].convolved(leaves[1], bias: test.bias ? leaves[2] : nil, padding: d, dilation: d)
        }
        let weights = try Tensor.normal(output.shape, using: generator)
        try (output.to(dtype) * weights.to(dtype)).sum().backward()
        return Found(
            output: try output.to(.float64), gradients: try leaves.map { try #require($0.gradient).to(.float64) })
    }

    @Test(arguments: cases) func gradientsAreThoseOfOneConvolution(test: Case) throws {
        let (own, plain) = (try Self.convolved(test, .float32), try Self.convolved(test, .float64))
        #expect(own.output.shape == [2, 4] + test.size && own.gradients.count == plain.gradients.count)
        #expect(try own.output.isClose(to: plain.output, relative: 1e-5, absolute: 1e-4))
        for (own, plain) in zip(own.gradients, plain.gradients) {
            #expect(own.shape == plain.shape)
            #expect(try own.isClose(to: plain, relative: 1e-5, absolute: 1e-4))
        }
        // In bfloat16 both are rounded alike.
        let half = try Self.convolved(test, .float32, .bfloat16)
        #expect(try half.output.isClose(to: plain.output, relative: 0.03, absolute: 0.25))
        for (half, plain) in zip(half.gradients, plain.gradients) {
            #expect(try half.isClose(to: plain, relative: 0.03, absolute: 0.5))
        }
        // No bit depends on chance.
        let again = try Self.convolved(test, .float32)
        #expect(try zip(own.gradients, again.gradients).allSatisfy { try $0.isClose(to: $1, relative: 0, absolute: 0) })
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let x = try Tensor.zeros([1, 5, 8, 8]).contiguous(.channelsLast)
        let weight = try Tensor.zeros([4, 6, 3, 3]).requireGradient()
        #expect(throws: TorchError.self) { try x.convolved(weight, padding: (6, 6), dilation: (6, 6)) }
    }
}
