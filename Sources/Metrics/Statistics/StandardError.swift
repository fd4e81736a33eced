/// How far means are from those of infinitely many images.
package enum StandardError {
    /// Of the mean of values; nil for fewer than two.
    package static func ofMean(_ values: [Double]) -> Double? {
        guard values.count > 1 else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(values.count - 1) / Double(values.count)).squareRoot()
    }

    /// Of a share of so many images, which is the mean of zeros and ones; nil for fewer than two.
    package static func ofShare(_ share: Double, count: Int) -> Double? {
        count > 1 ? (share * (1 - share) / Double(count - 1)).squareRoot() : nil
    }
}
