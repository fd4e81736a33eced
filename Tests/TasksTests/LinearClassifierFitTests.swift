import Datasets
import Foundation
import NN
import TestImages
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
        #expect(try accuracy(fit.outputs(features), labels) > 0.93)
        // At its optimum the gradient of the decayed cross-entropy vanishes: no class is predicted too often on average.
        let mean = try fit.outputs(features).softmax(1).mean([0]).array(Float.self)
        #expect(mean.allSatisfy { abs($0 - 1.0 / 3) < 2e-3 })
    }

    @Test func scalesAndMixturesOfFeaturesDoNotMatter() throws {
        let generator = try Generator(seed: 2)
        let (features, labels) = try blobs(generator)
        let mixture = try Tensor.normal([4, 4], using: generator) * 50 + Tensor.identity(4) * 100
        let mixed = try features.matrixProduct(mixture) + 7
        let (plain, other) = try (
            LinearClassifierFit(features, labels: labels, classes: 3).outputs(features),
            LinearClassifierFit(mixed, labels: labels, classes: 3).outputs(mixed)
        )
        // But for the ridge that keeps directions without variance from blowing up.
        #expect(try (plain - other).absolute().max().item() < 0.2)
        #expect(try plain.argmax(1).equals(other.argmax(1)).to(.float32).mean().item() > 0.99)
    }

    @Test func aHeadGoesOnFromWhatWasFitted() throws {
        let (features, labels) = try blobs(Generator(seed: 4))
        let shifted = try features * 3 + 5
        let bars = OpenedDataset(train: BarImages(count: 8))
        let (ages, genders) = (try (labels * 20 + 10).to(.int64), try labels.clamped(max: 1).to(.int64))
        // Of each task: what it is fitted to; its head knows it from the beginning.
        let tasks: [(any RecognitionTask, Tensor)] = [
            (ClassificationTask(bars), labels),
            (GenderTask(bars), genders),
            (AgeAndGenderTask(bars), try (ages * 2 + genders).to(.int64)),
            (
                DomainAdaptationTask(source: bars, target: bars, alignment: .dann, informationWeight: 0.1),
                labels
            ),
        ]
        for (task, labels) in tasks {
            let map = try task.linearMap(fittedTo: shifted, labels: labels)
            let store = try ParameterStore(seed: 1)
            let head = try task.makeHead(features: 4, store.root / "fc")
            let known = try labels.array(Int.self)
            func score(_ outputs: Tensor) throws -> Double { try task.score(outputs, labels: known, of: .test).value }
            let (fitted, before) = (try score(map.outputs(shifted)), try score(head.outputs(shifted, .evaluation)))
            try store.load(map.headState().map { ("fc." + $0.key, $0.tensor) }, strict: false)
            let after = try score(head.outputs(shifted, .evaluation))
            #expect(fitted - after < 0.3 * (fitted - before), "\(type(of: task)): \(before), \(after), \(fitted)")
        }
        // Nothing was labelled: nothing is said, and the head begins anew.
        let blind: any FittedMap = try tasks[3].0.linearMap(
            fittedTo: shifted, labels: (labels * 0 + 99).to(.int64))
        #expect(try blind.outputs(shifted).absolute().max().item() == 0 && blind.headState().isEmpty)
    }

    @Test func aHeadDoesNotRestOnFeaturesThatHardlyVary() throws {
        let (features, labels) = try blobs(Generator(seed: 5))
        let faint =
            try Tensor.normal([300, 3], using: Generator(seed: 6)) * 1e-3 + labels.reshaped([300, 1]).to(.float32)
            * 1e-3
        let fit = try LinearClassifierFit(
            .concatenated([features, faint], dimension: 1), labels: labels, classes: 3)
        let weight = try #require(try fit.headState().first { $0.key == "weight" }).tensor
        // What tells the classes apart there would take weights of hundreds.
        #expect(try weight.absolute().max().item() < 3)
        #expect(try weight.split([4, 3], dimension: 1)[1].absolute().max().item() < 0.1)
    }

    @Test func featuresThatNeverVaryAreNoReasonToFail() throws {
        let (features, labels) = try blobs(Generator(seed: 3))
        let constant = try Tensor.concatenated([features, .ones([300, 3])], dimension: 1)
        let fit = try LinearClassifierFit(constant, labels: labels, classes: 3)
        #expect(try accuracy(fit.outputs(constant), labels) > 0.93)
        let dead = try LinearClassifierFit(.zeros([300, 5]), labels: labels, classes: 3)
        let loss = try dead.outputs(.zeros([300, 5])).crossEntropy(labels).item()
        #expect(abs(loss - 1.0986) < 1e-2, "features that say nothing leave the classes' shares")
    }
}
