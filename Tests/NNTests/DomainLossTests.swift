import NN
import Testing
import Torch

/// Laws of the losses that bring two domains together.
@Suite struct DomainLossTests {
    private func sample(_ seed: UInt64, _ rows: Int, mean: Double = 0, deviation: Double = 1) throws -> Tensor {
        try .normal([rows, 5], mean: mean, deviation: deviation, using: Generator(seed: seed))
    }

    @Test func coralSeesNoShift() throws {
        let (source, target) = (try sample(1, 12), try sample(2, 9, deviation: 2))
        let shift = try Tensor([3, -1, 0.5, 8, -4] as [Float])
        let loss = try coralLoss(source, target).item()
        #expect(loss > 0.05)
        #expect(abs(try coralLoss(source + shift, target - shift).item() - loss) < 1e-4 * loss)
        #expect(try coralLoss(source, source + shift).item() < 1e-9)
        #expect(abs(try coralLoss(target, source).item() - loss) < 1e-6 * loss)
        // Twice the features are four times the covariance.
        #expect(abs(try coralLoss(source * 2, target * 2).item() - 16 * loss) < 1e-4 * loss)
    }

    /// Features that come out of a bfloat16 network are no reason to take covariances in it.
    @Test func coralKeepsItsPrecision() throws {
        let (source, target) = (try sample(1, 12), try sample(2, 9))
        let loss = try coralLoss(source, target)
        let inside = try withPrecision(.bfloat16) { try coralLoss(source, target) }
        #expect(try inside.dtype == .float32 && inside.item() == loss.item())
    }

    @Test func aSetIsAtNoDistanceFromItself() throws {
        let x = try sample(1, 10)
        #expect(abs(try multiKernelMMD(x, x).item()) < 1e-6)
        // Without the diagonal, which the cross terms still have, it is a little below 0.
        let unbiased = try multiKernelMMD(x, x, estimate: .unbiased).item()
        #expect(unbiased < 0 && unbiased > -2.0 / 10)
        let equal = try Tensor.ones([3, 5]).requireGradient()
        let none = try multiKernelMMD(equal, .ones([4, 5]))
        try none.backward()
        #expect(try abs(none.item()) < 1e-6 && equal.gradient?.absolute().max().item() == 0)
    }

    @Test func theDiscrepancyGrowsWithTheDistanceOfTheDomains() throws {
        let source = try sample(1, 40)
        for estimate in MMDEstimate.allCases {
            let losses = try [0, 1, 3].map {
                try multiKernelMMD(source, sample(2, 30, mean: $0), estimate: estimate).item()
            }
            #expect(losses[0] < 0.1 && losses[1] > losses[0] + 0.1 && losses[2] > losses[1] + 0.1, "\(losses)")
            let turned = try multiKernelMMD(sample(2, 30, mean: 1), source, estimate: estimate).item()
            #expect(abs(turned - losses[1]) < 1e-5)
            // Bandwidths go with the distances, so units do not matter.
            let scaled = try multiKernelMMD(source * 100, sample(2, 30, mean: 1) * 100, estimate: estimate).item()
            #expect(abs(scaled - losses[1]) < 1e-5)
        }
    }

    /// Over many samples of one distribution, the unbiased estimate is 0 on average; the biased one never below.
    @Test func unbiasedMeansUnbiased() throws {
        var (biased, unbiased): ([Double], [Double]) = ([], [])
        for seed in 0..<60 {
            let (source, target) = (try sample(UInt64(2 * seed), 8), try sample(UInt64(2 * seed + 1), 8))
            biased.append(try multiKernelMMD(source, target).item())
            unbiased.append(try multiKernelMMD(source, target, estimate: .unbiased).item())
        }
        #expect(biased.allSatisfy { $0 > 0 })
        #expect(unbiased.contains { $0 < 0 } && unbiased.contains { $0 > 0 })
        #expect(abs(unbiased.reduce(0, +) / 60) < 0.02 && biased.reduce(0, +) / 60 > 0.05)
    }

    @Test func domainsMustFit() throws {
        #expect(try message { _ = try coralLoss(.zeros([3, 2]), .zeros([3, 4])) }.contains("equally many features"))
        #expect(try message { _ = try coralLoss(.zeros([1, 2]), .zeros([3, 2])) }.contains("N of at least 2"))
        #expect(throws: TorchError.self) { try multiKernelMMD(.zeros([3, 2]), .zeros([1, 2])) }
        #expect(throws: TorchError.self) { try multiKernelMMD(.zeros([3]), .zeros([3])) }
    }

    /// Bit for bit: the same values, and the gradient times -lambda.
    @Test func reversalTurnsTheGradientAlone() throws {
        let (x, upstream) = (try sample(1, 6, deviation: 3).requireGradient(), try sample(2, 6))
        for strength in [0, 0.3, 1, 7.5] {
            try x.setGradient(nil)
            let y = try x.gradientReversed(strength)
            #expect(try y.array(Float.self) == x.array(Float.self))
            try y.backward(upstream)
            let expected = try upstream * -strength
            #expect(try x.gradient?.array(Float.self) == expected.array(Float.self))
        }
    }

    @Test func theStrengthGrowsFromZeroToOne() {
        let strengths = stride(from: 0, through: 1, by: 0.05).map { reversalStrength(progress: $0) }
        #expect(strengths.first == 0 && strengths.allSatisfy { $0 < 1 } && (strengths.last ?? 0) > 0.9999)
        #expect(zip(strengths, strengths.dropFirst()).allSatisfy { $0 < $1 })
        #expect(reversalStrength(progress: -1) == 0 && reversalStrength(progress: 9) == strengths.last)
    }
}
