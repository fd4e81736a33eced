import CPixels
import Testing

@testable import Datasets

/// Every kind of step, on an image of at least 2x2 pixels.
private let everyStep: [AppliedTransform] = [
    .resizedCrop(.init(top: 0, left: 1, height: 2, width: 1), height: 5, width: 7),
    .crop(.init(top: -1, left: -2, height: 6, width: 9)), .resize(height: 3, width: 4), .horizontalFlip,
    .verticalFlip, .brightness(1.2), .contrast(0.7), .saturation(1.4), .hue(0.2), .grayscale,
    .gaussianBlur(kernelSize: 9, sigma: 1.5), .affine(AffineMap(angle: 20, interpolation: .bilinear, fill: 0.5)),
    .sharpness(1.5), .posterize(bits: 3), .solarize(threshold: 0.6), .autocontrast, .equalize, .invert,
    .erase(.init(top: 0, left: 0, height: 1, width: 2), fill: .noise(seed: 3)),
    .normalize(mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.4]),
]

@Suite(.serialized)
struct TransformExecutorTests {
    @Test func channelsLastIsTheSameImageInAnotherOrder() throws {
        let steps: [AppliedTransform] = [.hue(0.1), .normalize(mean: [0.1, 0.2, 0.3], std: [1, 2, 3])]
        for channels in [1, 3] {
            let image = noise(9, 5, channels: channels)
            let planar = try applied(steps, to: image).values
            let interleaved = try applied(steps, to: image, layout: .nhwc).values
            for pixel in 0..<45 {
                for channel in 0..<channels {
                    #expect(planar[channel * 45 + pixel] == interleaved[pixel * channels + channel])
                }
            }
        }
    }

    @Test func everyInstructionSetGivesTheSameBits() throws {
        let best = px_best_level()
        defer { px_use_level(best) }
        let image = noise(61, 47)
        func everything() throws -> [UInt32] {
            var bits: [UInt32] = []
            for step in everyStep { bits += try applied([step], to: image).values.map(\.bitPattern) }
            bits += try applied(everyStep, to: image, layout: .nhwc).values.map(\.bitPattern)
            let crop = AppliedTransform.resizedCrop(
                .init(top: 3, left: 5, height: 41, width: 53), height: 37, width: 39)
            return bits
                + (try applied([crop, .gaussianBlur(kernelSize: 23, sigma: 2)], to: image).values)
                .map(\.bitPattern)
        }
        #expect(px_use_level(PX_PORTABLE) == PX_PORTABLE)
        let portable = try everything()
        for level in [PX_AVX2, PX_AVX512] {
            let taken = px_use_level(level)
            #expect(taken.rawValue <= level.rawValue)
            #expect(try everything() == portable, "level \(taken)")
        }
    }

    @Test func executorsCanBeUsedAgain() throws {
        let executor = try TransformExecutor()
        for (width, height, channels) in [(40, 30, 3), (2, 3, 1), (17, 64, 3), (3, 2, 3)] {
            let image = noise(width, height, channels: channels)
            let fresh = try applied(everyStep, to: image).values
            var values = fresh.map { _ in Float.nan }
            try values.withUnsafeMutableBufferPointer { try executor.apply(everyStep, to: image, into: $0) }
            #expect(values == fresh)
        }
    }

    @Test func colourStepsLeaveGreyImages() throws {
        let image = noise(8, 8, channels: 1)
        let plain = try applied([], to: image).values
        for step: AppliedTransform in [.saturation(0), .hue(0.4), .grayscale] {
            #expect(try applied([step], to: image).values == plain)
        }
        for step: AppliedTransform in [.brightness(0.5), .contrast(0.5)] {
            #expect(try applied([step], to: image).values != plain)
        }
        // Three values stand for their average.
        let three = try applied([.normalize(mean: [0.2, 0.3, 0.4], std: [1, 2, 3])], to: image).values
        #expect(three == (try applied([.normalize(mean: [0.3], std: [2])], to: image).values))
    }

    @Test func smallestImagesGoThroughEveryStep() throws {
        for (width, height) in [(1, 1), (1, 6), (6, 1)] {
            for channels in [1, 3] {
                let image = noise(width, height, channels: channels)
                for step in everyStep
                where step.problem(channels: channels, height: height, width: width) == nil {
                    #expect(try applied([step], to: image).values.allSatisfy(\.isFinite), "\(step)")
                }
                // A blur cannot change a single pixel, and a kernel larger than the image mirrors on.
                let blurred = try applied([.gaussianBlur(kernelSize: 31, sigma: 9)], to: image).values
                let plain = try applied([], to: image).values
                if width * height == 1 { #expect(zip(blurred, plain).allSatisfy { abs($0 - $1) < 1e-6 }) }
                #expect(blurred.allSatisfy { $0 >= 0 && $0 <= 1.000_001 })
            }
        }
    }

    @Test func cropsBesideTheImageAreBlack() throws {
        for box: AppliedTransform.Box in [
            .init(top: 10, left: 0, height: 3, width: 3), .init(top: -9, left: 0, height: 3, width: 3),
            .init(top: 0, left: 8, height: 3, width: 3), .init(top: 0, left: -3, height: 3, width: 3),
        ] {
            #expect(try applied([.crop(box)], to: noise(4, 4)).values.allSatisfy { $0 == 0 })
            #expect(try applied([.invert, .crop(box)], to: noise(4, 4)).values.allSatisfy { $0 == 0 })
        }
    }

    @Test func erasingNoiseIsReproducibleAndStandardNormal() throws {
        let box = AppliedTransform.Box(top: 2, left: 3, height: 60, width: 50)
        let image = noise(64, 64)
        let values = try applied([.erase(box, fill: .noise(seed: 5))], to: image).values
        #expect(values == (try applied([.erase(box, fill: .noise(seed: 5))], to: image).values))
        let inside = (0..<3).flatMap { c in (2..<62).flatMap { y in (3..<53).map { values[c * 4096 + y * 64 + $0] } } }
        let count = Float(inside.count)
        let mean = inside.reduce(0, +) / count
        let variance = inside.reduce(0) { $0 + $1 * $1 } / count
        // Five standard errors.
        #expect(abs(mean) < 5 / count.squareRoot() && abs(variance - 1) < 5 * (2 / count).squareRoot())
    }

    @Test(arguments: [
        AppliedTransform.resizedCrop(.init(top: 0, left: 0, height: 9, width: 4), height: 2, width: 2),
        .resizedCrop(.init(top: 1, left: 0, height: 8, width: 4), height: 2, width: 2),
        .resizedCrop(.init(top: .max, left: 0, height: 8, width: 4), height: 2, width: 2),
        .resizedCrop(.init(top: 0, left: 0, height: 0, width: 4), height: 2, width: 2),
        .resizedCrop(.init(top: 0, left: 0, height: 8, width: 8), height: 0, width: 2),
        .resize(height: 1 << 40, width: 2), .crop(.init(top: .min, left: 0, height: 2, width: 2)),
        .crop(.init(top: 0, left: 0, height: -1, width: 2)),
        .brightness(.nan), .gaussianBlur(kernelSize: 4, sigma: 1), .gaussianBlur(kernelSize: 3, sigma: 0),
        .posterize(bits: 9), .affine(AffineMap(scale: 0)), .hue(.infinity),
        .erase(.init(top: 7, left: 0, height: 2, width: 2), fill: .values([0])),
        .erase(.init(top: 0, left: 0, height: 2, width: 2), fill: .values([0, 1])),
        .normalize(mean: [0, 0], std: [1]), .normalize(mean: [0], std: [0]), .normalize(mean: [], std: []),
    ])
    func stepsThatDoNotFitAreRefused(step: AppliedTransform) throws {
        let image = noise(8, 8)
        var room = [Float](repeating: 0, count: 192)
        try room.withUnsafeMutableBufferPointer { output in
            let executor = try TransformExecutor()
            #expect(throws: AugmentationError.self) { try executor.apply([step], to: image, into: output) }
            #expect(throws: AugmentationError.self) { try executor.apply([.invert, step], to: image, into: output) }
        }
    }

    @Test func outputsOfAnotherSizeAreRefused() {
        var room = [Float](repeating: 0, count: 191)
        room.withUnsafeMutableBufferPointer { output in
            let error = #expect(throws: AugmentationError.self) {
                try TransformExecutor().apply([], to: noise(8, 8), into: output)
            }
            #expect(error?.description == "the result is 8x8x3 = 192 values; the output has room for 191")
        }
    }
}
