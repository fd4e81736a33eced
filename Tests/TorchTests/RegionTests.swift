import Foundation
import Testing

@testable import Torch

/// RoIAlign and non-maximum suppression against onnxruntime (`Tests/Goldens/regions.py`).
@Suite struct RegionTests {
    private struct Golden: Decodable {
        struct Align: Decodable {
            let aligned: Bool
            let samples: Int
            let scale: Double
            let bins: [Int]
            let shape: [Int]
            let map: Data
            let boxes: Data
            let result: Data
        }

        struct Suppression: Decodable {
            let boxes: Data
            let scores: Data
            let groups: [Int64]
            let threshold: Double
            let kept: [Int64]
        }

        let aligns: [Align]
        let suppressions: [Suppression]

        static func read() throws -> Golden {
            let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../Goldens/regions.json").standardizedFileURL
            return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
        }
    }

    private static func tensor(_ data: Data, _ shape: [Int]) throws -> Tensor {
        try Tensor(data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }, shape: shape)
    }

    @Test func alignedPartsAreThoseOfOnnxruntime() throws {
        let goldens = try Golden.read().aligns
        #expect(goldens.count == 12)
        for golden in goldens {
            let x = try Self.tensor(golden.map, golden.shape)
            let boxes = try Self.tensor(golden.boxes, [golden.boxes.count / 20, 5])
            func aligned(_ x: Tensor) throws -> Tensor {
                try x.roiAligned(
                    boxes, scale: golden.scale, size: (golden.bins[0], golden.bins[1]), samples: golden.samples,
                    aligned: golden.aligned)
            }
            let found = try aligned(x)
            #expect(found.shape == [boxes.shape[0], golden.shape[1]] + golden.bins)
            let expected = try Self.tensor(golden.result, found.shape)
            #expect(try found.isClose(to: expected, relative: 1e-6, absolute: 1e-6))
            // The layout of the map makes no difference, nor does its type beyond rounding.
            #expect(try aligned(x.contiguous(.channelsLast)).isClose(to: found, relative: 0, absolute: 0))
            #expect(try aligned(x.to(.float64)).to(.float32).isClose(to: found, relative: 1e-4, absolute: 1e-4))
            let half = try aligned(x.to(.bfloat16))
            #expect(half.dtype == .bfloat16)
            #expect(try half.to(.float32).isClose(to: found, relative: 0.02, absolute: 0.05))
        }
    }

    @Test func theGradientIsThatOfTheSamples() throws {
        // The operation is linear in the map: the gradient of its product with weights is found by single positions.
        let generator = try Generator(seed: 5)
        let boxes = try Tensor(
            [0, 1, 2, 9, 8, 1, 0, 0, 15, 11, 0, -4, -4, 3, 30] as [Float], shape: [3, 5])
        for aligned in [true, false] {
            let x = try Tensor.normal([2, 3, 6, 8], using: generator).to(.float64)
            let weights = try Tensor.normal([3, 3, 2, 3], using: generator).to(.float64)
            func value(_ x: Tensor) throws -> Tensor {
                try (x.roiAligned(boxes, scale: 0.5, size: (2, 3), aligned: aligned) * weights).sum()
            }
            let leaf = try x.cloned().requireGradient()
            try value(leaf).backward()
            let gradient = try #require(leaf.gradient).array(Double.self)
            let base = try value(x).item()
            var values = try x.array(Double.self)
            for place in stride(from: 0, to: values.count, by: 7) {
                values[place] += 1
                let changed = try value(Tensor(values, shape: x.shape)).item()
                values[place] -= 1
                #expect(abs(changed - base - gradient[place]) < 1e-9)
            }
            // In float32 and bfloat16 it is the same but for rounding, and always the same bits.
            for (type, error) in [(DType.float32, 1e-5), (.bfloat16, 0.1)] {
                func found() throws -> Tensor {
                    let leaf = try x.to(type).contiguous(.channelsLast).requireGradient()
                    try (leaf.roiAligned(boxes, scale: 0.5, size: (2, 3), aligned: aligned) * weights.to(type)).sum()
                        .backward()
                    return try #require(leaf.gradient).to(.float64)
                }
                let first = try found()
                #expect(
                    try first.isClose(to: Tensor(gradient, shape: x.shape), relative: error, absolute: error))
                #expect(try found().isClose(to: first, relative: 0, absolute: 0))
            }
        }
    }

    @Test func boxesThatAreNoneGiveZeros() throws {
        let x = try Tensor.ones([1, 2, 4, 4])
        let boxes = try Tensor(
            [0, 9, 9, 2, 2, 0, .nan, 0, 1, 1, 0, 0, 0, .infinity, 1] as [Float], shape: [3, 5])
        let found = try x.roiAligned(boxes, scale: 1, size: (2, 2))
        #expect(try found.array(Float.self).allSatisfy { $0 == 0 || $0 == 1 })
        #expect(try x.roiAligned(Tensor.zeros([0, 5]), scale: 1, size: (2, 2)).shape == [0, 2, 2, 2])
        #expect(throws: TorchError.self) { try x.roiAligned(Tensor.zeros([1, 4]), scale: 1, size: (2, 2)) }
        #expect(throws: TorchError.self) {
            try x.roiAligned(Tensor([1, 0, 0, 1, 1] as [Float], shape: [1, 5]), scale: 1, size: (2, 2))
        }
        #expect(throws: TorchError.self) { try x.roiAligned(Tensor.zeros([1, 5]), scale: 1, size: (0, 2)) }
    }

    @Test func theBoxesThatStayAreThoseOfOnnxruntime() throws {
        for golden in try Golden.read().suppressions {
            let boxes = try Self.tensor(golden.boxes, [golden.groups.count, 4])
            let scores = try Self.tensor(golden.scores, [golden.groups.count])
            let groups = try Tensor(golden.groups, shape: [golden.groups.count])
            let found = try boxes.suppressed(scores: scores, groups: groups, threshold: golden.threshold)
            #expect(try found.array(Int64.self) == golden.kept)
            if Set(golden.groups).count < 2 {
                let all = try boxes.suppressed(scores: scores, threshold: golden.threshold)
                #expect(try all.array(Int64.self) == golden.kept)
            }
        }
    }

    @Test func anOverlapOfTheThresholdStays() throws {
        let boxes = try Tensor([0, 0, 2, 1, 0, 0, 1, 1, 3, 3, 3, 3, 3, 3, 3, 3] as [Float], shape: [4, 4])
        let scores = try Tensor([0.5, 0.9, .nan, 0.1] as [Float], shape: [4])
        // What is not a number comes first, and what has no area is no overlap.
        #expect(try boxes.suppressed(scores: scores, threshold: 0.5).array(Int64.self) == [2, 1, 0, 3])
        #expect(try boxes.suppressed(scores: scores, threshold: 0.49).array(Int64.self) == [2, 1, 3])
        #expect(throws: TorchError.self) { try boxes.suppressed(scores: Tensor.zeros([3]), threshold: 0.5) }
    }
}
