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

/// Laws of the batch-hard triplet loss.
@Suite struct TripletLossTests {
    private let identities = [Int64](arrayLiteral: 0, 0, 0, 1, 1, 1, 2, 2, 2)

    /// Nine rows: three around each of three centres, `apart` from each other along an axis of their own.
    private func features(apart: Double) throws -> Tensor {
        let centres = try Tensor(identities).oneHot(3).to(.float32) * apart
        return try centres + .normal([9, 3], deviation: 0.1, using: Generator(seed: 3))
    }

    @Test func nothingIsLostWhereClassesAreFarApart() throws {
        let far = try features(apart: 20).requireGradient()
        let loss = try batchHardTripletLoss(far, identities: Tensor(identities), margin: .hard(1))
        try loss.backward()
        #expect(try loss.item() == 0)
        #expect(try far.gradient?.absolute().max().item() == 0)
        let soft = try batchHardTripletLoss(far, identities: Tensor(identities))
        #expect(try soft.item() > 0 && soft.item() < 1e-6)
    }

    /// With every distance 0, what is left is the margin, and a gradient that is a number.
    @Test func equalRowsGiveTheMargin() throws {
        for (margin, expected) in [(TripletMargin.hard(0.25), 0.25), (.soft, 0.6931472)] {
            let equal = try Tensor.ones([9, 3]).requireGradient()
            let loss = try batchHardTripletLoss(equal, identities: Tensor(identities), margin: margin)
            try loss.backward()
            #expect(abs(try loss.item() - expected) < 1e-6)
            #expect(try equal.gradient?.absolute().max().item() == 0)
        }
    }

    @Test func withoutATripletItIsZeroWithAGradientOfZero() throws {
        for identities in [[Int64](0..<9), [Int64](repeating: 4, count: 9)] {
            for margin in [TripletMargin.hard(0.3), .soft] {
                let features = try features(apart: 1).requireGradient()
                let loss = try batchHardTripletLoss(features, identities: Tensor(identities), margin: margin)
                try loss.backward()
                #expect(try loss.item() == 0)
                let gradient = try #require(features.gradient)
                #expect(try gradient.array(Float.self) == [Float](repeating: 0, count: 27))
            }
        }
    }

    /// A row without a partner is no anchor, but still a negative.
    @Test func theLoneRowIsANegativeOnly() throws {
        let features = try Tensor([0, 1, 1.5] as [Float], shape: [3, 1])
        let loss = try batchHardTripletLoss(features, identities: Tensor([7, 7, 8] as [Int64]), margin: .hard(1))
        // Anchors 0 and 1: 1 + 1 - 1.5 and 1 + 1 - 0.5.
        #expect(abs(try loss.item() - 1) < 1e-6)
    }

    @Test func orderAndNamesOfIdentitiesDoNotMatter() throws {
        let features = try features(apart: 0.3)
        let loss = try batchHardTripletLoss(features, identities: Tensor(identities)).item()
        let turned = try batchHardTripletLoss(
            features.flipped([0]), identities: Tensor(identities.reversed().map { 100 - 7 * $0 })
        ).item()
        #expect(loss > 0.3 && abs(turned - loss) < 1e-6)
    }

    @Test func otherShapesAreRefused() throws {
        let text = try message { _ = try batchHardTripletLoss(.zeros([4, 2]), identities: .zeros([1], dtype: .int64)) }
        #expect(text.contains("one identity for each row") && text.contains("[4, 2] and [1]"))
        #expect(throws: TorchError.self) {
            try batchHardTripletLoss(.zeros([4]), identities: .zeros([4], dtype: .int64))
        }
    }
}
