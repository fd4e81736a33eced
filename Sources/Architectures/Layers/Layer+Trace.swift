/// One elementary layer of a network, met on the way through it.
public struct TracedLayer: Sendable, Hashable {
    /// The key of the layer's tensors; empty parts are left out.
    public var path: String
    /// The kind of layer in words: `convolution`, `batch norm` and so on.
    public var kind: String
    /// The shape of what comes in.
    public var input: FeatureShape
    /// The shape of what comes out.
    public var output: FeatureShape
    /// The cost of the layer for one image.
    public var cost: Cost
    /// The candidates that an architecture must take to have the layer, outermost first; empty for what every
    /// architecture has.
    public var conditions: [CandidateReference]

    /// The innermost candidate that the layer belongs to; nil for what every architecture has.
    public var candidate: CandidateReference? { conditions.last }
}

/// A candidate of a choice point, both by position.
public struct CandidateReference: Sendable, Hashable {
    /// The position of the choice point in the space.
    public var point: Int
    /// The position of the candidate at the choice point.
    public var candidate: Int

    /// A reference to the candidate at a choice point.
    public init(point: Int, candidate: Int) {
        self.point = point
        self.candidate = candidate
    }
}

/// Walks through a network without tensors, all candidates of every choice included, and reports each elementary layer.
struct LayerTracer {
    /// Positions of choice points by name.
    let points: [String: Int]
    /// Called for each map that is handed out, with its name.
    var handOut: (String, FeatureShape) -> Void = { _, _ in }
    /// Called for each elementary layer.
    let visit: (TracedLayer) -> Void

    /// Follows features of one shape through a layer.
    ///
    /// - Returns: the shape that comes out.
    /// - Throws: `SpaceError.layer` at the first layer that cannot take what comes in.
    func trace(
        _ layer: Layer, _ input: FeatureShape, path: String, within conditions: [CandidateReference] = []
    ) throws -> FeatureShape {
        func report(_ kind: String, _ output: FeatureShape, _ cost: Cost, at key: String = "") -> FeatureShape {
            visit(
                TracedLayer(
                    path: Self.join(path, key), kind: kind, input: input, output: output, cost: cost,
                    conditions: conditions))
            return output
        }
        func step(_ part: Layer.Part, _ input: FeatureShape) throws -> FeatureShape {
            try trace(part.layer, input, path: Self.join(path, part.key), within: conditions)
        }
        try layer.validate(inputs: input.channels, path: path)
        switch layer {
        case .convolution(let convolution):
            let output = try convolution.output(of: input, path: path)
            return report("convolution", output, try convolution.cost(from: input, to: output, path: path))
        case .batchNorm:
            try requireImage(input, path)
            return report(
                "batch norm", input, Cost(parameters: 2 * input.channels, paperOperations: 2 * input.count))
        case .relu: return report("ReLU", input, Cost(paperOperations: input.count))
        case .relu6: return report("ReLU6", input, Cost(paperOperations: input.count))
        case .hardSwish: return report("hard swish", input, Cost(paperOperations: input.count))
        case .hardSigmoid: return report("hard sigmoid", input, Cost(paperOperations: input.count))
        case .pad(let before, let after):
            try requireImage(input, path)
            let sides = before + after
            return try FeatureShape(input.channels, input.height + sides, input.width + sides).bounded(path)
        case .pool(let pool):
            return report("pooling", try pool.output(of: input, path: path), Cost(paperOperations: input.count))
        case .globalPool:
            try requireImage(input, path)
            return report("pooling", FeatureShape(vector: input.channels), Cost())
        case .squeeze:
            try requireImage(input, path)
            return report("pooling", FeatureShape(input.channels, 1, 1), Cost())
        case .gate(let body):
            let factors = try trace(body, input, path: path, within: conditions)
            guard factors == input || (!input.isVector && factors == FeatureShape(input.channels, 1, 1)) else {
                let allowed = input.isVector ? "" : " or \(input.channels) x 1 x 1"
                throw SpaceError.layer(
                    path: path,
                    "a gate of \(input) needs \(input)\(allowed) from what lies in it, which gives \(factors)")
            }
            return input
        case .resize(let height, let width):
            try requireImage(input, path)
            // It costs nothing by these counts, as a sum does, but what it gives may be too large for any machine.
            return report("resizing", try FeatureShape(input.channels, height, width).bounded(path), Cost())
        case .linear(let outputs):
            guard input.isVector else { throw SpaceError.layer(path: path, "a linear layer needs pooled features") }
            let products = input.channels * outputs
            return report(
                "linear", FeatureShape(vector: outputs),
                Cost(parameters: products + outputs, multiplyAdds: products, paperOperations: products))
        case .splitAttention(let radix, let cardinality, let dilation):
            return try splitAttention(radix, cardinality, dilation, input, path, conditions)
        case .global(let body):
            try requireImage(input, path)
            let mean = report("pooling", FeatureShape(input.channels, 1, 1), Cost())
            let made = try trace(body, mean, path: path, within: conditions)
            guard !made.isVector, made.height == 1, made.width == 1 else {
                throw SpaceError.layer(
                    path: path,
                    "what lies in it must give one position, which is spread over the image; it gives \(made)")
            }
            return FeatureShape(made.channels, input.height, input.width)
        case .join(let parts):
            let made = try parts.map { try step($0, input) }
            var joined = made[0]  // Validated: there is a part.
            for other in made.dropFirst() {
                guard (other.isVector, other.height, other.width) == (joined.isVector, joined.height, joined.width)
                else {
                    throw SpaceError.layer(
                        path: path, "it joins \(made[0]) and \(other), which are not of the same size")
                }
                joined.channels += other.channels
            }
            return joined
        case .tap(let name):
            handOut(name, input)
            return input
        case .dropout, .identity: return input
        case .zero(let stride):
            try requireImage(input, path)
            return FeatureShape(input.channels, (input.height - 1) / stride + 1, (input.width - 1) / stride + 1)
        case .sequence(let parts): return try sequence(parts[...], input, path, conditions)
        case .residual(let body, let shortcut, let relu):
            let output = try trace(body, input, path: path, within: conditions)
            let added = try shortcut.map { try step($0, input) } ?? input
            guard added == output else {
                throw SpaceError.layer(
                    path: path, "its body gives \(output), but what is added to it is \(added)")
            }
            if relu {
                visit(
                    TracedLayer(
                        path: path, kind: "ReLU", input: output, output: output,
                        cost: Cost(paperOperations: output.count), conditions: conditions))
            }
            return output
        case .choice(let choice): return try self.choice(choice, input, path, conditions)
        case .cell(let edges): return try cell(edges, input, path, step)
        }
    }

    /// Follows features through parts. Behind a choice that gives images another size, whatever follows is met once for
    /// each of its candidates.
    private func sequence(
        _ parts: ArraySlice<Layer.Part>, _ input: FeatureShape, _ path: String, _ conditions: [CandidateReference]
    ) throws -> FeatureShape {
        var shape = input
        for (number, part) in zip(parts.indices, parts) {
            let key = Self.join(path, part.key)
            guard case .choice(let choice) = part.layer else {
                shape = try trace(part.layer, shape, path: key, within: conditions)
                continue
            }
            let outputs = try candidates(choice, shape, key, conditions)
            if Set(outputs.map(\.shape)).count == 1 {
                shape = outputs[0].shape
                continue
            }
            let rest = parts[(number + 1)...]
            guard Set(outputs.map(\.shape.channels)).count == 1, !rest.isEmpty else {
                throw differing(choice, outputs.map(\.shape), key)
            }
            let ends = try outputs.map { try sequence(rest, $0.shape, path, conditions + [$0.reference]) }
            guard let first = ends.first, ends.allSatisfy({ $0 == first }) else {
                throw differing(choice, ends, key)
            }
            return first
        }
        return shape
    }

    private func choice(
        _ choice: Layer.Choice, _ input: FeatureShape, _ path: String, _ conditions: [CandidateReference]
    ) throws -> FeatureShape {
        let outputs = try candidates(choice, input, path, conditions).map(\.shape)
        guard outputs.allSatisfy({ $0 == outputs[0] }) else { throw differing(choice, outputs, path) }
        return outputs[0]  // Validated: there is a candidate.
    }

    /// Follows features through each candidate of a choice.
    private func candidates(
        _ choice: Layer.Choice, _ input: FeatureShape, _ path: String, _ conditions: [CandidateReference]
    ) throws -> [(shape: FeatureShape, reference: CandidateReference)] {
        try Layer.choice(choice).validate(inputs: input.channels, path: path)
        guard let point = points[choice.point] else {
            throw SpaceError.layer(path: path, "it chooses at the unknown point '\(choice.point)'")
        }
        if choice.sharing != nil { _ = try choice.sharedTensors(inputs: input.channels, path: path) }
        return try choice.candidates.enumerated().map { position, candidate in
            if choice.sharing == nil, !candidate.layer.choicePoints.isEmpty {
                throw SpaceError.layer(
                    path: path,
                    "candidate '\(candidate.name)' has a choice of its own; only candidates that share their tensors "
                        + "may")
            }
            let reference = CandidateReference(point: point, candidate: position)
            let shape = try trace(
                candidate.layer, input, path: choice.sharing == nil ? Self.join(path, String(position)) : path,
                within: conditions + [reference])
            return (shape, reference)
        }
    }

    private func differing(_ choice: Layer.Choice, _ shapes: [FeatureShape], _ path: String) -> SpaceError {
        let other = shapes.indices.first { shapes[$0] != shapes[0] } ?? 0
        return SpaceError.layer(
            path: path,
            "candidate '\(choice.candidates[other].name)' gives \(shapes[other]), but '\(choice.candidates[0].name)' "
                + "gives \(shapes[0]); all candidates must give the same shape")
    }

    private func cell(
        _ edges: [Layer.Edge], _ input: FeatureShape, _ path: String,
        _ step: (Layer.Part, FeatureShape) throws -> FeatureShape
    ) throws -> FeatureShape {
        var nodes: [Int: FeatureShape] = [0: input]
        // By target, so that a node is whole before it is used.
        for edge in edges.sorted(by: { ($0.to, $0.from) < ($1.to, $1.from) }) {
            guard let source = nodes[edge.from] else { continue }  // Validated: every source was reached.
            let output = try step(edge.part, source)
            if let other = nodes[edge.to], other != output {
                throw SpaceError.layer(
                    path: path, "edges into node \(edge.to) give \(other) and \(output), which cannot be added")
            }
            nodes[edge.to] = output
        }
        return nodes[nodes.count - 1] ?? input
    }

    private func requireImage(_ input: FeatureShape, _ path: String) throws {
        if input.isVector { throw SpaceError.layer(path: path, "it needs [C, H, W], but the features are pooled") }
    }

    static func join(_ path: String, _ key: String) -> String {
        path.isEmpty ? key : key.isEmpty ? path : path + "." + key
    }
}

extension TracedLayer {
    /// The most values that a layer may take in or give for one image: 4 GiB of them.
    static let mostValues = 1 << 30
    /// The most learned numbers of a supernet, all candidates together: 64 GiB of them.
    static let mostParameters = 1 << 34
    /// The most multiply-adds of a supernet for one image, all candidates together: a quarter of an hour on a
    /// processor.
    static let mostMultiplyAdds = 1 << 46

    /// Refuses what can be counted and no machine would ever be done with: layers that each are within their bounds,
    /// such as padding by the hundred.
    ///
    /// - Parameters:
    ///   - layers: of a supernet, for images of one size.
    ///   - space: its name, for the error.
    /// - Throws: `SpaceError.layer` at the first layer that has too much, or `SpaceError.invalid` for their sum.
    static func refuseBeyondMachines(_ layers: [TracedLayer], space: String) throws {
        for layer in layers {
            // What pads or pools away is no layer of the trace by itself, but what follows takes it in.
            for shape in [layer.input, layer.output] where shape.count > mostValues {
                throw SpaceError.layer(
                    path: layer.path, "there are \(shape) values for one image here, which is more than 2^30")
            }
        }
        let sum = layers.reduce(into: Cost()) { $0 += $1.cost }
        var problems: [String] = []
        if sum.parameters > mostParameters {
            problems.append("its candidates have \(sum.parameters) parameters together, which is more than 2^34")
        }
        if sum.multiplyAdds > mostMultiplyAdds {
            problems.append(
                "its candidates take \(sum.multiplyAdds) multiply-adds together for one image, which is more than 2^46")
        }
        if !problems.isEmpty { throw SpaceError.invalid(space: space, problems) }
    }
}
