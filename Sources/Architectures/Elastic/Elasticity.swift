/// What may vary in a network that is made elastic.
public struct Elasticity: Hashable, Sendable {
    /// The shares of a block's inner channels that its narrower candidates keep, above 0 and at most 1. The whole block
    /// is always a candidate.
    public var fractions: [Double] = [0.25, 0.5, 0.75, 1]
    /// The number that the inner channels of a narrower candidate are a multiple of, as kernels of processors are
    /// fastest.
    public var multiple = 8
    /// Whether a block whose shortcut is the identity may be left out.
    public var skipsBlocks = true
    /// Whether windows of 5 and 7 may shrink to their middle.
    public var shrinksKernels = true
    /// How smaller windows take their weights.
    public var sharing = Layer.Choice.Sharing.slices

    /// The name of the candidate that leaves a block out.
    public static let skip = "skip"

    /// Widths of a quarter, a half, three quarters and all, blocks left out, kernels shrunk.
    public init() {}

    /// Checks the settings.
    ///
    /// - Throws: `SpaceError.invalid` that names the setting.
    public func validate() throws {
        var problems: [String] = []
        if let wrong = fractions.first(where: { !($0 > 0 && $0 <= 1) }) {
            problems.append("a fraction of the width must be above 0 and at most 1, is \(wrong)")
        }
        if fractions.count > 64 { problems.append("there are \(fractions.count) fractions; the most are 64") }
        if !(1...1024).contains(multiple) {
            problems.append("widths must be multiples of a number from 1 to 1,024, not of \(multiple)")
        }
        guard problems.isEmpty else { throw SpaceError.invalid(space: "elastic", problems) }
    }
}

/// A network whose blocks became choices, and what could not become one.
public struct ElasticLayer: Hashable, Sendable {
    /// Something that stays as it is, and the reason.
    public struct Note: Hashable, Sendable {
        /// The key of the layer.
        public var path: String
        /// The reason, as the end of a sentence that begins with the layer.
        public var reason: String
    }

    /// The network with its choices. The last candidate of each is the block as it was, and the tensors and keys are
    /// those of the network without choices.
    public var layer: Layer
    /// What could not be made elastic, or not in every respect.
    public var notes: [Note]
}

extension Layer {
    /// Makes a network elastic: each block becomes a choice among itself, narrower ones, ones with smaller windows, and
    /// nothing where its shortcut is the identity. Candidates share their tensors with the block itself, so that a
    /// checkpoint of the network is one of the supernet (Cai et al., "Once-for-All", ICLR 2020; Yu et al., "BigNAS",
    /// ECCV 2020).
    ///
    /// A block is a residual sum, a sequence under a key of its own, or, in a plain chain of layers, two convolutions
    /// with what lies between them. Inner channels are those between two convolutions of a block.
    ///
    /// - Parameters:
    ///   - inputs: the number of channels of the images.
    ///   - options: what may vary.
    /// - Throws: `SpaceError.invalid` for settings out of range, or if nothing of the network can vary, with the
    ///   reasons; `SpaceError.layer` for layers that do not fit together.
    public func elastic(inputs: Int, _ options: Elasticity = Elasticity()) throws -> ElasticLayer {
        try options.validate()
        var walk = ElasticWalk(options: options)
        let made = try walk.through(self, inputs, "").layer
        guard !made.choicePoints.isEmpty else {
            throw SpaceError.invalid(
                space: "elastic",
                ["nothing of the network can vary"]
                    + walk.notes.prefix(3).map { "`\($0.path)` \($0.reason)" })
        }
        return ElasticLayer(layer: made, notes: walk.notes)
    }
}

/// The way through a network on which its blocks become choices.
private struct ElasticWalk {
    let options: Elasticity
    private(set) var notes: [ElasticLayer.Note] = []
    private var names: Set<String> = []

    init(options: Elasticity) { self.options = options }

    /// Makes what lies within a layer elastic.
    ///
    /// - Returns: the layer with its choices, and the number of channels that come out.
    mutating func through(_ layer: Layer, _ inputs: Int, _ path: String) throws -> (layer: Layer, outputs: Int) {
        let outputs = try TensorLayout(of: layer, inputs: inputs, path: path).outputs
        switch layer {
        case .residual: return (try block(layer, inputs, path), outputs)
        case .sequence(let parts):
            let isPlain = parts.allSatisfy(\.layer.isPlain)
            if isPlain, !path.isEmpty, layer.producers <= Self.mostOfBlock {
                return (try block(layer, inputs, path), outputs)
            }
            return (.sequence(try chain(parts, inputs, path)), outputs)
        case .choice: note(path, "is a choice already")
        case .cell: note(path, "is a cell, whose nodes are added up and must keep their channels")
        default: break
        }
        return (layer, outputs)
    }

    /// The most convolutions that make channels for one another and count as one block.
    private static let mostOfBlock = 4

    /// Makes the parts of a chain elastic: blocks one by one, and plain layers between them two convolutions at a time.
    private mutating func chain(
        _ parts: [Layer.Part], _ inputs: Int, _ path: String
    ) throws -> [Layer.Part] {
        var made: [Layer.Part] = []
        var channels = inputs
        var pending: [Layer.Part] = []
        var pendingInputs = inputs
        func key(_ part: Layer.Part) -> String { LayerTracer.join(path, part.key) }
        func close() throws {
            defer { pending = [] }
            guard let first = pending.first else { return }
            let layer = Layer.sequence(pending)
            guard layer.producers > 1 else {
                made += pending
                return
            }
            let choice = try block(layer, pendingInputs, key(first))
            // Without a choice the parts stand as they did.
            made += choice.choicePoints.isEmpty ? pending : [Layer.Part("", choice)]
        }
        for part in parts {
            if part.layer.isPlain {
                if pending.isEmpty {
                    guard part.layer.producers > 0 else {
                        made.append(part)
                        channels = try TensorLayout(of: part.layer, inputs: channels, path: key(part)).outputs
                        continue
                    }
                    pendingInputs = channels
                }
                pending.append(part)
                channels = try TensorLayout(of: part.layer, inputs: channels, path: key(part)).outputs
                if Layer.sequence(pending).producers == 2 { try close() }
            } else {
                try close()
                let found = try through(part.layer, channels, key(part))
                made.append(Layer.Part(part.key, found.layer))
                channels = found.outputs
            }
        }
        try close()
        return made
    }

    /// Makes a choice of a block.
    private mutating func block(_ block: Layer, _ inputs: Int, _ path: String) throws -> Layer {
        guard block.isBlock else {
            note(path, "holds blocks or choices within a block")
            return block
        }
        var candidates: [Layer.Candidate] = []
        if case .residual(_, nil, let relu) = block {
            // A body that gives nothing.
            if options.skipsBlocks { candidates.append(.init(Elasticity.skip, relu ? .relu : .identity)) }
        }
        let windows = block.windows
        let largest = windows.max() ?? 1
        var kernels = options.shrinksKernels ? windows.filter { $0 == 5 || $0 == 7 }.isEmpty ? [] : [3, 5, 7] : []
        kernels = kernels.filter { $0 < largest }
        if !kernels.isEmpty, (try? narrowed(block, inputs, 1, kernel: kernels[0])) == nil {
            note(path, "keeps its windows of \(largest), whose padding cannot shrink with them")
            kernels = []
        }
        let hasWidths = block.hasInnerChannels
        if !hasWidths, options.fractions.contains(where: { $0 < 1 }) {
            note(path, "has no channels between two convolutions that could be narrowed")
        }
        let fractions = hasWidths ? Set(options.fractions + [1]).sorted() : [1]
        var seen: Set<Layer> = []
        for fraction in fractions {
            for kernel in kernels + [nil] {
                guard fraction < 1 || kernel != nil else { continue }
                let layer = try narrowed(block, inputs, fraction, kernel: kernel)
                guard layer != block, seen.insert(layer).inserted else { continue }
                let words =
                    (kernel.map { ["kernel \($0)"] } ?? [])
                    + (fraction < 1 ? ["width \(Self.text(fraction))"] : [])
                candidates.append(.init(words.joined(separator: ", "), layer))
            }
        }
        guard !candidates.isEmpty else { return block }
        candidates.append(.init("whole", block))
        return .choice(Layer.Choice(name(path), candidates, sharing: options.sharing))
    }

    /// A block with a share of its inner channels, and windows of at most `kernel`.
    private func narrowed(_ block: Layer, _ inputs: Int, _ fraction: Double, kernel: Int?) throws -> Layer {
        let narrowing = Narrowing(fraction: fraction, multiple: options.multiple, kernel: kernel)
        return try narrowing.apply(block, inputs: (inputs, inputs), ending: .kept, path: "").layer
    }

    private mutating func name(_ path: String) -> String {
        let name = path.isEmpty ? "block" : path
        var (unique, number) = (name, 2)
        while !names.insert(unique).inserted {
            unique = "\(name) (\(number))"
            number += 1
        }
        return unique
    }

    private mutating func note(_ path: String, _ reason: String) {
        notes.append(.init(path: path.isEmpty ? "network" : path, reason: reason))
    }

    /// A fraction as people write it: 1/4 for 0.25.
    private static func text(_ fraction: Double) -> String {
        for denominator in 2...16 {
            let numerator = (fraction * Double(denominator)).rounded()
            if abs(numerator / Double(denominator) - fraction) < 1e-9 { return "\(Int(numerator))/\(denominator)" }
        }
        return "\(fraction)"
    }
}
