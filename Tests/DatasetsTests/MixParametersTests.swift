import Support
import Testing

@testable import Datasets

@Suite
struct MixParametersTests {
    @Test func mixupDrawsFromBeta() throws {
        for alpha in [0.2, 1, 4] {
            let lambdas = try (0..<4000).map { draw in
                var generator = SeededGenerator(seed: 3, UInt64(draw))
                let mix = try MixParameters.mixup(alpha: alpha, count: 5, using: &generator)
                #expect(mix.kind == .mixup && mix.permutation.sorted() == [0, 1, 2, 3, 4])
                return mix.lambda
            }
            let variance = lambdas.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / 4000
            // Var = 1 / (4 (2 alpha + 1)).
            #expect(abs(variance * 4 * (2 * alpha + 1) - 1) < 0.1)
            #expect(abs(lambdas.reduce(0, +) / 4000 - 0.5) < 5 * (variance / 4000).squareRoot())
        }
    }

    @Test func cutmixKeepsTheAreaOutsideItsBox() throws {
        for draw in 0..<2000 {
            var generator = SeededGenerator(seed: 4, UInt64(draw))
            let mix = try MixParameters.cutmix(alpha: 1, count: 3, width: 20, height: 12, using: &generator)
            guard case .cutmix(let box) = mix.kind else {
                Issue.record("\(mix)")
                continue
            }
            #expect(box.top >= 0 && box.left >= 0 && box.top + box.height <= 12 && box.left + box.width <= 20)
            #expect(box.height >= 0 && box.width >= 0)
            #expect(abs(mix.lambda - (1 - Double(box.width * box.height) / 240)) < 1e-12)
        }
    }

    @Test func parametersOutOfRangeAreRefused() throws {
        var (one, two) = (SeededGenerator(seed: 1), SeededGenerator(seed: 1))
        #expect(
            try MixParameters.cutmix(alpha: 0.5, count: 9, width: 8, height: 8, using: &one)
                == MixParameters.cutmix(alpha: 0.5, count: 9, width: 8, height: 8, using: &two))
        for alpha in [0, -1, .nan, .infinity] {
            #expect(throws: AugmentationError.self) { try MixParameters.mixup(alpha: alpha, count: 2, using: &one) }
        }
        let error = #expect(throws: AugmentationError.self) {
            try MixParameters.mixup(alpha: 0, count: -1, using: &one)
        }
        #expect(error?.problems.count == 2)
        #expect(throws: AugmentationError.self) {
            try MixParameters.cutmix(alpha: 1, count: 2, width: 0, height: 3, using: &one)
        }
    }
}
