import Support

/// Noise in place of images, to measure with where the images are not at hand. Each is the same at every reading.
public struct NoiseImages: ImageDataset {
    /// The number of images.
    public let count: Int
    /// The names of the classes, which are numbers.
    public let classNames: [String]
    /// The width in pixels.
    public let width: Int
    /// The height in pixels.
    public let height: Int
    /// The form of annotations: numbers, maps of classes, or boxes with masks.
    public let annotationKind: AnnotationKind

    /// Makes noise of a size.
    ///
    /// - Parameters:
    ///   - count: of images.
    ///   - classes: the number of classes, which take turns.
    ///   - width: in pixels.
    ///   - height: in pixels.
    ///   - annotationKind: the form of annotations.
    public init(
        count: Int, classes: Int, width: Int = 500, height: Int = 375, annotationKind: AnnotationKind = .number
    ) {
        (self.count, self.annotationKind) = (count, annotationKind)
        classNames = (0..<max(classes, 1)).map { "\($0)" }
        self.width = width
        self.height = height
    }

    /// The classes take turns; 0 where pixels or objects have them.
    public func label(at index: Int) -> Int { annotationKind == .number ? index % classNames.count : 0 }

    /// The size of all images.
    public func size(at index: Int) -> ImageSize? { ImageSize(height: height, width: width) }

    /// The class, a map of columns of the classes, or as many objects as are usual on COCO.
    public func annotation(at index: Int) throws -> Annotation {
        switch annotationKind {
        case .number: return .number(label(at: index))
        case .boxes: return .boxes((0..<7).map { object($0, of: index) })
        case .map: break
        }
        let row = (0..<width).map { UInt8(($0 / 8 + index) % min(classNames.count, Int(LabelMap.ignored))) }
        return .map(
            LabelMap(
                height: height, width: width, classes: [[UInt8]](repeating: row, count: height).flatMap(\.self)))
    }

    private func object(_ number: Int, of index: Int) -> AnnotatedBox {
        let side = Float(min(width, height)) / Float(2 + number)
        let (x, y) = (Float(number) * Float(width) / 10, Float((number + index) % 7) * Float(height) / 20)
        let box = BoundingBox(x0: x, y0: y, x1: x + side, y1: y + side).clipped(height: height, width: width)
        let (x0, y0) = (Double(box.x0), Double(box.y0)), (x1, y1) = (Double(box.x1), Double(box.y1))
        return AnnotatedBox(
            box, label: (number + index) % classNames.count,
            mask: .polygons([[SIMD2(x0, y0), SIMD2(x1, y0), SIMD2(x1, y1), SIMD2(x0, y1)]]))
    }

    /// Coarse noise, as a decoder would give it.
    public func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        let channels = decoding.channels == .grey ? 1 : 3
        var generator = SeededGenerator(seed: UInt64(index), RandomStream.noiseImage)
        let row = (0..<width * channels).map { _ in UInt8(generator.below(256)) }
        // Every row a turn of the first: as good as noise for whoever only measures, and quickly made.
        var pixels: [UInt8] = []
        pixels.reserveCapacity(row.count * height)
        for line in 0..<height {
            let turn = line * 7 * channels % row.count
            pixels += row[turn...]
            pixels += row[..<turn]
        }
        return Image(width: width, height: height, channels: channels, pixels: pixels)
    }

    /// Gives the number of the image.
    public func source(at index: Int) -> String { "noise \(index)" }
}
