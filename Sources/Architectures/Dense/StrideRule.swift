/// How layers lose the strides beyond an output stride, and spread their windows instead.
struct StrideRule {
    /// The greatest stride that is left.
    let outputStride: Int

    /// The strides that were met so far.
    struct State: Equatable {
        /// The product of all strides of the network as it was.
        var stride = 1
        /// The product of those that were dropped, by which windows spread.
        var dilation = 1

        /// The product of those that are left.
        var actual: Int { stride / dilation }
    }

    /// What became of a layer.
    typealias Made = (layer: Layer, state: State)

    /// The parts one by one, zeros around the image together with the convolution that they are for.
    static func units(_ parts: [Layer.Part]) -> [[Layer.Part]] {
        var units: [[Layer.Part]] = []
        for part in parts {
            if case .convolution(let convolution) = part.layer, convolution.padding == 0, units.last?.count == 1,
                case .pad = units.last?.last?.layer
            {
                units[units.count - 1].append(part)
            } else {
                units.append([part])
            }
        }
        return units
    }

    /// Applies the rule to a unit of `units`.
    func apply(
        _ unit: [Layer.Part], _ state: State, _ path: String, inGate: Bool = false
    ) throws -> (parts: [Layer.Part], state: State) {
        guard let part = unit.last else { return ([], state) }
        let key = LayerTracer.join(path, part.key)
        if unit.count == 2, case .pad(let before, let after) = unit[0].layer, case .convolution(let given) = part.layer
        {
            let made = try convolution(given, pad: (before, after), state, key)
            let pad = made.pad.map { [Layer.Part(unit[0].key, .pad(before: $0.before, after: $0.after))] } ?? []
            return (pad + [Layer.Part(part.key, .convolution(made.convolution))], made.state)
        }
        let made = try apply(part.layer, state, key, inGate: inGate)
        return ([Layer.Part(part.key, made.layer)], made.state)
    }

    /// Applies the rule to a layer.
    ///
    /// - Parameters:
    ///   - layer: the layer, whose numbers were checked.
    ///   - state: the strides before it.
    ///   - path: the key of the layer, for errors.
    ///   - inGate: whether the layer weighs others, so that it may pool.
    private func apply(_ layer: Layer, _ state: State, _ path: String, inGate: Bool) throws -> Made {
        func same(_ states: [State], _ what: String) throws -> State {
            guard let first = states.first, states.allSatisfy({ $0 == first }) else {
                throw Self.refusal(path, "\(what) have different strides")
            }
            return first
        }
        func part(_ part: Layer.Part) throws -> (part: Layer.Part, state: State) {
            let made = try apply(part.layer, state, LayerTracer.join(path, part.key), inGate: inGate)
            return (Layer.Part(part.key, made.layer), made.state)
        }
        switch layer {
        case .convolution(let given):
            let made = try convolution(given, pad: nil, state, path)
            return (.convolution(made.convolution), made.state)
        case .splitAttention(let radix, let cardinality, let dilation):
            return (
                .splitAttention(radix: radix, cardinality: cardinality, dilation: dilation * state.dilation), state
            )
        case .pool(let given):
            let (made, state) = try pool(given, state, path)
            return (.pool(made), state)
        case .zero(let stride):
            let (next, isDropped) = taking(stride, state)
            return (.zero(stride: isDropped ? 1 : stride), next)
        case .sequence(let parts): return try sequence(parts, state, path, inGate: inGate)
        case .residual(let body, let shortcut, let relu):
            let made = try apply(body, state, path, inGate: inGate)
            let added = try shortcut.map(part)
            let next = try same([made.state, added?.state ?? state], "its body and what is added to it")
            return (.residual(body: made.layer, shortcut: added?.part, relu: relu), next)
        case .gate(let body): return (.gate(try apply(body, state, path, inGate: true).layer), state)
        case .choice(var choice):
            var states: [State] = []
            for position in choice.candidates.indices {
                let made = try apply(choice.candidates[position].layer, state, path, inGate: inGate)
                choice.candidates[position].layer = made.layer
                states.append(made.state)
            }
            return (.choice(choice), try same(states, "its candidates"))
        case .cell(let edges):
            let made = try edges.map { edge in
                let (part, own) = try part(edge.part)
                guard own == state else { throw Self.refusal(path, "a stride within a cell cannot become dilation") }
                return Layer.Edge(from: edge.from, to: edge.to, part)
            }
            return (.cell(made), state)
        case .join(let parts):
            let made = try parts.map(part)
            return (.join(made.map(\.part)), try same(made.map(\.state), "the parts that it joins"))
        case .squeeze where inGate: return (layer, state)
        case .globalPool, .squeeze, .linear:
            throw Self.refusal(path, "its features are pooled or mixed amid a block, where they have no positions left")
        case .resize:
            throw Self.refusal(
                path,
                "images or features are resized here, as where the size of images is a choice, so that maps have no "
                    + "fixed stride")
        case .batchNorm, .relu, .relu6, .hardSwish, .hardSigmoid, .pad, .global, .dropout, .tap, .identity:
            return (layer, state)
        }
    }

    private func sequence(
        _ parts: [Layer.Part], _ state: State, _ path: String, inGate: Bool
    ) throws -> Made {
        var made: [Layer.Part] = []
        var state = state
        let units = Self.units(parts)
        for (number, unit) in units.enumerated() {
            // Behind the mean of a gate there is one position.
            if inGate, case .squeeze? = unit.last?.layer {
                return (.sequence(made + units[number...].joined()), state)
            }
            let next = try apply(unit, state, path, inGate: inGate)
            made += next.parts
            state = next.state
        }
        return (.sequence(made), state)
    }

    /// The strides after one more, and whether it is dropped.
    private func taking(_ stride: Int, _ state: State) -> (state: State, isDropped: Bool) {
        guard stride > 1 else { return (state, false) }
        var next = state
        // Beyond any network; what does not fit is refused with the strides' sum.
        next.stride = min(next.stride.multipliedReportingOverflow(by: stride).partialValue, 1 << 30)
        let isDropped = state.dilation > 1 || state.actual * stride > outputStride
        if isDropped {
            next.dilation = min(next.dilation.multipliedReportingOverflow(by: stride).partialValue, 1 << 30)
        }
        return (next, isDropped)
    }

    /// A convolution, and the zeros before it that are left.
    private func convolution(
        _ given: Layer.Convolution, pad: (before: Int, after: Int)?, _ state: State, _ path: String
    ) throws -> (convolution: Layer.Convolution, pad: (before: Int, after: Int)?, state: State) {
        var made = given
        let (next, isDropped) = taking(given.stride, state)
        guard isDropped || state.dilation > 1 else { return (given, pad, next) }
        // What the window needs around the image to keep its size without a stride, and what there is.
        let room = given.dilation * (given.kernel - 1)
        let zeros = pad.map { $0.before + $0.after } ?? 2 * given.padding
        // Before a stride, TensorFlow's zeros are as few as will do.
        let keepsSize =
            zeros == room || (isDropped && pad != nil && zeros <= room && zeros > room - given.stride)
        made.stride = 1
        made.dilation = given.dilation * state.dilation
        if keepsSize, room.isMultiple(of: 2) {
            made.padding = room / 2 * state.dilation
            return (made, nil, next)
        }
        guard !isDropped else {
            throw Self.refusal(
                path,
                "its window of \(given.kernel) with padding \(given.padding) does not keep the size without its stride")
        }
        made.padding = given.padding * state.dilation
        return (made, pad.map { ($0.before * state.dilation, $0.after * state.dilation) }, next)
    }

    private func pool(_ given: Layer.Pool, _ state: State, _ path: String) throws -> (Layer.Pool, State) {
        var made = given
        let (next, isDropped) = taking(given.stride, state)
        guard isDropped else { return (given, next) }
        made.stride = 1
        if given.kernel == given.stride, given.padding == 0 {
            made.kernel = 1
        } else if 2 * given.padding != given.kernel - 1 {
            throw Self.refusal(
                path,
                "its pooling over windows of \(given.kernel) with padding \(given.padding) does not keep the size "
                    + "without its stride")
        }
        return (made, next)
    }

    private static func refusal(_ path: String, _ reason: String) -> SpaceError {
        .layer(path: path.isEmpty ? "network" : path, "\(reason), so that it cannot be made dense")
    }
}
