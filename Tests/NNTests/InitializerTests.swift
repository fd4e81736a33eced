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
