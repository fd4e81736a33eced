import Foundation
import Testing

@testable import Torch

/// The cross-entropy of pixels from small maps of logits, against libtorch's operators one after the other.
@Suite struct PixelCrossEntropyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var images = 2
        var classes: Int
        var logits: [Int]
        var labels: [Int]
        var testDescription: String { "\(images) x \(classes), \(logits) to \(labels)" }
    }

    /// Fewer classes than lanes and more, one position, one pixel, as many pixels as positions, and fewer.
    static let cases = [
        Case(classes: 5, logits: [4, 6], labels: [13, 17]), Case(classes: 19, logits: [3, 3], labels: [9, 5]),
        Case(classes: 16, logits: [1, 1], labels: [4, 3]),
        Case(images: 1, classes: 33, logits: [2, 5], labels: [1, 1]),
        Case(classes: 2, logits: [6, 1], labels: [6, 4]),
        Case(images: 3, classes: 40, logits: [7, 8], labels: [4, 8]),
    ]

    private struct Found {
        var sum: Tensor
        var correct: Tensor
        var gradient: Tensor?
    }

    private static func inputs(_ test: Case, seed: UInt64 = 1) throws -> (logits: Tensor, labels: Tensor) {
        let generator = try Generator(seed: seed)
        let logits = try Tensor.normal([test.images, test.classes] + test.logits, deviation: 4, using: generator)
        let labels = try Tensor.integers([test.images] + test.labels, in: 0..<test.classes + 1, using: generator)
        // The class after the last stands for no label.
        let ignored = try labels.equals(Tensor(Int64(test.classes)))
        let bytes = try labels * (ignored.to(.int64) * -1 + 1) + ignored.to(.int64) * 255
        return (logits, try bytes.to(.uint8))
    }

    private static func fused(_ logits: Tensor, _ labels: Tensor) throws -> Found {
        let leaf = try logits.detached().cloned().contiguous(.channelsLast).requireGradient()
        let found = try leaf.pixelCrossEntropy(labels, ignored: 255)
        try (found.sum * 0.5).backward()
        return Found(sum: found.sum, correct: found.correct, gradient: leaf.gradient)
    }

    @Test(arguments: cases) func itIsThatOfSeparateSteps(test: Case) throws {
        let (logits, labels) = try Self.inputs(test)
        let fused = try Self.fused(logits, labels)
        let leaf = try logits.to(.float64).requireGradient()
        let resized = try leaf.resized(test.labels[0], test.labels[1], alignCorners: true)
        let sum = try resized.crossEntropySum(labels.to(.int64), ignored: 255)
        try (sum * 0.5).backward()
        #expect(try abs(fused.sum.item() - sum.item()) <= 1e-5 * max(sum.item(), 1))
        let right = try resized.argmax(1).equals(labels.to(.int64)).sum().integer()
        #expect(try fused.correct.item() == Double(right))
        let expected = try #require(leaf.gradient).to(.float32)
        #expect(try #require(fused.gradient).isClose(to: expected, relative: 1e-4, absolute: 1e-5))
        // What is not channels-last goes through libtorch.
        let plain = try logits.pixelCrossEntropy(labels, ignored: 255)
        #expect(try abs(plain.sum.item() - sum.item()) <= 1e-5 * max(sum.item(), 1))
        #expect(try plain.correct.item() == Double(right))
        let quiet = try withoutGradients {
            try logits.contiguous(.channelsLast).pixelCrossEntropy(labels, ignored: 255).sum.item()
        }
        #expect(try quiet == fused.sum.item())
    }

    @Test func pixelsWithoutALabelCountNowhere() throws {
        let logits = try Tensor.normal([1, 3, 2, 2], using: Generator(seed: 2))
        let found = try Self.fused(logits, Tensor([UInt8](repeating: 255, count: 20), shape: [1, 4, 5]))
        #expect(try found.sum.item() == 0 && found.correct.item() == 0)
        #expect(try #require(found.gradient).array(Float.self).allSatisfy { $0 == 0 })
    }

    @Test func whatIsNoNumberIsSeen() throws {
        let values: [Float] = [.nan, 1, 2, 3, 4, 5, 6, 7]
        let logits = try Tensor(values, shape: [1, 2, 2, 2])
        let found = try Self.fused(logits, Tensor([0, 1, 0, 1] as [UInt8], shape: [1, 2, 2]))
        #expect(try found.sum.item().isNaN)
        let infinite = try Tensor([.infinity, 1, 2, 3, 4, 5, 6, 7] as [Float], shape: [1, 2, 2, 2])
        #expect(
            try Self.fused(infinite, Tensor([1, 1, 0, 1] as [UInt8], shape: [1, 2, 2])).sum.item().isFinite == false)
    }

    @Test func otherShapesAndLabelsAreRefused() throws {
        let logits = try Tensor.zeros([1, 3, 2, 2]).contiguous(.channelsLast)
        #expect(throws: TorchError.self) {
            try logits.pixelCrossEntropy(.zeros([2, 4, 4], dtype: .uint8), ignored: 255)
        }
        #expect(throws: TorchError.self) { try logits.pixelCrossEntropy(.zeros([1, 4, 4]), ignored: 255) }
        let error = #expect(throws: TorchError.self) {
            try logits.pixelCrossEntropy(Tensor([3] as [UInt8], shape: [1, 1, 1]), ignored: 255)
        }
        #expect(error.map { "\($0)".contains("beyond the 3 classes") } == true)
    }

    @Test func bitsDoNotDependOnTheNumberOfThreads() async throws {
        await #expect(processExitsWith: .success) {
            let (logits, labels) = try PixelCrossEntropyTests.inputs(
                .init(images: 3, classes: 21, logits: [9, 7], labels: [40, 33]), seed: 5)
            func values() throws -> [Float] {
                let found = try PixelCrossEntropyTests.fused(logits, labels)
                return try found.sum.reshaped([1]).array(Float.self) + (found.gradient?.array(Float.self) ?? [])
            }
            try Runtime.setThreadCount(1)
            let one = try values()
            try Runtime.setThreadCount(2)
            #expect(try values() == one)
        }
    }
}
