/// What pages show of a detector's findings over all images.
public struct ObjectFigures: Sendable, Codable, Equatable {
    /// How precision falls as recall rises, in the mean over classes.
    public struct Curve: Sendable, Codable, Equatable {
        /// What counts as found, such as `overlap 0.5`.
        public var name: String
        /// The precision at recalls from 0 to 1 in steps of a hundredth.
        public var precisions: [Double]

        /// A curve.
        public init(name: String, precisions: [Double]) { (self.name, self.precisions) = (name, precisions) }
    }

    /// The figures of a class.
    public struct OfClass: Sendable, Codable, Equatable {
        /// The numbers of objects: all, small (below 32 x 32 pixels), medium, and large (above 96 x 96).
        public var objects: [Int]
        /// The average precision on all, small, medium and large objects; nil where there are none.
        public var averages: [Double?]

        /// The figures of a class.
        public init(objects: [Int], averages: [Double?]) { (self.objects, self.averages) = (objects, averages) }
    }

    /// The names of the classes.
    public var names: [String]
    /// Whether masks were compared, rather than boxes.
    public var comparesMasks: Bool
    /// Precision over recall.
    public var curves: [Curve]
    /// The figures of each class.
    public var classes: [OfClass]

    /// The figures of a detector.
    public init(names: [String], comparesMasks: Bool, curves: [Curve], classes: [OfClass]) {
        (self.names, self.comparesMasks, self.curves, self.classes) = (names, comparesMasks, curves, classes)
    }

    /// Whether every list has its length, as it may not in a file that somebody edited.
    var isWhole: Bool {
        classes.count == names.count && classes.allSatisfy { $0.objects.count == 4 && $0.averages.count == 4 }
            && curves.allSatisfy { $0.precisions.count == 101 }
    }
}

/// An image that a detector was scored on: its objects and what was found, as pages show them.
public struct ObjectExample: Sendable, Codable, Equatable {
    /// An object, in pixels of the image.
    public struct Shape: Sendable, Codable, Equatable {
        /// The class.
        public var label: Int
        /// The probability of a finding; nil for an object of the data.
        public var score: Double?
        /// The box: x and y of its top left corner, its width and its height.
        public var place: SIMD4<Double>
        /// Whether it stands for a group.
        public var isCrowd: Bool
        /// The pixels as COCO's compressed run lengths; nil without masks.
        public var mask: String?

        /// An object.
        public init(label: Int, score: Double?, place: SIMD4<Double>, isCrowd: Bool = false, mask: String? = nil) {
            (self.label, self.score, self.place) = (label, score, place)
            (self.isCrowd, self.mask) = (isCrowd, mask)
        }
    }

    /// The place of the image in the part of the data that was scored.
    public var image: Int
    /// The height and width of the image, in pixels.
    public var height, width: Int
    /// The objects of the data.
    public var actual: [Shape]
    /// What was found with a probability of a half or more, the surest first.
    public var found: [Shape]

    /// An image with its objects and what was found.
    public init(image: Int, height: Int, width: Int, actual: [Shape], found: [Shape]) {
        (self.image, self.height, self.width) = (image, height, width)
        (self.actual, self.found) = (actual, found)
    }

    /// Twice the number of objects that were found at an overlap of boxes of a half, over the objects and the findings (the F1
    /// score); nil for an image without any, and groups count neither way.
    public var agreement: Double? {
        let objects = actual.filter { !$0.isCrowd }
        var taken: Set<Int> = []
        for finding in found {
            let best = objects.indices.filter { !taken.contains($0) && objects[$0].label == finding.label }
                .max { Self.overlap(finding.place, objects[$0].place) < Self.overlap(finding.place, objects[$1].place) }
            if let best, Self.overlap(finding.place, objects[best].place) >= 0.5 { taken.insert(best) }
        }
        let all = objects.count + found.count
        return all > 0 ? 2 * Double(taken.count) / Double(all) : nil
    }

    private static func overlap(_ one: SIMD4<Double>, _ other: SIMD4<Double>) -> Double {
        let width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
        let height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
        guard width > 0, height > 0 else { return 0 }
        return width * height / (one[2] * one[3] + other[2] * other[3] - width * height)
    }

    /// The numbers of best, middle and worst images that pages show.
    static let shownOfEach = 4

    /// The best, the middle and the worst of some images, in this order, each once; of few images all. Images without objects
    /// in which nothing was found tell nothing, and are left out.
    ///
    /// - Parameter all: the images.
    public static func chosen(_ all: [ObjectExample]) -> [ObjectExample] {
        let sorted = all.compactMap { example in example.agreement.map { (example, $0) } }
            .sorted { ($1.1, $0.0.image) < ($0.1, $1.0.image) }.map(\.0)
        let count = shownOfEach
        guard sorted.count > 3 * count else { return sorted }
        let middle = (sorted.count - count) / 2
        return Array(sorted.prefix(count)) + sorted[middle..<middle + count] + sorted.suffix(count)
    }
}
