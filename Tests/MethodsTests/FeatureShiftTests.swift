import Architectures
import NN
import Networks
import Testing
import Torch

@testable import Methods

@Suite struct FeatureShiftTests {
    private func images() throws -> Tensor {
        try .normal([4, 2, 6, 6], using: Generator(seed: 1)).contiguous(.channelsLast)
    }

    /// A stem and two choices among the given layers.
    private func supernet(_ candidates: [Layer]) throws -> Supernet {
        func choice(_ name: String) -> Layer.Part {
            Layer.Part(
                name, .choice(.init(name, candidates.enumerated().map { .init("layer \($0)", $1) })))
        }
        let description = try SupernetDescription(
            "shift", channels: 2,
            backbone: .sequence([
                .init("stem", .convolution(.init(4, kernel: 3))), choice("p"), choice("q"), .init("", .globalPool),
            ]))
        return try Supernet(description, store: Tiny.store(seed: 1))
    }

    private func shift(_ supernet: Supernet, every: Int = 1, seed: UInt64 = 1) throws -> FeatureShift {
        try FeatureShift(supernet, images: images(), every: every, precision: .float32, seed: seed)
    }

    private let block = Layer.sequence(Layer.convolutionBlock("conv", "bn", .init(4, kernel: 3)))

    @Test func whereCandidatesAreAllOneLayerThereIsNone() throws {
        let supernet = try supernet([block, block, block])
        #expect(try #require(shift(supernet).measure(step: 0)["feature-shift"]) > 0.1, "with weights of their own")
        try withoutGradients {
            for point in 0..<2 {
                let first = supernet.entries(of: CandidateReference(point: point, candidate: 0))
                for candidate in 1..<3 {
                    let others = supernet.entries(of: CandidateReference(point: point, candidate: candidate))
                    for (own, other) in zip(first, others) { try other.tensor.copyInPlace(from: own.tensor) }
                }
            }
        }
        #expect(try shift(supernet).measure(step: 0) == ["feature-shift": 0, "feature-shift-last": 0])
        #expect(try shift(supernet).layers() == [0, 0])
    }

    /// The distance over the mean length: 2 between something and nothing, 0 between nothing and nothing.
    @Test func distancesAreOverTheMeanLength() throws {
        // A pair is (0, 1) or (1, 0) at each choice: after the first, one path has the stem's output and one has zeros.
        let found = try shift(supernet([.identity, .zero(stride: 1)])).layers()
        #expect(found.count == 2 && abs(found[0] - 2) < 1e-6)
        // After the second, the paths are 0 0 and 1 1, which differ as before, or 0 1 and 1 0, which are both zeros.
        #expect([0, 1, 2].contains { abs(found[1] - $0) < 1e-6 })
    }

    /// Against the definition, over the activations of the two paths.
    @Test func itIsTheDefinition() throws {
        let supernet = try Tiny.supernet(seed: 3)
        try shake(supernet.store)
        let images = try Tensor.normal([6, 1, 8, 8], using: Generator(seed: 1))
        // With two candidates left to differ in, pairs can be told from the figures: here all pairs are tried.
        let found = try FeatureShift(supernet, images: images, pairs: 1, precision: .float32, seed: 2).layers()
        var fits = 0
        for a in Tiny.architectures {
            for b in Tiny.architectures where a < b && a.distance(to: b) == 2 {
                let layers = try withoutGradients {
                    try zip(
                        supernet.activations(images, a, Mode(batchNorm: .batch)),
                        supernet.activations(images, b, Mode(batchNorm: .batch))
                    ).dropFirst().map { x, y -> Double in
                        let (x, y) = try (doubles(x), doubles(y))
                        func length(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }
                        return length(zip(x, y).map { $0 - $1 }) / ((length(x) + length(y)) / 2)
                    }
                }
                #expect(layers.allSatisfy { $0 > 0 && $0 < 2 })
                if zip(layers, found).allSatisfy({ abs($0 - $1) < 1e-5 }) { fits += 1 }
            }
        }
        #expect(found.count == 2 && fits == 1)
    }

    @Test func itIsTheMeanOverLayersAndOfTheLast() throws {
        let supernet = try Tiny.supernet(seed: 3)
        try shake(supernet.store)
        let images = try Tensor.normal([6, 1, 8, 8], using: Generator(seed: 1))
        let shift = FeatureShift(supernet, images: images, pairs: 3, precision: .float32, seed: 2)
        let (layers, figures) = try (shift.layers(), shift.measure(step: 0))
        #expect(figures["feature-shift"] == (layers[0] + layers[1]) / 2)
        #expect(figures["feature-shift-last"] == layers[1])
        #expect(figures.count == 2)
        let same = FeatureShift(supernet, images: images, pairs: 3, precision: .float32, seed: 2)
        #expect(try same.layers() == layers)
        let other = FeatureShift(supernet, images: images, pairs: 3, precision: .float32, seed: 3)
        #expect(try other.layers() != layers)
        let coarse = FeatureShift(supernet, images: images, pairs: 3, precision: .bfloat16, seed: 2)
        for (one, other) in try zip(coarse.layers(), layers) { #expect(abs(one - other) < 0.05) }
    }

    @Test func nothingOfTheSupernetChanges() throws {
        let supernet = try supernet([block, block])
        let before = try bits(supernet.store.state)
        let shift = try shift(supernet)
        for step in 0..<3 {
            try shift.didUpdate(step: step)
            _ = try shift.measure(step: step)
        }
        #expect(try bits(supernet.store.state) == before)
        #expect(supernet.store.parameters.allSatisfy { $0.tensor.gradient == nil })
    }

    /// Some rows of the log are left out, and a continued run leaves out the same ones.
    @Test func itsStateIsTheRowsSoFar() throws {
        let supernet = try supernet([block, .identity])
        let whole = try shift(supernet, every: 3)
        let rows = try (0..<7).map { try !whole.measure(step: $0).isEmpty }
        #expect(rows == [true, false, false, true, false, false, true])
        for saved in 0..<7 {
            let first = try shift(supernet, every: 3)
            for step in 0..<saved { _ = try first.measure(step: step) }
            let continued = try shift(supernet, every: 3)
            try continued.load(first.state())
            let later = try (saved..<7).map { try !continued.measure(step: $0).isEmpty }
            #expect(later == Array(rows[saved...]))
        }
    }
}
