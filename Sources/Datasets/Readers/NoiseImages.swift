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
    /// Whether each pixel has a class, in place of each image.
    public let hasMaps: Bool

    /// Makes noise of a size.
    ///
    /// - Parameters:
    ///   - count: of images.
    ///   - classes: the number of classes, which take turns.
    ///   - width: in pixels.
    ///   - height: in pixels.
    ///   - hasMaps: whether each pixel has a class, in place of each image.
    public init(count: Int, classes: Int, width: Int = 500, height: Int = 375, hasMaps: Bool = false) {
        (self.count, self.hasMaps) = (count, hasMaps)
        classNames = (0..<max(classes, 1)).map { "\($0)" }
        self.width = width
        self.height = height
    }

    /// The classes take turns; 0 where pixels have them.
    public func label(at index: Int) -> Int { hasMaps ? 0 : index % classNames.count }

    /// Label maps where pixels have classes.
    public var annotationKind: AnnotationKind { hasMaps ? .map : .number }

    /// The class, or a map of columns of the classes.
    public func annotation(at index: Int) throws -> Annotation {
        guard hasMaps else { return .number(label(at: index)) }
        let row = (0..<width).map { UInt8(($0 / 8 + index) % min(classNames.count, Int(LabelMap.ignored))) }
        return .map(
            LabelMap(
                height: height, width: width, classes: [[UInt8]](repeating: row, count: height).flatMap(\.self)))
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
