/// The pixels that an object covers, in one of the two forms that COCO's files have.
public enum Mask: Sendable, Hashable {
    /// The corners of a polygon, in pixels from the image's top left corner. The last one is joined to the first.
    public typealias Polygon = [SIMD2<Double>]

    /// The outlines of the object's visible parts, which may overlap.
    case polygons([Polygon])
    /// The pixels themselves.
    case runLengths(RunLengths)

    /// Polygons from the flat lists [x1, y1, x2, y2, ...] that COCO's files have.
    ///
    /// - Throws: `AnnotationError` where a list has an odd number of values or one that is not finite.
    public init(polygons lists: [[Double]]) throws(AnnotationError) {
        for list in lists {
            guard list.count % 2 == 0 else {
                throw AnnotationError("a polygon has \(list.count) values; it needs x and y of each corner")
            }
            if let value = list.first(where: { !$0.isFinite }) {
                throw AnnotationError("a polygon has the value \(value); coordinates must be finite")
            }
        }
        self = .polygons(
            lists.map { list in
                stride(from: 0, to: list.count, by: 2).map { SIMD2(list[$0], list[$0 + 1]) }
            })
    }

    /// The pixels covered, in an image of `height` x `width` pixels. Run lengths have a size of their own and are
    /// returned as they are.
    public func runLengths(height: Int, width: Int) -> RunLengths {
        switch self {
        case .runLengths(let runs): runs
        case .polygons(let polygons): RunLengths(polygons: polygons, height: height, width: width)
        }
    }

    /// The smallest box around the mask: for polygons around their corners, for run lengths around their pixels; nil
    /// where the mask is empty.
    public var bounds: BoundingBox? {
        switch self {
        case .polygons(let polygons): BoundingBox(around: polygons.joined())
        case .runLengths(let runs): runs.bounds
        }
    }

    /// The area covered, in pixels. Where polygons overlap it is counted once for each.
    public var area: Double {
        switch self {
        case .polygons(let polygons): polygons.reduce(0) { $0 + Self.area(of: $1) }
        case .runLengths(let runs): Double(runs.area)
        }
    }

    /// Whether no pixel can be covered: no polygon of at least three corners, or no pixel that is set.
    public var isEmpty: Bool {
        switch self {
        case .polygons(let polygons): polygons.allSatisfy { $0.count < 3 }
        case .runLengths(let runs): runs.area == 0
        }
    }

    /// The area within a polygon whose sides do not cross.
    static func area(of polygon: Polygon) -> Double {
        guard let last = polygon.last else { return 0 }
        var (twice, before) = (0.0, last)
        for corner in polygon {
            twice += before.x * corner.y - corner.x * before.y
            before = corner
        }
        return abs(twice) / 2
    }

    /// The part of a polygon in 0...width and 0...height (Sutherland and Hodgman, "Reentrant polygon clipping", 1974).
    /// Parts that are severed from one another stay joined along the border, where the joint has no area. A polygon that
    /// lies within is returned as it is.
    static func clipped(_ polygon: Polygon, height: Int, width: Int) -> Polygon {
        let upper = SIMD2(Double(width), Double(height))
        var corners = polygon
        for axis in 0..<2 {
            corners = cut(corners, axis: axis) {
                $0 >= 0
            } at: {
                0
            }
            corners = cut(corners, axis: axis) {
                $0 <= upper[axis]
            } at: {
                upper[axis]
            }
        }
        return corners
    }

    /// The part of a polygon on one side of a line across `axis`.
    private static func cut(
        _ corners: Polygon, axis: Int, keeping isInside: (Double) -> Bool, at border: () -> Double
    ) -> Polygon {
        guard var before = corners.last, !corners.allSatisfy({ isInside($0[axis]) }) else { return corners }
        var kept: Polygon = []
        for corner in corners {
            if isInside(corner[axis]) != isInside(before[axis]) {
                let part = (border() - before[axis]) / (corner[axis] - before[axis])
                var crossing = before + (corner - before) * part
                crossing[axis] = border()
                kept.append(crossing)
            }
            if isInside(corner[axis]) { kept.append(corner) }
            before = corner
        }
        return kept
    }
}
