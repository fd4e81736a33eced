import Foundation
import Testing
import Torch

@testable import Tasks

@Suite struct LinearClassifierFitTests {
    private func blobs(_ generator: Generator, scale: Double = 1) throws -> (features: Tensor, labels: Tensor) {
        let labels = try Tensor((0..<300).map { Int64($0 % 3) })
        let centres = try labels.oneHot(4).to(.float32) * (3 * scale)
        return (try centres + Tensor.normal([300, 4], using: generator) * scale, labels)
    }

    private func accuracy(_ logits: Tensor, _ labels: Tensor) throws -> Double {
        try logits.argmax(1).equals(labels).to(.float32).mean().item()
    }

    @Test func itFindsWhatSeparatesClasses() throws {
        let (features, labels) = try blobs(Generator(seed: 1))
        let fit = try LinearClassifierFit(features, labels: labels, classes: 3)
        #expect(try accuracy(fit.logits(features), labels) > 0.93)
        // At its optimum the gradient of the decayed cross-entropy vanishes: no class is predicted too often on average.
        let mean = try fit.logits(features).softmax(1).mean([0]).array(Float.self)
        #expect(mean.allSatisfy { abs($0 - 1.0 / 3) < 2e-3 })
    }

    @Test func scalesAndMixturesOfFeaturesDoNotMatter() throws {
        let generator = try Generator(seed: 2)
        let (features, labels) = try blobs(generator)
        let mixture = try Tensor.normal([4, 4], using: generator) * 50 + Tensor.identity(4) * 100
        let mixed = try features.matrixProduct(mixture) + 7
        let (plain, other) = try (
            LinearClassifierFit(features, labels: labels, classes: 3).logits(features),
            LinearClassifierFit(mixed, labels: labels, classes: 3).logits(mixed)
        )
        // But for the ridge that keeps directions without variance from blowing up.
        #expect(try (plain - other).absolute().max().item() < 0.2)
        #expect(try plain.argmax(1).equals(other.argmax(1)).to(.float32).mean().item() > 0.99)
    }

    @Test func featuresThatNeverVaryAreNoReasonToFail() throws {
        let (features, labels) = try blobs(Generator(seed: 3))
        let constant = try Tensor.concatenated([features, .ones([300, 3])], dimension: 1)
        let fit = try LinearClassifierFit(constant, labels: labels, classes: 3)
        #expect(try accuracy(fit.logits(constant), labels) > 0.93)
        let dead = try LinearClassifierFit(.zeros([300, 5]), labels: labels, classes: 3)
        let loss = try dead.logits(.zeros([300, 5])).crossEntropy(labels).item()
        #expect(abs(loss - 1.0986) < 1e-2, "features that say nothing leave the classes' shares")
    }
}
