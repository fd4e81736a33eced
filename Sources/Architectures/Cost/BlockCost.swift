import Support

/// One part of a network, as a person would name it, and what it costs.
public struct BlockCost: Sendable, Hashable {
    /// Its key, such as `layer2.0`; layers before, between and after blocks are joined under `stem` or their first key.
    public var name: String
    /// Choice points that stand in it, by position.
    public var points: [Int]
    /// The shape that comes out of it.
    public var output: FeatureShape
    /// Its cost in the architecture.
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
        let parts: [Layer.Part]
        if case .sequence(let listed) = backbone { parts = listed } else { parts = [Layer.Part("", backbone)] }
        var blocks: [BlockCost] = []
        var shape = FeatureShape(channels, imageSize.height, imageSize.width)
        for part in parts {
            var cost = Cost()
            let tracer = LayerTracer(points: positions) { layer in
                if let reference = layer.candidate, architecture[reference.point] != reference.candidate { return }
                cost += layer.cost
            }
            shape = try tracer.trace(part.layer, shape, path: part.key)
            let points = part.layer.choicePoints.compactMap { positions[$0] }
            // Batch norms, activations and pooling belong to what they follow; the first layers are the stem.
            let joins = points.isEmpty && (blocks.last.map { $0.points.isEmpty && $0.name == "stem" } ?? false)
            if joins || (points.isEmpty && cost.multiplyAdds == 0 && !blocks.isEmpty) {
                blocks[blocks.count - 1].cost += cost
                if !shape.isVector { blocks[blocks.count - 1].output = shape }
            } else {
                blocks.append(
                    BlockCost(
                        name: blocks.isEmpty && points.isEmpty ? "stem" : part.key, points: points, output: shape,
                        cost: cost))
            }
        }
        return blocks
    }
}
