/// A tensor of a layer as data: its key, and what lies along each of its dimensions.
public struct LayerTensor: Hashable, Sendable {
    /// The key under the layer that was asked.
    public var key: String
    /// Whether the tensor is learned; otherwise it is a buffer, such as a running mean.
    public var isLearned: Bool
    /// The dimensions in their order; empty for a single number.
    public var axes: [TensorAxis]

    /// The shape of the tensor.
    public var shape: [Int] { axes.map(\.size) }
}

/// One dimension of a tensor.
public struct TensorAxis: Hashable, Sendable {
    /// The things that can lie along a dimension.
    public enum Kind: Hashable, Sendable {
        /// The channels of a set, block by block: the blocks of the set that the blocks of the dimension are, in order.
        /// A dimension may hold a block several times, as the splits of split attention do.
        case channels(set: Int, blocks: [Int])
        /// The channels of a set as the groups of a convolution read them: each of so many groups of rows reads a
        /// block of its own, and the dimension counts the channels within it.
        case grouped(set: Int, groups: Int)
        /// The positions of a window.
        case window
        /// Anything else.
        case other
    }

    /// The number of values along the dimension.
    public var size: Int
    /// The kind of what lies along it.
    public var kind: Kind
    /// Whether the dimension is that by which a layer on the way through the network reads its input, rather than a
    /// gate beside it: what is read with large weights matters.
    public var isRead = false

    /// The set of channels along the dimension; nil for anything else.
    public var set: Int? {
        switch kind {
        case .channels(let set, _), .grouped(let set, _): set
        case .window, .other: nil
        }
    }

    /// The number of blocks along the dimension, of each of which a narrower layer takes the leading channels.
    public var blocks: Int {
        if case .channels(_, let blocks) = kind { return blocks.count }
        return 1
    }
}

/// The tensors of a layer, with the sets of channels that they have in common: the outputs of one convolution are the
/// channels of the batch norm behind it and what the next convolution reads. From this follow which parts of tensors
/// belong to a narrower layer, and which tensors change together when channels change places.
public struct TensorLayout: Sendable {
    /// The tensors in the order in which a network registers them.
    public let tensors: [LayerTensor]
    /// The set of the channels that come in.
    public let input: Int
    /// The set of the channels that come out; equal to `input` where they are added up.
    public let output: Int
    /// The number of channels or features that come out.
    public let outputs: Int

    /// Lays out the tensors of a layer.
    ///
    /// - Parameters:
    ///   - layer: the layer; of a choice that shares its tensors, those of the largest candidate are laid out, of any
    ///     other choice those of all candidates under their numbers.
    ///   - inputs: the number of channels that come in.
    ///   - path: the key of the layer, for errors.
    /// - Throws: `SpaceError.layer` for layers that do not fit together.
    public init(of layer: Layer, inputs: Int, path: String = "") throws {
        var walk = LayoutWalk()
        let input = walk.stream(inputs, blocks: 1)
        let output = try walk.through(layer, input, path, wanted: 1)
        let fixed = walk.fixedSets
        tensors = walk.tensors.map { tensor in
            var tensor = tensor
            if !path.isEmpty { tensor.key = String(tensor.key.dropFirst(path.count + 1)) }
            for axis in tensor.axes.indices {
                switch tensor.axes[axis].kind {
                case .channels(let set, _) where fixed.contains(walk.root(set)),
                    .grouped(let set, _) where fixed.contains(walk.root(set)):
                    tensor.axes[axis].kind = .other
                case .channels(let set, let blocks):
                    tensor.axes[axis].kind = .channels(set: walk.root(set), blocks: blocks)
                case .grouped(let set, let groups):
                    tensor.axes[axis].kind = .grouped(set: walk.root(set), groups: groups)
                case .window, .other: break
                }
            }
            return tensor
        }
        (self.input, self.output) = (walk.root(input.set), walk.root(output.set))
        outputs = output.size
    }

    /// The sets of channels that lie within the layer: neither come in nor go out.
    public var innerSets: [Int] {
        var found: [Int] = []
        for axis in tensors.flatMap(\.axes) {
            if let set = axis.set, set != input, set != output, !found.contains(set) { found.append(set) }
        }
        return found
    }
}

/// The channels between two layers.
private struct ChannelStream {
    var set: Int
    var size: Int
    /// The number of blocks that the channels consist of, of which each keeps its leading channels.
    var blocks: Int
}

/// The way through a layer on which its tensors are laid out.
private struct LayoutWalk {
    private(set) var tensors: [LayerTensor] = []
    /// The set that each set was found to be the same as; a set that stands for itself is its own.
    private var parents: [Int] = []
    /// Sets whose channels must all stay where they are.
    private var pinned: [Int] = []
    /// Whether the way leads through a gate.
    private var isGated = false

    mutating func stream(_ size: Int, blocks: Int) -> ChannelStream {
        parents.append(parents.count)
        return ChannelStream(set: parents.count - 1, size: size, blocks: blocks)
    }

    func root(_ set: Int) -> Int { parents[set] == set ? set : root(parents[set]) }

    private mutating func pin(_ stream: ChannelStream) { pinned.append(stream.set) }

    /// The sets, by their roots, whose channels must all stay where they are.
    var fixedSets: Set<Int> { Set(pinned.map(root)) }

    private mutating func unite(_ a: ChannelStream, _ b: ChannelStream) { parents[root(b.set)] = root(a.set) }

    private func axis(_ stream: ChannelStream) -> TensorAxis {
        TensorAxis(size: stream.size, kind: .channels(set: stream.set, blocks: Array(0..<stream.blocks)))
    }

    private mutating func add(_ path: String, _ name: String, _ axes: [TensorAxis], isLearned: Bool = true) {
        tensors.append(LayerTensor(key: LayerTracer.join(path, name), isLearned: isLearned, axes: axes))
    }

    private mutating func addNorm(_ path: String, _ channels: TensorAxis) {
        for name in ["weight", "bias"] { add(path, name, [channels]) }
        for name in ["running_mean", "running_var"] { add(path, name, [channels], isLearned: false) }
        add(path, "num_batches_tracked", [], isLearned: false)
    }

    private mutating func addWeight(
        _ path: String, outputs: TensorAxis, inputs: TensorAxis, kernel: Int?, bias: Bool
    ) {
        var inputs = inputs
        inputs.isRead = !isGated && inputs.set != nil
        let window = kernel.map { [TensorAxis](repeating: TensorAxis(size: $0, kind: .window), count: 2) } ?? []
        add(path, "weight", [outputs, inputs] + window)
        if bias { add(path, "bias", [outputs]) }
    }

    /// Lays out a layer.
    ///
    /// - Parameters:
    ///   - layer: the layer.
    ///   - input: the channels that come in.
    ///   - path: the key of the layer.
    ///   - wanted: the number of blocks that what follows needs its channels in.
    /// - Returns: the channels that come out.
    mutating func through(
        _ layer: Layer, _ input: ChannelStream, _ path: String, wanted: Int
    ) throws -> ChannelStream {
        try layer.validate(inputs: input.size, path: path)
        switch layer {
        case .convolution(let convolution): return convolved(convolution, input, path, wanted)
        case .batchNorm:
            addNorm(path, axis(input))
            return input
        case .relu, .relu6, .hardSwish, .hardSigmoid, .pad, .pool, .globalPool, .squeeze, .resize, .dropout, .tap,
            .identity, .zero:
            return input
        case .global(let body): return try through(body, input, path, wanted: wanted)
        case .join(let parts):
            // What stands where in a join is not known to whoever reads it, so that nothing of it may change place.
            var joined = stream(0, blocks: 1)
            pin(joined)
            for part in parts {
                let made = try through(part.layer, input, LayerTracer.join(path, part.key), wanted: 1)
                pin(made)
                joined.size += made.size
            }
            return joined
        case .gate(let body):
            let wasGated = isGated
            isGated = true
            defer { isGated = wasGated }
            try unite(input, through(body, input, path, wanted: input.blocks))
            return input
        case .linear(let outputs):
            let made = stream(outputs, blocks: 1)
            addWeight(path, outputs: axis(made), inputs: axis(input), kernel: nil, bias: true)
            return made
        case .splitAttention(let radix, let cardinality, _): return attended(radix, cardinality, input, path)
        case .sequence(let parts):
            let wanted = Layer.blocksWanted(behindEach: parts, inputs: input.size, otherwise: wanted)
            return try zip(parts, wanted).reduce(input) { channels, next in
                try through(next.0.layer, channels, LayerTracer.join(path, next.0.key), wanted: next.1)
            }
        case .residual(let body, let shortcut, _):
            let made = try through(body, input, path, wanted: wanted)
            let added = try shortcut.map {
                try through($0.layer, input, LayerTracer.join(path, $0.key), wanted: wanted)
            }
            unite(added ?? input, made)
            return added ?? input
        case .choice(let choice): return try chosen(choice, input, path, wanted)
        case .cell(let edges):
            var nodes: [Int: ChannelStream] = [0: input]
            for edge in edges.sorted(by: { ($0.to, $0.from) < ($1.to, $1.from) }) {
                guard let source = nodes[edge.from] else { continue }  // Validated: every source was reached.
                let made = try through(
                    edge.part.layer, source, LayerTracer.join(path, edge.part.key), wanted: wanted)
                if let other = nodes[edge.to] { unite(other, made) } else { nodes[edge.to] = made }
            }
            return nodes[nodes.count - 1] ?? input
        }
    }

    private mutating func convolved(
        _ convolution: Layer.Convolution, _ input: ChannelStream, _ path: String, _ wanted: Int
    ) -> ChannelStream {
        let groups = convolution.groups
        let output: ChannelStream
        let reads: TensorAxis
        if convolution.isDepthwise(inputs: input.size) {
            output = input
            reads = TensorAxis(size: 1, kind: .other)
        } else {
            let blocks = convolution.outputBlocks(wanted: wanted)
            output = stream(convolution.outputs, blocks: convolution.outputs % blocks == 0 ? blocks : groups)
            reads =
                groups == 1
                ? axis(input)
                : TensorAxis(size: input.size / groups, kind: .grouped(set: input.set, groups: groups))
        }
        addWeight(path, outputs: axis(output), inputs: reads, kernel: convolution.kernel, bias: convolution.bias)
        return output
    }

    /// Lays out split attention, whose first convolution gives the splits one after another, each of `cardinality`
    /// blocks, while those that weigh them have the splits of each block together (Zhang et al., "ResNeSt", 2020).
    private mutating func attended(
        _ radix: Int, _ cardinality: Int, _ input: ChannelStream, _ path: String
    ) -> ChannelStream {
        let convolutions = Layer.attentionConvolutions(input.size, radix, cardinality)
        let output = stream(input.size, blocks: cardinality)
        func splits(_ blocks: [Int]) -> TensorAxis {
            TensorAxis(size: input.size * radix, kind: .channels(set: output.set, blocks: blocks))
        }
        func read(_ stream: ChannelStream, groups: Int) -> TensorAxis {
            groups == 1
                ? axis(stream)
                : TensorAxis(size: stream.size / groups, kind: .grouped(set: stream.set, groups: groups))
        }
        let bySplit = splits((0..<radix * cardinality).map { $0 % cardinality })
        addWeight(
            LayerTracer.join(path, "conv"), outputs: bySplit, inputs: read(input, groups: radix * cardinality),
            kernel: convolutions[0].convolution.kernel, bias: false)
        addNorm(LayerTracer.join(path, "bn0"), bySplit)
        let wasGated = isGated
        isGated = true
        defer { isGated = wasGated }
        let reduced = stream(convolutions[1].convolution.outputs, blocks: cardinality)
        addWeight(
            LayerTracer.join(path, "fc1"), outputs: axis(reduced), inputs: read(output, groups: cardinality),
            kernel: 1, bias: true)
        addNorm(LayerTracer.join(path, "bn1"), axis(reduced))
        addWeight(
            LayerTracer.join(path, "fc2"), outputs: splits((0..<radix * cardinality).map { $0 / radix }),
            inputs: read(reduced, groups: cardinality), kernel: 1, bias: true)
        return output
    }

    private mutating func chosen(
        _ choice: Layer.Choice, _ input: ChannelStream, _ path: String, _ wanted: Int
    ) throws -> ChannelStream {
        if choice.sharing != nil {
            let largest = try choice.largest(inputs: input.size, path: path)
            let made = try through(choice.candidates[largest].layer, input, path, wanted: wanted)
            // Other candidates may leave everything out, so that what comes out is what came in.
            if made.size == input.size { unite(input, made) }
            return made
        }
        var output = input
        for (position, candidate) in choice.candidates.enumerated() {
            let made = try through(
                candidate.layer, input, LayerTracer.join(path, String(position)), wanted: wanted)
            if position > 0 { unite(output, made) }
            output = made
        }
        return output
    }
}
