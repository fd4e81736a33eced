/// The mean and the standard deviation of a few values.
public struct SampleSpread: Sendable, Equatable {
    /// The mean of the values.
    public let mean: Double
    /// The standard deviation of the sample, with n - 1 in the denominator; nil for a single value.
    public let deviation: Double?

    /// The spread of some values; nil where there are none.
    public init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        mean = values.reduce(0, +) / Double(values.count)
        deviation = values.count > 1 ? (Self.squares(values) / Double(values.count - 1)).squareRoot() : nil
    }

    /// The sum of the squared deviations from the mean: exactly 0 for equal values.
    static func squares(_ values: [Double]) -> Double {
        guard let first = values.first, values.contains(where: { $0 != first }) else { return 0 }
        let mean = values.reduce(0, +) / Double(values.count)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
}

/// The standard error of a mean over images.
package enum StandardError {
    /// The standard error of the mean of some values; nil for fewer than two.
    package static func ofMean(_ values: [Double]) -> Double? {
        SampleSpread(values)?.deviation.map { $0 / Double(values.count).squareRoot() }
    }

    /// The standard error of a share of so many images, which is a mean of zeros and ones; nil for fewer than two.
    package static func ofShare(_ share: Double, count: Int) -> Double? {
        count > 1 ? (share * (1 - share) / Double(count - 1)).squareRoot() : nil
    }
}

/// The spread between architectures, beside the spread between trainings of one architecture.
public struct SignalToNoise: Sendable, Equatable {
    /// The standard deviation of the architectures' means (n - 1 in the denominator), in the unit of the values. It
    /// holds the noise that is left in the means.
    public let between: Double
    /// The standard deviation of one architecture's values, pooled over those that have several.
    public let within: Double
    /// `between` over `within`; nil where no training differs from another of the same architecture.
    public let ratio: Double?

    /// The spread of a table; nil for fewer than two architectures, one without values, values that are not finite, and
    /// where no architecture was trained twice.
    ///
    /// - Parameter trainings: for each architecture one value per training.
    public init?(_ trainings: [[Double]]) {
        guard trainings.count > 1, trainings.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isFinite) }) else {
            return nil
        }
        let freedom = trainings.reduce(0) { $0 + $1.count - 1 }
        let means = trainings.map { $0.reduce(0, +) / Double($0.count) }
        guard freedom > 0, let between = SampleSpread(means)?.deviation else { return nil }
        self.between = between
        within = (trainings.reduce(0) { $0 + SampleSpread.squares($1) } / Double(freedom)).squareRoot()
        ratio = within > 0 ? between / within : nil
    }
}
