import Support

/// The blocks that the stand-alone networks of a space are made of, for images of one size: what a table of latencies
/// has a time for.
///
/// A block is a part of the backbone with one combination of the candidates of its choice points, for one shape of what
/// comes in, or what lies between two such parts. Sequences and cells that hold choices are no blocks, but their parts
/// and edges are. The shape that comes in differs where a choice before it changes the size of the image.
public struct LatencyBlocks: Sendable, Hashable {
    /// A block without choices.
    public struct Block: Sendable, Hashable {
        /// The name of the part: its key, or where it has none the name of its first choice point; a place in words for
        /// what lies between two choices and has no key. No two parts have the same name, and none that of `network`.
        public let name: String
        /// The names of the chosen candidates, in the order in which the part meets them; empty without choices.
        public let choices: String
        /// The layers.
        public let layer: Layer
        /// The shape of what comes in.
        public let input: FeatureShape
        /// The number of learned values.
        public let parameters: Int
    }

    /// A place where architectures have a block.
    struct Place: Sendable, Hashable {
        /// The position of the block.
        let block: Int
        /// The candidates that an architecture must take to have it.
        let conditions: [CandidateReference]
    }

    /// The supernet.
    public let description: SupernetDescription
    /// The size of the images, in pixels.
    public let imageSize: ImageSize
    /// The outputs of the linear classifier that is part of the last block; 0 for none.
    public let classes: Int
    /// All blocks of all architectures, in the order of the computation.
    public private(set) var blocks: [Block] = []
    /// The places where architectures have them.
    private(set) var places: [Place] = []

    /// The most combinations of candidates that a part may have; each is measured.
    public static let mostCombinations = 20_000
    /// The most values of a term of a sum over choices.
    fileprivate static let mostValues = 1 << 20
    /// The name in tables of what belongs to no block; parts that are called so get a number.
    package static let networkName = "network"

    /// The blocks of a space.
    ///
    /// - Parameters:
    ///   - description: the supernet, whose weights play no part.
    ///   - imageSize: the size of the images, in pixels.
    ///   - classes: the outputs of the linear classifier on the features; 0 leaves it out.
    /// - Throws: `SpaceError.layer` if the layers do not fit together, or a part has too many combinations of candidates
    ///   to be measured one by one.
    public init(_ description: SupernetDescription, imageSize: ImageSize, classes: Int = 0) throws {
        (self.description, self.imageSize, self.classes) = (description, imageSize, classes)
        let features = try description.features(imageSize: imageSize)
        var parts = Self.divided(description.parts, "")
        if classes != 0 {
            let head = Layer.linear(outputs: classes)
            try head.validate(inputs: features, path: "fc")
            parts.append(Layer.Part("fc", head))
        }
        var walk = BlockWalk(description.positions, image: Self.image(description, imageSize))
        for (name, layer) in Self.named(Self.joined(parts)) { try walk.take(layer, name) }
        (blocks, places) = (walk.blocks, walk.places)
    }

    /// The shape of the images.
    public var image: FeatureShape { Self.image(description, imageSize) }

    private static func image(_ description: SupernetDescription, _ size: ImageSize) -> FeatureShape {
        FeatureShape(description.channels, size.height, size.width)
    }

    /// The whole stand-alone network of an architecture, with the classifier where there is one.
    ///
    /// - Throws: `SpaceError.notInSpace`.
    public func network(of architecture: Architecture) throws -> Layer {
        let backbone = try description.fixed(to: architecture)
        return classes == 0
            ? backbone : .sequence([.init("", backbone), .init("fc", .linear(outputs: classes))])
    }

    /// The sum of a quantity over the blocks of an architecture, for every architecture.
    ///
    /// - Parameters:
    ///   - values: the quantity of each block, in the order of `blocks`.
    ///   - constant: what every architecture has beside its blocks.
    public func sum(of values: [Double], constant: Double = 0) -> ChoiceSum<Double> {
        var sum = ChoiceSum(
            fixed: constant, candidates: description.space.points.map { $0.candidates.map { _ in 0.0 } })
        for place in places { sum.add(values[place.block], where: place.conditions) }
        return sum
    }

    /// The positions of the blocks that an architecture has, in the order of the computation.
    public func blocks(of architecture: Architecture) -> [Int] {
        places.filter { $0.conditions.allSatisfy { architecture[$0.point] == $0.candidate } }.map(\.block)
    }

    /// The parts of sequences that hold choices, in place of the sequences.
    private static func divided(_ parts: [Layer.Part], _ path: String) -> [Layer.Part] {
        parts.flatMap { part -> [Layer.Part] in
            let key = LayerTracer.join(path, part.key)
            guard case .sequence(let inner) = part.layer, !part.layer.choicePoints.isEmpty else {
                return [Layer.Part(key, part.layer)]
            }
            return divided(inner, key)
        }
    }

    /// Parts that follow one another and have no choices, as one.
    private static func joined(_ parts: [Layer.Part]) -> [[Layer.Part]] {
        var groups: [[Layer.Part]] = []
        for part in parts {
            let isFixed = part.layer.choicePoints.isEmpty
            if isFixed, let before = groups.last?.last, before.layer.choicePoints.isEmpty {
                groups[groups.count - 1].append(part)
            } else {
                groups.append([part])
            }
        }
        return groups
    }

    private static func named(_ groups: [[Layer.Part]]) -> [(name: String, layer: Layer)] {
        var taken: Set<String> = [networkName]
        return groups.enumerated().map { number, parts in
            let keys = parts.map(\.key).filter { !$0.isEmpty }
            let place = number == 0 ? "beginning" : number == groups.count - 1 ? "end" : "between"
            var name = keys.first ?? parts.first?.layer.choicePoints.first ?? place
            if let last = keys.last, last != name { name += " to \(last)" }
            var (unique, copy) = (name, 2)
            while !taken.insert(unique).inserted {
                unique = "\(name) (\(copy))"
                copy += 1
            }
            return (unique, parts.count == 1 ? parts[0].layer : .sequence(parts))
        }
    }
}

/// The way through a backbone on which its blocks are found.
private struct BlockWalk {
    private(set) var blocks: [LatencyBlocks.Block] = []
    private(set) var places: [LatencyBlocks.Place] = []
    private let positions: [String: Int]
    private var known: [LatencyBlocks.Block: Int] = [:]
    /// The shapes that come in, with the candidates that an architecture must take to have each. All name the same
    /// choice points, and every architecture has one.
    private var variants: [(conditions: [Int: Int], shape: FeatureShape)]

    init(_ positions: [String: Int], image: FeatureShape) {
        self.positions = positions
        variants = [([:], image)]
    }

    /// Takes the next part.
    mutating func take(_ layer: Layer, _ name: String) throws {
        if case .cell(let edges) = layer, !layer.choicePoints.isEmpty { return try take(edges, of: name) }
        let combinations = try combinations(of: layer, name)
        // Only the outermost choice can give images another size; all that lies within a candidate gives the same.
        let outer: Int? = if case .choice(let choice) = layer { positions[choice.point] } else { nil }
        var next: [[Int: Int]: FeatureShape] = [:]
        for variant in variants {
            try take(combinations, name, variant.conditions, variant.shape) { conditions, output in
                var state = variant.conditions
                if let outer { state[outer] = conditions[outer] }
                guard next.updateValue(output, forKey: state) ?? output == output else {
                    throw SpaceError.layer(path: name, "its choices give images another size than its candidates do")
                }
            }
        }
        variants = Self.simplified(next).map { (conditions: $0, shape: $1) }
            .sorted { Self.order($0.conditions).lexicographicallyPrecedes(Self.order($1.conditions)) }
        guard variants.count <= LatencyBlocks.mostCombinations else { throw tooMany(name) }
    }

    /// Takes the edges of a cell, which are computed one by one: their times add up as those of a sequence do.
    private mutating func take(_ edges: [Layer.Edge], of name: String) throws {
        let edges = edges.sorted { ($0.to, $0.from) < ($1.to, $1.from) }
        var taken: Set<String> = []
        let named = try edges.map { edge in
            let key = LayerTracer.join(name, edge.part.key)
            // Edges without keys have no tensors.
            let own = taken.insert(key).inserted ? key : "\(key) \(edge.from) to \(edge.to), \(taken.count)"
            taken.insert(own)
            return (edge: edge, name: own, combinations: try combinations(of: edge.part.layer, own))
        }
        var next = variants
        for (number, variant) in variants.enumerated() {
            var nodes = [0: variant.shape]
            for (edge, name, combinations) in named {
                guard let source = nodes[edge.from] else { continue }  // Validated: every source was reached.
                try take(combinations, name, variant.conditions, source) { nodes[edge.to] = $1 }
            }
            next[number].shape = nodes[nodes.count - 1] ?? variant.shape
        }
        variants = next
    }

    /// Every combination of the candidates of a layer.
    private func combinations(of layer: Layer, _ name: String) throws -> [LayerCombination] {
        var combinations: [LayerCombination] = []
        try layer.combine(positions, [:], []) { combination in
            combinations.append(combination)
            guard combinations.count * variants.count <= LatencyBlocks.mostCombinations,
                values(of: combination) <= LatencyBlocks.mostValues
            else { throw tooMany(name) }
        }
        return combinations
    }

    /// Takes the combinations of a layer for one shape of what comes in, and calls `body` with the candidates that an
    /// architecture takes to have each, and the shape of what comes out.
    private mutating func take(
        _ combinations: [LayerCombination], _ name: String, _ outer: [Int: Int], _ input: FeatureShape,
        _ body: ([Int: Int], FeatureShape) throws -> Void
    ) throws {
        for combination in combinations {
            let conditions = outer.merging(combination.chosen) { old, _ in old }
            // Two candidates of one choice point are never taken together.
            guard combination.chosen.allSatisfy({ conditions[$0] == $1 }) else { continue }
            var cost = Cost()
            let tracer = LayerTracer(points: [:]) { cost += $0.cost }
            let output = try tracer.trace(combination.layer, input, path: name)
            add(
                LatencyBlocks.Block(
                    name: name, choices: combination.names, layer: combination.layer, input: input,
                    parameters: cost.parameters), conditions)
            try body(conditions, output)
        }
    }

    private mutating func add(_ block: LatencyBlocks.Block, _ conditions: [Int: Int]) {
        let position = known[block] ?? blocks.count
        if position == blocks.count {
            known[block] = position
            blocks.append(block)
        }
        let references = conditions.sorted { $0.key < $1.key }
            .map { CandidateReference(point: $0.key, candidate: $0.value) }
        places.append(LatencyBlocks.Place(block: position, conditions: references))
    }

    /// The number of values of the term of a sum that has a combination.
    private func values(of combination: LayerCombination) -> Int {
        // Far beyond the limit the number itself does not matter, but must not overflow.
        combination.counts.reduce(variants.count) { min($0 * min($1, 1 << 20), 1 << 40) }
    }

    private func tooMany(_ name: String) -> SpaceError {
        SpaceError.layer(
            path: name,
            "its choices have more than \(LatencyBlocks.mostCombinations) combinations, each of which would have to be "
                + "measured; divide it into a sequence of smaller parts, or limit the multiply-adds in place of the "
                + "latency")
    }

    /// The candidates in the order of their choice points.
    private static func order(_ conditions: [Int: Int]) -> [Int] {
        conditions.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Leaves out the choice points on which no shape depends.
    private static func simplified(_ shapes: [[Int: Int]: FeatureShape]) -> [[Int: Int]: FeatureShape] {
        var shapes = shapes
        for point in (shapes.keys.first ?? [:]).keys.sorted() {
            var smaller: [[Int: Int]: FeatureShape] = [:]
            let isSame = shapes.allSatisfy { conditions, shape in
                var rest = conditions
                rest[point] = nil
                return smaller.updateValue(shape, forKey: rest) ?? shape == shape
            }
            if isSame { shapes = smaller }
        }
        return shapes
    }
}

/// A layer with one candidate in place of each choice that is met.
private struct LayerCombination {
    /// The layer without choices.
    var layer: Layer
    /// The candidates by choice point, those points alone that are met.
    var chosen: [Int: Int]
    /// The names of the candidates, in the order in which they are met.
    var names: String
    /// The numbers of candidates of the points.
    var counts: [Int]
}

extension Layer {
    /// Calls `body` for each combination of candidates of the choices that are met.
    fileprivate func combine(
        _ positions: [String: Int], _ chosen: [Int: Int], _ met: [(choice: Choice, candidate: Int)],
        _ body: (LayerCombination) throws -> Void
    ) throws {
        guard let open = openChoice(positions, chosen), let point = positions[open.point] else {
            let layer = replacingChoices { choice in
                choice.candidates[positions[choice.point].flatMap { chosen[$0] } ?? 0].layer
            }
            // A semicolon within a name must not look like one between two names.
            let names = met.map { met in
                met.choice.candidates[met.candidate].name.map { "\\;".contains($0) ? "\\\($0)" : String($0) }.joined()
            }
            return try body(
                LayerCombination(
                    layer: layer, chosen: chosen, names: names.joined(separator: "; "),
                    counts: met.map(\.choice.candidates.count)))
        }
        for candidate in open.candidates.indices {
            try combine(
                positions, chosen.merging([point: candidate]) { $1 }, met + [(open, candidate)], body)
        }
    }

    /// The first choice on the way through the layer whose candidate is not chosen yet.
    private func openChoice(_ positions: [String: Int], _ chosen: [Int: Int]) -> Choice? {
        switch self {
        case .choice(let choice):
            guard let candidate = positions[choice.point].flatMap({ chosen[$0] }) else { return choice }
            return choice.candidates[candidate].layer.openChoice(positions, chosen)
        case .sequence(let parts), .join(let parts):
            return parts.lazy.compactMap { $0.layer.openChoice(positions, chosen) }.first
        case .residual(let body, let shortcut, _):
            return body.openChoice(positions, chosen) ?? shortcut?.layer.openChoice(positions, chosen)
        case .gate(let body), .global(let body): return body.openChoice(positions, chosen)
        case .cell(let edges): return edges.lazy.compactMap { $0.part.layer.openChoice(positions, chosen) }.first
        case .convolution, .batchNorm, .relu, .relu6, .hardSwish, .hardSigmoid, .pad, .pool, .globalPool, .squeeze,
            .resize, .dropout, .tap, .linear, .splitAttention, .identity, .zero:
            return nil
        }
    }
}
