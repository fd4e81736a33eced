/// The score of estimated ages.
public struct AgeScore: Sendable, Codable, Equatable {
    /// The number of images.
    public let count: Int
    /// The mean of the absolute errors in years: MAE.
    public let meanAbsoluteError: Double
    /// For each whole number of years from 0 to 10, the share of images whose absolute error is not larger: the
    /// cumulative score (Geng, Zhou and Smith-Miles, "Automatic age estimation based on facial aging patterns", 2007).
    public let cumulativeScores: [Double]

    /// The share of images that were estimated to within five years: CS@5.
    public let withinFiveYears: Double

    /// - Parameters:
    ///   - predicted: estimated ages in years, with fractions.
    ///   - actual: ages in years, of the same images in the same order.
    /// - Throws: `TaskMetricError` for lists of different lengths, empty lists, or an age that is not finite.
    public init(predicted: [Double], actual: [Int]) throws(TaskMetricError) {
        guard predicted.count == actual.count else {
            throw .lengths(what: "estimated ages", count: predicted.count, of: "images", expected: actual.count)
        }
        guard !actual.isEmpty else { throw .nothing(what: "estimated age") }
        if let wrong = predicted.firstIndex(where: { !$0.isFinite }) {
            throw .ageNotFinite(position: wrong, value: predicted[wrong])
        }
        let errors = zip(predicted, actual).map { abs($0 - Double($1)) }
        let total = Double(errors.count)
        count = errors.count
        meanAbsoluteError = errors.reduce(0, +) / total
        func share(within years: Int) -> Double { Double(errors.count(where: { $0 <= Double(years) })) / total }
        cumulativeScores = (0...10).map(share)
        withinFiveYears = share(within: 5)
    }
}
