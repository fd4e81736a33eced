import Architectures
import NN
import Torch

/// A network that holds all candidates of every choice. An architecture is a path through it, and paths share the
/// tensors of the candidates that they have in common.
public final class Supernet {
    /// The tensors of the supernet, and of whatever else was built in the same store.
    public let store: ParameterStore
    /// The description that the supernet was built from.
    public let description: SupernetDescription
    /// The number of features that every path gives.
    public let features: Int
    /// The pieces of the computation: the first belongs to every path, and each further one begins with a choice.
    public let segments: [Segment]
    private let shared: [ParameterStore.Entry]
    private let owned: [CandidateReference: [ParameterStore.Entry]]
    /// The number of keys of the supernet itself, which come first in the store.
    private let keyCount: Int
    private let places: [Int: ModuleBuilder.Place]

    /// A piece of the computation, whose result depends only on the choices up to it.
    public struct Segment {
        let modules: [Module]
        /// The choice points that this piece is the first to use, in their order.
        public let points: [Int]
    }

    /// The search space: the architectures that are paths of this supernet.
    public var space: SearchSpace { description.space }

    /// Builds the supernet at the root of `store`, from whose seed the initial values follow.
    ///
    /// - Throws: `SpaceError` or `TorchError` if the description makes no network; `StateError.duplicateKey` if two
    ///   layers stand under one key.
    public init(_ description: SupernetDescription, store: ParameterStore) throws {
        self.description = description
        self.store = store
        let positions = description.positions
        var builder = ModuleBuilder(points: positions)
        let first = store.entries.count
        guard first == 0 else { throw StateError.duplicateKey(store.entries[0].key) }
        let parts: [Layer.Part]
        if case .sequence(let listed) = description.backbone {
            parts = listed
        } else {
            parts = [Layer.Part("", description.backbone)]
        }
        var segments: [Segment] = []
        var pending: [Layer.Part] = []
        var pendingPoints: [Int] = []
        var seen: Set<Int> = []
        var channels = description.channels
        func close() throws {
            let (modules, outputs) = try builder.sequence(pending, store.root, inputs: channels)
            segments.append(Segment(modules: modules, points: pendingPoints))
            channels = outputs
            (pending, pendingPoints) = ([], [])
        }
        for part in parts {
            let fresh = part.layer.choicePoints.compactMap { positions[$0] }.filter { !seen.contains($0) }
            if !fresh.isEmpty { try close() }
            pending.append(part)
            pendingPoints += fresh
            seen.formUnion(fresh)
        }
        try close()
        self.segments = segments
        features = channels
        var shared: [ParameterStore.Entry] = []
        var owned: [CandidateReference: [ParameterStore.Entry]] = [:]
        for (entry, owner) in zip(store.entries, builder.owners) {
            if let owner { owned[owner, default: []].append(entry) } else { shared.append(entry) }
        }
        self.shared = shared
        self.owned = owned
        keyCount = store.keys.count
        places = builder.places
    }

    /// Computes the pooled features [N, features] of images [N, C, H, W] on one path.
    ///
    /// - Throws: `SpaceError.notInSpace`; `TorchError` if the images do not fit.
    public func features(_ images: Tensor, _ architecture: Architecture, _ mode: Mode) throws -> Tensor {
        try space.validate(architecture)
        var x = try images.contiguous(store.format)
        for segment in segments.indices { x = try run(segment, x, architecture, mode) }
        return x
    }

    /// Computes the output of each piece on one path, from that of the stem to the features.
    ///
    /// - Throws: `SpaceError.notInSpace`; `TorchError` if the images do not fit.
    public func activations(_ images: Tensor, _ architecture: Architecture, _ mode: Mode) throws -> [Tensor] {
        try space.validate(architecture)
        var x = try images.contiguous(store.format)
        return try segments.indices.map { segment in
            x = try run(segment, x, architecture, mode)
            return x
        }
    }

    /// Runs one piece of the computation. Its result depends only on the choices up to this piece.
    ///
    /// - Parameters:
    ///   - segment: the number of the piece; pieces must be run in their order.
    ///   - x: the images, in the store's memory format, or the result of the piece before.
    ///   - architecture: an architecture of the space, of which only the choices that the piece uses matter.
    ///   - mode: the mode of this pass, which says what batch norm does.
    /// - Throws: `TorchError` if there is no such piece or candidate, or `x` does not fit.
    public func run(_ segment: Int, _ x: Tensor, _ architecture: Architecture, _ mode: Mode) throws -> Tensor {
        guard segments.indices.contains(segment) else {
            throw TorchError(
                .invalidArgument, operation: "supernet",
                message: "there is no piece \(segment) of the computation; there are \(segments.count)")
        }
        let pass = Module.Pass(mode: mode, architecture: architecture)
        return try segments[segment].modules.reduce(x) { try $1($0, pass) }
    }

    /// The tensors that every path has: those of the stem, of shortcuts and of whatever follows the last choice.
    public var sharedEntries: [ParameterStore.Entry] { shared }

    /// The tensors of one candidate, at all places where its choice point stands.
    public func entries(of candidate: CandidateReference) -> [ParameterStore.Entry] { owned[candidate] ?? [] }

    /// The tensors of a path: the shared ones and those of its candidates.
    public func entries(on architecture: Architecture) -> [ParameterStore.Entry] {
        shared
            + architecture.choices.enumerated().flatMap {
                entries(of: CandidateReference(point: $0, candidate: $1))
            }
    }

    /// The state of a path under the keys of the stand-alone network of `description.fixed(to:)`. The tensors are this
    /// supernet's own, not copies.
    ///
    /// - Throws: `SpaceError.notInSpace`.
    public func state(of architecture: Architecture) throws -> [(key: String, tensor: Tensor)] {
        try space.validate(architecture)
        return store.keys.prefix(keyCount).enumerated().compactMap { position, item in
            let tensor = store.entries[item.entry].tensor
            guard let place = places[position] else { return (item.key, tensor) }
            // Shared shortcuts stand under every candidate's key; the chosen one's is taken.
            let chosen = place.candidate.candidate
            guard chosen == architecture[place.candidate.point] else { return nil }
            return (place.prefix + item.key.dropFirst(place.prefix.count + "\(chosen).".count), tensor)
        }
    }

    /// Loads the weights of a stand-alone network into a path; tensors that it shares with other paths change for all
    /// of them.
    ///
    /// - Parameters:
    ///   - state: the tensors under the keys of the network of `description.fixed(to:)`; a classifier `fc` is ignored.
    ///   - architecture: the path.
    /// - Throws: `SpaceError.notInSpace`; `StateError.mismatch` with all keys that do not fit, before anything is
    ///   written.
    public func load(_ state: [(key: String, tensor: Tensor)], into architecture: Architecture) throws {
        let given = state.filter { !$0.key.hasPrefix("fc.") }
        try ParameterStore.copy(given, into: self.state(of: architecture))
    }
}
