/// What detections are worth, as COCO's evaluation has it (T.-Y. Lin et al., "Microsoft COCO: common objects in context",
/// ECCV 2014, and its program pycocotools): average precision over ten thresholds of the overlap, and average recall, for
/// objects of all sizes and by size. Boxes and masks are scored alike; whoever adds them says how far each detection
/// overlaps each object.
public struct AveragePrecision: Sendable {
    /// An annotated object.
    public struct Object: Sendable, Hashable {
        /// The area in pixels by which the object is small, medium or large; that of the annotation, not of its box.
        public var area: Double
        /// Whether it stands for a group of objects: detections on it are neither right nor wrong.
        public var isCrowd: Bool

        /// An object of an area in pixels.
        public init(area: Double, isCrowd: Bool = false) { (self.area, self.isCrowd) = (area, isCrowd) }
    }

    /// A detection.
    public struct Detection: Sendable, Hashable {
        /// How sure the detector is; higher is surer.
        public var score: Double
        /// The area of its box, or of its mask where masks are scored, in pixels.
        public var area: Double

        /// A detection of an area in pixels.
        public init(score: Double, area: Double) { (self.score, self.area) = (score, area) }
    }

    /// The sizes of objects that are scored apart, by their area.
    public enum Size: Int, Sendable, CaseIterable {
        case all, small, medium, large

        /// The areas of objects of this size, in pixels; both ends belong to it.
        public var areas: ClosedRange<Double> {
            switch self {
            case .all: 0...1e10
            case .small: 0...1024
            case .medium: 1024...9216
            case .large: 9216...1e10
            }
        }
    }

    /// The least overlaps at which a detection is right: 0.5, 0.55, up to 0.95.
    public static let thresholds: [Double] = {
        // As NumPy's `linspace` rounds, so that what lies on a threshold falls as in the original program.
        let step = (0.95 - 0.5) / 9
        return (0..<9).map { Double($0) * step + 0.5 } + [0.95]
    }()
    /// The recalls at which precision is read: 0, 0.01, up to 1.
    public static let recalls: [Double] = (0..<100).map { Double($0) * 0.01 } + [1]
    /// How many detections of an image and a class count, those with the highest scores first.
    public static let limits = [1, 10, 100]

    /// A detection with what it was matched to, one bit for each threshold.
    private struct Judged {
        var score: Double
        /// Its place among the image's detections of the class by score.
        var rank: Int32
        var isMatched: UInt16
        var isIgnored: UInt16
    }

    /// What is known of a class at one size.
    private struct Group {
        var objects = 0
        var detections: [Judged] = []
    }

    /// The number of classes.
    public let classCount: Int
    /// [class, size].
    private var groups: [Group]

    /// Scores of no images yet.
    ///
    /// - Throws: `TaskMetricError.nothing` for fewer than one class.
    public init(classes: Int) throws(TaskMetricError) {
        guard classes > 0 else { throw .nothing(what: "class") }
        classCount = classes
        groups = [Group](repeating: Group(), count: classes * Size.allCases.count)
    }

    /// Adds the objects and detections of one class in one image. Images are added in the order of their numbers: of
    /// detections with equal scores, that of the earlier image counts first.
    ///
    /// - Parameters:
    ///   - place: the class.
    ///   - objects: the annotated objects of this class, in the order of the file.
    ///   - detections: the detections of this class, in any order.
    ///   - overlap: a closure that returns how far a detection, by its place in `detections`, overlaps an object: the
    ///     intersection over the union, or for a crowd the intersection over the detection's area.
    /// - Throws: `TaskMetricError` for a class that is none and for a score that is not a number.
    public mutating func add(
        class place: Int, objects: [Object], detections: [Detection], overlap: (Int, Int) -> Double
    ) throws(TaskMetricError) {
        guard (0..<classCount).contains(place) else {
            throw .label(position: 0, value: place, classes: classCount)
        }
        if let position = detections.firstIndex(where: { $0.score.isNaN }) {
            throw .scoreNotFinite(position: position)
        }
        // Stable, so that equal scores stay in the order of the file.
        let most = Self.limits.last ?? 0
        let order = detections.indices.sorted { (-detections[$0].score, $0) < (-detections[$1].score, $1) }.prefix(most)
        let overlaps = order.map { detection in objects.indices.map { overlap(detection, $0) } }
        for size in Size.allCases {
            let isIgnored = objects.map { $0.isCrowd || !size.areas.contains($0.area) }
            // Objects that count come first.
            let objectOrder =
                objects.indices.filter { !isIgnored[$0] } + objects.indices.filter { isIgnored[$0] }
            var judged = order.enumerated().map { rank, detection in
                Judged(score: detections[detection].score, rank: Int32(rank), isMatched: 0, isIgnored: 0)
            }
            for (bit, threshold) in Self.thresholds.enumerated() where !objects.isEmpty {
                var isTaken = [Bool](repeating: false, count: objects.count)
                for rank in judged.indices {
                    var least = min(threshold, 1 - 1e-10)
                    var match: Int?
                    for object in objectOrder {
                        if isTaken[object] && !objects[object].isCrowd { continue }
                        // Nothing that is ignored takes the place of what counts.
                        if let match, !isIgnored[match], isIgnored[object] { break }
                        if overlaps[rank][object] < least { continue }
                        (least, match) = (overlaps[rank][object], object)
                    }
                    guard let match else { continue }
                    isTaken[match] = true
                    judged[rank].isMatched |= 1 << bit
                    if isIgnored[match] { judged[rank].isIgnored |= 1 << bit }
                }
            }
            for (rank, detection) in order.enumerated() where !size.areas.contains(detections[detection].area) {
                judged[rank].isIgnored |= ~judged[rank].isMatched
            }
            let group = place * Size.allCases.count + size.rawValue
            groups[group].objects += isIgnored.count { !$0 }
            groups[group].detections += judged
        }
    }

    /// How far the box of a detection overlaps that of an object: the intersection over the union, or for a crowd the
    /// intersection over the detection's area. Boxes are x, y, width and height; no operation is in another order than in
    /// pycocotools.
    public static func overlap(
        of detection: SIMD4<Double>, with object: SIMD4<Double>, isCrowd: Bool = false
    ) -> Double {
        let width = min(detection[2] + detection[0], object[2] + object[0]) - max(detection[0], object[0])
        let height = min(detection[3] + detection[1], object[3] + object[1]) - max(detection[1], object[1])
        guard width > 0, height > 0 else { return 0 }
        let shared = width * height
        let area = detection[2] * detection[3]
        return shared / (isCrowd ? area : area + object[2] * object[3] - shared)
    }

    /// How precision falls as recall rises, for one class.
    public struct Curve: Sendable, Equatable {
        /// The precision at each of `recalls`: the highest that is reached at this recall or a higher one, 0 where none is.
        public let precisions: [Double]
        /// The share of the objects that was found.
        public let recall: Double

        /// The mean of the precisions.
        public var average: Double { precisions.reduce(0, +) / Double(precisions.count) }
    }

    /// The number of objects of a class and a size that count.
    public func objectCount(_ place: Int, _ size: Size = .all) -> Int {
        groups[place * Size.allCases.count + size.rawValue].objects
    }

    /// The curves of a class, one for each threshold; nil where no object of this size counts.
    ///
    /// - Parameters:
    ///   - place: the class.
    ///   - size: the size of the objects.
    ///   - limit: how many detections of an image count.
    public func curves(_ place: Int, _ size: Size = .all, limit: Int = 100) -> [Curve]? {
        let group = groups[place * Size.allCases.count + size.rawValue]
        guard group.objects > 0 else { return nil }
        let kept = group.detections.filter { $0.rank < limit }
        let order = kept.indices.sorted { (-kept[$0].score, $0) < (-kept[$1].score, $1) }
        return Self.thresholds.indices.map { bit in
            var (right, wrong) = (0.0, 0.0)
            var precisions: [Double] = []
            var recalls: [Double] = []
            for place in order {
                let detection = kept[place]
                if detection.isIgnored >> bit & 1 == 0 {
                    if detection.isMatched >> bit & 1 == 1 { right += 1 } else { wrong += 1 }
                }
                precisions.append(right / (wrong + right + 0x1p-52))
                recalls.append(right / Double(group.objects))
            }
            for place in precisions.indices.dropFirst().reversed() where precisions[place] > precisions[place - 1] {
                precisions[place - 1] = precisions[place]
            }
            var place = 0
            let read = Self.recalls.map { recall -> Double in
                while place < recalls.count, recalls[place] < recall { place += 1 }
                return place < recalls.count ? precisions[place] : 0
            }
            return Curve(precisions: read, recall: recalls.last ?? 0)
        }
    }

    /// The twelve figures over all classes.
    public var scores: DetectionScores {
        var curves: [[[Curve]?]] = []
        for size in Size.allCases { curves.append((0..<classCount).map { self.curves($0, size) }) }
        func mean(_ values: [Double]) -> Double? { values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }
        func precision(_ size: Size, at threshold: Int? = nil) -> Double? {
            mean(
                curves[size.rawValue].compactMap(\.self).flatMap { curves in
                    (threshold.map { [curves[$0]] } ?? curves).flatMap(\.precisions)
                })
        }
        func recall(_ curves: [[Curve]?]) -> Double? { mean(curves.compactMap(\.self).flatMap { $0.map(\.recall) }) }
        func recall(limit: Int) -> Double? {
            recall((0..<classCount).map { self.curves($0, .all, limit: limit) })
        }
        return DetectionScores(
            ap: precision(.all), ap50: precision(.all, at: 0), ap75: precision(.all, at: 5),
            apSmall: precision(.small), apMedium: precision(.medium), apLarge: precision(.large),
            ar1: recall(limit: Self.limits[0]), ar10: recall(limit: Self.limits[1]),
            ar100: recall(curves[Size.all.rawValue]), arSmall: recall(curves[Size.small.rawValue]),
            arMedium: recall(curves[Size.medium.rawValue]), arLarge: recall(curves[Size.large.rawValue]))
    }

    /// The average precision of each class over all thresholds; nil for a class without objects that count.
    ///
    /// - Parameter size: the size of the objects.
    public func averages(_ size: Size = .all) -> [Double?] {
        (0..<classCount).map { place in
            curves(place, size).map { $0.map(\.average).reduce(0, +) / Double($0.count) }
        }
    }
}

/// The twelve figures of COCO's evaluation, each from 0 to 1; nil where no object counts.
public struct DetectionScores: Sendable, Equatable, Codable {
    /// The average precision over all thresholds, and at overlaps of 0.5 and of 0.75.
    public var ap, ap50, ap75: Double?
    /// The average precision on small, medium and large objects.
    public var apSmall, apMedium, apLarge: Double?
    /// The average recall with 1, 10 and 100 detections of an image and a class.
    public var ar1, ar10, ar100: Double?
    /// The average recall on small, medium and large objects.
    public var arSmall, arMedium, arLarge: Double?

    /// All figures with their names, in the order of the original program.
    public var figures: [(name: String, value: Double?)] {
        [
            ("AP", ap), ("AP50", ap50), ("AP75", ap75), ("AP small", apSmall), ("AP medium", apMedium),
            ("AP large", apLarge), ("AR 1", ar1), ("AR 10", ar10), ("AR 100", ar100), ("AR small", arSmall),
            ("AR medium", arMedium), ("AR large", arLarge),
        ]
    }
}
