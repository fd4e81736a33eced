import Datasets
import Foundation
import Support
import Testing
import Torch

/// The devices that can be tested here.
let devices: [Device] = (try? Runtime.cudaDeviceCount()).map { $0 > 0 ? [.cpu, .cuda()] : [.cpu] } ?? [.cpu]

/// An image of noise.
func noise(_ width: Int, _ height: Int, channels: Int = 3, seed: UInt64 = 1) -> Image {
    var generator = SeededGenerator(seed: seed, UInt64(width), UInt64(height), UInt64(channels))
    let pixels = (0..<width * height * channels).map { _ in UInt8(generator.below(256)) }
    return Image(width: width, height: height, channels: channels, pixels: pixels)
}

/// Images of noise in memory, of different sizes; some cannot be read.
struct NoiseDataset: ImageDataset {
    struct Unreadable: Error {}

    let count: Int
    var channels = 3
    var sides = 19...45
    var bad: Set<Int> = []
    let classNames = ["even", "odd"]

    func label(at index: Int) -> Int { index % 2 }
    func source(at index: Int) -> String { "noise-\(index)" }

    func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        if bad.contains(index) { throw Unreadable() }
        return noise(
            sides.lowerBound + index * 7 % sides.count, sides.lowerBound + index * 5 % sides.count, channels: channels,
            seed: UInt64(index))
    }
}
/// How two lists of values differ.
struct Difference {
    /// The largest.
    var worst: Float = 0
    /// How many differ by more than 1e-5.
    var strays = 0
    var count = 0

    init(_ found: [Float], _ expected: [Float]) {
        guard found.count == expected.count else {
            worst = .infinity
            return
        }
        count = found.count
        for (one, other) in zip(found, expected) {
            let difference = abs(one - other)
            // A value that is not a number differs by more than anything.
            worst = difference <= worst ? worst : (difference.isNaN ? .infinity : difference)
            if !(difference <= 1e-5) { strays += 1 }
        }
    }
}
