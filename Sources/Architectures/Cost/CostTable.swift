import Support

/// The cost of every architecture of a space, for images of one size: what all have, and what their choices add. Costs
/// add up exactly.
public struct CostTable: Sendable, Hashable {
    /// The costs by the choices that they depend on.
    public let sum: ChoiceSum<Cost>
    /// The number of parameters that the supernet holds, all candidates included; tensors that candidates share count
    /// once, and the matrices between their windows are left out.
    public let supernetParameters: Int

    /// The cost of the parts that every architecture has, the classifier included.
    public var fixed: Cost { sum.fixed }
    /// The cost that each candidate at each choice point adds by itself, over all places where the point stands.
    public var candidates: [[Cost]] { sum.candidates }

    /// Counts the costs of a supernet.
    ///
    /// - Parameters:
    ///   - description: the supernet.
    ///   - imageSize: of the images, in pixels.
    ///   - classes: outputs of the linear classifier on the features; 0 leaves it out.
    ///   - head: the cost of a head of another kind, which every architecture has.
    /// - Throws: `SpaceError.layer` if the layers do not fit together, or the classes are negative or too many.
    public init(_ description: SupernetDescription, imageSize: ImageSize, classes: Int, head: Cost = Cost()) throws {
        var sum = ChoiceSum(
            fixed: Cost(),
            candidates: description.space.points.map { [Cost](repeating: Cost(), count: $0.candidates.count) })
        let (layers, features) = try description.trace(imageSize: imageSize)
        // What candidates share is traced under one key for each of them; the supernet has the largest.
        var parameters: [String: Int] = [:]
        for layer in layers {
            sum.add(layer.cost, where: layer.conditions)
            if layer.cost.parameters > 0 {
                parameters[layer.path] = max(parameters[layer.path] ?? 0, layer.cost.parameters)
            }
        }
        var supernet = Cost(parameters: 0)
        for count in parameters.values { supernet += Cost(parameters: count) }
        if classes != 0 {
            try Layer.linear(outputs: classes).validate(inputs: features.channels, path: "fc")
            guard features.isVector else { throw SpaceError.layer(path: "fc", "a linear layer needs pooled features") }
            let products = features.channels * classes
            let cost = Cost(parameters: products + classes, multiplyAdds: products, paperOperations: products)
            sum.add(cost, where: [])
            supernet += cost
        }
        sum.add(head, where: [])
        supernet += head
        self.sum = sum
        supernetParameters = supernet.parameters
    }

    /// The cost of an architecture, which must be of the table's space.
    public func cost(of architecture: Architecture) -> Cost { sum.value(of: architecture) }

    /// The architecture for which the weighted sum of costs is least; of equal candidates the first is taken.
    public func cheapest(by weight: (Cost) -> Double) -> Architecture { sum.map(weight).least() }

    /// The mean multiply-adds of an architecture of which every choice is as likely.
    public var meanMultiplyAdds: Double { sum.map { Double($0.multiplyAdds) }.mean }
}
