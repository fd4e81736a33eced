import Architectures
import Support

/// What is measured for a table of latencies: the blocks of a space, each distinct one once, and some whole networks.
struct LatencyPlan {
    /// A layer with the shape of its input and the number of its learned values.
    struct Subject: Hashable {
        let layer: Layer
        let input: FeatureShape
        let parameters: Int
    }

    /// The blocks of the space.
    let blocks: LatencyBlocks
    /// What is measured: the distinct blocks, the networks that the table is fitted to, and those that it is compared
    /// with.
    private(set) var subjects: [Subject] = []
    /// The position in `subjects` of each block, in the order of `blocks.blocks`.
    let places: [Int]
    /// The architectures that the times are fitted to, those with the least and the most multiply-adds first.
    let fitted: [Architecture]
    /// The architectures that the table is compared with.
    let checked: [Architecture]

    /// Makes the plan of a space.
    ///
    /// - Parameters:
    ///   - description: the space.
    ///   - imageSize: the size of the images, in pixels.
    ///   - classes: the outputs of the linear classifier that is measured with the networks; 0 leaves it out.
    ///   - fitted: the number of random architectures that a table is fitted to, beside the least and the largest one.
    ///   - checks: the number of random architectures that it is compared with. Spaces of a few architectures have fewer.
    ///   - seed: the seed of the random architectures.
    /// - Throws: `SpaceError.layer` if the layers do not fit together, or a part has too many combinations of candidates
    ///   to be measured one by one.
    init(
        _ description: SupernetDescription, imageSize: ImageSize, classes: Int, fitted: Int, checks: Int, seed: UInt64
    ) throws {
        blocks = try LatencyBlocks(description, imageSize: imageSize, classes: classes)
        // The same layers for the same input take the same time, wherever they stand.
        var positions: [Subject: Int] = [:]
        var distinct: [Subject] = []
        places = blocks.blocks.map { block in
            let subject = Subject(layer: block.layer, input: block.input, parameters: block.parameters)
            if let known = positions[subject] { return known }
            positions[subject] = distinct.count
            distinct.append(subject)
            return distinct.count - 1
        }
        (self.fitted, checked) = try Self.architectures(
            blocks, fitted: max(fitted, 0), checks: max(checks, 0), seed: seed)
        subjects =
            try distinct
            + (self.fitted + checked).map {
                try Self.network($0, of: description, imageSize: imageSize, classes: classes)
            }
    }

    /// The whole network of an architecture, with the classifier where there is one.
    ///
    /// - Throws: `SpaceError.notInSpace`.
    static func network(
        _ architecture: Architecture, of description: SupernetDescription, imageSize: ImageSize, classes: Int
    ) throws -> Subject {
        let backbone = try description.fixed(to: architecture)
        let cost = try NetworkDescription(channels: description.channels, classes: classes, backbone: backbone)
            .cost(imageSize: imageSize)
        let classifier = Layer.Part("fc", .linear(outputs: classes))
        return Subject(
            layer: classes == 0 ? backbone : .sequence([.init("", backbone), classifier]),
            input: FeatureShape(description.channels, imageSize.height, imageSize.width), parameters: cost.parameters)
    }

    private static func architectures(
        _ blocks: LatencyBlocks, fitted: Int, checks: Int, seed: UInt64
    ) throws -> (fitted: [Architecture], checked: [Architecture]) {
        let description = blocks.description
        let costs = try CostTable(description, imageSize: blocks.imageSize, classes: blocks.classes)
        let products = costs.sum.map { Double($0.multiplyAdds) }
        let ends = [products.least(), products.map { -$0 }.least()]
        // Architectures may be one network, where a choice is not met whatever it is.
        var seen: Set<Layer> = []
        func isNew(_ architecture: Architecture) throws -> Bool {
            seen.insert(try description.fixed(to: architecture)).inserted
        }
        let extremes = try ends.filter(isNew)
        var generator = SeededGenerator(seed: seed, RandomStream.latencyChecks)
        var drawn: [Architecture] = []
        let wanted = fitted + checks
        // A small space has fewer.
        for _ in 0..<20 * wanted where drawn.count < wanted {
            let architecture = description.space.random(using: &generator)
            if try isNew(architecture) { drawn.append(architecture) }
        }
        let checked = drawn.count == wanted ? checks : min(checks, (drawn.count + 1) / 2)
        return (extremes + drawn.dropLast(checked), Array(drawn.suffix(checked)))
    }
}
