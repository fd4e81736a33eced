import Support
import TestImages
import Testing

@testable import Datasets

/// Batches of images of several sizes, each padded to the largest.
@Suite struct PaddedBatchTests {
    private let data = SquareObjects(count: 13)

    private func loader(
        _ dataset: any ImageDataset, _ transforms: [Transform], threads: Int = 0, batchSize: Int = 4,
        _ change: (inout BatchLoaderOptions) -> Void = { _ in }
    ) throws -> BatchLoader {
        var options = BatchLoaderOptions(batchSize: batchSize, threads: threads, shuffle: true, seed: 3)
        options.padding = 32
        change(&options)
        return try BatchLoader(dataset: dataset, augmentation: Augmentation(transforms), options: options)
    }

    private func batches(_ loader: BatchLoader, epoch: Int = 0) throws -> [Batch] {
        let iterator = try loader.batches(epoch: epoch)
        var batches: [Batch] = []
        while let batch = try iterator.next() { batches.append(batch) }
        return batches
    }

    private static let steps: [Transform] = [
        .resizeWithin(shorter: [30, 40, 50], longest: 60), .horizontalFlip(), .normalize(mean: [0.5], std: [0.25]),
    ]

    @Test(arguments: [PixelLayout.nchw, .nhwc], [0, 2])
    func imagesLieInTheCornerOfTheirPlace(_ layout: PixelLayout, _ threads: Int) throws {
        let augmentation = try Augmentation(Self.steps)
        let loader = try loader(data, Self.steps, threads: threads) { $0.layout = layout }
        let all = try batches(loader, epoch: 2)
        #expect(all.map(\.count) == [4, 4, 4, 1])
        for batch in all {
            #expect(batch.height % 32 == 0 && batch.width % 32 == 0)
            let frames = batch.frames(view: 0)
            #expect(batch.height - (frames.map(\.seen.height).max() ?? 0) < 32)
            #expect(batch.width - (frames.map(\.seen.width).max() ?? 0) < 32)
            let values = batch.values(view: 0)
            for (slot, index) in batch.indices.enumerated() {
                let image = try data.image(at: index, decoding: ImageDecoding())
                let steps = augmentation.sample(
                    width: image.width, height: image.height, seed: 3, epoch: 2, index: index, view: 0)
                let seen = frames[slot].seen
                #expect(frames[slot].stored == ImageSize(height: image.height, width: image.width))
                var alone = [Float](repeating: 0, count: 3 * seen.pixels)
                try alone.withUnsafeMutableBufferPointer {
                    try TransformExecutor().apply(steps, to: image, into: $0, layout: .nhwc)
                }
                var isRight = true
                for y in 0..<batch.height {
                    for x in 0..<batch.width {
                        for channel in 0..<3 {
                            let within = y < seen.height && x < seen.width
                            let expected = within ? alone[3 * (y * seen.width + x) + channel] : 0
                            let place =
                                layout == .nhwc
                                ? ((slot * batch.height + y) * batch.width + x) * 3 + channel
                                : ((slot * 3 + channel) * batch.height + y) * batch.width + x
                            isRight = isRight && values[place] == expected
                        }
                    }
                }
                #expect(isRight, "image \(index)")
                guard case .boxes(let stored) = try data.annotation(at: index) else { continue }
                #expect(batch.storedBoxes[slot] == stored)
                let moved = try Annotation.boxes(stored).applying(steps, height: image.height, width: image.width)
                #expect(Annotation.boxes(batch.boxes(view: 0)[slot]) == moved)
            }
        }
    }

    @Test func batchesAreOfOneOrientation() throws {
        let loader = try loader(data, Self.steps) { $0.sampling = .shuffledByOrientation }
        let all = try batches(loader)
        #expect(all.flatMap(\.indices).sorted() == Array(0..<13))
        func isWide(_ index: Int) -> Bool { index % 2 == 0 }
        // Seven are wide, six are high: three full batches, and what is left over.
        for batch in all.prefix(2) { #expect(Set(batch.indices.map(isWide)).count == 1) }
        #expect(try batches(loader, epoch: 1).map(\.indices) != all.map(\.indices))
        #expect(try batches(loader).map(\.indices) == all.map(\.indices))
    }

    @Test func labelMapsArePaddedWithWhatIsIgnored() throws {
        let images = [ImageSize(height: 20, width: 30), ImageSize(height: 30, width: 20)].map { size in
            AnnotatedImages(
                images: [noise(size.width, size.height, channels: 3, seed: 1)],
                annotations: [
                    .map(LabelMap(height: size.height, width: size.width, classes: [UInt8](repeating: 2, count: 600)))
                ], annotationKind: .map)
        }
        let both = AnnotatedImages(
            images: images.flatMap(\.images), annotations: images.flatMap(\.annotations), annotationKind: .map)
        let batch = try #require(try batches(loader(both, [], batchSize: 2)).first)
        #expect((batch.height, batch.width) == (32, 32))
        let maps = batch.maps(view: 0)
        for (slot, frame) in batch.frames(view: 0).enumerated() {
            let map = Array(maps[slot * 1024..<(slot + 1) * 1024])
            #expect(map.count { $0 == 2 } == 600 && map.count { $0 == LabelMap.ignored } == 424)
            #expect(map[(frame.seen.height - 1) * 32 + frame.seen.width - 1] == 2)
        }
    }

    @Test func badImagesLeaveNoGap() throws {
        var few = AnnotatedImages(
            images: (0..<3).map { noise(20 + $0, 20, channels: 3, seed: UInt64($0)) },
            annotations: (0..<3).map { _ in .boxes([]) }, annotationKind: .boxes)
        few.bad = [1]
        let batch = try #require(
            try batches(loader(few, [], batchSize: 3) { ($0.onBadImage, $0.shuffle) = (.skip, false) }).first)
        #expect(batch.indices == [0, 2] && batch.frames(view: 0).map(\.seen.width) == [20, 22])
        #expect(batch.shape == [2, 3, 32, 32])
    }

    // MARK: The sizes

    /// Detectron2's `ResizeShortestEdge`, worked out by hand.
    @Test func sidesAreThoseOfDetectron() {
        func size(_ height: Int, _ width: Int, _ shorter: Int, _ longest: Int) -> ImageSize {
            ImageSize(height: height, width: width).scaled(shorter: shorter, longest: longest)
        }
        #expect(size(480, 640, 800, 1333) == ImageSize(height: 800, width: 1067))
        #expect(size(640, 480, 800, 1333) == ImageSize(height: 1067, width: 800))
        #expect(size(427, 640, 640, 1333) == ImageSize(height: 640, width: 959))
        // 800 would make 2400 of the longer side.
        #expect(size(200, 600, 800, 1333) == ImageSize(height: 444, width: 1333))
        #expect(size(1, 4000, 800, 1333) == ImageSize(height: 1, width: 1333))
        #expect(size(0, 10, 64, 100) == ImageSize(64))
    }

    @Test func limitsAreKeptAndTold() throws {
        let augmentation = try Augmentation(Self.steps)
        #expect(augmentation.outputSize == nil && augmentation.frame() == ImageSize(height: 64, width: 64))
        #expect(try Augmentation([.centerCrop(12)]).frame() == nil)
        var generator = SeededGenerator(seed: 1)
        var seen: Set<Int> = []
        for _ in 0..<60 {
            for case .resize(let height, let width) in augmentation.sample(width: 80, height: 60, using: &generator) {
                seen.insert(min(height, width))
                #expect(max(height, width) <= 60 || min(height, width) == 45)
            }
        }
        #expect(seen == [30, 40, 45])
        for steps: [Transform] in [
            [.resizeWithin(shorter: [], longest: 10)], [.resizeWithin(shorter: [20], longest: 10)],
            [.resizeWithin(shorter: [0], longest: 10)],
        ] { #expect(throws: AugmentationError.self) { try Augmentation(steps) } }
    }
}
