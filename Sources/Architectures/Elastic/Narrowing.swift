/// How a block is made smaller: to a share of its inner channels, and to windows of at most a size.
struct Narrowing {
    /// The share of the inner channels that stays.
    let fraction: Double
    /// The number that inner channels are a multiple of.
    let multiple: Int
    /// The largest window; nil for windows as they are.
    let kernel: Int?

    /// The channels at one place of the block as it was and as it becomes.
    typealias Channels = (old: Int, new: Int)

    /// How many channels come out at the end of a layer.
    enum Ending: Equatable {
        /// A share of those that there were.
        case share
        /// So many.
        case exactly(Int)
        /// As many as there were.
        case kept
    }

    /// Makes a layer smaller.
    ///
    /// - Parameters:
    ///   - layer: the layer.
    ///   - inputs: the channels that come in.
    ///   - ending: how many channels come out.
    ///   - wanted: the number of blocks that what follows needs its channels in.
    ///   - isPadded: whether zeros stand in front of the layer, and shrank.
    ///   - path: the key of the layer, for errors.
    /// - Throws: `SpaceError.layer` for a layer that cannot be made smaller, such as one whose padding cannot shrink with
    ///   its window.
    func apply(
        _ layer: Layer, inputs: Channels, ending: Ending, wanted: Int = 1, isPadded: Bool = false, path: String
    ) throws -> (layer: Layer, outputs: Channels) {
        switch layer {
        case .convolution(var convolution):
            try shrink(&convolution, isPadded: isPadded, path)
            if convolution.isDepthwise(inputs: inputs.old) {
                (convolution.outputs, convolution.groups) = (inputs.new, inputs.new)
                return (.convolution(convolution), inputs)
            }
            guard inputs.new % convolution.groups == 0 else {
                throw SpaceError.layer(
                    path: path, "\(inputs.new) channels cannot be parted into \(convolution.groups) groups")
            }
            let old = convolution.outputs
            convolution.outputs = outputs(old, ending, convolution.outputBlocks(wanted: wanted))
            return (.convolution(convolution), (old, convolution.outputs))
        case .linear(let old):
            let new = outputs(old, ending, 1)
            return (.linear(outputs: new), (old, new))
        case .sequence(let parts):
            return try apply(parts, inputs: inputs, ending: ending, wanted: wanted, path: path)
        case .residual(let body, let shortcut, let relu):
            let made = try apply(body, inputs: inputs, ending: .kept, path: path)
            return (.residual(body: made.layer, shortcut: shortcut, relu: relu), made.outputs)
        case .gate(let body):
            // As many numbers as there are channels to be weighed.
            let made = try apply(body, inputs: inputs, ending: .exactly(inputs.new), path: path)
            return (.gate(made.layer), inputs)
        case .batchNorm, .relu, .relu6, .hardSwish, .hardSigmoid, .pad, .pool, .globalPool, .squeeze, .resize,
            .dropout, .tap, .splitAttention, .identity, .zero:
            return (layer, inputs)
        case .choice, .cell, .join, .global:
            throw SpaceError.layer(path: path, "a choice, a cell or a join cannot be made smaller")
        }
    }

    private func apply(
        _ parts: [Layer.Part], inputs: Channels, ending: Ending, wanted: Int, path: String
    ) throws -> (layer: Layer, outputs: Channels) {
        let inputsOfEach = Layer.inputs(ofEach: parts, from: inputs.old)
        let last = zip(parts, inputsOfEach).map { $0.layer.producers(inputs: $1) }.lastIndex { $0 > 0 }
        let wanted = Layer.blocksWanted(behindEach: parts, inputs: inputs.old, otherwise: wanted)
        var made: [Layer.Part] = []
        var channels = inputs
        var isPadded = false
        for (number, part) in parts.enumerated() {
            let key = LayerTracer.join(path, part.key)
            // Zeros in front of a window without padding of its own shrink with it.
            if case .pad(let before, let after) = part.layer, parts.indices.contains(number + 1),
                case .convolution(let convolution) = parts[number + 1].layer, convolution.padding == 0,
                let less = less(convolution)
            {
                guard min(before, after) >= less else {
                    throw SpaceError.layer(path: key, "the padding cannot shrink with the window")
                }
                made.append(Layer.Part(part.key, .pad(before: before - less, after: after - less)))
                isPadded = true
                continue
            }
            let found = try apply(
                part.layer, inputs: channels, ending: number == last ? ending : .share, wanted: wanted[number],
                isPadded: isPadded, path: key)
            made.append(Layer.Part(part.key, found.layer))
            (channels, isPadded) = (found.outputs, false)
        }
        return (.sequence(made), channels)
    }

    /// The number of positions that a window loses on each side, its gaps included; nil where it stays as it is.
    private func less(_ convolution: Layer.Convolution) -> Int? {
        let window = convolution.kernel
        guard let kernel, window > max(kernel, 3), (window - kernel).isMultiple(of: 2) else { return nil }
        return (window - kernel) / 2 * convolution.dilation
    }

    private func shrink(_ convolution: inout Layer.Convolution, isPadded: Bool, _ path: String) throws {
        guard let less = less(convolution), let kernel else { return }
        // Otherwise zeros in front of it shrank in its place.
        if !isPadded {
            guard convolution.padding >= less else {
                throw SpaceError.layer(path: path, "the padding cannot shrink with the window")
            }
            convolution.padding -= less
        }
        convolution.kernel = kernel
    }

    private func outputs(_ channels: Int, _ ending: Ending, _ blocks: Int) -> Int {
        switch ending {
        case .share: width(channels, blocks)
        case .exactly(let count): count
        case .kept: channels
        }
    }

    /// The share of some channels, rounded to a multiple that can be parted into blocks; at least one, and never more
    /// than there were.
    private func width(_ channels: Int, _ blocks: Int) -> Int {
        // Blocks that do not divide the channels as they are divide no part of them either.
        guard fraction < 1, channels % max(blocks, 1) == 0 else { return channels }
        var step = multiple
        while step % max(blocks, 1) != 0 { step += multiple }
        let rounded = Int((Double(channels) * fraction / Double(step)).rounded()) * step
        return min(max(rounded, step), channels)
    }
}

extension Layer {
    /// Whether the layer can be made smaller as one block: a plain sequence, or a residual sum of one.
    var isBlock: Bool {
        switch self {
        case .residual(let body, let shortcut, _):
            body.isPlain && (shortcut.map { $0.layer.choicePoints.isEmpty } ?? true)
        default: isPlain
        }
    }

    /// Whether the layer is one after another of layers without sums or choices, which keep their positions apart from
    /// pooling over windows.
    var isPlain: Bool { foreign == nil }

    /// What keeps the layer from being plain, in words; nil for a plain layer.
    var foreign: String? {
        switch self {
        case .convolution, .batchNorm, .relu, .relu6, .hardSwish, .hardSigmoid, .pad, .pool, .squeeze, .splitAttention,
            .dropout, .identity, .zero:
            nil
        case .gate(let body): body.foreign
        case .sequence(let parts): parts.lazy.compactMap(\.layer.foreign).first
        case .globalPool: "pooling to a vector"
        case .resize: "resizing"
        case .global: "pooling that is spread over the image"
        case .join: "a join"
        case .tap: "a place where features are handed out"
        case .linear: "a linear layer"
        case .residual: "a sum"
        case .choice: "a choice"
        case .cell: "a cell"
        }
    }

    /// The number of convolutions within, apart from those of gates.
    var convolutions: Int {
        switch self {
        case .convolution, .splitAttention: 1
        case .sequence(let parts): parts.reduce(0) { $0 + $1.layer.convolutions }
        case .residual(let body, _, _): body.convolutions
        default: 0
        }
    }

    /// The sizes of the windows within.
    var windows: Set<Int> {
        switch self {
        case .convolution(let convolution): [convolution.kernel]
        case .sequence(let parts): parts.reduce(into: []) { $0.formUnion($1.layer.windows) }
        case .residual(let body, _, _): body.windows
        default: []
        }
    }
}
