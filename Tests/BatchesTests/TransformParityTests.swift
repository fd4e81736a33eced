import Batches
import Datasets
import Seeding
import Testing
import Torch

/// A kind of step, drawn for an image of a given size, with what it may differ by.
struct StepFamily: CustomTestStringConvertible, Sendable {
    let name: String
    /// Whether equal inputs must give the same bits: steps that make a jump.
    var isExact = false
    /// Whether all images of a batch come out at one size whatever they had.
    var isSizing = false
    let draw: @Sendable (_ height: Int, _ width: Int, _ generator: inout SeededGenerator) -> AppliedTransform

    var testDescription: String { name }

    static func box(_ height: Int, _ width: Int, _ generator: inout SeededGenerator) -> AppliedTransform.Box {
        let (boxHeight, boxWidth) = (1 + generator.below(height), 1 + generator.below(width))
        return .init(
            top: generator.below(height - boxHeight + 1), left: generator.below(width - boxWidth + 1),
            height: boxHeight, width: boxWidth)
    }

    static func map(
        _ interpolation: AffineMap.Interpolation, _ fill: Double, _ generator: inout SeededGenerator
    ) -> AffineMap {
        AffineMap(
            angle: generator.uniform(-180, 180),
            translation: (generator.uniform(-4, 4), generator.uniform(-4, 4)), scale: generator.uniform(0.5, 2),
            shear: (generator.uniform(-30, 30), generator.uniform(-30, 30)), interpolation: interpolation, fill: fill)
    }

    static let all: [StepFamily] = [
        .init(name: "resized crop", isSizing: true) {
            .resizedCrop(box($0, $1, &$2), height: 12, width: 21)
        },
        .init(name: "resize", isSizing: true) { _, _, _ in .resize(height: 25, width: 14) },
        .init(name: "crop", isExact: true, isSizing: true) {
            let (top, left) = ($2.below($0 + 16) - 16, $2.below($1 + 16) - 16)
            return .crop(.init(top: top, left: left, height: 15, width: 16))
        },
        .init(name: "crop far outside", isExact: true, isSizing: true) {
            .crop(.init(top: $0 + $2.below(99), left: -$1 - 9 - $2.below(99), height: 5, width: 4))
        },
        .init(name: "horizontal flip", isExact: true) { _, _, _ in .horizontalFlip },
        .init(name: "vertical flip", isExact: true) { _, _, _ in .verticalFlip },
        .init(name: "brightness") { .brightness($2.uniform(0, 2)) },
        .init(name: "contrast") { .contrast($2.uniform(0, 2)) },
        .init(name: "saturation") { .saturation($2.uniform(0, 2)) },
        .init(name: "hue") { .hue($2.uniform(-1.2, 1.2)) },
        .init(name: "grayscale") { _, _, _ in .grayscale },
        .init(name: "blur") { .gaussianBlur(kernelSize: 1 + 2 * $2.below(15), sigma: $2.uniform(0.1, 5)) },
        .init(name: "affine, nearest", isExact: true) { .affine(map(.nearest, 0, &$2)) },
        .init(name: "affine, nearest, filled", isExact: true) { .affine(map(.nearest, $2.uniform(), &$2)) },
        .init(name: "affine, bilinear") { .affine(map(.bilinear, 0, &$2)) },
        .init(name: "affine, bilinear, filled") { .affine(map(.bilinear, $2.uniform(), &$2)) },
        .init(name: "affine that overflows", isExact: true) {
            .affine(AffineMap(xx: $2.chance(0.5) ? 3e38 : -3e38, xy: 3e38, x0: 3e38, yx: 0, yy: 1, y0: 0, fill: 0.5))
        },
        .init(name: "sharpness") { .sharpness($2.uniform(0, 2)) },
        .init(name: "posterize", isExact: true) { .posterize(bits: $2.below(9)) },
        .init(name: "solarize", isExact: true) { .solarize(threshold: $2.uniform()) },
        .init(name: "autocontrast") { _, _, _ in .autocontrast },
        .init(name: "equalize", isExact: true) { _, _, _ in .equalize },
        .init(name: "invert", isExact: true) { _, _, _ in .invert },
        .init(name: "erase, values", isExact: true) { .erase(box($0, $1, &$2), fill: .values([$2.uniform()])) },
        .init(name: "erase, noise", isExact: true) { .erase(box($0, $1, &$2), fill: .noise(seed: $2.next())) },
        .init(name: "normalize") { .normalize(mean: [$2.uniform()], std: [$2.uniform(0.1, 1)]) },
    ]
}

@Suite("Each step on tensors is that on the CPU") struct TransformParityTests {
    static let sizes = [(17, 13), (31, 24), (40, 9), (2, 2), (1, 1), (1, 7), (3, 2), (64, 33)]

    @Test(arguments: StepFamily.all) func everyStepWithDifferentParameters(family: StepFamily) throws {
        for device in devices {
            let executor = try TensorTransformExecutor(device: device)
            for channels in [1, 3] {
                for (width, height) in Self.sizes {
                    var generator = SeededGenerator(seed: 7, UInt64(width), UInt64(height), UInt64(channels))
                    let images = (0..<5).map { noise(width, height, channels: channels, seed: $0) }
                    let steps = images.map { _ in [family.draw(height, width, &generator)] }
                    let expected = try zip(steps, images).flatMap(reference)
                    let what = "\(family.name), \(width)x\(height)x\(channels) on \(device)"
                    // From the bytes, and from planes that are on the device already.
                    let planes = try Tensor.concatenated(images.map(planes))
                    for found in [try executor.apply(steps, to: images), try executor.apply(steps, to: planes)] {
                        #expect(found.device == device && found.dtype == .float32)
                        let difference = try Difference(found.array(Float.self), expected)
                        #expect(difference.worst <= (family.isExact ? 0 : 1e-5), "\(what): \(difference)")
                    }
                    #expect(try planes.array(Float.self) == images.flatMap { try reference([], $0) }, "\(what)")
                }
            }
        }
    }

    @Test(arguments: StepFamily.all.filter(\.isSizing)) func imagesOfAllSizesBecomeOne(family: StepFamily) throws {
        let executor = try TensorTransformExecutor()
        for channels in [1, 3] {
            var generator = SeededGenerator(seed: 8, UInt64(channels))
            let images = (0..<24).map { index in
                let (width, height) = Self.sizes[index % Self.sizes.count]
                return noise(width, height, channels: channels, seed: UInt64(index))
            }
            let steps = images.map { [family.draw($0.height, $0.width, &generator)] }
            let found = try executor.apply(steps, to: images).array(Float.self)
            let difference = Difference(found, try zip(steps, images).flatMap(reference))
            #expect(difference.worst <= (family.isExact ? 0 : 1e-5), "\(difference)")
        }
    }

    @Test func valuesPerChannel() throws {
        let executor = try TensorTransformExecutor()
        for channels in [1, 3] {
            let images = (0..<2).map { noise(9, 8, channels: channels, seed: $0) }
            let steps: [[AppliedTransform]] = [
                [
                    .erase(.init(top: 1, left: 2, height: 3, width: 4), fill: .values([0.1, 0.5, 0.8])),
                    .normalize(mean: [0.1, 0.2, 0.4], std: [0.3, 0.5, 0.9]),
                ],
                [
                    .normalize(mean: [0.3], std: [0.2, 0.4, 0.8]),
                    .erase(.init(top: 0, left: 0, height: 8, width: 9), fill: .values([3, 2, 1])),
                ],
            ]
            let found = try executor.apply(steps, to: images).array(Float.self)
            #expect(Difference(found, try zip(steps, images).flatMap(reference)).worst <= 1e-5)
        }
    }

    @Test("A grey, black or one-coloured channel divides by nothing") func flatChannels() throws {
        let executor = try TensorTransformExecutor()
        let colours: [[UInt8]] = [
            [0, 0, 0], [255, 255, 255], [90, 90, 90], [255, 0, 0], [10, 255, 255], [7, 9, 7],
        ]
        let images = colours.map { colour in
            Image(width: 5, height: 4, channels: 3, pixels: (0..<20).flatMap { _ in colour })
        }
        for step: AppliedTransform in [.autocontrast, .equalize, .hue(0.3), .hue(0), .contrast(0), .saturation(2)] {
            let found = try executor.apply(images.map { _ in [step] }, to: images).array(Float.self)
            #expect(Difference(found, try images.flatMap { try reference([step], $0) }).worst <= 1e-5, "\(step)")
        }
    }

    @Test("A large image equalises: its steps are not 0") func equalize() throws {
        let executor = try TensorTransformExecutor()
        let images = (0..<3).map { noise(80, 60, seed: $0) }
        let steps: [[AppliedTransform]] = images.indices.map { [.brightness(0.3 * Double($0) + 0.3), .equalize] }
        let found = try executor.apply(steps, to: images).array(Float.self)
        #expect(found == (try zip(steps, images).flatMap(reference)))
        #expect(found != (try zip(steps, images).flatMap { try reference([$0[0]], $1) }))
    }
}
