import Batches
import Datasets
import Seeding
import Testing
import Torch

@Suite("The augmenter on tensors makes the loader's batches") struct TensorAugmenterTests {
    /// Compares every view of every batch of an epoch; returns the values that differ by more than 1e-5, and all.
    private func strays(
        _ augmentation: Augmentation, channels: ImageDecoding.Channels = .rgb, sides: ClosedRange<Int> = 19...45,
        on device: Device
    ) throws -> (strays: Int, count: Int) {
        let dataset = NoiseDataset(count: 23, channels: channels == .grey ? 1 : 3, sides: sides)
        let options = BatchLoaderOptions(batchSize: 10, views: 2, shuffle: true, seed: 11, channels: channels)
        let loader = try BatchLoader(dataset: dataset, augmentation: augmentation, options: options)
        let augmenter = try TensorAugmenter(augmentation, seed: 11, device: device)
        #expect(augmenter.device == device)
        let decoding = ImageDecoding(channels: channels, minimumShortSide: augmentation.minimumShortSide)
        var (strays, count) = (0, 0)
        let batches = try loader.batches(epoch: 3)
        while let batch = try batches.next() {
            let images = try batch.indices.map { try dataset.image(at: $0, decoding: decoding) }
            for view in 0..<2 {
                let found = try augmenter(images, epoch: 3, indices: batch.indices, view: view)
                #expect(found.shape == batch.shape && found.device == device)
                let difference = try Difference(found.array(Float.self), Array(batch.values(view: view)))
                strays += difference.strays
                count += difference.count
            }
        }
        return (strays, count)
    }

    @Test(arguments: devices) func smoothPresets(device: Device) throws {
        for augmentation in try [
            Augmentation.contrastive(size: 24), .supervised(size: 16), .supervisedSmall(size: 28),
            .evaluation(size: 17), .evaluation(size: 50, cropFraction: 1),
            .supervised(size: .init(height: 28, width: 13)), .supervisedSmall(size: .init(height: 20, width: 33)),
            .evaluation(size: .init(height: 40, width: 19)),
            Augmentation([.stretch(26), .normalize(mean: [0.4], std: [0.2])]),
            Augmentation([.horizontalFlip(), .gaussianBlur(), .stretch(26)]),
        ] {
            for channels in [ImageDecoding.Channels.rgb, .grey] {
                let found = try strays(augmentation, channels: channels, on: device)
                #expect(found.strays == 0 && found.count > 0, "\(augmentation), \(channels): \(found)")
            }
        }
    }

    @Test("Images larger than the output, and smaller", arguments: devices) func sizes(device: Device) throws {
        for sides in [3...7, 100...190] {
            #expect(try strays(.contrastive(size: 32), sides: sides, on: device).strays == 0, "\(sides)")
        }
    }

    @Test(arguments: devices) func randomOperationsAndErasing(device: Device) throws {
        for transforms: [Transform] in [
            [
                .randAugment(count: 3, magnitude: 15), .randomResizedCrop(size: 20),
                .randomErasing(p: 0.5, value: .noise),
            ],
            [.trivialAugment, .verticalFlip(), .resize(24), .centerCrop(22), .randomErasing(p: 0.7)],
        ] {
            let found = try strays(Augmentation(transforms), on: device)
            // Solarising, posterising and equalising jump, and nearest pixels do too.
            #expect(found.strays * 1000 <= found.count, "\(transforms): \(found)")
        }
    }

    @Test("Choices are those of the published stream") func stream() throws {
        let augmentation = try Augmentation.contrastive(size: 8)
        for (epoch, index, view) in [(0, 0, 0), (2, 9, 1), (70, 12345, 3)] {
            var generator = SeededGenerator(seed: 5, 0x7669_6577, UInt64(epoch), UInt64(index), UInt64(view))
            #expect(
                augmentation.sample(width: 30, height: 20, using: &generator)
                    == augmentation.sample(width: 30, height: 20, seed: 5, epoch: epoch, index: index, view: view))
        }
        let augmenter = try TensorAugmenter(augmentation, seed: 5)
        func values(_ epoch: Int, _ index: Int, _ view: Int) throws -> [Float] {
            try augmenter([noise(30, 20)], epoch: epoch, indices: [index], view: view).array(Float.self)
        }
        let one = try values(1, 1, 1)
        #expect(try values(1, 1, 1) == one)
        for other in try [values(2, 1, 1), values(1, 2, 1), values(1, 1, 0)] { #expect(other != one) }
    }

    @Test func refusals() throws {
        let augmenter = try TensorAugmenter(.supervised(size: 8), seed: 1)
        #expect(throws: AugmentationError.self) { try augmenter([noise(9, 9)], epoch: 0, indices: [1, 2]) }
        #expect(throws: AugmentationError.self) { try augmenter([], epoch: 0, indices: []) }
        let empty = Image(width: 0, height: 0, channels: 3, pixels: [])
        #expect(throws: AugmentationError.self) { try augmenter([empty], epoch: 0, indices: [0]) }
        #expect(throws: AugmentationError.self) {
            try TensorAugmenter(Augmentation([.resize(8)]), seed: 1)(
                [noise(9, 9), noise(9, 12)], epoch: 0, indices: [0, 1])
        }
    }
}
