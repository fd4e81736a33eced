/// The way through a network on which its blocks become choices.
struct ElasticWalk {
    private let options: Elasticity
    private(set) var notes: [ElasticLayer.Note] = []
    private var names: Set<String>

    /// - Parameters:
    ///   - options: what may vary.
    ///   - names: the choice points that the network has already.
    init(options: Elasticity, names: [String]) {
        self.options = options
        self.names = Set(names)
    }

    /// Makes what lies within a layer elastic.
    ///
    /// - Returns: the layer with its choices, and the number of channels that come out.
    mutating func through(_ layer: Layer, _ inputs: Int, _ path: String) throws -> (layer: Layer, outputs: Int) {
        let outputs = try TensorLayout(of: layer, inputs: inputs, path: path).outputs
        switch layer {
        case .residual: return (try block(layer, inputs, path), outputs)
        case .sequence(let parts):
            // Of parts with several convolutions each is a block of its own.
            if !path.isEmpty, layer.isPlain, parts.allSatisfy({ $0.layer.convolutions <= 1 }),
                layer.producers(inputs: inputs) <= Self.mostOfBlock
            {
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
        // Layers of a block that is not yet known to be one, their inputs, and the first that makes channels.
        var pending: [Layer.Part] = []
        var (pendingInputs, producers, first) = (inputs, 0, "")
        func close() throws {
            defer { (pending, producers) = ([], 0) }
            guard producers > 1 else {
                made += pending
                return
            }
            let choice = try block(.sequence(pending), pendingInputs, first)
            // Without a choice the parts stand as they did.
            made += choice.choicePoints.isEmpty ? pending : [Layer.Part("", choice)]
        }
        for part in parts {
            let key = LayerTracer.join(path, part.key)
            // A part with several convolutions is a block by itself.
            guard part.layer.isPlain, part.layer.convolutions <= 1 else {
                try close()
                let found = try through(part.layer, channels, key)
                made.append(Layer.Part(part.key, found.layer))
                channels = found.outputs
                continue
            }
            let own = part.layer.producers(inputs: channels)
            if pending.isEmpty, own == 0, !part.layer.isPad {
                made.append(part)
            } else {
                if pending.isEmpty { pendingInputs = channels }
                if producers == 0, own > 0 { first = key }
                pending.append(part)
                producers += own
                channels = part.layer.outputs(inputs: channels)
                if producers == 2 { try close() }
            }
        }
        try close()
        return made
    }

    /// Makes a choice of a block.
    private mutating func block(_ block: Layer, _ inputs: Int, _ path: String) throws -> Layer {
        guard block.isBlock else {
            note(path, "holds \(block.foreignOfBlock) within a block")
            return block
        }
        var candidates: [Layer.Candidate] = []
        if case .residual(_, nil, let relu) = block, options.skipsBlocks {
            // A body that gives nothing.
            candidates.append(.init(Elasticity.skip, relu ? .relu : .identity))
        }
        let kernels = try kernels(block, inputs, path)
        let fractions = try fractions(block, inputs, path)
        var seen: Set<Layer> = [block]
        var isNarrowed = false
        for fraction in fractions {
            for kernel in kernels.map(Optional.some) + [nil] {
                let layer = try narrowed(block, inputs, fraction, kernel: kernel)
                guard seen.insert(layer).inserted else { continue }
                let words =
                    (kernel.map { ["kernel \($0)"] } ?? [])
                    + (fraction < 1 ? ["width \(Self.text(fraction))"] : [])
                isNarrowed = isNarrowed || fraction < 1
                candidates.append(.init(words.joined(separator: ", "), layer))
            }
        }
        if !isNarrowed, fractions.count > 1 {
            note(path, "has too few channels between its convolutions for a narrower multiple of \(options.multiple)")
        }
        guard !candidates.isEmpty else { return block }
        candidates.append(.init("whole", block))
        return .choice(Layer.Choice(name(path), candidates, sharing: options.sharing))
    }

    /// The sizes that the windows of a block may shrink to, ascending.
    private mutating func kernels(_ block: Layer, _ inputs: Int, _ path: String) throws -> [Int] {
        let windows = block.windows
        guard options.shrinksKernels, let largest = windows.max(), !windows.isDisjoint(with: [5, 7]) else { return [] }
        let wanted = [3, 5, 7].filter { $0 < largest }
        let possible = wanted.filter { (try? narrowed(block, inputs, 1, kernel: $0)) != nil }
        if possible.count < wanted.count {
            note(
                path,
                "keeps its windows of \(largest)"
                    + (possible.first.map { " or shrinks them to \($0) at least" } ?? "")
                    + ", as its padding cannot shrink with them any further")
        }
        return possible
    }

    /// The shares of its inner channels that a block may have, ascending; the last is 1.
    private mutating func fractions(_ block: Layer, _ inputs: Int, _ path: String) throws -> [Double] {
        let wanted = Set(options.fractions + [1]).sorted()
        guard wanted.count > 1 else { return wanted }
        guard block.producers(inputs: inputs) > 1 else {
            note(path, "has no channels between two convolutions that could be narrowed")
            return [1]
        }
        do {
            for fraction in wanted {
                let choice = Layer.Choice(
                    "", [.init("narrow", try narrowed(block, inputs, fraction, kernel: nil)), .init("whole", block)],
                    sharing: options.sharing)
                _ = try choice.sharedTensors(inputs: inputs, path: path)
            }
            return wanted
        } catch SpaceError.layer(_, let reason) {
            note(path, "cannot be narrowed: \(reason)")
            return [1]
        }
    }

    /// A block with a share of its inner channels, and windows of at most `kernel`.
    private func narrowed(_ block: Layer, _ inputs: Int, _ fraction: Double, kernel: Int?) throws -> Layer {
        let narrowing = Narrowing(fraction: fraction, multiple: options.multiple, kernel: kernel)
        return try narrowing.apply(block, inputs: (inputs, inputs), ending: .kept, path: "").layer
    }

    /// A name for a choice point that no other has.
    mutating func name(_ path: String) -> String {
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
            if numerator > 0, abs(numerator / Double(denominator) - fraction) < 1e-9 {
                return "\(Int(numerator))/\(denominator)"
            }
        }
        return "\(fraction)"
    }
}

extension Layer {
    fileprivate var isPad: Bool {
        if case .pad = self { return true }
        return false
    }

    /// What keeps the layer from being a block, in words.
    fileprivate var foreignOfBlock: String {
        if case .residual(let body, _, _) = self { return body.foreign ?? "a choice in its shortcut" }
        return foreign ?? "a layer of another kind"
    }
}
