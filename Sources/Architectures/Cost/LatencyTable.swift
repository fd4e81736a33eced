import Support

/// Predicted times of architectures, in milliseconds: what all have in common, and what their choices add. Measured on
/// one machine, of which it says how far off it was there.
public struct LatencyTable: Sendable, Hashable {
    /// The times by the choices that they depend on, in milliseconds.
    public var sum: ChoiceSum<Double>
    /// The number of images of one pass.
    public var batchSize: Int
    /// The size of the images in pixels.
    public var imageSize: ImageSize
    /// The mean of |predicted - measured| / measured over whole architectures that played no part in making the table.
    public var error: Double
    /// The number of such architectures that were measured.
    public var checked: Int

    /// The milliseconds of the parts that every architecture has.
    public var fixed: Double { sum.fixed }
    /// The milliseconds that each candidate at each choice point adds by itself.
    public var candidates: [[Double]] { sum.candidates }

    /// A table of measured times.
    public init(sum: ChoiceSum<Double>, batchSize: Int, imageSize: ImageSize, error: Double, checked: Int) {
        self.sum = sum
        self.batchSize = batchSize
        self.imageSize = imageSize
        self.error = error
        self.checked = checked
    }

    /// A table of measured times in which every candidate adds its own.
    public init(
        fixed: Double, candidates: [[Double]], batchSize: Int, imageSize: ImageSize, error: Double, checked: Int
    ) {
        self.init(
            sum: ChoiceSum(fixed: fixed, candidates: candidates), batchSize: batchSize, imageSize: imageSize,
            error: error, checked: checked)
    }

    /// Whether the table has a finite time for each candidate of a space, as a table must that was read from a file.
    public func isOf(_ space: SearchSpace) -> Bool {
        sum.counts == space.points.map(\.candidates.count)
            && ([fixed, error] + sum.terms.flatMap(\.values)).allSatisfy(\.isFinite)
    }

    /// The milliseconds of one pass of an architecture, which must be of the table's space.
    public func latency(of architecture: Architecture) -> Double { sum.value(of: architecture) }
}

/// A table is stored as what all architectures have, what each candidate adds by itself, and, where there are any, terms
/// of several choices.
extension LatencyTable: Codable {
    private enum Key: String, CodingKey { case fixed, candidates, terms, batchSize, imageSize, error, checked }

    private struct StoredTerm: Codable {
        var points: [Int]
        var milliseconds: [Double]
    }

    /// Reads a table.
    ///
    /// - Throws: `DecodingError`, also for a term of choices that there are not.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        var sum = ChoiceSum(
            fixed: try container.decode(Double.self, forKey: .fixed),
            candidates: try container.decode([[Double]].self, forKey: .candidates))
        for stored in try container.decodeIfPresent([StoredTerm].self, forKey: .terms) ?? [] {
            guard sum.add(stored.milliseconds, of: stored.points) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .terms, in: container,
                    debugDescription: "a term of the choice points \(stored.points) does not fit the candidates")
            }
        }
        self.init(
            sum: sum, batchSize: try container.decode(Int.self, forKey: .batchSize),
            imageSize: try container.decode(ImageSize.self, forKey: .imageSize),
            error: try container.decode(Double.self, forKey: .error),
            checked: try container.decode(Int.self, forKey: .checked))
    }

    /// Writes the table.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(fixed, forKey: .fixed)
        try container.encode(candidates, forKey: .candidates)
        let joint = sum.terms.filter { $0.points.count > 1 }
        if !joint.isEmpty {
            try container.encode(
                joint.map { StoredTerm(points: $0.points, milliseconds: $0.values) }, forKey: .terms)
        }
        try container.encode(batchSize, forKey: .batchSize)
        try container.encode(imageSize, forKey: .imageSize)
        try container.encode(error, forKey: .error)
        try container.encode(checked, forKey: .checked)
    }
}
