import Support
import Testing

@testable import Datasets

@Suite struct AnnotationTransformTests {
    private func map(_ annotation: Annotation) throws -> LabelMap {
        guard case .map(let map) = annotation else { throw AnnotationError("no map, but \(annotation.kind)") }
        return map
    }

    private func boxes(_ annotation: Annotation) throws -> [AnnotatedBox] {
        guard case .boxes(let boxes) = annotation else { throw AnnotationError("no boxes, but \(annotation.kind)") }
        return boxes
    }

    /// The smallest box around the pixels of class 1.
    private func bounds(of map: LabelMap) -> BoundingBox? {
        RunLengths(height: map.height, width: map.width, pixels: map.classes.map { $0 == 1 ? 1 : 0 }).bounds
    }

    /// Steps that move pixels, of every kind.
    private static let geometric: [[Transform]] = [
        [.randomResizedCrop(size: 37, scale: 0.2...1)],
        [.resize(50), .randomCrop(size: 45, padding: 6), .horizontalFlip()],
        [.stretch(ImageSize(height: 70, width: 41)), .verticalFlip(), .centerCrop(60)],
        [.randAugment(count: 3, magnitude: 12), .randomCrop(size: 40)],
        [.trivialAugment, .horizontalFlip(), .stretch(64)],
        [.horizontalFlip(), .trivialAugment, .randomResizedCrop(size: 48, scale: 0.5...1)],
    ]

    private func draw(_ transforms: [Transform], _ number: Int, width: Int, height: Int) throws -> [AppliedTransform] {
        var generator = SeededGenerator(seed: 41, UInt64(number))
        return try Augmentation(transforms).sample(width: width, height: height, using: &generator)
    }

    /// The steps that change where things are, so that values stay those that were drawn.
    private func moving(_ steps: [AppliedTransform]) -> [AppliedTransform] {
        steps.filter {
            switch $0 {
            case .resizedCrop, .crop, .resize, .horizontalFlip, .verticalFlip, .affine: true
            default: false
            }
        }
    }

    @Test func mapsLandWhereTorchvisionPutsThem() throws {
        let goldens = try AnnotationGoldens.shared.get()
        for golden in goldens.steps {
            let step = try #require(golden.step, "\(golden.op)")
            let result = try map(
                Annotation.map(goldens.map.map).applying([step], height: goldens.map.height, width: goldens.map.width))
            #expect([result.height, result.width] == golden.shape)
            let strays = zip(result.classes, golden.map).count { $0 != $1 }
            // A position on the boundary of two pixels may fall to either.
            #expect(
                strays * 50 <= (golden.op == "affine" ? result.classes.count : 0),
                "\(golden.op) \(golden.arguments): \(strays) of \(result.classes.count) differ")
        }
        #expect(Set(goldens.steps.map(\.op)).count == 6)
    }

    @Test func boxesLandWhereTorchvisionPutsThem() throws {
        let goldens = try AnnotationGoldens.shared.get()
        let all = goldens.boxes.enumerated().map { AnnotatedBox(BoundingBox($1), label: $0) }
        for golden in goldens.steps {
            let step = try #require(golden.step, "\(golden.op)")
            let result = try boxes(
                Annotation.boxes(all).applying([step], height: goldens.map.height, width: goldens.map.width))
            let expected = golden.boxes.map(BoundingBox.init).enumerated().filter { !$1.isEmpty }
            #expect(result.map(\.label) == expected.map(\.offset), "\(golden.op) \(golden.arguments)")
            for (box, other) in zip(result, expected) {
                #expect(box.box.distance(to: other.element) < 1e-4, "\(golden.op) \(golden.arguments)")
            }
        }
    }

    /// An image drawn from a map goes through the kernels for images; where all that it shows is of one class the map must
    /// say so.
    @Test(arguments: geometric.indices) func mapsLandWhereTheImagesPixelsLand(_ kind: Int) throws {
        let (width, height) = (57, 43)
        var classes = [UInt8](repeating: 0, count: width * height)
        for y in 9..<33 { for x in 12..<40 { classes[y * width + x] = 1 } }
        for y in 20..<43 { for x in 3..<14 { classes[y * width + x] = 1 } }
        let scene = LabelMap(height: height, width: width, classes: classes)
        let image = Image(width: width, height: height, channels: 1, pixels: classes.map { $0 * 255 })
        var (full, empty) = (0, 0)
        for number in 0..<40 {
            let steps = moving(try draw(Self.geometric[kind], number, width: width, height: height))
            let (shape, values) = try applied(steps, to: image)
            let result = try map(Annotation.map(scene).applying(steps, height: height, width: width))
            #expect(shape == [1, result.height, result.width])
            for (value, label) in zip(values, result.classes) {
                if value > 1 - 1e-5 {
                    full += 1
                    if label != 1 { Issue.record("\(steps): \(label) where the image is full") }
                } else if value < 1e-5 {
                    empty += 1
                    if label == 1 { Issue.record("\(steps): 1 where the image is empty") }
                }
            }
        }
        #expect(full > 1000 && empty > 1000)
    }

    /// Read at the nearest pixel, image and map are the same to the last pixel, and the map knows what lies outside.
    @Test func affineMapsAreReadAsTheImageIs() throws {
        let (width, height) = (23, 31)
        let image = noise(width, height, channels: 1)
        // 255 must mean outside alone.
        let scene = LabelMap(height: height, width: width, classes: image.pixels.map { min($0, 254) })
        let grey = Image(width: width, height: height, channels: 1, pixels: scene.classes)
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<60 {
            let affine = AffineMap(
                angle: generator.uniform(-180, 180),
                translation: (generator.uniform(-9, 9), generator.uniform(-9, 9)), scale: generator.uniform(0.5, 2),
                shear: (generator.uniform(-30, 30), generator.uniform(-30, 30)), fill: 1)
            let result = try map(Annotation.map(scene).applying([.affine(affine)], height: height, width: width))
            let values = try applied([.affine(affine)], to: grey).values
            #expect(result.classes == values.map { UInt8(($0 * 255).rounded()) })
        }
    }

    @Test func tightBoxesStayTight() throws {
        let (width, height) = (90, 70)
        var seen = 0
        for (kind, transforms) in Self.geometric.enumerated() {
            for number in 0..<60 {
                var generator = SeededGenerator(seed: 12, UInt64(kind), UInt64(number))
                let (x0, y0) = (generator.below(50), generator.below(40))
                let (x1, y1) = (x0 + 12 + generator.below(20), y0 + 12 + generator.below(15))
                var classes = [UInt8](repeating: 0, count: width * height)
                for y in y0..<y1 { for x in x0..<x1 { classes[y * width + x] = 1 } }
                let scene = LabelMap(height: height, width: width, classes: classes)
                let (left, top, right, bottom) = (Double(x0), Double(y0), Double(x1), Double(y1))
                let outline = Mask.polygons([
                    [SIMD2(left, top), SIMD2(right, top), SIMD2(right, bottom), SIMD2(left, bottom)]
                ])
                let box = BoundingBox(x0: Float(x0), y0: Float(y0), x1: Float(x1), y1: Float(y1))
                let object = AnnotatedBox(box, label: 1, mask: outline)
                let pixels = Mask.runLengths(RunLengths(height: height, width: width, pixels: classes))
                let same = AnnotatedBox(box, label: 1, mask: pixels)
                let steps = try draw(transforms, number, width: width, height: height)
                let drawn = try map(Annotation.map(scene).applying(steps, height: height, width: width))
                let found = try boxes(Annotation.boxes([object]).applying(steps, height: height, width: width))
                let masked = try boxes(Annotation.boxes([same]).applying(steps, height: height, width: width))
                guard let tight = bounds(of: drawn), tight.width > 3, tight.height > 3 else { continue }
                let moved = try #require(found.first, "\(steps)")
                // Each step that reads the nearest pixel may shift a border by half a pixel, which later ones enlarge.
                #expect(moved.box.distance(to: tight) < 3, "\(steps): \(moved.box) around \(tight)")
                let covered = try #require(masked.first, "\(steps)")
                #expect(covered.box.distance(to: tight) < 3, "\(steps): \(covered.box) around \(tight)")
                guard case .runLengths(let runs)? = covered.mask else {
                    Issue.record("a mask of pixels became another")
                    continue
                }
                #expect(runs.pixels == drawn.classes.map { $0 == 1 ? 1 : 0 })
                // The polygon covers the same pixels, but for those on its border.
                let polygon = try #require(moved.mask).runLengths(height: drawn.height, width: drawn.width)
                let either = Double(polygon.union(runs).area)
                let both = Double(polygon.area + runs.area) - either
                #expect(both / either > 0.7, "\(steps): \(both) of \(either)")
                #expect(abs(moved.area / Double(runs.area) - 1) < 0.3)
                seen += 1
            }
        }
        #expect(seen > 200)
    }

    @Test func colourStepsAndErasingLeaveAnnotationsAlone() throws {
        let steps: [AppliedTransform] = [
            .brightness(1.2), .contrast(0.7), .saturation(1.4), .hue(0.2), .grayscale,
            .gaussianBlur(kernelSize: 9, sigma: 1.5), .sharpness(1.5), .posterize(bits: 3), .solarize(threshold: 0.6),
            .autocontrast, .equalize, .invert,
            .erase(.init(top: 0, left: 0, height: 4, width: 5), fill: .noise(seed: 3)),
            .normalize(mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.4]),
        ]
        let scene = Annotation.map(LabelMap(height: 4, width: 5, classes: (0..<20).map { UInt8($0) }))
        let mask = try Mask(polygons: [[1, 1, 4, 1, 4, 3]])
        let objects = Annotation.boxes([
            AnnotatedBox(BoundingBox(x0: 1, y0: 1, x1: 4, y1: 3), label: 2, isCrowd: true, area: 2.5, mask: mask),
            AnnotatedBox(BoundingBox(x0: 0, y0: 0, x1: 5, y1: 4), label: 0),
        ])
        for annotation in [scene, objects, .number(7)] {
            #expect(try annotation.applying(steps, height: 4, width: 5) == annotation)
        }
        #expect(
            try Annotation.number(7).applying(
                [.horizontalFlip, .crop(.init(top: 0, left: 0, height: 1, width: 1))],
                height: 4, width: 5) == .number(7))
    }

    @Test func cropsKeepTheVisiblePart() throws {
        // An L: the crop leaves only its foot, which is lower than the box.
        let mask = try Mask(polygons: [[0, 0, 2, 0, 2, 8, 10, 8, 10, 10, 0, 10]])
        let box = BoundingBox(x0: 0, y0: 0, x1: 10, y1: 10)
        let crop = AppliedTransform.crop(.init(top: 0, left: 4, height: 20, width: 20))
        let objects = [
            AnnotatedBox(box, label: 1, mask: mask), AnnotatedBox(box, label: 2),
            AnnotatedBox(box, label: 3, mask: .runLengths(mask.runLengths(height: 20, width: 20))),
            AnnotatedBox(BoundingBox(x0: 0, y0: 0, x1: 4, y1: 4), label: 4),
            // The box is partly visible, the object is not.
            AnnotatedBox(box, label: 5, mask: try Mask(polygons: [[0, 0, 2, 0, 2, 10, 0, 10]])),
        ]
        let found = try boxes(Annotation.boxes(objects).applying([crop], height: 20, width: 20))
        #expect(found.map(\.label) == [1, 2, 3])
        #expect(found[0].box == BoundingBox(x0: 0, y0: 8, x1: 6, y1: 10))
        // 12 of the 36 pixels of the mask, and 60 of the 100 of the box.
        #expect(abs(found[0].area - 100 * 12 / 36) < 1e-9)
        #expect(found[1].box == BoundingBox(x0: 0, y0: 0, x1: 6, y1: 10))
        #expect(found[1].area == 60)
        #expect(found[2].box == found[0].box && abs(found[2].area - 100 * 12 / 36) < 1e-9)
        guard case .polygons(let parts)? = found[0].mask else { throw AnnotationError("no polygons") }
        #expect(Mask.polygons(parts).area == 12)
    }

    /// Boxes of a file need not be those of the masks; nothing but a cut or a turn makes them so.
    @Test func boxesOfTheFileAreKeptWhereNothingIsCut() throws {
        let loose = AnnotatedBox(
            BoundingBox(x0: 1, y0: 1, x1: 9, y1: 9), label: 0, area: 7, mask: try Mask(polygons: [[2, 2, 6, 2, 6, 6]]))
        let steps: [AppliedTransform] = [.resize(height: 20, width: 40), .horizontalFlip, .verticalFlip]
        let found = try boxes(Annotation.boxes([loose]).applying(steps, height: 10, width: 10))
        #expect(found.map(\.box) == [BoundingBox(x0: 4, y0: 2, x1: 36, y1: 18)])
        #expect(found.map(\.area) == [56])
        let quarter = AppliedTransform.affine(AffineMap(angle: 90))
        let turned = try boxes(Annotation.boxes([loose]).applying([quarter], height: 10, width: 10))
        #expect(try #require(turned.first).box.distance(to: BoundingBox(x0: 4, y0: 2, x1: 8, y1: 6)) < 1e-5)
        #expect(abs(turned[0].area - 7) < 1e-9)
    }

    @Test func boxesAreClippedEvenWithoutAStep() throws {
        let wide = AnnotatedBox(BoundingBox(x0: -5, y0: 2, x1: 5, y1: 4), label: 0)
        let outside = AnnotatedBox(BoundingBox(x0: 10, y0: 2, x1: 12, y1: 4), label: 1)
        let found = try boxes(Annotation.boxes([wide, outside]).applying([], height: 10, width: 10))
        #expect(found.map(\.box) == [BoundingBox(x0: 0, y0: 2, x1: 5, y1: 4)])
        #expect(found.map(\.area) == [10])
        // A box of the file stays the file's, also one that rounding put beyond the border.
        let mask = try Mask(polygons: [[6, 6, 9, 6, 9, 9]])
        let rounded = AnnotatedBox(BoundingBox(x0: 5, y0: 5, x1: 10.01, y1: 9), label: 0, area: 4, mask: mask)
        let kept = try boxes(Annotation.boxes([rounded]).applying([], height: 10, width: 10))
        #expect(kept.map(\.box) == [BoundingBox(x0: 5, y0: 5, x1: 10, y1: 9)])
        #expect(kept.map(\.area) == [4])
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let scene = Annotation.map(LabelMap(height: 4, width: 5, classes: [UInt8](repeating: 0, count: 20)))
        let error = #expect(throws: AugmentationError.self) { try scene.applying([], height: 5, width: 4) }
        #expect(
            error?.description == "the label map has 5x4 pixels and its image 4x5; both must be of one size")
        let box = BoundingBox(x0: 0, y0: 0, x1: 2, y1: 2)
        let runs = RunLengths(height: 4, width: 5, pixels: [UInt8](repeating: 1, count: 20))
        let masked = Annotation.boxes([AnnotatedBox(box, label: 0, mask: .runLengths(runs))])
        #expect(throws: AugmentationError.self) { try masked.applying([], height: 5, width: 4) }
        let plain = Annotation.boxes([AnnotatedBox(box, label: 0)])
        let line = AppliedTransform.affine(AffineMap(xx: 1, xy: 1, x0: 0, yx: 1, yy: 1, y0: 0))
        #expect(throws: AugmentationError.self) { try plain.applying([line], height: 4, width: 5) }
        let outside = AppliedTransform.resizedCrop(.init(top: 3, left: 0, height: 2, width: 2), height: 2, width: 2)
        for annotation in [scene, plain] {
            #expect(throws: AugmentationError.self) { try annotation.applying([outside], height: 4, width: 5) }
        }
    }
}
