import GoldenCases
import NN
import Testing
import Torch

/// What the golden laws leave open.
@Suite struct InitializerTests {
    @Test func constantsAreConstant() throws {
        let generator = try Generator(seed: 1)
        for (initializer, value) in [(Initializer.zeros, 0.0), (.ones, 1), (.constant(-2.5), -2.5)] {
            let made = try initializer.make([2, 3], using: generator)
            #expect(try made.array(Float.self) == [Float](repeating: Float(value), count: 6))
        }
    }

    @Test func uniformAndNormalHaveTheirMoments() throws {
        let generator = try Generator(seed: 2)
        let uniform = try Initializer.uniform(low: -1, high: 3).make([20_000], using: generator)
        #expect(try uniform.min().item() >= -1 && uniform.max().item() < 3)
        #expect(abs(try uniform.mean().item() - 1) < 0.05)
        let normal = try Initializer.normal(mean: 2, deviation: 0.5).make([20_000], using: generator)
        #expect(abs(try normal.mean().item() - 2) < 0.02)
        #expect(abs(try normal.variance().item() - 0.25) < 0.02)
    }

    @Test func scalesFollowFromTheFans() {
        let shape = [8, 4, 3, 3]
        #expect(Initializer.fans(shape) == (36, 72))
        #expect(Initializer.kaimingNormal(fan: .output, slope: 0).scale(for: shape) == (2.0 / 72).squareRoot())
        #expect(Initializer.kaimingUniform(fan: .input, slope: 1).scale(for: shape) == (6.0 / 72).squareRoot())
        #expect(Initializer.xavierUniform(gain: 2).scale(for: shape) == 2 * (6.0 / 108).squareRoot())
        #expect(Initializer.defaultBias(weight: shape).scale(for: [8]) == 1.0 / 6)
        #expect(Initializer.ones.scale(for: shape) == nil)
    }

    /// Sizes of zero and one dimension divide by nothing.
    @Test func fansAreNeverZero() {
        for shape in [[], [0], [5], [0, 0], [3, 0, 2, 2]] {
            let fans = Initializer.fans(shape)
            #expect(fans.input > 0 && fans.output > 0, "\(shape)")
        }
    }

    @Test func truncationReachesFarIntoTheTail() throws {
        let made = try Initializer.truncatedNormal(mean: 0, deviation: 1, low: 12, high: 13)
            .make([50], using: Generator(seed: 3))
        #expect(try made.min().item() >= 12 && made.max().item() <= 13)
    }

    @Test func truncationNeedsARange() throws {
        let text = try message {
            _ = try Initializer.truncatedNormal(mean: 0, deviation: 1, low: 2, high: -2)
                .make([5], using: Generator(seed: 3))
        }
        #expect(text.contains("low (=2.0) must be less than high (=-2.0)"))
    }
}

/// Initialisers against the formulas of `torch.nn.init`. Streams of random numbers differ between implementations, so
/// samples are held against the distribution: no value outside its bounds, mean and deviation within five standard
/// errors.
@Suite struct InitializerParityTests {
    @Test(arguments: GoldenFile.arguments("nn-init"))
    func obeysItsLaw(golden: GoldenCase) throws {
        let weight = try golden.ints("shape")
        let law = try Dictionary(
            uniqueKeysWithValues: golden.names("values").map { ($0, try golden.tensor($0).item()) })
        let fans = Initializer.fans(weight)
        let comparison = Comparison(golden)
        try comparison.compare("value.fan_in", [Double(fans.input)], tolerance: 0)
        try comparison.compare("value.fan_out", [Double(fans.output)], tolerance: 0)
        let mean = try #require(law["value.mean"])
        let deviation = try #require(law["value.std"])

        let values = try samples(golden, weight)
        let count = Double(values.elementCount)
        let found = (mean: try values.mean().item(), deviation: try values.variance().item().squareRoot())
        // The error of a sample's deviation depends on the fourth moment, which the sample gives well enough.
        let kurtosis = try ((values - found.mean) / found.deviation).power(4).mean().item()
        let meanError = abs(found.mean - mean) / (deviation / count.squareRoot())
        let deviationError = abs(found.deviation / deviation - 1) / ((kurtosis - 1) / (4 * count)).squareRoot()
        comparison.hold("value.mean", meanError < 5, "mean \(found.mean) is \(meanError) standard errors off")
        comparison.hold("value.std", deviationError < 5, "\(found.deviation) is \(deviationError) standard errors off")
        if let low = law["value.low"], let high = law["value.high"] {
            // What float32 rounds a bound to.
            let slack = 1e-6 * deviation
            let (least, most) = (try values.min().item(), try values.max().item())
            comparison.hold("value.low", least >= low - slack, "\(least) is less than \(low)")
            comparison.hold("value.high", most <= high + slack, "\(most) is more than \(high)")
        }
        #expect(comparison.discrepancies == [])
    }

    @Test func allCasesAreThere() throws {
        #expect(try GoldenFile.cases("nn-init").count == 39)
    }

    /// Some 20,000 values, float64.
    private func samples(_ golden: GoldenCase, _ weight: [Int]) throws -> Tensor {
        let initializer = try initializer(golden, weight)
        let shape = golden.kind == "default_bias" ? [weight[0]] : weight
        let generator = try Generator(seed: 3)
        let rounds = 20_000 / shape.reduce(1, *) + 1
        return try Tensor.stacked((0..<rounds).map { _ in try initializer.make(shape, using: generator) }).to(.float64)
    }

    private func initializer(_ golden: GoldenCase, _ weight: [Int]) throws -> Initializer {
        switch golden.kind {
        case "kaiming_uniform":
            return .kaimingUniform(fan: try fan(golden), slope: try golden.double("a"))
        case "kaiming_normal", "resnest_normal": return .kaimingNormal(fan: try fan(golden), slope: 0)
        case "xavier_uniform": return .xavierUniform(gain: 1)
        case "xavier_normal": return .xavierNormal(gain: 1)
        case "default_weight": return .defaultWeight
        case "default_bias": return .defaultBias(weight: weight)
        case "trunc_normal":
            return .truncatedNormal(
                mean: try golden.double("mean"), deviation: try golden.double("std"), low: try golden.double("a"),
                high: try golden.double("b"))
        default: throw golden.unknownKind()
        }
    }

    private func fan(_ golden: GoldenCase) throws -> Initializer.Fan {
        switch try golden.text("mode") {
        case "fan_in": return .input
        case "fan_out": return .output
        default: throw golden.unknownKind()
        }
    }
}
