/// One elementary layer of a network, met on the way through it.
public struct TracedLayer: Sendable, Hashable {
    /// Key of its tensors; empty parts are left out.
    public var path: String
    /// `convolution`, `batch norm` and so on.
    public var kind: String
    /// What comes in.
    public var input: FeatureShape
    /// What comes out.
    public var output: FeatureShape
    /// What it costs.
    public var cost: Cost
    /// The choice point and the candidate that it belongs to; nil for what every architecture has.
    public var candidate: CandidateReference?
}

/// A candidate of a choice point, both by position.
public struct CandidateReference: Sendable, Hashable {
    /// The choice point.
    public var point: Int
    /// The candidate.
    public var candidate: Int

    /// The candidate at a choice point.
    public init(point: Int, candidate: Int) {
        self.point = point
        self.candidate = candidate
    }
}

/// Walks through a network without tensors, all candidates of every choice included, and reports each elementary layer.
struct LayerTracer {
    /// Positions of choice points by name.
    let points: [String: Int]
    let visit: (TracedLayer) -> Void

    /// - Returns: the shape that comes out.
    /// - Throws: `SpaceError.layer` at the first layer that cannot take what comes in.
    func trace(
        _ layer: Layer, _ input: FeatureShape, path: String, within candidate: CandidateReference? = nil
    ) throws -> FeatureShape {
        func report(_ kind: String, _ output: FeatureShape, _ cost: Cost, at key: String = "") -> FeatureShape {
            visit(
                TracedLayer(
                    path: Self.join(path, key), kind: kind, input: input, output: output, cost: cost,
                    candidate: candidate))
            return output
        }
        func step(_ part: Layer.Part, _ input: FeatureShape) throws -> FeatureShape {
            try trace(part.layer, input, path: Self.join(path, part.key), within: candidate)
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
        case .pad(let before, let after):
            try requireImage(input, path)
            let sides = before + after
            return try FeatureShape(input.channels, input.height + sides, input.width + sides).bounded(path)
        case .pool(let pool):
            return report("pooling", try pool.output(of: input, path: path), Cost(paperOperations: input.count))
        case .globalPool:
            try requireImage(input, path)
            return report("pooling", FeatureShape(vector: input.channels), Cost())
        case .linear(let outputs):
            guard input.isVector else { throw SpaceError.layer(path: path, "a linear layer needs pooled features") }
            let products = input.channels * outputs
            return report(
                "linear", FeatureShape(vector: outputs),
                Cost(parameters: products + outputs, multiplyAdds: products, paperOperations: products))
        case .splitAttention(let radix, let cardinality):
            return try splitAttention(radix, cardinality, input, path, candidate)
        case .identity: return input
        case .zero(let stride):
            try requireImage(input, path)
            return FeatureShape(input.channels, (input.height - 1) / stride + 1, (input.width - 1) / stride + 1)
        case .sequence(let parts):
            return try parts.reduce(input) { try step($1, $0) }
        case .residual(let body, let shortcut, let relu):
            let output = try trace(body, input, path: path, within: candidate)
            let added = try shortcut.map { try step($0, input) } ?? input
            guard added == output else {
                throw SpaceError.layer(
                    path: path, "its body gives \(output), but what is added to it is \(added)")
            }
            if relu {
                visit(
                    TracedLayer(
                        path: path, kind: "ReLU", input: output, output: output,
                        cost: Cost(paperOperations: output.count), candidate: candidate))
            }
            return output
        case .choice(let choice): return try self.choice(choice, input, path, candidate)
        case .cell(let edges): return try cell(edges, input, path, step)
        }
    }

    private func choice(
        _ choice: Layer.Choice, _ input: FeatureShape, _ path: String, _ outer: CandidateReference?
    ) throws -> FeatureShape {
        guard outer == nil else {
            throw SpaceError.layer(path: path, "a choice within a candidate of another choice is not supported")
        }
        guard let point = points[choice.point] else {
            throw SpaceError.layer(path: path, "it chooses at the unknown point '\(choice.point)'")
        }
        let outputs = try choice.candidates.enumerated().map { position, candidate in
            try trace(
                candidate.layer, input, path: Self.join(path, String(position)),
                within: CandidateReference(point: point, candidate: position))
        }
        let first = outputs[0]  // Validated: there is a candidate.
        for (candidate, output) in zip(choice.candidates, outputs) where output != first {
            throw SpaceError.layer(
                path: path,
                "candidate '\(candidate.name)' gives \(output), but '\(choice.candidates[0].name)' gives \(first); all "
                    + "candidates must give the same shape")
        }
        return first
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
