import Architectures
import NN

/// Builds the tensors of a `Layer` in a parameter store, under the keys of its parts.
struct ModuleBuilder {
    /// The positions of choice points by name; empty for a network without choices.
    let points: [String: Int]
    /// The candidate that each entry of the store belongs to, in the store's order; nil for entries that every path
    /// has.
    private(set) var owners: [CandidateReference?] = []
    /// The place of each key under a candidate, by the key's position in the store.
    private(set) var places: [Int: Place] = [:]

    /// A place under a choice. Keys there consist of `prefix`, the candidate's number and the candidate's own key.
    struct Place {
        let candidate: CandidateReference
        /// The path of the choice, with a trailing dot unless it is the root.
        let prefix: String
    }

    init(points: [String: Int]) { self.points = points }

    /// Builds a layer at a path of the store.
    ///
    /// - Returns: the module, and the number of channels or features that it gives.
    mutating func build(
        _ layer: Layer, _ scope: Scope, inputs: Int, within candidate: CandidateReference? = nil
    ) throws -> (module: Module, outputs: Int) {
        func made(_ module: Module, _ outputs: Int, in builder: inout ModuleBuilder) -> (Module, Int) {
            // Whatever was registered since the last call belongs to this candidate.
            while builder.owners.count < scope.store.entries.count { builder.owners.append(candidate) }
            return (module, outputs)
        }
        try layer.validate(inputs: inputs, path: scope.path)
        switch layer {
        case .convolution(let shape):
            let conv = try Conv2d(
                scope, inputs, shape.outputs, kernel: shape.kernel, stride: shape.stride, padding: shape.padding,
                groups: shape.groups, bias: shape.bias, initializer: shape.start.initializer)
            return made(.convolution(conv), shape.outputs, in: &self)
        case .batchNorm(let scale):
            return made(.norm(try BatchNorm2d(scope, inputs, scale: scale), relu: false), inputs, in: &self)
        case .relu: return (.relu, inputs)
        case .relu6: return (.relu6, inputs)
        case .hardSwish: return (.hardSwish, inputs)
        case .hardSigmoid: return (.hardSigmoid, inputs)
        case .pad(let before, let after): return (.pad(before: before, after: after), inputs)
        case .pool(let pool): return (.pool(pool), inputs)
        case .globalPool: return (.globalPool, inputs)
        case .squeeze: return (.squeeze, inputs)
        case .gate(let body):
            let (module, outputs) = try build(body, scope, inputs: inputs, within: candidate)
            try Self.requireEqual(inputs, outputs, "what comes into a gate and what lies in it", scope)
            return (.gate(module), inputs)
        case .resize(let height, let width): return (.resize(height: height, width: width), inputs)
        case .linear(let outputs): return made(.linear(try Linear(scope, inputs, outputs)), outputs, in: &self)
        case .splitAttention(let radix, let cardinality):
            let attention = try SplitAttention(
                scope, inputs, radix: radix, cardinality: cardinality,
                initializer: Layer.Convolution.Start.fanOut.initializer)
            return made(.splitAttention(attention), inputs, in: &self)
        case .identity: return (.identity, inputs)
        case .zero(let stride): return (.zero(stride: stride), inputs)
        case .sequence(let parts):
            let (modules, outputs) = try sequence(parts, scope, inputs: inputs, within: candidate)
            return (.sequence(modules), outputs)
        case .residual(let body, let shortcut, let relu):
            let (module, outputs) = try build(body, scope, inputs: inputs, within: candidate)
            let added = try shortcut.map { try self.shortcut($0, beside: body, scope, inputs, candidate) }
            try Self.requireEqual(outputs, added?.outputs ?? inputs, "its body and what is added to it", scope)
            return (.residual(body: module, shortcut: added?.module ?? .identity, relu: relu), outputs)
        case .choice(let choice):
            guard let point = points[choice.point], candidate == nil else {
                throw SpaceError.layer(
                    path: scope.path,
                    "a choice at '\(choice.point)' cannot stand in a network without choices or within another choice")
            }
            return try self.choice(choice, at: point, scope, inputs)
        case .cell(let edges): return try cell(edges, scope, inputs, candidate)
        }
    }

    private mutating func choice(
        _ choice: Layer.Choice, at point: Int, _ scope: Scope, _ inputs: Int
    ) throws -> (module: Module, outputs: Int) {
        var modules: [Module] = []
        var outputs = inputs
        for (position, option) in choice.candidates.enumerated() {
            let reference = CandidateReference(point: point, candidate: position)
            let before = scope.store.keys.count
            let built = try build(option.layer, scope / position, inputs: inputs, within: reference)
            place(reference, scope, since: before)
            if position > 0 { try Self.requireEqual(outputs, built.outputs, "its candidates", scope) }
            modules.append(built.module)
            outputs = built.outputs
        }
        return (.choice(point, modules), outputs)
    }

    private mutating func cell(
        _ edges: [Layer.Edge], _ scope: Scope, _ inputs: Int, _ candidate: CandidateReference?
    ) throws -> (module: Module, outputs: Int) {
        // Validated: every node but the first has a way in, from a node before it.
        var nodes = [[(from: Int, module: Module)]](repeating: [], count: Set(edges.map(\.to)).count)
        var channels = [inputs] + [Int?](repeating: nil, count: nodes.count)
        for edge in edges.sorted(by: { ($0.to, $0.from) < ($1.to, $1.from) }) {
            let built = try build(
                edge.part.layer, scope / edge.part, inputs: channels[edge.from] ?? inputs, within: candidate)
            try Self.requireEqual(built.outputs, channels[edge.to] ?? built.outputs, "edges into a node", scope)
            nodes[edge.to - 1].append((edge.from, built.module))
            channels[edge.to] = built.outputs
        }
        return (.cell(nodes), channels[nodes.count] ?? inputs)
    }

    private static func requireEqual(_ channels: Int, _ others: Int, _ what: String, _ scope: Scope) throws {
        guard channels == others else {
            throw SpaceError.layer(path: scope.path, "\(what) give \(channels) and \(others) channels")
        }
    }

    /// Records the keys that were added since the store had `before` of them.
    private mutating func place(_ candidate: CandidateReference, _ scope: Scope, since before: Int) {
        let place = Place(candidate: candidate, prefix: scope.path.isEmpty ? "" : scope.path + ".")
        for key in before..<scope.store.keys.count { places[key] = place }
    }

    /// Builds the modules of parts, with ReLUs fused into the batch norms before them.
    mutating func sequence(
        _ parts: [Layer.Part], _ scope: Scope, inputs: Int, within candidate: CandidateReference? = nil
    ) throws -> (modules: [Module], outputs: Int) {
        var modules: [Module] = []
        var channels = inputs
        for part in parts {
            if case .relu = part.layer, case .norm(let norm, relu: false) = modules.last {
                modules[modules.count - 1] = .norm(norm, relu: true)
                continue
            }
            let (module, outputs) = try build(part.layer, scope / part, inputs: channels, within: candidate)
            modules.append(module)
            channels = outputs
        }
        return (modules, channels)
    }

    /// Builds a shortcut. Beside a choice it is one module, whose tensors stand under the keys of all candidates.
    private mutating func shortcut(
        _ part: Layer.Part, beside body: Layer, _ scope: Scope, _ inputs: Int, _ candidate: CandidateReference?
    ) throws -> (module: Module, outputs: Int) {
        guard case .choice(let choice) = body, let point = points[choice.point] else {
            return try build(part.layer, scope / part, inputs: inputs, within: candidate)
        }
        let before = scope.store.entries.count
        let first = scope / 0
        var keys = scope.store.keys.count
        let built = try build(part.layer, first / part, inputs: inputs, within: candidate)
        place(CandidateReference(point: point, candidate: 0), scope, since: keys)
        let made = scope.store.entries[before...].map { ($0.key.dropFirst(first.path.count + 1), $0.tensor) }
        for position in choice.candidates.indices.dropFirst() {
            keys = scope.store.keys.count
            for (name, tensor) in made { try (scope / position).share(String(name), tensor) }
            place(CandidateReference(point: point, candidate: position), scope, since: keys)
        }
        return built
    }
}

extension Scope {
    static func / (scope: Scope, part: Layer.Part) -> Scope { part.key.isEmpty ? scope : scope / part.key }
}

extension Layer.Convolution.Start {
    var initializer: Initializer {
        switch self {
        case .fanIn: .defaultWeight
        case .fanOut: .kaimingNormal(fan: .output, slope: 0)
        }
    }
}
