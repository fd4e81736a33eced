/// An image that a segmentation network was scored on: its label map and what the network says, as pages show them.
public struct PixelExample: Sendable, Codable, Equatable {
    /// The place of the image in the part of the data that was scored.
    public var image: Int
    /// The mean of intersection over union of the classes that occur in the image or in the prediction; not a number,
    /// and missing in files, for an image without labelled pixels.
    public var meanIntersectionOverUnion: Double
    /// The class of each pixel by its label, 255 where there is none.
    public var actual: PixelRuns
    /// The predicted class of each pixel.
    public var predicted: PixelRuns

    /// An image with its label map and prediction.
    public init(image: Int, meanIntersectionOverUnion: Double, actual: PixelRuns, predicted: PixelRuns) {
        (self.image, self.meanIntersectionOverUnion) = (image, meanIntersectionOverUnion)
        (self.actual, self.predicted) = (actual, predicted)
    }

    /// The numbers of best, middle and worst images that pages show.
    static let shownOfEach = 4

    /// The best, the middle and the worst of some images, in this order, each once; of few images all.
    ///
    /// - Parameter all: the images, of which those without labelled pixels are left out.
    public static func chosen(_ all: [PixelExample]) -> [PixelExample] {
        let sorted = all.filter { $0.meanIntersectionOverUnion.isFinite }
            .sorted { ($1.meanIntersectionOverUnion, $0.image) < ($0.meanIntersectionOverUnion, $1.image) }
        let count = shownOfEach
        guard sorted.count > 3 * count else { return sorted }
        let middle = (sorted.count - count) / 2
        return Array(sorted.prefix(count)) + sorted[middle..<middle + count] + sorted.suffix(count)
    }
}

/// A map of classes in runs of equal pixels, row by row, as files of results hold it.
public struct PixelRuns: Sendable, Codable, Equatable {
    /// The height of the map, in pixels.
    public var height: Int
    /// The width of the map, in pixels.
    public var width: Int
    /// Class and length of each run, in turn.
    public var runs: [Int]

    /// The runs of a map, which may be made smaller: each pixel is then the one nearest to its middle.
    ///
    /// - Parameters:
    ///   - map: the class of each pixel, [height, width], row by row.
    ///   - height: the height of the map, in pixels.
    ///   - width: the width of the map, in pixels.
    ///   - scale: the factor of both sides, above 0 and at most 1.
    public init(_ map: [UInt8], height: Int, width: Int, scaledBy scale: Double = 1) {
        func side(_ whole: Int) -> Int { max(Int((Double(whole) * scale).rounded()), 1) }
        let (own, columnCount) = (side(height), side(width))
        let columns = (0..<columnCount).map { (2 * $0 + 1) * width / (2 * columnCount) }
        (self.height, self.width, runs) = (own, columnCount, [])
        var last: (value: UInt8, count: Int)?
        for row in 0..<own {
            let start = (2 * row + 1) * height / (2 * own) * width
            for column in columns {
                let value = map[start + column]
                if let open = last, open.value == value {
                    last = (value, open.count + 1)
                } else {
                    if let open = last { runs += [Int(open.value), open.count] }
                    last = (value, 1)
                }
            }
        }
        if let open = last { runs += [Int(open.value), open.count] }
    }

    /// The class of each pixel, row by row; nil where runs do not fill the map, as in a file that somebody edited.
    public var map: [UInt8]? {
        guard height > 0, width > 0, height <= 1 << 14, width <= 1 << 14, runs.count.isMultiple(of: 2) else {
            return nil
        }
        var map: [UInt8] = []
        map.reserveCapacity(height * width)
        for place in stride(from: 0, to: runs.count, by: 2) {
            let room = height * width - map.count
            guard let value = UInt8(exactly: runs[place]), runs[place + 1] > 0, runs[place + 1] <= room else {
                return nil
            }
            map += repeatElement(value, count: runs[place + 1])
        }
        return map.count == height * width ? map : nil
    }
}
