import Architectures
import NN
import Networks
import TensorFiles
import Torch

/// The import of another program's weights into a network or a supernet. Keys are those of PyTorch's modules behind any
/// prefix; shapes, missing and unknown keys and values that are not finite are checked before anything is written.
public struct CheckpointImport {
    /// The tensors of the file.
    public let checkpoint: ForeignCheckpoint
    /// The prefix of the network's keys, with its dot; nil to find it.
    public var prefix: String?
    /// The kind of weights to take, plain or averaged; nil for plain weights where both are complete.
    public var weights: WeightsKind?
    /// The epsilon that the checkpoint's batch norms add to a variance before its root is taken. Networks here add
    /// PyTorch's 1e-5; the difference is put into the variances, which gives the same results.
    public var normEpsilon = BatchNorm2d.defaultEpsilon

    /// Creates an import.
    ///
    /// - Parameters:
    ///   - checkpoint: the tensors of the file.
    ///   - prefix: the prefix of the network's keys, with its dot; nil to find it.
    public init(_ checkpoint: ForeignCheckpoint, prefix: String? = nil) {
        self.checkpoint = checkpoint
        self.prefix = prefix
    }

    /// The keys of classifiers of other programs, beside the backbone's keys or beside the backbone.
    private static let classifiers = ["fc", "_fc", "head.fc_cls", "head.fc", "head", "classifier", "classifier.1"]
    /// The keys of necks: those of MoCo's and of OpenSelfSup's checkpoints, and of this library's own.
    private static let necks = ["neck", "1.mlp", "1", "neck.mlp", "fc"]

    /// Imports one architecture of a space as a network of its own, from a checkpoint of that network or of the whole
    /// supernet.
    ///
    /// - Parameters:
    ///   - architecture: an architecture of the space.
    ///   - description: the space's supernet.
    ///   - classNames: the names of the classes in the order of the outputs; nil numbers them.
    ///   - fresh: make a new classifier for `classNames` instead of taking over the checkpoint's.
    /// - Returns: the network, the names of its classes, and what was taken.
    /// - Throws: `ImportError`; `SpaceError.notInSpace`.
    public func network(
        _ architecture: Architecture, of description: SupernetDescription, classNames: [String]? = nil,
        freshClassifier fresh: Bool = false
    ) throws -> (network: ImageNetwork, classNames: [String], report: ImportReport) {
        try network(
            description.fixed(to: architecture), channels: description.channels, of: (description, architecture),
            classNames, freshClassifier: fresh)
    }

    /// Imports a network without choices.
    ///
    /// - Parameters:
    ///   - backbone: the layers from [channels, H, W] to [features], without choices.
    ///   - channels: the number of channels of the images.
    ///   - classNames: the names of the classes in the order of the outputs; nil numbers them.
    ///   - fresh: make a new classifier for `classNames` instead of taking over the checkpoint's.
    /// - Returns: the network, the names of its classes, and what was taken.
    /// - Throws: `ImportError`; `SpaceError.layer` for a backbone with choices.
    public func network(
        _ backbone: Layer, channels: Int, classNames: [String]? = nil, freshClassifier fresh: Bool = false
    ) throws -> (network: ImageNetwork, classNames: [String], report: ImportReport) {
        try network(backbone, channels: channels, of: nil, classNames, freshClassifier: fresh)
    }

    /// Imports a network; where it is a path of a supernet, from a checkpoint of the whole supernet, too.
    private func network(
        _ backbone: Layer, channels: Int, of supernet: (description: SupernetDescription, path: Architecture)?,
        _ classNames: [String]?, freshClassifier fresh: Bool
    ) throws -> (network: ImageNetwork, classNames: [String], report: ImportReport) {
        func build(_ classes: Int) throws -> ImageNetwork {
            try ImageNetwork(
                NetworkDescription(channels: channels, classes: classes, backbone: backbone),
                store: ParameterStore(seed: 0, format: .channelsLast))
        }
        // With any number of classes: only the keys count as yet.
        let keys = try build(1).store.keys.map(\.key).filter { !$0.hasPrefix("fc.") }
        let part = try checkpoint.part(for: keys, prefix: prefix, weights: weights)
        // Only what is no such network may be the supernet, which is far larger.
        let whole = Self.missing(keys, part).isEmpty ? nil : try supernet.map { try wholeSupernet($0.description) }
        let isWhole = whole.map { Self.missing($0.keys, $0.part).count < Self.missing(keys, part).count } ?? false
        let chosen = isWhole ? whole?.part ?? part : part

        try refuseOther(chosen, keys: isWhole ? whole?.keys ?? keys : keys)
        let head = try fresh ? nil : classifier(beside: chosen)
        guard fresh || head != nil else { throw ImportError.noClassifier(path: checkpoint.path) }
        let outputs = head?.outputs ?? classNames?.count ?? 0
        let names = classNames ?? (0..<outputs).map { "\($0)" }
        guard names.count == outputs, outputs > 0 else {
            throw ImportError.classCount(
                path: checkpoint.path, key: head?.weight.name ?? "fc.weight", outputs: outputs, names: names.count)
        }
        let network = try build(outputs)
        var taken: Set<String> = []
        if isWhole, let whole, let supernet {
            taken = try load(chosen, into: whole.supernet.store, keys: whole.keys)
            try network.store.load(whole.supernet.state(of: supernet.path), strict: false)
        } else {
            taken = try load(chosen, into: network.store, keys: keys)
        }
        if let head { taken.formUnion(try load(head, into: network.store, under: "fc")) }
        return (
            network, names,
            ImportReport(checkpoint, chosen, taken: taken, parameters: network.store.parameterCount)
        )
    }

    private func wholeSupernet(
        _ description: SupernetDescription
    ) throws -> (supernet: Supernet, keys: [String], part: ForeignCheckpoint.Part) {
        let made = try Supernet(description, store: ParameterStore(seed: 0, format: .channelsLast))
        let keys = made.store.keys.map(\.key)
        return (made, keys, try checkpoint.part(for: keys, prefix: prefix, weights: weights))
    }

    /// Imports a whole supernet, with the classifier or neck that the checkpoint has beside it.
    ///
    /// - Parameters:
    ///   - description: the description of the supernet.
    ///   - classNames: the names of the classifier's classes, if it has one; nil numbers them.
    /// - Returns: the tensors, the length of the neck's embeddings (nil without one), the names of the classifier's
    ///   classes (empty without one), and what was taken.
    /// - Throws: `ImportError`.
    public func supernet(
        _ description: SupernetDescription, classNames: [String]? = nil
    ) throws -> (store: ParameterStore, dimension: Int?, classNames: [String], report: ImportReport) {
        let store = try ParameterStore(seed: 0, format: .channelsLast)
        let supernet = try Supernet(description, store: store)
        let keys = store.keys.map(\.key)
        let part = try checkpoint.part(for: keys, prefix: prefix, weights: weights)
        var taken = try load(part, into: store, keys: keys)
        var names: [String] = []
        var dimension: Int?
        if let neck = neck(beside: part, features: supernet.features) {
            _ = try Linear(store.root / "neck" / 0, supernet.features, supernet.features)
            _ = try Linear(store.root / "neck" / 2, supernet.features, neck[1].outputs)
            taken.formUnion(try load(neck[0], into: store, under: "neck.0"))
            taken.formUnion(try load(neck[1], into: store, under: "neck.2"))
            dimension = neck[1].outputs
        } else if let head = try classifier(beside: part) {
            names = classNames ?? (0..<head.outputs).map { "\($0)" }
            guard names.count == head.outputs else {
                throw ImportError.classCount(
                    path: checkpoint.path, key: head.weight.name, outputs: head.outputs, names: names.count)
            }
            _ = try Linear(store.root / "fc", supernet.features, head.outputs)
            taken.formUnion(try load(head, into: store, under: "fc"))
        }
        return (
            store, dimension, names,
            ImportReport(checkpoint, part, taken: taken, parameters: store.parameterCount)
        )
    }

    /// Imports the weights of one network as a whole supernet without a classifier: the checkpoint becomes a path, and
    /// every other candidate takes its part of that path's weights (`Supernet.spread`).
    ///
    /// - Parameters:
    ///   - path: the architecture of the checkpoint's network.
    ///   - description: the description of the supernet.
    /// - Throws: `ImportError`; `SpaceError.notInSpace`.
    public func spread(
        _ path: Architecture, over description: SupernetDescription
    ) throws -> (store: ParameterStore, report: ImportReport) {
        let made = try network(path, of: description, classNames: ["none"], freshClassifier: true)
        let store = try ParameterStore(seed: 0, format: .channelsLast)
        let supernet = try Supernet(description, store: store)
        try supernet.load(made.network.store.state, into: path)
        try supernet.spread(from: path)
        return (store, made.report)
    }

    /// A linear layer of the checkpoint.
    private struct StoredLinear {
        let weight: StoredTensor
        let bias: StoredTensor
        var outputs: Int { weight.shape[0] }

        init?(_ name: String, in tensors: [String: StoredTensor]) {
            guard let weight = tensors[name + ".weight"], let bias = tensors[name + ".bias"],
                weight.shape.count == 2, bias.shape == [weight.shape[0]]
            else { return nil }
            self.weight = weight
            self.bias = bias
        }
    }

    private func everything(_ prefix: String) -> [String: StoredTensor] {
        checkpoint.tensors(behind: prefix)
    }

    private func classifier(beside part: ForeignCheckpoint.Part) throws -> StoredLinear? {
        for prefix in [part.prefix, ForeignCheckpoint.parent(of: part.prefix)] {
            let tensors = everything(prefix)
            for name in Self.classifiers {
                if let found = StoredLinear(name, in: tensors) { return found }
                // Half a classifier is a damaged file, not a network without one.
                let keys = [name + ".weight", name + ".bias"]
                let missing = keys.filter { tensors[$0] == nil }
                guard prefix == part.prefix, missing.count == 1 else { continue }
                throw ImportError.misfit(
                    path: checkpoint.path, prefix: prefix, missing: missing, unexpected: [], misshapen: [])
            }
        }
        return nil
    }

    private func neck(beside part: ForeignCheckpoint.Part, features: Int) -> [StoredLinear]? {
        for prefix in [part.prefix, ForeignCheckpoint.parent(of: part.prefix)] {
            let tensors = everything(prefix)
            for name in Self.necks {
                guard let hidden = StoredLinear(name + ".0", in: tensors), hidden.weight.shape == [features, features],
                    let output = StoredLinear(name + ".2", in: tensors), output.weight.shape[1] == features
                else { continue }
                return [hidden, output]
            }
        }
        return nil
    }

    private static func missing(_ keys: [String], _ part: ForeignCheckpoint.Part) -> [String] {
        keys.filter { !part.contains($0) && !$0.hasSuffix("num_batches_tracked") }
    }

    /// Refuses a checkpoint of another network.
    ///
    /// - Throws: `ImportError.otherNetwork` if most of the wanted keys are not there.
    private func refuseOther(_ part: ForeignCheckpoint.Part, keys: [String]) throws {
        guard part.found * 2 < keys.count else { return }
        throw ImportError.otherNetwork(
            path: checkpoint.path, found: part.found, wanted: keys.count,
            missing: Array(Self.missing(keys, part).prefix(3)), has: checkpoint.tensors.prefix(3).map(\.name),
            unread: checkpoint.unread.prefix(3).map(\.description))
    }

    /// Copies the part's tensors under these keys of the store.
    ///
    /// - Returns: the names in the file of what was copied.
    func load(_ part: ForeignCheckpoint.Part, into store: ParameterStore, keys: [String]) throws -> Set<String> {
        let missing = Self.missing(keys, part)
        try refuseOther(part, keys: keys)
        let wanted = Set(keys)
        let beside = Self.classifiers + Self.necks
        let unexpected = part.tensors.keys.filter { key in
            !wanted.contains(key) && !beside.contains { key.hasPrefix($0 + ".") }
        }
        let misshapen = keys.compactMap { key -> StateError.Misshapen? in
            guard let found = part.tensors[key], let own = store[key], own.shape != found.shape else { return nil }
            return .init(key: key, expected: own.shape, found: found.shape)
        }
        guard missing.isEmpty, unexpected.isEmpty, misshapen.isEmpty else {
            throw ImportError.misfit(
                path: checkpoint.path, prefix: part.prefix, missing: missing, unexpected: unexpected.sorted(),
                misshapen: misshapen)
        }
        return try copy(keys.compactMap { key in part.tensors[key].map { (key, $0) } }, into: store)
    }

    private func load(_ linear: StoredLinear, into store: ParameterStore, under key: String) throws -> Set<String> {
        let pairs = [(key + ".weight", linear.weight), (key + ".bias", linear.bias)]
        for (key, tensor) in pairs {
            guard let own = store[key], own.shape != tensor.shape else { continue }
            throw ImportError.misfit(
                path: checkpoint.path, prefix: "", missing: [], unexpected: [],
                misshapen: [.init(key: tensor.name, expected: own.shape, found: tensor.shape)])
        }
        return try copy(pairs, into: store)
    }

    private func copy(_ pairs: [(String, StoredTensor)], into store: ParameterStore) throws -> Set<String> {
        var bad: [String] = []
        try withoutGradients {
            for (key, stored) in pairs {
                var tensor = try Tensor(stored)
                if try !tensor.allFinite() { bad.append(stored.name) }
                if key.hasSuffix("running_var"), normEpsilon != BatchNorm2d.defaultEpsilon {
                    tensor = try tensor + (normEpsilon - BatchNorm2d.defaultEpsilon)
                }
                try store[key]?.copyInPlace(from: tensor)
            }
        }
        guard bad.isEmpty else { throw ImportError.notFinite(path: checkpoint.path, keys: bad) }
        return Set(pairs.map(\.1.name))
    }
}
