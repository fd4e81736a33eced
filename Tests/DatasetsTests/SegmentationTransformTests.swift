import Support
import Testing

@testable import Datasets

@Suite struct SegmentationTransformTests {
    /// The whole augmentation with drawn numbers, step by step as Pillow does it.
    @Test func imagesAndMapsAreThoseOfPillow() throws {
        let chains = try SegmentationGoldens.shared.get().chains
        for chain in chains {
            let image = Image(width: chain.width, height: chain.height, channels: 3, pixels: Array(chain.pixels))
            let map = LabelMap(height: chain.height, width: chain.width, classes: Array(chain.classes))
            let scaled = ImageSize(height: chain.height, width: chain.width).scaled(longer: chain.long)
            #expect([scaled.height, scaled.width] == chain.size)
            var steps: [AppliedTransform] = chain.flip ? [.horizontalFlip] : []
            steps.append(.resize(height: scaled.height, width: scaled.width))
            var generator = SeededGenerator(seed: 1)
            steps += Transform.pad(ImageSize(chain.crop)).sample(
                width: scaled.width, height: scaled.height, using: &generator)
            steps.append(.crop(.init(top: chain.top, left: chain.left, height: chain.crop, width: chain.crop)))

            let annotation = try Annotation.map(map).applying(steps, height: chain.height, width: chain.width)
            guard case .map(let result) = annotation else { throw AnnotationError("no map") }
            // What lies on the border of two pixels may fall to either: Pillow adds up rounded steps.
            func isTie(_ place: Int, _ count: Int, _ length: Int) -> Bool {
                (2 * place + 1) * length % (2 * count) == 0
            }
            for row in 0..<chain.crop where !isTie(row + chain.top, scaled.height, chain.height) {
                for column in 0..<chain.crop where !isTie(column + chain.left, scaled.width, chain.width) {
                    let place = row * chain.crop + column
                    #expect(result.classes[place] == chain.outClasses[place], "\(chain.size) at \(row), \(column)")
                }
            }

            let count = 3 * chain.crop * chain.crop
            var values = [Float](repeating: -1, count: count)
            try values.withUnsafeMutableBufferPointer { buffer in
                try TransformExecutor().apply(steps, to: image, into: buffer, layout: .nhwc)
            }
            // Pillow rounds to 8 bits twice on the way.
            let farthest = zip(values, chain.outPixels).map { abs($0 * 255 - Float($1)) }.max() ?? 99
            #expect(farthest < 1.6, "\(chain.width)x\(chain.height) to \(chain.long): \(farthest)")
        }
        #expect(chains.count == 12)
    }

    @Test func scalesAreUniformAndEveryOneOccurs() throws {
        var generator = SeededGenerator(seed: 3)
        var seen: [Int: Int] = [:]
        for _ in 0..<4000 {
            let steps = Transform.randomScaleByLongerSide(10).sample(width: 30, height: 60, using: &generator)
            guard case .resize(let height, let width)? = steps.first, steps.count == 1 else {
                throw AnnotationError("no resize")
            }
            #expect(width == Int(Double(height) / 2 + 0.5))
            seen[height, default: 0] += 1
        }
        #expect(Set(seen.keys) == Set(5...20))
        #expect(seen.values.allSatisfy { (180...330).contains($0) })
        // A line stays an image.
        let thin = Transform.randomScaleByLongerSide(1).sample(width: 1000, height: 1, using: &generator)
        guard case .resize(let height, _)? = thin.first else { throw AnnotationError("no resize") }
        #expect(height == 1)
    }

    @Test func smallImagesArePaddedRightAndBelowAndLargeOnesAreNot() throws {
        var generator = SeededGenerator(seed: 3)
        let pad = Transform.pad(ImageSize(height: 4, width: 5))
        #expect(pad.sample(width: 5, height: 4, using: &generator).isEmpty)
        let steps = pad.sample(width: 3, height: 6, using: &generator)
        #expect(steps == [.crop(.init(top: 0, left: 0, height: 6, width: 5))])
        let map = LabelMap(height: 6, width: 3, classes: [UInt8](repeating: 2, count: 18))
        guard case .map(let padded) = try Annotation.map(map).applying(steps, height: 6, width: 3) else {
            throw AnnotationError("no map")
        }
        #expect(padded.classes == (0..<6).flatMap { _ in [2, 2, 2, 255, 255] as [UInt8] })
    }

    @Test func presetsEndInTheCropWhateverComes() throws {
        let training = try Augmentation.segmentation(base: 52, crop: 48)
        let evaluation = try Augmentation.segmentationEvaluation(crop: 48)
        #expect(training.outputSize == 48 && evaluation.outputSize == 48)
        #expect(training.minimumShortSide == nil && training.mirrors)
        var generator = SeededGenerator(seed: 9)
        for (width, height) in [(1, 1), (20, 300), (300, 20), (100, 80)] {
            for augmentation in [training, evaluation] {
                let steps = augmentation.sample(width: width, height: height, using: &generator)
                var size = (height: height, width: width)
                for step in steps { size = step.outputSize(height: size.height, width: size.width) }
                #expect(size == (48, 48))
            }
        }
        #expect(throws: AugmentationError.self) { try Augmentation([.randomScaleByLongerSide(8193)]) }
        #expect(throws: AugmentationError.self) { try Augmentation([.pad(0)]) }
    }
}
