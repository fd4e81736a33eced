import Datasets
import Seeding
import Testing
import Torch

@testable import Batches

@Suite("Lists of steps on a batch") struct TransformListTests {
    /// Lists of different kinds and lengths that end at one size.
    private func lists(
        _ images: [Image], _ families: [StepFamily], seed: UInt64
    ) -> [[AppliedTransform]] {
        images.enumerated().map { index, image in
            var generator = SeededGenerator(seed: seed, UInt64(index))
            var (height, width) = (image.height, image.width)
            var steps: [AppliedTransform] = []
            for _ in 0..<generator.below(7) {
                let step = families[generator.below(families.count)].draw(height, width, &generator)
                (height, width) = step.outputSize(height: height, width: width)
                steps.append(step)
            }
            let box = StepFamily.box(height, width, &generator)
            return steps + [.resizedCrop(box, height: 16, width: 18), .normalize(mean: [0.4], std: [0.5])]
        }
    }

    private func images(_ count: Int, channels: Int) -> [Image] {
        (0..<count).map { noise(9 + $0 * 7 % 23, 9 + $0 * 5 % 19, channels: channels, seed: UInt64($0)) }
    }

    @Test("Every image goes its own way") func randomLists() throws {
        // Without jumps all values must be near; normalisation first would leave 0...1, where the clamps begin.
        let smooth = StepFamily.all.filter {
            (!$0.isExact || ["crop", "horizontal flip", "vertical flip", "invert"].contains($0.name))
                && !["normalize", "autocontrast"].contains($0.name)
        }
        for device in devices {
            let executor = try TensorTransformExecutor(device: device)
            for channels in [1, 3] {
                let images = images(40, channels: channels)
                let steps = lists(images, smooth, seed: 5)
                let found = try executor.apply(steps, to: images)
                #expect(found.shape == [40, channels, 16, 18] && found.isContiguous())
                let difference = try Difference(found.array(Float.self), zip(steps, images).flatMap(reference))
                #expect(difference.worst <= 1e-5, "\(difference)")
            }
        }
    }

    @Test("Behind jumps, few pixels stray") func randomListsWithJumps() throws {
        for device in devices {
            let executor = try TensorTransformExecutor(device: device)
            for channels in [1, 3] {
                let images = images(60, channels: channels)
                let steps = lists(images, StepFamily.all, seed: 6)
                let found = try executor.apply(steps, to: images).array(Float.self)
                let difference = Difference(found, try zip(steps, images).flatMap(reference))
                #expect(difference.strays * 1000 <= difference.count, "\(difference)")
            }
        }
    }

    @Test("Taken in several goes, the batch is the same") func goes() throws {
        let images = images(12, channels: 3)
        let steps = lists(images, StepFamily.all, seed: 9)
        let whole = try TensorTransformExecutor().apply(steps, to: images)
        for limit in [1, 5000] {
            var queue = StepQueue(steps, device: .cpu, elementLimit: limit)
            try queue.load(images)
            #expect(try queue.finish().isClose(to: whole, relative: 0, absolute: 1e-5))
        }
        #expect([1, 2, 3, 4, 5].parts(2) == [[1, 2], [3, 4], [5]])
        #expect([1, 2].parts(0) == [[1], [2]] && [Int]().parts(3).isEmpty)
    }

    @Test("The tensor operations grow with the kinds of steps, not with the images") func rounds() throws {
        let augmentation = try Augmentation.contrastive(size: 8)
        func rounds(_ count: Int) throws -> Int {
            let images = (0..<count).map { noise(20, 20, seed: UInt64($0)) }
            let steps = images.indices.map {
                augmentation.sample(width: 20, height: 20, seed: 1, epoch: 0, index: $0, view: 0)
            }
            var queue = StepQueue(steps, device: .cpu)
            try queue.load(images)
            var rounds = 0
            while try queue.advance() { rounds += 1 }
            return rounds
        }
        // Flip, grey, blur, normalise, and the shortest list of four kinds that holds their every order has twelve.
        let few = try rounds(64)
        #expect(few <= 20)
        #expect(try rounds(512) <= 20)
        #expect(try rounds(1) <= 8)
    }

    @Test("A training step's modes stay outside") func modes() throws {
        let images = images(4, channels: 3)
        let steps = lists(images, StepFamily.all.filter { !$0.isExact }, seed: 4)
        let plain = try TensorTransformExecutor().apply(steps, to: images).array(Float.self)
        let inside = try withPrecision(.bfloat16) {
            let found = try TensorTransformExecutor().apply(steps, to: images)
            #expect(found.dtype == .float32)
            return try found.array(Float.self)
        }
        #expect(plain == inside)
        let leaf = try planes(images[0]).requireGradient()
        #expect(try !TensorTransformExecutor().apply([[.brightness(0.5)]], to: leaf).requiresGradient)
    }

    @Test func nothingToDoIsTheImageItself() throws {
        let executor = try TensorTransformExecutor()
        let grey = try planes(noise(2, 5, channels: 1))
        #expect(try executor.apply([[]], to: grey) === grey)
        #expect(try executor.apply([[.hue(0.2), .saturation(2), .grayscale, .sharpness(0)]], to: grey) === grey)
    }

    @Test("Steps and images that do not fit are refused by number") func refusals() throws {
        let executor = try TensorTransformExecutor()
        let images = [noise(8, 8), noise(8, 6)]
        func problems(_ steps: [[AppliedTransform]], _ images: [Image]) -> [String] {
            let error = #expect(throws: AugmentationError.self) { try executor.apply(steps, to: images) }
            return error?.problems ?? []
        }
        #expect(problems([], []) == ["there are no images to augment"])
        #expect(problems([[]], images) == ["2 images are given 1 lists of transforms; give one for each image"])
        #expect(problems([[], []], images).first?.contains("image 0 is 3x8x8") == true)
        #expect(
            problems([[], []], [noise(4, 4), noise(4, 4, channels: 1)]).first?.contains("image 1 is 1x4x4") == true)
        let outside = AppliedTransform.Box(top: 1, left: 0, height: 6, width: 2)
        for place in 0...1 {
            // On the way to the device, and on it.
            let steps: [AppliedTransform] = [.horizontalFlip, .resizedCrop(outside, height: 4, width: 4)]
            let found = problems([[.resize(height: 4, width: 4)], Array(steps[place...])], images)
            #expect(found.first?.hasPrefix("image 1: the box (top 1") == true)
        }
        for step: AppliedTransform in [
            .brightness(.nan), .gaussianBlur(kernelSize: 4, sigma: 1), .gaussianBlur(kernelSize: 3, sigma: 0),
            .posterize(bits: 9), .normalize(mean: [0, 0], std: [1]), .normalize(mean: [0], std: [0]),
            .crop(.init(top: .min, left: 0, height: 1, width: 1)), .resize(height: 0, width: 4),
            .erase(outside, fill: .values([])), .sharpness(.infinity), .erase(outside, fill: .noise(seed: 1)),
            .affine(AffineMap(xx: .nan, xy: 0, x0: 0, yx: 0, yy: 0, y0: 0)), .saturation(.nan),
        ] {
            #expect(problems([[], [step]], images).first?.hasPrefix("image 1: ") == true, "\(step)")
            #expect(problems([[], [.invert, step]], images).first?.hasPrefix("image 1: ") == true, "\(step)")
        }
        var short = noise(8, 8)
        short.pixels.removeLast()
        let empty = Image(width: 0, height: 4, channels: 3, pixels: [])
        #expect(problems([[], [], []], [short, noise(8, 8), empty]).count == 2)
    }

    @Test func tensorsThatAreNoImagesAreRefused() throws {
        let executor = try TensorTransformExecutor()
        for tensor in try [
            Tensor.zeros([3, 4, 4]), .zeros([1, 2, 4, 4]), .zeros([1, 3, 4, 4], dtype: .float64), .zeros([0, 3, 4, 4]),
            .zeros([1, 3, 0, 4]),
        ] {
            #expect(throws: TorchError.self) { try executor.apply([[]], to: tensor) }
        }
        #expect(throws: AugmentationError.self) { try executor.apply([[], []], to: .zeros([1, 3, 4, 4])) }
        let missing = Device.cuda(try Runtime.cudaDeviceCount())
        #expect(throws: TorchError.self) { try TensorTransformExecutor(device: missing) }
    }
}
