/// How channels go through layers. Numbers of layers that nobody checked yet are taken as they come: whoever reaches such
/// a layer refuses it.
extension Layer {
    /// The number of channels or features that come out of the layer.
    ///
    /// - Parameter inputs: the number that comes in.
    func outputs(inputs: Int) -> Int {
        switch self {
        case .convolution(let convolution): convolution.outputs
        case .linear(let outputs): outputs
        case .sequence(let parts): parts.reduce(inputs) { $1.layer.outputs(inputs: $0) }
        case .residual(let body, _, _): body.outputs(inputs: inputs)
        // All candidates give the same, as all edges into a node do.
        case .choice(let choice): choice.candidates.first?.layer.outputs(inputs: inputs) ?? inputs
        case .cell(let edges): Self.outputs(of: edges, inputs: inputs)
        case .join(let parts): parts.reduce(0) { $0 + $1.layer.outputs(inputs: inputs) }
        case .global(let body): body.outputs(inputs: inputs)
        case .batchNorm, .relu, .relu6, .hardSwish, .hardSigmoid, .pad, .pool, .globalPool, .squeeze, .gate, .resize,
            .dropout, .tap, .splitAttention, .identity, .zero:
            inputs
        }
    }

    private static func outputs(of edges: [Edge], inputs: Int) -> Int {
        var nodes = [0: inputs]
        for edge in edges.sorted(by: { ($0.to, $0.from) < ($1.to, $1.from) }) {
            nodes[edge.to] = edge.part.layer.outputs(inputs: nodes[edge.from] ?? inputs)
        }
        return edges.map(\.to).max().flatMap { nodes[$0] } ?? inputs
    }

    /// The number of channels that come into each part of a sequence.
    static func inputs(ofEach parts: [Part], from inputs: Int) -> [Int] {
        var channels = inputs
        return parts.map { part in
            defer { channels = part.layer.outputs(inputs: channels) }
            return channels
        }
    }

    /// The number of layers within that make channels of their own rather than pass on those that come in.
    func producers(inputs: Int) -> Int {
        switch self {
        case .convolution(let convolution): convolution.isDepthwise(inputs: inputs) ? 0 : 1
        case .linear, .choice, .cell, .join: 1
        case .sequence(let parts):
            zip(parts, Self.inputs(ofEach: parts, from: inputs)).reduce(0) { $0 + $1.0.layer.producers(inputs: $1.1) }
        case .residual(let body, _, _), .global(let body): body.producers(inputs: inputs)
        case .batchNorm, .relu, .relu6, .hardSwish, .hardSigmoid, .pad, .pool, .globalPool, .squeeze, .gate, .resize,
            .dropout, .tap, .splitAttention, .identity, .zero:
            0
        }
    }

    /// The number of blocks that the layer needs its channels in; nil where it passes them on as they are.
    func blocksWanted(inputs: Int) -> Int? {
        switch self {
        case .convolution(let convolution):
            convolution.isDepthwise(inputs: inputs) ? nil : Self.blocks(convolution.groups)
        case .splitAttention(let radix, let cardinality, _):
            Self.blocks(radix.multipliedReportingOverflow(by: cardinality).partialValue)
        case .linear, .globalPool, .choice, .cell, .join: 1
        case .global(let body): body.blocksWanted(inputs: inputs) ?? 1
        case .gate(let body):
            // What weighs the channels wants them in blocks only where it has groups itself.
            body.blocksWanted(inputs: inputs).flatMap { $0 > 1 ? $0 : nil }
        case .batchNorm, .relu, .relu6, .hardSwish, .hardSigmoid, .pad, .pool, .squeeze, .resize, .dropout,
            .tap, .identity, .zero:
            nil
        case .sequence(let parts):
            zip(parts, Self.inputs(ofEach: parts, from: inputs)).lazy
                .compactMap { $0.layer.blocksWanted(inputs: $1) }.first
        case .residual(let body, _, _): body.blocksWanted(inputs: inputs) ?? 1
        }
    }

    /// A number of blocks, or 1 where no layer can have as many.
    private static func blocks(_ count: Int) -> Int { (1...65_536).contains(count) ? count : 1 }

    /// The number of blocks that what follows each part of a sequence needs its channels in.
    ///
    /// - Parameters:
    ///   - parts: the sequence.
    ///   - inputs: the number of channels that come in.
    ///   - wanted: the number of blocks that what follows the sequence needs.
    static func blocksWanted(behindEach parts: [Part], inputs: Int, otherwise wanted: Int) -> [Int] {
        let own = zip(parts, Self.inputs(ofEach: parts, from: inputs)).map { $0.layer.blocksWanted(inputs: $1) }
        var next = wanted
        return own.reversed().map { own in
            defer { next = own ?? next }
            return next
        }.reversed()
    }
}

extension Layer.Convolution {
    /// Whether every channel is convolved by itself.
    func isDepthwise(inputs: Int) -> Bool { groups > 1 && groups == inputs && outputs == inputs }

    /// The least number of blocks that the outputs must consist of: both the groups that make them and those that what
    /// follows reads are whole blocks then.
    ///
    /// - Parameter wanted: the number of blocks that what follows needs.
    func outputBlocks(wanted: Int) -> Int {
        let (groups, wanted) = (max(groups, 1), max(wanted, 1))
        var (a, b) = (groups, wanted)
        while b > 0 { (a, b) = (b, a % b) }
        return groups / a * wanted
    }
}
