import Support

/// The cost of a layer, or of a whole network, for one image.
public struct Cost: Hashable, Sendable, Codable {
    /// The number of learned parameters.
    public var parameters: Int
    /// The number of multiply-adds of convolutions and linear layers. Normalisation, activations and pooling are not
    /// counted.
    public var multiplyAdds: Int
    /// Operations as Pi-NAS counts them (5.38 G for its ResNeSt-50 at 224 pixels): multiply-adds, one for every value
    /// to which a convolution adds its bias, two for every value that batch norm puts out, one for every value that
    /// an activation puts out and that pooling over windows takes in. Means over all positions are not counted there,
    /// nor are sums, the products of gates, and resizing here.
    public var paperOperations: Int

    /// A cost; zero unless told otherwise.
    public init(parameters: Int = 0, multiplyAdds: Int = 0, paperOperations: Int = 0) {
        self.parameters = parameters
        self.multiplyAdds = multiplyAdds
        self.paperOperations = paperOperations
    }

    /// The sum of two costs. Sums beyond 64 bits, which only a hostile description reaches, stay at the largest
    /// integer.
    public static func + (a: Cost, b: Cost) -> Cost {
        func sum(_ quantity: KeyPath<Cost, Int>) -> Int {
            let (sum, overflow) = a[keyPath: quantity].addingReportingOverflow(b[keyPath: quantity])
            return overflow ? .max : sum
        }
        return Cost(
            parameters: sum(\.parameters), multiplyAdds: sum(\.multiplyAdds), paperOperations: sum(\.paperOperations))
    }

    /// Adds another cost.
    public static func += (a: inout Cost, b: Cost) { a = a + b }
}

/// One part of a network, as a person would name it, and its cost.
public struct BlockCost: Sendable, Hashable {
    /// The key of the block, such as `layer2.0`; layers before, between and after blocks are joined under `stem` or
    /// their first key.
    public var name: String
    /// The choice points that stand in the block, by position.
    public var points: [Int]
    /// The shape that comes out of the block.
    public var output: FeatureShape
    /// The cost of the block in the architecture.
    public var cost: Cost
}

extension SupernetDescription {
    /// The parts of an architecture in the order of the computation: the stem, each block with a choice, what comes
    /// after. What stands between choices without a name of its own is part of the block before it.
    ///
    /// - Parameters:
    ///   - architecture: of the space.
    ///   - imageSize: of the images, in pixels.
    /// - Throws: `SpaceError`.
    public func blocks(of architecture: Architecture, imageSize: ImageSize) throws -> [BlockCost] {
        try space.validate(architecture)
        // Refuses sizes beyond what costs can be counted for.
        _ = try features(imageSize: imageSize)
        let positions = positions
        var blocks: [BlockCost] = []
        var shape = FeatureShape(channels, imageSize.height, imageSize.width)
        for part in parts {
            var cost = Cost()
            let tracer = LayerTracer(points: [:]) { cost += $0.cost }
            shape = try tracer.trace(fixed(part.layer, to: architecture), shape, path: part.key)
            let points = part.layer.choicePoints.compactMap { positions[$0] }
            // Batch norms, activations and pooling belong to what they follow; the first layers are the stem.
            let joins = points.isEmpty && (blocks.last.map { $0.points.isEmpty && $0.name == "stem" } ?? false)
            if joins || (points.isEmpty && cost.multiplyAdds == 0 && !blocks.isEmpty) {
                blocks[blocks.count - 1].cost += cost
                if !shape.isVector { blocks[blocks.count - 1].output = shape }
            } else {
                // A choice whose parts stand as they would without it has no key.
                let own = part.key.isEmpty ? points.first.map { space.points[$0].name } ?? "" : part.key
                blocks.append(
                    BlockCost(
                        name: blocks.isEmpty && points.isEmpty ? "stem" : own, points: points, output: shape,
                        cost: cost))
            }
        }
        return blocks
    }
}
