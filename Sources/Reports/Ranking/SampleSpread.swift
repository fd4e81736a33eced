/// Mean and standard deviation of a few values.
struct SampleSpread: Equatable {
    let mean: Double
    /// Of the sample, with n − 1 below; nil for a single value.
    let deviation: Double?

    /// Nil without values.
    init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        self.mean = mean
        deviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil
    }

    /// `0.71 ± 0.03`; of a single value, that alone.
    func text(_ written: (Double) -> String) -> String {
        written(mean) + (deviation.map { " ± " + written($0) } ?? "")
    }
}
