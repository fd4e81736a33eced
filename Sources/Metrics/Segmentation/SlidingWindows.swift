/// The parts of an image that a segmentation network sees one after the other where the image is larger than its crops, as
/// in evaluation at several scales (Zhang et al., "Context encoding for semantic segmentation", CVPR 2018). Windows overlap by
/// about a third; where they do, outputs are averaged.
public struct SlidingWindows: Sendable, Equatable {
    /// A part of the padded image, in pixels.
    public struct Window: Sendable, Hashable {
        /// The first row and the first column.
        public let top, left: Int
        /// The numbers of rows and columns: the crop's side, or less at the right and lower edge, where the window is
        /// padded right and below to the crop's side before the network sees it.
        public let height, width: Int
    }

    /// The height and width of the image padded right and below, in pixels. Padding is black: -mean/std once normalised.
    public let paddedHeight, paddedWidth: Int
    /// The windows, row by row. They cover the padded image.
    public let windows: [Window]

    /// Windows over an image. One whose longer side is at most `crop` is padded to the crop and is one window. Of any other a
    /// side shorter than the crop is padded to it, and windows of `crop` x `crop` begin at every `step(crop:)` pixels.
    ///
    /// - Parameters:
    ///   - height: of the image, in pixels.
    ///   - width: of the image, in pixels.
    ///   - crop: the side of the windows, in pixels.
    /// - Throws: `TaskMetricError.nothing` where a side or the crop is not positive.
    public init(height: Int, width: Int, crop: Int) throws(TaskMetricError) {
        guard height > 0, width > 0, crop > 0 else { throw .nothing(what: "window of positive size") }
        (paddedHeight, paddedWidth) = (max(height, crop), max(width, crop))
        let (rows, columns) = (Self.starts(paddedHeight, crop), Self.starts(paddedWidth, crop))
        let (maxHeight, maxWidth) = (paddedHeight, paddedWidth)
        windows = rows.flatMap { top in
            columns.map { left in
                Window(top: top, left: left, height: min(crop, maxHeight - top), width: min(crop, maxWidth - left))
            }
        }
    }

    /// The distance of one window from the next: two thirds of the crop, rounded down, at least 1.
    public static func step(crop: Int) -> Int { max(1, 2 * crop / 3) }

    /// Where the windows on one axis begin: ceil((side - crop) / step) + 1 of them.
    private static func starts(_ side: Int, _ crop: Int) -> [Int] {
        let step = step(crop: crop)
        let count = (side - crop + step - 1) / step + 1
        return (0..<count).map { $0 * step }
    }

    /// The size to which an image is brought for one scale: the longer side becomes `base` times the scale, rounded up, and
    /// the other follows, rounded to the nearest (halves up), at least 1.
    ///
    /// - Parameters:
    ///   - height: of the image, in pixels; positive.
    ///   - width: of the image, in pixels; positive.
    ///   - base: the longer side at scale 1, in pixels.
    ///   - scale: such as 0.5 to 1.75.
    /// - Throws: `TaskMetricError.nothing` for sides, a base or a scale that are not positive, or far too large.
    public static func scaledSize(
        height: Int, width: Int, base: Int, scale: Double
    ) throws(TaskMetricError) -> (height: Int, width: Int) {
        let long = (Double(base) * scale).rounded(.up)
        guard height > 0, width > 0, long >= 1, long < 1e6 else { throw .nothing(what: "image of a sensible size") }
        let short = max(1, Int(Double(min(height, width)) * long / Double(max(height, width)) + 0.5))
        return height > width ? (Int(long), short) : (short, Int(long))
    }
}
