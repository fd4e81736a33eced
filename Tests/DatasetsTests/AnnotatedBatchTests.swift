import Support
import Testing

@testable import Datasets

/// Batches of data sets whose annotations are more than numbers.
@Suite struct AnnotatedBatchTests {
    /// Grey scenes of different sizes; the map of each is its image in 5 classes.
    private func scenes(_ count: Int) -> [(image: Image, map: LabelMap)] {
        (0..<count).map { index in
            let (width, height) = (20 + index % 3, 16 + index % 4)
            let coarse = noise(width, height, channels: 1, seed: UInt64(index)).pixels.map { $0 / 52 }
            return (
                Image(width: width, height: height, channels: 1, pixels: coarse.map { $0 * 50 }),
                LabelMap(height: height, width: width, classes: coarse)
            )
        }
    }

    private func maps(_ count: Int = 11) -> AnnotatedImages {
        let scenes = scenes(count)
        return AnnotatedImages(
            images: scenes.map(\.image), annotations: scenes.map { .map($0.map) }, annotationKind: .map)
    }

    /// Each scene has as many boxes as its number, of different sizes.
    private func objects(_ count: Int = 7) -> AnnotatedImages {
        AnnotatedImages(
            images: scenes(count).map(\.image),
            annotations: (0..<count).map { index in
                .boxes(
                    (0..<index).map { box in
                        AnnotatedBox(
                            BoundingBox(x0: Float(box), y0: 1, x1: Float(box + 3), y1: Float(5 + box)), label: box % 3)
                    })
            }, annotationKind: .boxes)
    }

    private func loader(
        _ dataset: AnnotatedImages, _ transforms: [Transform], _ change: (inout BatchLoaderOptions) -> Void = { _ in }
    ) throws -> BatchLoader {
        var options = BatchLoaderOptions(batchSize: 4, views: 2, shuffle: true, seed: 3, channels: .grey)
        change(&options)
        return try BatchLoader(dataset: dataset, augmentation: Augmentation(transforms), options: options)
    }

    private func batches(_ loader: BatchLoader, epoch: Int = 0) throws -> [Batch] {
        let iterator = try loader.batches(epoch: epoch)
        var batches: [Batch] = []
        while let batch = try iterator.next() { batches.append(batch) }
        return batches
    }

    @Test(arguments: [0, 1, 3]) func mapsGoThroughTheChangesOfTheirImages(_ threads: Int) throws {
        let loader = try loader(maps(), [.randomCrop(size: 12), .horizontalFlip(), .verticalFlip()]) {
            $0.threads = threads
        }
        for batch in try batches(loader) {
            #expect(batch.annotationKind == .map)
            for view in 0..<2 {
                let map = batch.maps(view: view)
                #expect(UInt(bitPattern: map.baseAddress) % 64 == 0 && map.count == batch.count * 144)
                // Nothing is resampled, so that the map can be read from the image.
                #expect(map.elementsEqual(batch.values(view: view).map { UInt8(($0 * 255 / 50).rounded()) }))
            }
            #expect(!batch.maps(view: 0).elementsEqual(batch.maps(view: 1)))
        }
    }

    @Test func outsideTheImageMapsAreIgnored() throws {
        let batch = try #require(try batches(loader(maps(1), [.centerCrop(30)])).first)
        // 20x16 pixels in the middle of 30x30.
        let ignored = batch.maps(view: 0).count { $0 == LabelMap.ignored }
        #expect(ignored == 900 - 320)
    }

    @Test(arguments: [0, 3]) func annotationsLeaveWithTheirImages(_ threads: Int) throws {
        let steps: [Transform] = [.stretch(14), .horizontalFlip()]
        func change(_ options: inout BatchLoaderOptions) {
            options.threads = threads
            options.onBadImage = .skip
            options.shuffle = false
        }
        let whole = try batches(loader(maps(), steps, change))
        var holed = maps()
        holed.bad = [1, 10]
        holed.badAnnotations = [2, 4]
        let rest = try batches(loader(holed, steps, change))
        #expect(rest.map(\.indices) == [[0, 3], [5, 6, 7], [8, 9]])
        #expect(rest[0].skipped == ["scene-1.png: cut off in the middle", "scene-2.png: a polygon has 3 values"])
        for (batch, full) in zip(rest, whole) {
            for view in 0..<2 {
                let kept = batch.indices.flatMap { index -> [UInt8] in
                    let slot = index - 4 * full.number
                    return Array(full.maps(view: view)[slot * 196..<(slot + 1) * 196])
                }
                #expect(batch.maps(view: view).elementsEqual(kept))
            }
        }
        var few = objects()
        few.bad = [0, 2]
        few.badAnnotations = [5]
        let boxes = try batches(loader(few, steps, change))
        #expect(boxes.map(\.indices) == [[1, 3], [4, 6]])
        for view in 0..<2 { #expect(boxes.map { $0.boxes(view: view).map(\.count) } == [[1, 3], [4, 6]]) }
    }

    @Test(arguments: [0, 2]) func boxesGoThroughTheChangesOfTheirImages(_ threads: Int) throws {
        let dataset = objects()
        let augmentation = try Augmentation([.resize(32), .randomCrop(size: 24), .horizontalFlip()])
        let loader = try loader(dataset, augmentation.transforms) { $0.threads = threads }
        var seen = 0
        for batch in try batches(loader, epoch: 5) {
            for view in 0..<2 {
                for (index, boxes) in zip(batch.indices, batch.boxes(view: view)) {
                    let image = dataset.images[index]
                    let steps = augmentation.sample(
                        width: image.width, height: image.height, seed: 3, epoch: 5, index: index, view: view)
                    let expected = try dataset.annotations[index].applying(
                        steps, height: image.height, width: image.width)
                    #expect(expected == .boxes(boxes))
                    seen += boxes.count
                }
            }
        }
        #expect(seen > 20)
    }

    @Test func annotatedImagesAreDecodedInFull() throws {
        /// Notes how its images were asked for.
        struct Asked: ImageDataset {
            let base: AnnotatedImages
            let kind: AnnotationKind
            var count: Int { base.count }
            var classNames: [String] { base.classNames }
            var annotationKind: AnnotationKind { kind }
            func label(at index: Int) -> Int { 0 }
            func source(at index: Int) -> String { base.source(at: index) }
            func annotation(at index: Int) throws -> Annotation {
                kind == .map ? base.annotations[index] : .number(0)
            }
            func image(at index: Int, decoding: ImageDecoding) throws -> Image {
                #expect(decoding.minimumShortSide == (kind == .map ? nil : 28))
                return base.images[index]
            }
        }
        for kind: AnnotationKind in [.map, .number] {
            let loader = try BatchLoader(
                dataset: Asked(base: maps(3), kind: kind), augmentation: Augmentation([.stretch(14)]),
                options: BatchLoaderOptions(batchSize: 3, channels: .grey))
            let batch = try #require(try batches(loader).first)
            #expect(batch.count == 3 && batch.annotationKind == kind)
            #expect((loader.mapPool == nil) == (kind == .number))
        }
    }

    @Test func annotationsThatDoNotFitAreNamed() throws {
        var wrongSize = maps(2)
        wrongSize = AnnotatedImages(
            images: wrongSize.images,
            annotations: [wrongSize.annotations[1], wrongSize.annotations[1]], annotationKind: .map)
        let size = #expect(throws: BatchLoaderError.self) {
            try batches(loader(wrongSize, [.centerCrop(8)]) { $0.shuffle = false })
        }
        #expect(
            size?.description
                == "scene-0.png: the label map has 21x17 pixels and its image 20x16; both must be of one size")
        let wrongKind = AnnotatedImages(
            images: wrongSize.images, annotations: [.number(1), .number(2)], annotationKind: .boxes)
        let kind = #expect(throws: DatasetError.self) {
            try batches(loader(wrongKind, [.centerCrop(8)]) { $0.shuffle = false })
        }
        #expect(
            kind?.description == """
                scene-0.png: its annotation is of the kind `number`, and its data set has the kind `boxes`
                Correct the annotation, or leave the image out.
                """)
        var unreadable = maps(2)
        unreadable.badAnnotations = [0]
        let error = #expect(throws: DatasetError.self) {
            try batches(loader(unreadable, [.centerCrop(8)]) { $0.shuffle = false })
        }
        #expect(error?.kind == .malformed && error?.problems.map(\.what) == ["a polygon has 3 values"])
    }

    @Test func buffersOfMapsGoRound() throws {
        let loader = try loader(maps(), [.centerCrop(8)]) { $0.threads = 2 }
        var iterator: BatchIterator? = try loader.batches(epoch: 0)
        while let batch = try iterator?.next() {
            #expect(batch.count > 0)
            #expect(try #require(loader.mapPool).borrowedCount <= 6)
        }
        iterator = nil
        #expect(loader.mapPool?.borrowedCount == 0 && loader.pool?.borrowedCount == 0)
    }

    @Test func annotationsAreCachedWithTheirImages() throws {
        let steps: [Transform] = [.randomResizedCrop(size: 10), .horizontalFlip()]
        let (cached, plain) = (try loader(maps(), steps), try loader(maps(), steps) { $0.cacheLimit = 0 })
        for epoch in 0..<2 {
            for (one, other) in zip(try batches(cached, epoch: epoch), try batches(plain, epoch: epoch)) {
                for view in 0..<2 { #expect(one.maps(view: view).elementsEqual(other.maps(view: view))) }
            }
        }
    }
}
