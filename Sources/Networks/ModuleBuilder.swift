import Architectures
import NN
import Torch

/// Builds the tensors of a `Layer` in a parameter store, under the keys of its parts.
struct ModuleBuilder {
    /// The positions of choice points by name; empty for a network without choices.
    let points: [String: Int]
    /// The candidates that each entry of the store belongs to, in the store's order: an entry is part of a path that
    /// takes one of each set; without sets, of every path.
    private(set) var owners: [[CandidateSet]] = []
    /// The place of each key under choices, by the key's position in the store.
    private(set) var places: [Int: Place] = [:]

    /// The choices whose candidates take parts of the largest one's tensors: the tensors, and what stands before their
    /// keys.
    private(set) var sharedPlaces: [(prefix: String, layout: TensorLayout)] = []

    /// Some candidates of one choice point.
    struct CandidateSet {
        let point: Int
        let candidates: Set<Int>

        /// Whether an architecture takes one of them.
        func contains(_ architecture: Architecture) -> Bool { candidates.contains(architecture[point]) }
    }

    /// The channels of what taps hand out, by name.
    private(set) var mapChannels: [String: Int] = [:]

    /// A place under choices.
    struct Place {
        /// A candidate with tensors of its own. Keys there consist of `prefix`, its number and the candidate's own key.
        struct Numbered {
            let candidate: CandidateReference
            /// The path of the choice, with a trailing dot unless it is the root.
            let prefix: String
        }

        /// A choice whose candidates share the tensor.
        struct Shared {
            let point: Int
            /// What each candidate takes of the tensor; nil where it takes all of it or does without.
            let parts: [SharedTensor?]
        }

        var numbered: Numbered?
        var shared: Shared?
        /// Whether the tensor serves the supernet alone and is not part of a path's network, as the matrices between
        /// windows.
        var isAid = false
    }

    /// Whether what is built lies within a candidate that has tensors of its own.
    private var isNumbered = false

    init(points: [String: Int]) { self.points = points }

    /// Builds a layer at a path of the store.
    ///
    /// - Returns: the module, and the number of channels or features that it gives.
    mutating func build(
        _ layer: Layer, _ scope: Scope, inputs: Int, within candidate: [CandidateSet] = []
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
                dilation: shape.dilation, groups: shape.groups, bias: shape.bias, initializer: shape.start.initializer)
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
        case .global(let body):
            let (module, outputs) = try build(body, scope, inputs: inputs, within: candidate)
            let hasNorm = try TensorLayout(of: body, inputs: inputs, path: scope.path).tensors.contains {
                $0.key == "running_mean" || $0.key.hasSuffix(".running_mean")
            }
            return (.global(module, scope.store.format, hasNorm: hasNorm), outputs)
        case .join(let parts):
            let built = try parts.map { try build($0.layer, scope / $0, inputs: inputs, within: candidate) }
            return (.join(built.map(\.module), scope.store.format), built.reduce(0) { $0 + $1.outputs })
        case .dropout(let probability, let ofChannels):
            return (.dropout(probability: probability, ofChannels: ofChannels), inputs)
        case .tap(let name):
            mapChannels[name] = inputs
            return (.tap(name), inputs)
        case .linear(let outputs): return made(.linear(try Linear(scope, inputs, outputs)), outputs, in: &self)
        case .splitAttention(let radix, let cardinality, let dilation):
            let attention = try SplitAttention(
                scope, inputs, dilation: dilation, radix: radix, cardinality: cardinality,
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
            guard let point = points[choice.point], !isNumbered else {
                throw SpaceError.layer(
                    path: scope.path,
                    "a choice at '\(choice.point)' cannot stand in a network without choices, or within a candidate "
                        + "that has tensors of its own")
            }
            return choice.sharing == nil
                ? try self.choice(choice, at: point, scope, inputs, candidate)
                : try sharedChoice(choice, at: point, scope, inputs, candidate)
        case .cell(let edges): return try cell(edges, scope, inputs, candidate)
        }
    }

    private mutating func choice(
        _ choice: Layer.Choice, at point: Int, _ scope: Scope, _ inputs: Int, _ outer: [CandidateSet]
    ) throws -> (module: Module, outputs: Int) {
        isNumbered = true
        defer { isNumbered = false }
        var modules: [Module] = []
        var outputs = inputs
        for (position, option) in choice.candidates.enumerated() {
            let before = scope.store.keys.count
            let built = try build(
                option.layer, scope / position, inputs: inputs,
                within: outer + [CandidateSet(point: point, candidates: [position])])
            place(CandidateReference(point: point, candidate: position), scope, since: before)
            if position > 0 { try Self.requireEqual(outputs, built.outputs, "its candidates", scope) }
            modules.append(built.module)
            outputs = built.outputs
        }
        return (.choice(point, modules), outputs)
    }

    /// Builds the largest candidate, and the others of its tensors.
    private mutating func sharedChoice(
        _ choice: Layer.Choice, at point: Int, _ scope: Scope, _ inputs: Int, _ outer: [CandidateSet]
    ) throws -> (module: Module, outputs: Int) {
        let shared = try choice.sharedTensors(inputs: inputs, path: scope.path)
        let store = scope.store
        let prefix = scope.path.isEmpty ? "" : scope.path + "."
        let (firstEntry, firstKey) = (store.entries.count, store.keys.count)
        let built = try build(choice.candidates[shared.largest].layer, scope, inputs: inputs, within: outer)
        let keys = firstKey..<store.keys.count
        if shared.parts.contains(where: { $0.values.contains { !$0.isWhole } }) {
            sharedPlaces.append((prefix, shared.layout))
        }
        let matrices = try self.matrices(shared.windows, scope, point, shared.parts, outer)
        func tensor(_ key: String, of candidate: Int) -> SharedTensor? {
            guard let part = shared.parts[candidate][key], let whole = store[prefix + key] else { return nil }
            return SharedTensor(whole: whole, part: part, matrices: matrices[key] ?? [:])
        }
        for position in keys {
            var key = String(store.keys[position].key.dropFirst(prefix.count))
            // A matrix belongs to whoever has its kernel.
            if places[position]?.isAid ?? false, let dot = key.lastIndex(of: ".") { key = key[..<dot] + ".weight" }
            let users = Set(choice.candidates.indices.filter { shared.parts[$0][key] != nil })
            let entry = store.keys[position].entry
            if entry >= firstEntry, users.count < choice.candidates.count {
                owners[entry].append(CandidateSet(point: point, candidates: users))
            }
            let parts = choice.candidates.indices.map { candidate -> SharedTensor? in
                guard let tensor = tensor(key, of: candidate), !tensor.part.isWhole else { return nil }
                return tensor
            }
            if parts.contains(where: { $0 != nil }) {
                places[position, default: Place()].shared = Place.Shared(point: point, parts: parts)
            }
        }
        let candidates = try choice.candidates.indices.map { candidate -> SharedCandidate in
            if candidate == shared.largest { return .whole(built.module) }
            let layer = choice.candidates[candidate].layer
            if shared.parts[candidate].values.allSatisfy(\.isWhole) {
                let known = ParameterStore(like: store) { key, _ in
                    guard let tensor = store[key] else {
                        throw StateError.mismatch(missing: [key], unexpected: [], misshapen: [])
                    }
                    return tensor
                }
                var others = ModuleBuilder(points: points)
                let place = scope.path.isEmpty ? known.root : known.root / scope.path
                let made = try others.build(layer, place, inputs: inputs)
                try Self.requireEqual(built.outputs, made.outputs, "its candidates", scope)
                return .whole(made.module)
            }
            let tensors = Dictionary(
                uniqueKeysWithValues: shared.parts[candidate].keys.compactMap { key in
                    tensor(key, of: candidate).map { (key, $0) }
                })
            return .part(PartialCandidate(layer: layer, inputs: inputs, tensors: tensors, store: store))
        }
        return (.sharedChoice(point, candidates), built.outputs)
    }

    /// Registers the matrices that lead from window to window, identities at first, beside the kernels.
    private mutating func matrices(
        _ windows: [String: [Int]], _ scope: Scope, _ point: Int, _ parts: [[String: TensorPart]],
        _ outer: [CandidateSet]
    ) throws -> [String: [Int: Tensor]] {
        var made: [String: [Int: Tensor]] = [:]
        for (key, sizes) in windows.sorted(by: { $0.key < $1.key }) {
            let kernel = key.split(separator: ".").dropLast().joined(separator: ".")
            for (window, smaller) in zip(sizes, sizes.dropFirst()) {
                let name = Layer.Choice.matrixName(from: window, to: smaller)
                let users = parts.indices.filter { parts[$0][key]?.windows.contains(smaller) ?? false }
                let position = scope.store.keys.count
                let place = kernel.isEmpty ? scope : scope / kernel
                let matrix = try place.parameter(name, [smaller * smaller, smaller * smaller], .identity)
                while owners.count < scope.store.entries.count { owners.append(outer) }
                owners[scope.store.entries.count - 1].append(CandidateSet(point: point, candidates: Set(users)))
                places[position, default: Place()].isAid = true
                made[key, default: [:]][window] = matrix
            }
        }
        return made
    }

    private mutating func cell(
        _ edges: [Layer.Edge], _ scope: Scope, _ inputs: Int, _ candidate: [CandidateSet]
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
        let numbered = Place.Numbered(candidate: candidate, prefix: scope.path.isEmpty ? "" : scope.path + ".")
        for key in before..<scope.store.keys.count { places[key, default: Place()].numbered = numbered }
    }

    /// Builds the modules of parts, with ReLUs fused into the batch norms before them.
    mutating func sequence(
        _ parts: [Layer.Part], _ scope: Scope, inputs: Int, within candidate: [CandidateSet] = []
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
        _ part: Layer.Part, beside body: Layer, _ scope: Scope, _ inputs: Int, _ candidate: [CandidateSet]
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
