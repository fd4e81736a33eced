import Testing

@testable import Torch

/// What is not a number, or infinite, goes through the fused kernels as through libtorch's own operators, forward and
/// backward: nowhere does a finite number take its place.
@Suite struct NotANumberTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var shape: [Int]
        var dtype: DType
        var residual: Bool
        var relu: Bool
        var testDescription: String { "\(shape) \(dtype) residual \(residual) relu \(relu)" }
    }

    /// Whole vectors of sixteen; several rows as one; what is left over at the end.
    static let cases = [[2, 16, 3, 3], [2, 24, 4, 2], [1, 19, 5, 3], [6, 40, 1, 1]].flatMap { shape in
        [DType.float32, .bfloat16].flatMap { dtype in
            [(false, false), (false, true), (true, false), (true, true)].map {
                Case(shape: shape, dtype: dtype, residual: $0, relu: $1)
            }
        }
    }

    private static let batchNorm = Operator("aten::batch_norm")

    /// What a pass takes, as float64, in which libtorch's own operators compute.
    private struct Inputs {
        var x, residual, upstream, weight, bias, mean, variance: Tensor

        init(_ test: Case) throws {
            let generator = try Generator(seed: 8)
            let channels = test.shape[1]
            func draw(_ shape: [Int]) throws -> Tensor { try .normal(shape, using: generator) }
            (x, residual, upstream) = (try draw(test.shape), try draw(test.shape), try draw(test.shape))
            (weight, bias, mean) = (try draw([channels]), try draw([channels]), try draw([channels]))
            variance = try .uniform([channels], low: 0.5, high: 2, using: generator)
        }

        /// With a value in place of an element of one of the tensors.
        func with(_ value: Float, at place: Int, in part: WritableKeyPath<Inputs, Tensor>) throws -> Inputs {
            var other = self
            let tensor = self[keyPath: part]
            var values = try tensor.array(Float.self)
            values[place % values.count] = value
            other[keyPath: part] = try Tensor(values).reshaped(tensor.shape)
            return other
        }
    }

    /// Results by name; `fused` by the kernel, else by libtorch.
    private func results(_ inputs: Inputs, _ test: Case, training: Bool, fused: Bool) throws -> [String: Tensor] {
        func made(_ tensor: Tensor) throws -> Tensor {
            let rounded = try tensor.to(test.dtype)
            return fused ? try rounded.contiguous(.channelsLast) : try rounded.to(.float64)
        }
        func plain(_ tensor: Tensor) throws -> Tensor { try tensor.to(fused ? .float32 : .float64).cloned() }
        let x = try made(inputs.x).cloned()
        let residual = test.residual ? try made(inputs.residual).cloned() : nil
        let (weight, bias) = (try plain(inputs.weight), try plain(inputs.bias))
        let (mean, variance) = (try plain(inputs.mean), try plain(inputs.variance))
        func forward() throws -> Tensor {
            if fused {
                return try x.batchNormalized(
                    weight: weight, bias: bias, residual: residual, runningMean: mean, runningVariance: variance,
                    training: training, relu: test.relu)
            }
            var y = try Self.batchNorm(
                .tensor(x), .tensor(weight), .tensor(bias), .tensor(mean), .tensor(variance), .bool(training),
                .double(0.1), .double(1e-5), .bool(false))
            if let residual { y = try y + residual }
            return test.relu ? try y.relu() : y
        }
        guard training else { return ["y": try withoutGradients { try forward() }] }
        for leaf in [x, weight, bias] + (residual.map { [$0] } ?? []) { try leaf.requireGradient() }
        let y = try forward()
        try y.backward(made(inputs.upstream))
        var results = ["y": try y.detached(), "mean": mean, "variance": variance]
        (results["dx"], results["dw"], results["db"]) = (x.gradient, weight.gradient, bias.gradient)
        results["dr"] = residual?.gradient
        return results
    }

    /// The same elements are not finite, and the others agree.
    private func expectAgreement(
        _ inputs: Inputs, _ test: Case, training: Bool, _ what: String, someIn names: [String]
    ) throws {
        let wanted = try results(inputs, test, training: training, fused: false)
        let found = try results(inputs, test, training: training, fused: true)
        #expect(found.keys.sorted() == wanted.keys.sorted())
        for (name, tensor) in wanted {
            let own = try #require(found[name])
            let (a, b) = (
                try own.to(.float64).contiguous().array(Double.self), try tensor.contiguous().array(Double.self)
            )
            #expect(a.map(\.isFinite) == b.map(\.isFinite), "\(what), training \(training): \(name)")
            let scale = b.filter(\.isFinite).map(abs).max() ?? 1
            let off = zip(a, b).filter { $0.isFinite && $1.isFinite }.map { abs($0 - $1) }.max() ?? 0
            #expect(off <= (test.dtype == .float32 ? 1e-4 : 0.03) * max(scale, 1), "\(what): \(name) is off by \(off)")
            if names.contains(name) { #expect(b.contains { !$0.isFinite }, "\(what): \(name) is a test of nothing") }
        }
    }

    @Test(arguments: cases) func batchNormGivesWhatLibtorchGives(_ test: Case) throws {
        let inputs = try Inputs(test)
        let last = test.shape.reduce(1, *) - 1
        for place in [0, 7, last / 2, last] {
            for value in [Float.nan, .infinity] {
                let x = try inputs.with(value, at: place, in: \.x)
                try expectAgreement(
                    x, test, training: true, "\(value) at \(place)", someIn: ["y", "variance", "dx", "dw"])
                // ReLU may make nothing of an infinite value, for it may be a negative one.
                try expectAgreement(
                    x, test, training: false, "\(value) at \(place)", someIn: value.isNaN ? ["y"] : [])
                guard test.residual else { continue }
                let residual = try inputs.with(value, at: place, in: \.residual)
                try expectAgreement(residual, test, training: true, "residual \(value) at \(place)", someIn: ["y"])
                try expectAgreement(residual, test, training: false, "residual \(value) at \(place)", someIn: ["y"])
            }
            // A gradient that ReLU holds back may be anything; one that it lets through stays what it is.
            let upstream = try inputs.with(.nan, at: place, in: \.upstream)
            try expectAgreement(upstream, test, training: true, "gradient at \(place)", someIn: [])
        }
        for place in [0, test.shape[1] - 1] {
            for part in [\Inputs.weight, \.bias, \.mean, \.variance] {
                let running = try inputs.with(.nan, at: place, in: part)
                try expectAgreement(running, test, training: false, "channel \(place)", someIn: ["y"])
                try expectAgreement(running, test, training: true, "channel \(place)", someIn: [])
            }
        }
    }

    @Test(arguments: [1, 2], [DType.float32, .bfloat16])
    func splitAttentionGivesWhatLibtorchGives(radix: Int, dtype: DType) throws {
        for channels in [16, 20] { try expectAgreement(radix: radix, dtype, channels: channels) }
    }

    private func expectAgreement(radix: Int, _ dtype: DType, channels: Int) throws {
        let generator = try Generator(seed: 9)
        let shape = [2, radix * channels, 3, 4]
        for place in [0, radix * channels * 12 - 1, radix * channels * 12 + 5] {
            var values = try Tensor.normal(shape, using: generator).array(Float.self)
            values[place] = .nan
            let x = try Tensor(values).reshaped(shape).to(dtype)
            let weights = try Tensor.uniform([2, radix * channels, 1, 1], using: generator).to(dtype)
            func results(_ x: Tensor, _ attention: Tensor) throws -> [[Bool]] {
                let (x, attention) = try (x.cloned().requireGradient(), attention.cloned().requireGradient())
                let y = try x.splitCombined(attention: attention, radix: radix)
                let pooled = try x.splitPooled(radix: radix)
                try (y.sum() + pooled.sum()).backward()
                return try [y, pooled, try #require(x.gradient), try #require(attention.gradient)].map {
                    try $0.isFinite().contiguous().array(Bool.self)
                }
            }
            let wanted = try results(x.to(.float64), weights.to(.float64))
            #expect(try results(x.contiguous(.channelsLast), weights) == wanted)
            #expect(wanted[0].contains(false) && wanted[1].contains(false) && wanted[3].contains(false))
        }
    }

    @Test func runningStatisticsAreNotTakenFromOneValue() throws {
        let (mean, variance) = (try Tensor.zeros([3]), try Tensor.ones([3]))
        for x in try [Tensor.ones([1, 3, 1, 1]), .ones([1, 3]), .ones([1, 3, 1, 1], dtype: .bfloat16)] {
            let error = #expect(throws: TorchError.self) {
                try x.batchNormalized(runningMean: mean, runningVariance: variance, training: true)
            }
            #expect(error?.message.contains("more than one value per channel") == true)
            // Without them nothing is left behind, and with them nothing is taken.
            #expect(try x.batchNormalized(training: true).isFinite().all().to(.int64).integer() == 1)
            _ = try x.batchNormalized(runningMean: mean, runningVariance: variance, training: false)
        }
        #expect(try mean.array(Float.self) == [0, 0, 0] && variance.array(Float.self) == [1, 1, 1])
        // One image is enough where it has several pixels.
        _ = try Tensor.ones([1, 3, 2, 1]).batchNormalized(runningMean: mean, runningVariance: variance, training: true)
        #expect(try variance.isFinite().all().to(.int64).integer() == 1)
    }
}
