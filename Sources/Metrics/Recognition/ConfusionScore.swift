/// Which classes are taken for which.
public struct ConfusionScore: Sendable, Codable, Equatable {
    /// Images by actual class (rows) and predicted class (columns).
    public let counts: [[Int]]

    /// The number of images.
    public var count: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }
    /// The share of images whose class was predicted.
    public var accuracy: Double { Double(counts.indices.reduce(0) { $0 + counts[$1][$1] }) / Double(count) }
    /// For each class the share of its images that were predicted; nil for a class without images.
    public var recalls: [Double?] {
        counts.indices.map { label in
            let images = counts[label].reduce(0, +)
            return images == 0 ? nil : Double(counts[label][label]) / Double(images)
        }
    }
    /// The mean of the recalls of all classes that have images, as in scikit-learn: each class counts alike, however
    /// many images it has.
    public var balancedAccuracy: Double {
        let known = recalls.compactMap { $0 }
        return known.reduce(0, +) / Double(known.count)
    }

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

    /// - Throws: `DecodingError` also for counts that are not a square table with images.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        counts = try container.decode([[Int]].self, forKey: .counts)
        guard counts.allSatisfy({ $0.count == counts.count && $0.allSatisfy { $0 >= 0 } }), count > 0 else {
            throw DecodingError.dataCorruptedError(
                forKey: .counts, in: container, debugDescription: "counts must be a square table with images")
        }
    }
}
