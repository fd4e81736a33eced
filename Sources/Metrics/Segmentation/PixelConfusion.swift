/// The number of pixels of each class that were predicted as each class, added up over the images of a data set, and the
/// scores of semantic segmentation that follow from it (Long, Shelhamer and Darrell, "Fully convolutional networks for
/// semantic segmentation", CVPR 2015). Pixels without a label count nowhere, whatever was predicted on them.
public struct PixelConfusion: Sendable, Equatable {
    /// The number of classes.
    public let classCount: Int
    /// The numbers of labelled pixels, [actual class, predicted class], row by row.
    public private(set) var counts: [Int]

    /// What the classes that occur nowhere, neither in a label nor in a prediction, are to a mean.
    public enum AbsentClasses: String, Sendable, Codable, CaseIterable {
        /// They have an IoU of 0, as a common evaluation of ADE20K has it.
        case zero
        /// They are left out, as Cityscapes' own evaluation does.
        case leftOut = "left-out"
    }

    /// Counts of no pixels.
    ///
    /// - Throws: `TaskMetricError.nothing` for fewer than one class.
    public init(classes: Int) throws(TaskMetricError) {
        guard classes > 0 else { throw .nothing(what: "class") }
        classCount = classes
        counts = [Int](repeating: 0, count: classes * classes)
    }

    /// Counts the pixels of an image, or of several.
    ///
    /// - Parameters:
    ///   - predicted: a class for each pixel, in 0..<`classCount` wherever there is a label.
    ///   - actual: the label of each pixel, in the same order: a class, or `ignored`.
    ///   - ignored: the label of pixels that are left out.
    /// - Throws: `TaskMetricError` for lists of different lengths, or a label or prediction that is no class; nothing is counted
    ///   then.
    public mutating func add(predicted: [UInt8], actual: [UInt8], ignored: UInt8 = 255) throws(TaskMetricError) {
        guard predicted.count == actual.count else {
            throw .lengths(what: "predicted pixels", count: predicted.count, of: "pixels", expected: actual.count)
        }
        let side = 256
        var table = [Int](repeating: 0, count: side * side)
        for (guess, label) in zip(predicted, actual) { table[Int(label) * side + Int(guess)] += 1 }
        for label in 0..<side where label != Int(ignored) {
            for guess in 0..<side where table[label * side + guess] > 0 && (label >= classCount || guess >= classCount)
            {
                let isLabel = label >= classCount
                let place = zip(predicted, actual).enumerated()
                    .first { Int($1.0) == guess && Int($1.1) == label }?.offset
                throw .label(position: place ?? 0, value: isLabel ? label : guess, classes: classCount)
            }
        }
        for label in 0..<min(side, classCount) where label != Int(ignored) {
            for guess in 0..<min(side, classCount) { counts[label * classCount + guess] += table[label * side + guess] }
        }
    }

    /// Adds counts that were made elsewhere, such as on a device.
    ///
    /// - Parameter other: the numbers of labelled pixels, [actual class, predicted class], row by row.
    /// - Throws: `TaskMetricError` for another number of counts than the classes have, or a negative one.
    public mutating func add(counts other: [Int]) throws(TaskMetricError) {
        guard other.count == counts.count else {
            throw .lengths(what: "counts", count: other.count, of: "pairs of classes", expected: counts.count)
        }
        if let wrong = other.firstIndex(where: { $0 < 0 }) {
            throw .confusionCounts(["the confusion counts \(other[wrong]) pixels at place \(wrong)"])
        }
        for place in counts.indices { counts[place] += other[place] }
    }

    /// The number of labelled pixels.
    public var labelled: Int { counts.reduce(0, +) }

    /// The number of labelled pixels whose class was predicted.
    public var correct: Int { (0..<classCount).reduce(0) { $0 + counts[$1 * (classCount + 1)] } }

    /// The share of labelled pixels whose class was predicted; not a number without any.
    public var pixelAccuracy: Double { Double(correct) / Double(labelled) }

    /// The pixels of each class that are labelled so and predicted so.
    private var intersections: [Int] { (0..<classCount).map { counts[$0 * (classCount + 1)] } }

    /// The pixels of each class that are labelled or predicted so.
    private var unions: [Int] {
        var sums = [Int](repeating: 0, count: classCount)
        for actual in 0..<classCount {
            for predicted in 0..<classCount {
                let count = counts[actual * classCount + predicted]
                sums[actual] += count
                if predicted != actual { sums[predicted] += count }
            }
        }
        return sums
    }

    /// Intersection over union of each class; nil for a class that occurs in neither labels nor predictions.
    public var intersectionsOverUnions: [Double?] {
        zip(intersections, unions).map { $1 > 0 ? Double($0) / Double($1) : nil }
    }

    /// The mean over the classes of intersection over union: mIoU, in 0...1.
    ///
    /// - Parameter absent: what classes count for that occur nowhere. Where they count 0, each divisor has 2^-52 added, which
    ///   changes no other class.
    /// - Returns: not a number where all classes are left out.
    public func meanIntersectionOverUnion(absent: AbsentClasses = .zero) -> Double {
        switch absent {
        case .zero:
            return zip(intersections, unions).reduce(0) { $0 + Double($1.0) / (Double($1.1) + 0x1p-52) }
                / Double(classCount)
        case .leftOut:
            let known = intersectionsOverUnions.compactMap { $0 }
            return known.reduce(0, +) / Double(known.count)
        }
    }
}
