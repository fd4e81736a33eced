import NN
import Testing
import Torch

/// Laws of ages as distributions.
@Suite struct AgeLossTests {
    private let ages: [Float] = [0, 20, 33.5, 60]

    @Test func distributionsSumToOneAroundTheAge() throws {
        let targets = try ageDistributions(Tensor(ages), classes: 61, deviation: 2)
        #expect(try targets.sum([1]).isClose(to: .ones([4]), relative: 1e-6))
        let mean = try (targets * Tensor.range(to: 61)).sum([1]).array(Float.self)
        // Away from the ends the mean is the age; at an end half of the Gaussian is missing.
        #expect(abs(mean[1] - 20) < 1e-3 && abs(mean[2] - 33.5) < 1e-3)
        #expect(mean[0] > 1 && mean[3] < 59)
        #expect(
            try targets.argmax(1).array(Int64.self).enumerated().filter { $0.offset != 2 }.map(\.element) == [
                0, 20, 60,
            ])
        let variance = try (targets[1] * (Tensor.range(to: 61).to(.float32) - 20).power(2)).sum().item()
        #expect(abs(variance - 4) < 1e-2)
    }

    @Test func agesBeyondTheClassesAreHeapedOnTheLast() throws {
        let targets = try ageDistributions(Tensor([500, -400] as [Float]), classes: 5, deviation: 1)
        #expect(try targets.isClose(to: Tensor([4, 0] as [Int64]).oneHot(5).to(.float32), absolute: 1e-6))
        let logits = try Tensor.zeros([1, 5]).requireGradient()
        #expect(try ageDistributionLoss(logits, ages: Tensor([500] as [Float]), deviation: 1).item().isFinite)
    }

    @Test func theExpectedAgeOfCertaintyIsTheAge() throws {
        let logits = try Tensor([3, 0, 7] as [Int64]).oneHot(8).to(.float32) * 100
        #expect(try expectedAge(logits).isClose(to: Tensor([3, 0, 7] as [Float]), absolute: 1e-5))
        #expect(try expectedAge(.zeros([2, 101])).isClose(to: .full([2], 50), relative: 1e-6))
        // Logits that overflow exp() in float32.
        #expect(try expectedAge(logits + 500).isClose(to: Tensor([3, 0, 7] as [Float]), absolute: 1e-5))
    }

    /// The cross-entropy is least at the target itself, and the error of its mean is none.
    @Test func theTargetIsTheMinimum() throws {
        let age = try Tensor([20] as [Float])
        let best = try ageDistributions(age, classes: 41, deviation: 2).clamped(min: 1e-30).logarithm()
            .requireGradient()
        let loss = try ageDistributionLoss(best, ages: age, deviation: 2, weight: 0)
        try loss.backward()
        #expect(try best.gradient.map { try $0.absolute().max().item() } ?? 1 < 1e-6)
        let other = try ageDistributionLoss(best + .normal([1, 41], using: Generator(seed: 1)), ages: age, weight: 0)
        #expect(try other.item() > loss.item())
    }

    @Test func otherShapesAreRefused() throws {
        let logits = try Tensor.zeros([4, 9])
        #expect(try message { _ = try ageDistributionLoss(logits, ages: .zeros([3])) }.contains("[4, 9] and [3]"))
        #expect(throws: TorchError.self) { try expectedAge(.zeros([9])) }
        let text = try message { _ = try ageDistributionLoss(logits, ages: .zeros([4]), deviation: 0) }
        #expect(text.contains("deviation (=0.0)"))
    }
}
