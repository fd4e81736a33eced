import Support

/// The cost of every architecture of a space, for images of one size: what all have, and what each candidate adds. As
/// all candidates of a choice give the same shape, costs add up exactly.
public struct CostTable: Sendable, Hashable {
    /// Of the parts that every architecture has, the classifier included.
    public let fixed: Cost
    /// Of each candidate at each choice point, over all places where the point stands.
    public let candidates: [[Cost]]

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

    /// All that a supernet holds: every candidate's parameters.
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
