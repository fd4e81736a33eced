import Testing

@testable import Torch

/// The fused kernels against libtorch's own operators, which the same call uses for other layouts and types.
@Suite(.serialized) struct FusedOperatorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var shape: [Int]
        var residual: Bool
        var relu: Bool
        var testDescription: String { "\(shape) residual \(residual) relu \(relu)" }
    }

    static let cases = [[2, 3, 5, 7], [4, 16, 3, 3], [3, 40, 1, 1], [2, 19, 33, 17], [64, 8, 1, 1]].flatMap { shape in
        [(false, false), (false, true), (true, false), (true, true)].map { Case(shape: shape, residual: $0, relu: $1) }
    }

    fileprivate func run(
        _ x: Tensor, _ residual: Tensor?, _ upstream: Tensor, _ weight: Tensor, _ bias: Tensor, relu: Bool
    ) throws -> [String: Tensor] {
        let leaves = try [x, weight, bias].map { try $0.cloned().requireGradient() }
        let extra = try residual?.cloned().requireGradient()
        let mean = try Tensor.zeros([weight.elementCount], dtype: weight.dtype)
        let variance = try Tensor.ones([weight.elementCount], dtype: weight.dtype)
        let y = try leaves[0].batchNormalized(
            weight: leaves[1], bias: leaves[2], residual: extra, runningMean: mean, runningVariance: variance,
            training: true, relu: relu)
        try y.backward(upstream.to(y.dtype))
        var results = ["y": y, "mean": mean, "variance": variance]
        results["dx"] = leaves[0].gradient
        results["dw"] = leaves[1].gradient
        results["db"] = leaves[2].gradient
        results["dr"] = extra?.gradient
        return results
    }

    private func expectClose(_ found: [String: Tensor], _ wanted: [String: Tensor], _ tolerance: Double) throws {
        #expect(found.keys.sorted() == wanted.keys.sorted())
        for (name, tensor) in wanted {
            let own = try #require(found[name])
            let scale = try max(tensor.absolute().max().item(), 1e-3)
            let error = try (own.to(.float32) - tensor.to(.float32)).absolute().max().item() / scale
            #expect(error < tolerance, "\(name) is off by \(error)")
        }
    }

    @Test(arguments: cases) func batchNormAgrees(_ test: Case) throws {
        let generator = try Generator(seed: 11)
        let channels = test.shape[1]
        // A mean far from zero is where a careless variance cancels.
        let x = try Tensor.normal(test.shape, mean: 5, deviation: 2, using: generator)
        let residual = test.residual ? try Tensor.normal(test.shape, using: generator) : nil
        let upstream = try Tensor.normal(test.shape, using: generator)
        let weight = try Tensor.normal([channels], using: generator)
        let bias = try Tensor.normal([channels], using: generator)
        let plain = try run(
            x.to(.float64), residual?.to(.float64), upstream.to(.float64), weight.to(.float64), bias.to(.float64),
            relu: test.relu)
        let fused = try run(
            x.contiguous(.channelsLast), residual?.contiguous(.channelsLast), upstream, weight, bias, relu: test.relu)
        try expectClose(fused, plain, 2e-5)
        let half = try run(
            x.contiguous(.channelsLast).to(.bfloat16), residual?.contiguous(.channelsLast).to(.bfloat16), upstream,
            weight, bias, relu: false)
        let half64 = try run(
            x.to(.bfloat16).to(.float64), residual?.to(.bfloat16).to(.float64), upstream.to(.bfloat16).to(.float64),
            weight.to(.float64), bias.to(.float64), relu: false)
        #expect(half["y"]?.dtype == .bfloat16)
        try expectClose(half, half64, 0.01)
    }

    @Test func runningStatisticsGiveTheSameInEitherLayout() throws {
        let generator = try Generator(seed: 3)
        let x = try Tensor.normal([2, 20, 5, 5], using: generator)
        let mean = try Tensor.normal([20], using: generator)
        let variance = try Tensor.uniform([20], low: 0.5, high: 2, using: generator)
        func evaluate(_ x: Tensor) throws -> Tensor {
            try withoutGradients {
                try x.batchNormalized(
                    residual: x, runningMean: mean, runningVariance: variance, training: false, relu: true)
            }
        }
        #expect(try evaluate(x.contiguous(.channelsLast)).isClose(to: evaluate(x), relative: 1e-5, absolute: 1e-6))
    }

    /// In a process of its own, as the number of threads is the process's.
    @Test func resultsDoNotDependOnTheNumberOfThreads() async throws {
        await #expect(processExitsWith: .success) {
            let tests = FusedOperatorTests()
            let generator = try Generator(seed: 4)
            let x = try Tensor.normal([8, 48, 20, 20], using: generator).contiguous(.channelsLast)
            let upstream = try Tensor.normal([8, 48, 20, 20], using: generator).contiguous(.channelsLast)
            let ones = try Tensor.ones([48])
            func values() throws -> [[Float]] {
                let results = try tests.run(x, x, upstream, ones, ones, relu: true)
                return try results.keys.sorted().map { try results[$0]?.array(Float.self) ?? [] }
            }
            try Runtime.setThreadCount(1)
            let one = try values()
            try Runtime.setThreadCount(2)
            #expect(try values() == one)
            #expect(throws: TorchError.self) { try Runtime.setThreadCount(0) }
        }
    }

    @Test(arguments: [1, 2, 3], [DType.float32, .bfloat16]) func splitAttentionAgrees(radix: Int, dtype: DType) throws {
        let generator = try Generator(seed: 5)
        let shape = [3, radix * 20, 5, 4]
        let x = try Tensor.normal(shape, dtype: dtype, using: generator)
        let weights = try Tensor.uniform([3, radix * 20, 1, 1], dtype: dtype, using: generator)
        let upstream = try Tensor.normal([3, 20, 5, 4], dtype: dtype, using: generator)
        func results(_ x: Tensor) throws -> [String: Tensor] {
            let x = try x.cloned().requireGradient()
            let attention = try weights.to(x.dtype).cloned().requireGradient()
            let y = try x.splitCombined(attention: attention, radix: radix)
            let pooled = try x.splitPooled(radix: radix)
            #expect(y.shape == [3, 20, 5, 4] && pooled.shape == [3, 20, 1, 1])
            try (y * upstream.to(x.dtype) + pooled * 0.7).sum().backward()
            return [
                "y": y, "pooled": pooled, "dx": try #require(x.gradient), "da": try #require(attention.gradient),
            ]
        }
        let plain = try results(x.to(.float64))
        let fused = try results(x.contiguous(.channelsLast))
        try expectClose(fused, plain, dtype == .float32 ? 1e-5 : 0.02)
    }

    @Test func shapesThatDoNotFitAreRefused() throws {
        let x = try Tensor.zeros([2, 6, 3, 3])
        #expect(throws: TorchError.self) { try x.splitPooled(radix: 4) }
        #expect(throws: TorchError.self) { try x.splitPooled(radix: 0) }
        #expect(throws: TorchError.self) { try x.splitCombined(attention: .zeros([2, 3, 1, 1]), radix: 2) }
        #expect(throws: TorchError.self) { try x.batchNormalized(residual: .zeros([2, 6, 3, 4]), training: true) }
        #expect(throws: TorchError.self) { try x.batchNormalized(training: false) }
        #expect(throws: TorchError.self) { try Tensor.zeros([4]).batchNormalized(training: true) }
    }
}
