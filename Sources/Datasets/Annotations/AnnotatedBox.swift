/// An object in an image: where it is, what it is, and perhaps which pixels it covers.
public struct AnnotatedBox: Sendable, Hashable {
    /// The smallest rectangle around the object, or what its annotator took for that.
    public var box: BoundingBox
    /// The class of the object, an index into the data set's class names.
    public var label: Int
    /// Whether the box stands for a group of objects that were not annotated one by one. Training leaves such boxes out,
    /// and detections within them count neither as right nor as wrong.
    public var isCrowd: Bool
    /// The area of the object in pixels, by which COCO's score tells small objects from large ones. It is the file's, and
    /// generally that of the mask.
    public var area: Double
    /// The pixels that the object covers; nil where only its box is known.
    public var mask: Mask?

    /// An object of the class `label`. Without an `area` it has that of the box.
    public init(_ box: BoundingBox, label: Int, isCrowd: Bool = false, area: Double? = nil, mask: Mask? = nil) {
        self.box = box
        self.label = label
        self.isCrowd = isCrowd
        self.area = area ?? box.area
        self.mask = mask
    }
}

/// A rectangle in an image whose sides are parallel to the image's. Coordinates are in pixels from the image's top left
/// corner, so that the first pixel covers 0 to 1 and the whole image 0 to its width and height.
public struct BoundingBox: Sendable, Hashable {
    /// The left and the upper side.
    public var x0, y0: Float
    /// The right and the lower side, which lie at `x0` or right of it and at `y0` or below.
    public var x1, y1: Float

    /// The rectangle between two corners, taken as they are.
    public init(x0: Float, y0: Float, x1: Float, y1: Float) {
        (self.x0, self.y0, self.x1, self.y1) = (x0, y0, x1, y1)
    }

    /// The smallest rectangle around `points`; nil where there are none.
    init?(around points: some Sequence<SIMD2<Double>>) {
        var (least, most) = (SIMD2(repeating: Double.infinity), SIMD2(repeating: -Double.infinity))
        for point in points {
            least = pointwiseMin(least, point)
            most = pointwiseMax(most, point)
        }
        guard least.x <= most.x, least.y <= most.y else { return nil }
        self.init(x0: Float(least.x), y0: Float(least.y), x1: Float(most.x), y1: Float(most.y))
    }

    /// The distance of the left side from the right one.
    public var width: Float { x1 - x0 }

    /// The distance of the upper side from the lower one.
    public var height: Float { y1 - y0 }

    /// Width times height, in pixels.
    public var area: Double { Double(width) * Double(height) }

    /// The part of the box that lies in an image of `height` x `width` pixels. It has no area where there is none.
    public func clipped(height: Int, width: Int) -> BoundingBox {
        func within(_ value: Float, _ side: Int) -> Float { min(max(value, 0), Float(side)) }
        return BoundingBox(
            x0: within(x0, width), y0: within(y0, height), x1: within(x1, width), y1: within(y1, height))
    }

    /// Whether there is nothing in the box: a side of at most 1e-5 pixels, which is what rounding leaves of none, or one
    /// that is no number.
    public var isEmpty: Bool { !(width > 1e-5 && height > 1e-5) }
}
