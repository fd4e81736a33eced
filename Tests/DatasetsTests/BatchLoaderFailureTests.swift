import Foundation
import Testing

@testable import Datasets

@Suite
struct BatchLoaderFailureTests {
    private func loader(
        _ dataset: NoiseDataset, threads: Int, _ policy: BatchLoaderOptions.BadImagePolicy, batchSize: Int = 4
    ) throws -> BatchLoader {
        try BatchLoader(
            dataset: dataset, augmentation: Augmentation([.randomResizedCrop(size: 6)]),
            options: BatchLoaderOptions(
                batchSize: batchSize, threads: threads, prefetch: 2, seed: 1, onBadImage: policy))
    }

    @Test(arguments: [0, 1, 3]) func firstBadImageIsThrownAfterTheBatchesBefore(threads: Int) throws {
        let loader = try loader(NoiseDataset(40, bad: [9, 10, 30]), threads: threads, .stop)
        let iterator = try loader.batches(epoch: 0)
        #expect(try iterator.next()?.indices == [0, 1, 2, 3])
        #expect(try iterator.next()?.indices == [4, 5, 6, 7])
        for _ in 0..<3 {
            #expect(throws: Unreadable(source: "noise-9.png")) { try iterator.next() }
        }
        #expect(loader.pool?.borrowedCount == 0)
    }

    @Test(arguments: [0, 1, 3]) func badImagesAreLeftOutAndNamed(threads: Int) throws {
        let whole = try loader(NoiseDataset(13), threads: threads, .skip).contents(epoch: 0)
        let holed = try loader(NoiseDataset(13, bad: [0, 5, 6, 12]), threads: threads, .skip).contents(epoch: 0)
        #expect(holed.map(\.indices) == [[1, 2, 3], [4, 7], [8, 9, 10, 11], []])
        #expect(holed.map(\.labels) == [[1, 0, 1], [0, 1], [0, 1, 0, 1], []])
        #expect(holed[1].skipped == ["noise-5.png: cut off in the middle", "noise-6.png: cut off in the middle"])
        #expect(holed.map(\.skipped.count) == [1, 2, 0, 1])
        #expect(holed[1].shape == [2, 3, 6, 6] && holed[3].shape == [0, 3, 6, 6])
        let values = 3 * 6 * 6
        #expect(holed[0].views[0] == Array(whole[0].views[0].dropFirst(values)))
        #expect(holed[1].views[0] == Array(whole[1].views[0].prefix(values) + whole[1].views[0].suffix(values)))
        #expect(holed[2] == whole[2])
    }

    @Test func droppingTheIteratorStopsItsThreads() throws {
        let dataset = NoiseDataset(400, delay: 0.001)
        let loader = try loader(dataset, threads: 3, .stop)
        for taken in 0..<3 {
            var iterator: BatchIterator? = try loader.batches(epoch: taken)
            for _ in 0..<taken { _ = try iterator?.next() }
            iterator = nil
            let decoded = dataset.decodedCount
            #expect(loader.pool?.borrowedCount == 0)
            Thread.sleep(forTimeInterval: 0.02)
            #expect(dataset.decodedCount == decoded)
        }
        #expect(dataset.decodedCount < 100)
    }

    @Test func iteratorsDoNotDisturbEachOther() throws {
        let loader = try loader(NoiseDataset(20), threads: 2, .stop)
        let expected = try loader.contents(epoch: 0)
        let (one, two) = (try loader.batches(epoch: 0), try loader.batches(epoch: 0))
        for batch in expected {
            #expect(try one.next().map(BatchContents.init) == batch)
            #expect(try two.next().map(BatchContents.init) == batch)
        }
        #expect(try one.next() == nil && two.next() == nil)
    }

    @Test func threadsRunNoFurtherAheadThanPrefetchingAllows() throws {
        let dataset = NoiseDataset(200)
        let loader = try loader(dataset, threads: 2, .stop, batchSize: 5)
        let iterator = try loader.batches(epoch: 0)
        Thread.sleep(forTimeInterval: 0.1)
        #expect(dataset.decodedCount <= 10)
        _ = try iterator.next()
        Thread.sleep(forTimeInterval: 0.1)
        #expect(dataset.decodedCount <= 15)
    }

    @Test func samplesThatCannotBeReadAreNamed() throws {
        let dataset = NoiseDataset(3, bad: [0, 1, 2])
        let augmentation = try Augmentation([.horizontalFlip()])
        #expect(throws: Unreadable(source: "noise-0.png")) {
            try BatchLoader(dataset: dataset, augmentation: augmentation, options: BatchLoaderOptions(batchSize: 2))
        }
        let error = #expect(throws: BatchLoaderError.self) {
            try BatchLoader(
                dataset: dataset, augmentation: augmentation,
                options: BatchLoaderOptions(batchSize: 2, onBadImage: .skip))
        }
        #expect(
            error == .noReadableSample((0..<3).map { "noise-\($0).png: cut off in the middle" }))
    }

    @Test func errorsSayWhichSampleAndWhatToDo() {
        #expect(
            BatchLoaderError.augmentation(source: "a.png", AugmentationError(problems: ["out of memory"])).description
                == "a.png: out of memory")
        #expect(
            BatchLoaderError.shape(source: "a.png", found: [1, 2, 3], expected: [3, 4, 5]).description
                == "a.png: after augmentation the image is 1x2x3 (channels x height x width), the others are 3x4x5; "
                + "end the augmentation with a crop, or convert the channels")
        #expect(BatchLoaderError.threads(errno: 11).description.contains("use fewer threads, or 0"))
        #expect(BatchLoaderError.options(["views (=0)", "threads (=-1)"]).description.contains("views (=0); threads"))
    }

    @Test(arguments: [0, 2]) func batchesThatNoMemoryHoldsAreRefused(threads: Int) throws {
        let loader = try BatchLoader(
            dataset: NoiseDataset(1 << 20), augmentation: Augmentation([.centerCrop(16_384)]),
            options: BatchLoaderOptions(batchSize: 1 << 20, views: 1024, threads: threads, cacheLimit: 0))
        let iterator = try loader.batches(epoch: 0)
        let error = #expect(throws: BatchLoaderError.self) { try iterator.next() }
        guard case .outOfMemory(let bytes)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(bytes == 1 << 20 * 3 * 16_384 * 16_384 * 4 * 1024)
    }
}
