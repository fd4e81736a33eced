import NN
import Testing
import Torch

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
