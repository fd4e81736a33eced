import Support

/// Predicted times of architectures: what all have in common, and what each candidate adds, in milliseconds. Measured on
/// one machine, of which it says how far off it was there.
public struct LatencyTable: Sendable, Hashable, Codable {
    /// Milliseconds of the parts that every architecture has.
    public var fixed: Double
    /// Milliseconds that each candidate at each choice point adds.
    public var candidates: [[Double]]
    /// Images of one pass.
    public var batchSize: Int
    /// Of the images, in pixels.
    public var imageSize: ImageSize
    /// The mean of |predicted - measured| / measured over whole architectures that played no part in making the table.
    public var error: Double
    /// How many such architectures were measured.
    public var checked: Int

    /// A table of measured times.
    public init(
        fixed: Double, candidates: [[Double]], batchSize: Int, imageSize: ImageSize, error: Double, checked: Int
    ) {
        self.fixed = fixed
        self.candidates = candidates
        self.batchSize = batchSize
        self.imageSize = imageSize
        self.error = error
        self.checked = checked
    }

    /// Whether it has a finite time for each candidate of a space, as a table must that was read from a file.
    public func isOf(_ space: SearchSpace) -> Bool {
        candidates.map(\.count) == space.points.map(\.candidates.count)
            && ([fixed, error] + candidates.joined()).allSatisfy(\.isFinite)
    }

    /// Milliseconds of one pass of an architecture, which must be of the table's space.
    public func latency(of architecture: Architecture) -> Double {
        zip(candidates, architecture.choices).reduce(fixed) { $0 + $1.0[$1.1] }
    }
}
