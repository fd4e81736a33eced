import Foundation
import Testing

@testable import Datasets

@Suite
struct BatchLoaderTests {
    private func loader(
        _ dataset: any ImageDataset = NoiseDataset(23), _ transforms: [Transform]? = nil,
        _ change: (inout BatchLoaderOptions) -> Void = { _ in }
    ) throws -> BatchLoader {
        var options = BatchLoaderOptions(batchSize: 4, views: 2, shuffle: true, seed: 9)
        change(&options)
        let augmentation = try transforms.map { try Augmentation($0) } ?? .contrastive(size: 8)
        return try BatchLoader(dataset: dataset, augmentation: augmentation, options: options)
    }

    @Test(arguments: [0, 1, 2, 5]) func batchesDoNotDependOnThreadsPrefetchingOrCache(threads: Int) throws {
        let dataset = NoiseDataset(23, bad: [3, 11, 12])
        let reference = try loader(dataset) { $0.onBadImage = .skip }.contents(epoch: 2)
        #expect(reference.count == 6)
        for prefetch in [1, 3] {
            for cacheLimit in [0, 1500, 1 << 20] {
                let other = try loader(dataset) {
                    $0.threads = threads
                    $0.prefetch = prefetch
                    $0.cacheLimit = cacheLimit
                    $0.onBadImage = .skip
                }
                #expect(try other.contents(epoch: 2) == reference)
                #expect(try other.contents(epoch: 2) == reference)
            }
        }
    }

    @Test func epochsHoldEachSampleOnce() throws {
        let loader = try loader()
        let (one, two) = (try loader.contents(epoch: 0), try loader.contents(epoch: 1))
        for epoch in [one, two] {
            #expect(epoch.flatMap(\.indices).sorted() == Array(0..<23))
            for batch in epoch {
                #expect(batch.labels == batch.indices.map { Int64($0 % 2) })
                #expect(batch.shape == [batch.indices.count, 3, 8, 8])
                #expect(batch.views.allSatisfy { $0.count == batch.shape.reduce(1, *) })
                #expect(batch.views[0] != batch.views[1])
            }
        }
        #expect(one.flatMap(\.indices) != two.flatMap(\.indices))
        #expect(one.map(\.number) == Array(0..<6) && one.map { $0.indices.count } == [4, 4, 4, 4, 4, 3])
        let ordered = try self.loader { $0.shuffle = false }.contents(epoch: 0)
        #expect(ordered.flatMap(\.indices) == Array(0..<23))
        // A view of a sample does not depend on where in the epoch it stands.
        let (place, slot) = try #require(
            one.enumerated().compactMap { batch in batch.element.indices.firstIndex(of: 5).map { (batch.offset, $0) } }
                .first)
        let values = 3 * 8 * 8
        #expect(
            one[place].views[1][(slot * values)..<((slot + 1) * values)] == ordered[1].views[1][values..<(2 * values)])
    }

    @Test func anotherSeedGivesAnotherOrderAndOtherViews() throws {
        let one = try loader { $0.shuffle = false }.contents(epoch: 0)
        let two = try loader {
            $0.shuffle = false
            $0.seed = 10
        }.contents(epoch: 0)
        #expect(zip(one, two).allSatisfy { $0.views != $1.views })
        #expect(
            try loader { $0.seed = 10 }.contents(epoch: 0).map(\.indices) != loader().contents(epoch: 0).map(\.indices))
    }

    @Test(arguments: [0, 2]) func epochsCanBeBegunAtAnyBatch(threads: Int) throws {
        let loader = try loader { $0.threads = threads }
        let whole = try loader.contents(epoch: 4)
        for first in 0...7 {
            #expect(try loader.contents(epoch: 4, from: first) == Array(whole.dropFirst(first)))
        }
        #expect(throws: BatchLoaderError.self) { try loader.batches(epoch: 0, from: -1) }
    }

    @Test func lastBatchThatIsNotFullCanBeLeftOut() throws {
        let loader = try loader { $0.dropLast = true }
        #expect(loader.batchCount == 5)
        #expect(try loader.contents(epoch: 0).map { $0.indices.count } == [4, 4, 4, 4, 4])
        let none = try self.loader(NoiseDataset(3)) { $0.dropLast = true }
        #expect(none.batchCount == 0)
        #expect(try none.contents(epoch: 0).isEmpty)
    }

    @Test func channelsLastHoldsTheSameValues() throws {
        let planar = try loader { $0.threads = 1 }
        let interleaved = try loader { $0.layout = .nhwc }
        let (one, two) = (try planar.batches(epoch: 0), try interleaved.batches(epoch: 0))
        while let first = try one.next(), let second = try two.next() {
            #expect(second.shape == [first.count, 8, 8, 3])
            for view in 0..<2 {
                let (a, b) = (first.values(view: view), second.values(view: view))
                #expect(UInt(bitPattern: a.baseAddress) % 64 == 0)
                for position in 0..<a.count {
                    let (sample, channel, pixel) = (position / 192, position % 192 / 64, position % 64)
                    guard a[position] == b[sample * 192 + pixel * 3 + channel] else {
                        Issue.record("view \(view), value \(position)")
                        return
                    }
                }
            }
        }
    }

    @Test func imagesMustAgreeWithoutAFixedSize() throws {
        let alike = NoiseDataset(6, channels: 1, sides: 12...12)
        let kept = try loader(alike, [.horizontalFlip()]) { $0.channels = .asStored }
        #expect(kept.imageShape == [1, 12, 12])
        #expect(try kept.contents(epoch: 0).map(\.shape) == [[4, 1, 12, 12], [2, 1, 12, 12]])
        let mixed = try loader(NoiseDataset(6), [.horizontalFlip()]) { $0.shuffle = false }
        let error = #expect(throws: BatchLoaderError.self) { try mixed.contents(epoch: 0) }
        #expect(
            error == .shape(source: "noise-1.png", found: [3, 14, 16], expected: [3, 9, 9]))
        // A grey image where colour was asked for.
        let grey = try loader(NoiseDataset(2, channels: 1), [.centerCrop(5)]) { $0.shuffle = false }
        #expect(throws: BatchLoaderError.shape(source: "noise-0.png", found: [1, 5, 5], expected: [3, 5, 5])) {
            try grey.contents(epoch: 0)
        }
    }

    @Test func cachedImagesAreDecodedOnce() throws {
        for (limit, expected) in [(1 << 20, 23), (0, 69)] {
            let dataset = NoiseDataset(23)
            let loader = try loader(dataset) {
                $0.cacheLimit = limit
                $0.threads = 2
            }
            for epoch in 0..<3 { _ = try loader.contents(epoch: epoch) }
            #expect(dataset.decodedCount == expected)
        }
        // Room for some of them only.
        let dataset = NoiseDataset(10, sides: 10...10)
        let loader = try loader(dataset) { $0.cacheLimit = 1000 }
        for epoch in 0..<2 { _ = try loader.contents(epoch: epoch) }
        #expect(dataset.decodedCount == 10 + 7)
    }

    @Test func buffersGoRound() throws {
        let loader = try loader { $0.threads = 2 }
        var iterator: BatchIterator? = try loader.batches(epoch: 0)
        while let batch = try iterator?.next() {
            // This one, and two made ahead, with two views each.
            #expect(batch.count > 0 && (loader.pool?.borrowedCount ?? -1) <= 6)
        }
        iterator = nil
        #expect((loader.pool?.borrowedCount ?? -1) == 0)
    }

    @Test func batchesOutliveTheirIteratorAndLoader() throws {
        let expected = try #require(try loader().contents(epoch: 0).first)
        let batch = try #require(try loader { $0.threads = 2 }.batches(epoch: 0).next())
        #expect(BatchContents(batch) == expected)
    }

    @Test func optionsThatMakeNoSenseAreAllNamed() throws {
        let error = #expect(throws: BatchLoaderError.self) {
            try loader {
                $0.batchSize = 0
                $0.views = 0
                $0.threads = -1
                $0.prefetch = 0
                $0.cacheLimit = -1
            }
        }
        guard case .options(let problems)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(problems.count == 5 && problems[0] == "batch size (=0) must be in 1...1048576")
        #expect(throws: BatchLoaderError.noSamples) { try loader(NoiseDataset(0)) }
    }
}
