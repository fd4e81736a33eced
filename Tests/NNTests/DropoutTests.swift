import NN
import Testing
import Torch

@Suite struct DropoutTests {
    @Test(arguments: [0.1, 0.5, 0.9])
    func theMeanStays(probability: Double) throws {
        let count = 100_000
        let dropped = try Tensor.ones([count]).dropped(probability, .training(Generator(seed: 5))).array(Float.self)
        let keep = 1 - probability
        #expect(dropped.allSatisfy { $0 == 0 || abs(Double($0) * keep - 1) < 1e-6 })
        // Each element is a draw of mean 1 and variance p / (1 - p).
        let mean = dropped.reduce(0) { $0 + Double($1) } / Double(count)
        #expect(abs(mean - 1) < 5 * (probability / keep / Double(count)).squareRoot())
    }

    @Test func withoutAGeneratorItIsTheIdentity() throws {
        let x = try Tensor.ones([4, 3])
        #expect(try x.dropped(0.5, .evaluation) === x)
        #expect(try x.dropped(0.5, .training(nil)) === x)
        #expect(try x.dropped(0, .training(Generator(seed: 1))) === x)
    }

    @Test func theGeneratorDecides() throws {
        func dropped(_ seed: UInt64) throws -> [Float] {
            try Tensor.ones([64]).dropped(0.5, .training(Generator(seed: seed))).array(Float.self)
        }
        #expect(try dropped(1) == dropped(1))
        #expect(try dropped(1) != dropped(2))
    }

    @Test func gradientsPassWhereValuesDo() throws {
        let x = try Tensor.ones([64]).requireGradient()
        let y = try x.dropped(0.25, .training(Generator(seed: 7)))
        try y.sum().backward()
        #expect(try x.gradient?.array(Float.self) == y.array(Float.self))
    }

    @Test(arguments: [1, -0.1, 1.5, Double.nan])
    func probabilitiesOutsideTheRangeAreRefused(probability: Double) throws {
        let x = try Tensor.ones([2])
        for mode in [Mode.evaluation, .training(try Generator(seed: 1))] {
            #expect(try message { _ = try x.dropped(probability, mode) }.contains("not \(probability)"))
        }
    }
}
