import Support

/// An object of a data set for detection, as its file has it.
public struct DetectionObject: Sendable, Hashable {
    /// The number by which the file knows it; of files without numbers its place, from 1.
    public var id: Int
    /// The box: x and y of its top left corner, its width and its height, in pixels, as they stand in the file.
    public var place: SIMD4<Double>
    /// The class, an index into the data set's class names.
    public var label: Int
    /// Whether it stands for a group of objects, or is marked as too difficult: nothing is learned from it, and detections on
    /// it are neither right nor wrong.
    public var isCrowd: Bool
    /// The area in pixels by which it is small, medium or large.
    public var area: Double
    /// The pixels that it covers; nil where only the box is known.
    public var mask: Mask?

    /// An object. Without an area it has that of its box.
    public init(
        id: Int, place: SIMD4<Double>, label: Int, isCrowd: Bool = false, area: Double? = nil, mask: Mask? = nil
    ) {
        (self.id, self.place, self.label, self.isCrowd, self.mask) = (id, place, label, isCrowd, mask)
        self.area = area ?? place[2] * place[3]
    }

    /// The box by its corners.
    public var box: BoundingBox {
        BoundingBox(
            x0: Float(place[0]), y0: Float(place[1]), x1: Float(place[0] + place[2]), y1: Float(place[1] + place[3]))
    }

    /// The object as transforms of images take it along.
    public var annotated: AnnotatedBox {
        AnnotatedBox(box, label: label, isCrowd: isCrowd, area: area, mask: mask)
    }
}

/// An image of a data set for detection with its objects.
public struct DetectionImage: Sendable, Hashable {
    /// The number by which the file knows it; of files without numbers its place, from 1.
    public var id: Int
    /// The path of the image.
    public var path: String
    /// The height and width that the file tells, in pixels; nil where it tells none.
    public var size: ImageSize?
    /// The objects, in the order of the file.
    public var objects: [DetectionObject]
}

/// Objects of a file that are of no use, by the reason.
public struct UnusableObjects: Sendable, Hashable {
    /// Boxes with a side of at most 1e-5 pixels.
    public internal(set) var withoutArea = 0
    /// Boxes that do not touch their image.
    public internal(set) var outside = 0

    /// The number of objects.
    public var count: Int { withoutArea + outside }

    /// Adds those of another file.
    mutating func add(_ other: UnusableObjects) {
        withoutArea += other.withoutArea
        outside += other.outside
    }

    /// Counts an object that is of no use; false for one that is of use.
    ///
    /// - Parameters:
    ///   - place: the box, as `DetectionObject` has it.
    ///   - size: the size of the image; nil where it is not known.
    mutating func note(_ place: SIMD4<Double>, in size: ImageSize?) -> Bool {
        guard place[2] > 1e-5, place[3] > 1e-5 else {
            withoutArea += 1
            return true
        }
        let isOutside =
            place[0] + place[2] <= 0 || place[1] + place[3] <= 0
            || size.map { place[0] >= Double($0.width) || place[1] >= Double($0.height) } ?? false
        if isOutside { outside += 1 }
        return isOutside
    }

    /// What was left out, in words; nil where nothing was.
    public var words: String? {
        let all = [(withoutArea, "without an area"), (outside, "outside of their image")].filter { $0.0 > 0 }
        return all.isEmpty
            ? nil : all.map { "\($0.0) \($0.0 == 1 ? "object" : "objects") \($0.1)" }.joined(separator: "; ")
    }
}
