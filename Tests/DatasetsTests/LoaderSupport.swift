import Foundation

@testable import Datasets

/// An image that cannot be read.
struct Unreadable: Error, CustomStringConvertible, Equatable {
    let source: String
    var description: String { "\(source): cut off in the middle" }
}

/// Images of noise in memory, of different sizes; some cannot be read.
final class NoiseDataset: ImageDataset, @unchecked Sendable {
    let count: Int
    let classNames = ["even", "odd"]
    private let bad: Set<Int>
    private let channels: Int
    private let sides: ClosedRange<Int>
    /// Seconds that decoding takes.
    private let delay: TimeInterval
    private let lock = NSLock()
    private var decoded = 0
    private var atOnce = 0
    private var mostAtOnce = 0

    init(
        _ count: Int, bad: Set<Int> = [], channels: Int = 3, sides: ClosedRange<Int> = 9...17, delay: TimeInterval = 0
    ) {
        self.count = count
        self.bad = bad
        self.channels = channels
        self.sides = sides
        self.delay = delay
    }

    /// How many images were decoded.
    var decodedCount: Int { lock.withLock { decoded } }

    func label(at index: Int) -> Int { index % 2 }
    func source(at index: Int) -> String { "noise-\(index).png" }

    func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        lock.withLock { decoded += 1 }
        if delay > 0 { Thread.sleep(forTimeInterval: delay) }
        if bad.contains(index) { throw Unreadable(source: source(at: index)) }
        let width = sides.lowerBound + index * 7 % sides.count
        let height = sides.lowerBound + index * 5 % sides.count
        return noise(width, height, channels: channels, seed: UInt64(index))
    }
}

/// What a batch holds, to compare.
struct BatchContents: Equatable {
    let number: Int
    let shape: [Int]
    let labels: [Int64]
    let indices: [Int]
    let skipped: [String]
    let views: [[UInt32]]

    init(_ batch: Batch) {
        number = batch.number
        shape = batch.shape
        labels = batch.labels
        indices = batch.indices
        skipped = batch.skipped
        views = (0..<batch.views).map { batch.values(view: $0).map(\.bitPattern) }
    }
}

extension BatchLoader {
    /// Everything that comes out of an epoch.
    func contents(epoch: Int, from first: Int = 0) throws -> [BatchContents] {
        let iterator = try batches(epoch: epoch, from: first)
        var contents: [BatchContents] = []
        while let batch = try iterator.next() { contents.append(BatchContents(batch)) }
        return contents
    }
}
