/// A confusion matrix: the number of images of each class that were predicted as each class.
public struct ConfusionMatrix: Sendable, Equatable {
    /// The number of images by actual class (rows) and predicted class (columns).
    public let counts: [[Int]]

    /// Images of one class that were taken for another.
    public struct Confusion: Sendable, Equatable {
        /// The position of the actual class.
        public let actual: Int
        /// The position of the class that the images were taken for.
        public let predicted: Int
        /// The number of images.
        public let count: Int
        /// The share of all images of the actual class.
        public let share: Double
    }

    /// The number of classes.
    public var classCount: Int { counts.count }
    /// The number of images.
    public var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }
    /// The number of images whose class was predicted.
    public var correct: Int { counts.indices.reduce(0) { $0 + counts[$1][$1] } }
    /// The share of images whose class was predicted; not a number without images.
    public var accuracy: Double { Double(correct) / Double(total) }

    /// For each class the share of its images that were recognised; nil for a class without images.
    public var recalls: [Double?] {
        counts.indices.map { Self.share(counts[$0][$0], of: counts[$0].reduce(0, +)) }
    }

    /// For each class the share of right ones among all images that were taken for it; nil for a class that was never
    /// predicted.
    public var precisions: [Double?] {
        let sums = counts.reduce(into: [Int](repeating: 0, count: counts.count)) { sums, row in
            for (column, count) in row.enumerated() { sums[column] += count }
        }
        return counts.indices.map { Self.share(counts[$0][$0], of: sums[$0]) }
    }

    /// The mean of the recalls of all classes that have images, as in scikit-learn: each class counts alike, however
    /// many images it has.
    public var balancedAccuracy: Double {
        let known = recalls.compactMap { $0 }
        return known.reduce(0, +) / Double(known.count)
    }

    /// The most frequent mistakes, the most frequent first.
    ///
    /// - Parameter limit: the most mistakes to return.
    public func confusions(atMost limit: Int) -> [Confusion] {
        var all: [Confusion] = []
        for (actual, row) in counts.enumerated() {
            let sum = row.reduce(0, +)
            for (predicted, count) in row.enumerated() where count > 0 && predicted != actual {
                all.append(
                    Confusion(actual: actual, predicted: predicted, count: count, share: Double(count) / Double(sum)))
            }
        }
        all.sort {
            ($0.count, $0.share, -$0.actual, -$0.predicted) > ($1.count, $1.share, -$1.actual, -$1.predicted)
        }
        return Array(all.prefix(max(0, limit)))
    }

    private static func share(_ part: Int, of whole: Int) -> Double? {
        whole > 0 ? Double(part) / Double(whole) : nil
    }
}

extension ConfusionMatrix {
    /// Counts predictions.
    ///
    /// - Parameters:
    ///   - predicted: a class for each image, in 0..<`classes`.
    ///   - actual: the class of each image, in the same order.
    ///   - classes: the number of classes.
    /// - Throws: `TaskMetricError` for lists of different lengths, empty lists, or a label that is no class.
    public init(predicted: [Int], actual: [Int], classes: Int) throws(TaskMetricError) {
        guard predicted.count == actual.count else {
            throw .lengths(what: "predictions", count: predicted.count, of: "images", expected: actual.count)
        }
        guard !actual.isEmpty else { throw .nothing(what: "prediction") }
        let range = 0..<max(0, classes)
        for labels in [actual, predicted] {
            if let wrong = labels.firstIndex(where: { !range.contains($0) }) {
                throw .label(position: wrong, value: labels[wrong], classes: classes)
            }
        }
        var counts = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
        for (predicted, actual) in zip(predicted, actual) { counts[actual][predicted] += 1 }
        self.counts = counts
    }

    /// A matrix of counts that are known.
    ///
    /// - Parameter counts: by actual class (rows) and predicted class (columns).
    /// - Throws: `TaskMetricError.confusionCounts` with every row of a wrong length and every count that is negative or
    ///   too large to be added up.
    public init(_ counts: [[Int]]) throws(TaskMetricError) {
        var problems: [String] = []
        for (row, values) in counts.enumerated() {
            if values.count != counts.count {
                problems.append(
                    "the confusion matrix has \(counts.count) rows, but row \(row) has \(values.count) columns")
            }
            for (column, count) in values.enumerated() where !(0...Self.mostCount).contains(count) {
                problems.append("the confusion matrix counts \(count) in row \(row), column \(column)")
            }
        }
        guard problems.isEmpty else { throw .confusionCounts(problems) }
        self.counts = counts
    }

    /// Sums of so many counts over millions of classes still fit into an `Int`.
    private static let mostCount = 1 << 40
}

/// The score of a binary classification, such as of genders.
public struct BinaryScore: Sendable, Equatable {
    /// The number of images by actual and predicted class.
    public let confusion: ConfusionMatrix

    /// The share of images whose class was predicted.
    public var accuracy: Double { confusion.accuracy }
    /// The mean of the two classes' recalls: 0.5 by guessing, whatever the share of the classes. Nil where all images
    /// are of one class.
    public var balancedAccuracy: Double? {
        confusion.recalls.contains(nil) ? nil : confusion.balancedAccuracy
    }

    /// Counts predictions.
    ///
    /// - Parameters:
    ///   - predicted: 0 or 1 for each image.
    ///   - actual: the class of each image, 0 or 1, in the same order.
    /// - Throws: `TaskMetricError` for lists of different lengths, empty lists, or a label that is neither 0 nor 1.
    public init(predicted: [Int], actual: [Int]) throws(TaskMetricError) {
        confusion = try ConfusionMatrix(predicted: predicted, actual: actual, classes: 2)
    }
}
