import Testing
import Torch
import Training

@testable import Datasets

@Suite struct BatchTensorsTests {
    private func loader(_ layout: PixelLayout, bad: Set<Int> = []) throws -> BatchLoader {
        try BatchLoader(
            dataset: NoiseDataset(count: 5, bad: bad), augmentation: .supervised(size: 6),
            options: BatchLoaderOptions(batchSize: 5, views: 2, layout: layout, onBadImage: .skip))
    }

    @Test(arguments: PixelLayout.allCases)
    func theTensorReadsTheBatchsOwnMemory(layout: PixelLayout) throws {
        let loader = try loader(layout)
        let batch = try #require(try loader.batches(epoch: 0).next())
        for view in 0..<2 {
            let values = batch.values(view: view)
            let images = try batch.images(view: view)
            #expect(images.shape == [5, 3, 6, 6] && images.dtype == .float32 && images.device == .cpu)
            #expect(images.strides == (layout == .nchw ? [108, 36, 6, 1] : [108, 1, 18, 3]))
            #expect(images.isContiguous(layout == .nchw ? .contiguous : .channelsLast))
            let address = try images.withUnsafeBytes { $0.baseAddress }
            #expect(address == UnsafeRawPointer(values.baseAddress))
            let found = try images.array(Float.self)
            for (position, value) in found.enumerated() {
                let (n, c, pixel) = (position / 108, position / 36 % 3, position % 36)
                let place = layout == .nchw ? position : n * 108 + pixel * 3 + c
                #expect(values[place] == value)
            }
        }
        #expect(try batch.targets().array(Int64.self) == batch.labels)
    }

    @Test func bothLayoutsAreTheSameImages() throws {
        let batches = try PixelLayout.allCases.map { try loader($0).batches(epoch: 1).next() }
        let images = try batches.compactMap { try $0?.images(view: 1).array(Float.self) }
        #expect(images.count == 2 && images[0] == images[1])
    }

    @Test(arguments: PixelLayout.allCases)
    func memoryLivesAsLongAsATensorReadsItAndThenGoesBack(layout: PixelLayout) throws {
        let loader = try loader(layout)
        var batch = try loader.batches(epoch: 0).next()
        var images = try batch?.images(view: 1)
        let expected = try images?.array(Float.self)
        weak let watched = batch
        batch = nil
        #expect(watched != nil && loader.pool?.borrowedCount == 2)
        // Another epoch goes through the pool and must not write over it.
        let others = try loader.batches(epoch: 9)
        while let other = try others.next() { #expect(other.count == 5) }
        #expect(try images?.array(Float.self) == expected)
        var view = try images?.select(2).slice(1..<3, dimension: 1)
        images = nil
        #expect(watched != nil, "a view keeps the memory too")
        #expect(view?.shape == [3, 2, 6])
        view = nil
        #expect(watched == nil && loader.pool?.borrowedCount == 0)
    }

    @Test func aBatchThatLostImagesAndOneThatLostAll() throws {
        let some = try loader(.nchw, bad: [1, 4])
        let batch = try #require(try some.batches(epoch: 0).next())
        #expect(try batch.images().shape == [3, 3, 6, 6] && batch.targets().array(Int64.self) == [0, 0, 1])
        let none = try loader(.nhwc, bad: [0, 1, 2, 3, 4])
        let empty = try #require(try none.batches(epoch: 0).next())
        #expect(try empty.images().shape == [0, 3, 6, 6] && empty.targets().shape == [0])
    }
}
