/// How well two classes are told apart, such as genders.
public struct BinaryScore: Sendable, Codable, Equatable {
    /// Images by actual and predicted class.
    public let confusion: ConfusionScore

    /// The number of images.
    public var count: Int { confusion.count }
    /// The share of images whose class was predicted.
    public var accuracy: Double { confusion.accuracy }
    /// The mean of the two classes' recalls: 0.5 by guessing, whatever the share of the classes. Nil where all images
    /// are of one class.
    public var balancedAccuracy: Double? {
        confusion.recalls.contains(nil) ? nil : confusion.balancedAccuracy
    }

    /// - Parameters:
    ///   - predicted: 0 or 1 for each image.
    ///   - actual: the class of each image, 0 or 1, in the same order.
    /// - Throws: `TaskMetricError` for lists of different lengths, empty lists, or a label that is neither 0 nor 1.
    public init(predicted: [Int], actual: [Int]) throws(TaskMetricError) {
        confusion = try ConfusionScore(predicted: predicted, actual: actual, classes: 2)
    }
}
