import Support

/// The cost of every architecture of a space, for images of one size: what all have, and what each candidate adds. As
/// all candidates of a choice give the same shape, costs add up exactly.
public struct CostTable: Sendable, Hashable {
    /// The cost of the parts that every architecture has, the classifier included.
    public let fixed: Cost
    /// The cost that each candidate at each choice point adds, over all places where the point stands.
    public let candidates: [[Cost]]

    /// Counts the costs of a supernet.
    ///
    /// - Parameters:
    ///   - description: the supernet.
    ///   - imageSize: of the images, in pixels.
    ///   - classes: outputs of the linear classifier on the features; 0 leaves it out.
    /// - Throws: `SpaceError.layer` if the layers do not fit together, or the classes are negative or too many.
    public init(_ description: SupernetDescription, imageSize: ImageSize, classes: Int) throws {
        var fixed = Cost()
        var candidates = description.space.points.map { [Cost](repeating: Cost(), count: $0.candidates.count) }
        let (layers, features) = try description.trace(imageSize: imageSize)
        for layer in layers {
            if let reference = layer.candidate {
                candidates[reference.point][reference.candidate] += layer.cost
            } else {
                fixed += layer.cost
            }
        }
        if classes != 0 {
            try Layer.linear(outputs: classes).validate(inputs: features.channels, path: "fc")
            let products = features.channels * classes
            fixed += Cost(parameters: products + classes, multiplyAdds: products, paperOperations: products)
        }
        self.fixed = fixed
        self.candidates = candidates
    }

    /// The cost of an architecture, which must be of the table's space.
    public func cost(of architecture: Architecture) -> Cost {
        zip(candidates, architecture.choices).reduce(fixed) { $0 + $1.0[$1.1] }
    }

    /// The number of parameters that the supernet holds, all candidates included.
    public var supernetParameters: Int {
        candidates.joined().reduce(fixed, +).parameters
    }

    /// The architecture for which the weighted sum of costs is least; of equal candidates the first is taken.
    public func cheapest(by weight: (Cost) -> Double) -> Architecture {
        Architecture(
            candidates.map { point in
                point.indices.min { weight(point[$0]) < weight(point[$1]) } ?? 0
            })
    }
}

/// Predicted times of architectures: what all have in common, and what each candidate adds, in milliseconds. Measured
/// on one machine, of which it says how far off it was there.
public struct LatencyTable: Sendable, Hashable, Codable {
    /// The milliseconds of the parts that every architecture has.
    public var fixed: Double
    /// The milliseconds that each candidate at each choice point adds.
    public var candidates: [[Double]]
    /// The number of images of one pass.
    public var batchSize: Int
    /// The size of the images in pixels.
    public var imageSize: ImageSize
    /// The mean of |predicted - measured| / measured over whole architectures that played no part in making the table.
    public var error: Double
    /// The number of such architectures that were measured.
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

    /// Whether the table has a finite time for each candidate of a space, as a table must that was read from a file.
    public func isOf(_ space: SearchSpace) -> Bool {
        candidates.map(\.count) == space.points.map(\.candidates.count)
            && ([fixed, error] + candidates.joined()).allSatisfy(\.isFinite)
    }

    /// The milliseconds of one pass of an architecture, which must be of the table's space.
    public func latency(of architecture: Architecture) -> Double {
        zip(candidates, architecture.choices).reduce(fixed) { $0 + $1.0[$1.1] }
    }
}
