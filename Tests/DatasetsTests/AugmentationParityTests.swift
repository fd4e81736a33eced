import CPixels
import Support
import Testing

@testable import Datasets

@Suite
struct AugmentationParityTests {
    /// The steps of a golden case; nil for one that is not a step.
    private func steps(_ golden: AugmentationGoldens.Case, _ image: Image) -> [AppliedTransform]? {
        let a = golden.arguments
        let whole = a.map { Int($0) }
        func box() -> AppliedTransform.Box {
            .init(top: whole[0], left: whole[1], height: whole[2], width: whole[3])
        }
        switch golden.op {
        case "resized-crop": return [.resizedCrop(box(), height: whole[4], width: whole[5])]
        case "stretch":
            var generator = SeededGenerator(seed: 1)
            return Transform.stretch(ImageSize(whole[0])).sample(
                width: image.width, height: image.height, using: &generator)
        case "crop": return [.crop(box())]
        case "horizontal-flip": return [.horizontalFlip]
        case "vertical-flip": return [.verticalFlip]
        case "brightness": return [.brightness(a[0])]
        case "contrast": return [.contrast(a[0])]
        case "saturation": return [.saturation(a[0])]
        case "sharpness": return [.sharpness(a[0])]
        case "hue": return [.hue(a[0])]
        case "grayscale": return [.grayscale]
        case "gaussian-blur": return [.gaussianBlur(kernelSize: whole[0], sigma: a[1])]
        case "solarize": return [.solarize(threshold: a[0])]
        case "posterize": return [.posterize(bits: whole[0])]
        // The golden begins from a picture of less contrast, which a normalisation makes.
        case "autocontrast": return [.normalize(mean: [-0.4], std: [2]), .autocontrast]
        case "invert": return [.invert]
        case "equalize": return [.equalize]
        case "rotate-bilinear":
            return [.affine(AffineMap(angle: -a[0], interpolation: .bilinear, fill: a[1]))]
        case "rotate-nearest":
            return [.affine(AffineMap(angle: -a[0], interpolation: .nearest, fill: a[1]))]
        case "affine":
            let center = (a[6] - Double(image.width) / 2, a[7] - Double(image.height) / 2)
            return [
                .affine(
                    AffineMap(
                        angle: a[0], translation: (a[1], a[2]), scale: a[3], shear: (a[4], a[5]), center: center,
                        interpolation: .bilinear))
            ]
        case "erase": return [.erase(box(), fill: .values([a[4]]))]
        case "normalize": return [.normalize(mean: Array(a[0..<3]), std: Array(a[3..<6]))]
        default: return nil
        }
    }

    @Test func everyOperationGivesTorchvisionsValues() throws {
        let goldens = try AugmentationGoldens.shared.get()
        var seen: Set<String> = []
        for golden in goldens.cases where golden.op != "resized-crop-plain" {
            let image = try #require(goldens.images[golden.image]).image
            let steps = try #require(self.steps(golden, image), "no step for \(golden.op)")
            let (shape, values) = try applied(steps, to: image)
            let what = "\(golden.op) \(golden.arguments) on \(golden.image)"
            #expect(shape == golden.shape, "\(what)")
            let errors = zip(values, golden.values).map { abs($0 - $1) }
            if golden.op == "rotate-nearest" {
                // A position on the boundary of two pixels may fall to either.
                let strays = errors.filter { $0 > 1e-5 }.count
                #expect(strays * 50 <= errors.count, "\(what): \(strays) of \(errors.count) differ")
            } else {
                let worst = errors.max() ?? .infinity
                #expect(worst <= 1e-5, "\(what): \(worst)")
            }
            seen.insert(golden.op)
        }
        #expect(seen.count == 22)
    }

    @Test func resizingWithoutAntialiasingToo() throws {
        let goldens = try AugmentationGoldens.shared.get()
        let workspace = try #require(px_workspace_create())
        defer { px_workspace_destroy(workspace) }
        var count = 0
        for golden in goldens.cases where golden.op.hasPrefix("resized-crop") {
            let image = try #require(goldens.images[golden.image]).image
            let antialias: Int32 = golden.op == "resized-crop" ? 1 : 0
            let a = golden.arguments.map { Int32($0) }
            let (channels, height, width) = (Int32(image.channels), Int32(image.height), Int32(image.width))
            var values = [Float](repeating: .nan, count: golden.values.count)
            #expect(
                px_resize_u8(
                    workspace, image.pixels, channels, height, width, a[0], a[1], a[2], a[3], a[4], a[5], antialias,
                    &values) == 0)
            #expect(zip(values, golden.values).allSatisfy { abs($0 - $1) <= 1e-5 }, "\(golden.op) \(a)")
            let planes = try applied([], to: image).values
            #expect(
                px_resize_f32(
                    workspace, planes, channels, height, width, a[0], a[1], a[2], a[3], a[4], a[5], antialias,
                    &values) == 0)
            #expect(zip(values, golden.values).allSatisfy { abs($0 - $1) <= 1e-5 }, "planes \(golden.op) \(a)")
            count += 1
        }
        #expect(count == 28)
    }

    @Test func magnitudesAreThoseOfTorchvision() throws {
        let goldens = try AugmentationGoldens.shared.get()
        for (name, space) in [
            ("randAugment", RandomOperation.Space.randAugment), ("trivialAugmentWide", .trivialAugmentWide),
        ] {
            let table = try #require(goldens.tables[name])
            #expect(table.count == RandomOperation.allCases.count)
            for operation in RandomOperation.allCases {
                let golden = try #require(table.first { $0.key.lowercased() == operation.rawValue.lowercased() }?.value)
                #expect(golden.signed == operation.isSigned)
                for (bin, magnitude) in (golden.magnitudes ?? []).enumerated() {
                    let ours = operation.magnitude(space, bin: bin, width: 32, height: 24)
                    #expect(abs(ours - magnitude) <= 1e-5 * max(1, abs(magnitude)), "\(operation) at \(bin)")
                }
            }
        }
    }

    @Test func eachRandomOperationDoesWhatTorchvisionsDoes() throws {
        let goldens = try AugmentationGoldens.shared.get()
        let image = try #require(goldens.images["color"]).image
        var seen: Set<RandomOperation> = []
        for golden in goldens.operations {
            let operation = try #require(
                RandomOperation.allCases.first { $0.rawValue.lowercased() == golden.operation.lowercased() })
            let step = operation.applied(golden.magnitude, width: image.width, height: image.height)
            let values = try applied(step.map { [$0] } ?? [], to: image).values
            let strays = zip(values, golden.values).filter { abs($0 - $1) > 1e-5 }.count
            let isNearest = ["shearX", "shearY", "rotate"].contains(operation.rawValue)
            #expect(strays * 50 <= (isNearest ? values.count : 0), "\(operation) \(golden.magnitude): \(strays) differ")
            seen.insert(operation)
        }
        #expect(seen.count == 14)
    }
}
