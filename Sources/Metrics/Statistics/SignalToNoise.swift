/// How far architectures lie apart, beside how far the seeds of one do.
public struct SignalToNoise: Sendable, Codable, Equatable {
    /// Standard deviation of the architectures' means (n - 1 in the denominator), in the truth's unit. It holds the
    /// noise that is left in the means.
    public var between: Double
    /// Standard deviation of the seeds of one architecture, pooled over those that have several.
    public var within: Double
    /// `between` over `within`. Nil where no seed differs from another.
    public var ratio: Double?

    /// The spread of a table. Nil for fewer than two architectures, one without seeds, values that are not finite, and
    /// where no architecture has a second seed.
    ///
    /// - Parameter truth: for each architecture the values of its seeds.
    public init?(truth: [[Double]]) {
        guard truth.count > 1, truth.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isFinite) }) else { return nil }
        let freedom = truth.reduce(0) { $0 + $1.count - 1 }
        guard freedom > 0 else { return nil }
        let means = truth.map { $0.reduce(0, +) / Double($0.count) }
        between = (Self.squares(means) / Double(means.count - 1)).squareRoot()
        within = (truth.reduce(0) { $0 + Self.squares($1) } / Double(freedom)).squareRoot()
        ratio = within > 0 ? between / within : nil
    }

    /// Sum of the squared deviations from the mean.
    package static func squares(_ values: [Double]) -> Double {
        guard let first = values.first, values.contains(where: { $0 != first }) else { return 0 }
        let mean = values.reduce(0, +) / Double(values.count)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
}

/// How well training with one seed ranks like training with another.
public enum TauBetweenSeeds {
    /// Mean Kendall's tau over all pairs of the seeds that every architecture has. Nil without a second seed, and where
    /// no pair has a tau.
    ///
    /// - Parameter truth: for each architecture the values of its seeds, the same seeds in the same order.
    public static func mean(truth: [[Double]]) -> Double? {
        guard let seeds = truth.map(\.count).min() else { return nil }
        let columns = (0..<seeds).map { seed in truth.map { $0[seed] } }
        let taus = columns.indices.flatMap { one in
            columns[..<one].compactMap { KendallTau.b(columns[one], $0) }
        }
        return taus.isEmpty ? nil : taus.reduce(0, +) / Double(taus.count)
    }
}
