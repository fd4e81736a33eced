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
    /// The channels of the maps that passes hand out, by name.
    public let mapChannels: [String: Int]
    /// The pieces of the computation: the first belongs to every path, and each further one begins with a choice.
    public let segments: [Segment]
    /// The choices whose candidates take parts of the largest one's tensors.
    let sharedPlaces: [(prefix: String, layout: TensorLayout)]
    /// The candidates that each entry of the store belongs to.
    private let owners: [[ModuleBuilder.CandidateSet]]
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
        for part in description.parts {
            let fresh = part.layer.choicePoints.compactMap { positions[$0] }.filter { !seen.contains($0) }
            if !fresh.isEmpty { try close() }
            pending.append(part)
            pendingPoints += fresh
            seen.formUnion(fresh)
        }
        try close()
        self.segments = segments
        (features, mapChannels) = (channels, builder.mapChannels)
        owners = builder.owners
        sharedPlaces = builder.sharedPlaces
        keyCount = store.keys.count
        places = builder.places
    }

    /// Computes the pooled features [N, features] of images [N, C, H, W] on one path, or the last map [N, features, H',
    /// W'] of a dense network.
    ///
    /// - Throws: `SpaceError.notInSpace`; `TorchError` if the images do not fit.
    public func features(_ images: Tensor, _ architecture: Architecture, _ mode: Mode) throws -> Tensor {
        try space.validate(architecture)
        var x = try images.contiguous(store.format)
        for segment in segments.indices { x = try run(segment, x, architecture, mode) }
        return x
    }

    /// Computes one path's result together with the maps that are handed out on the way, in one pass.
    ///
    /// - Throws: `SpaceError.notInSpace`; `TorchError` if the images do not fit.
    public func maps(_ images: Tensor, _ architecture: Architecture, _ mode: Mode) throws -> FeatureMaps {
        try space.validate(architecture)
        return try FeatureMaps { receive in
            try segments.indices.reduce(images.contiguous(store.format)) { x, segment in
                try run(segment, x, architecture, mode, handing: receive)
            }
        }
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
    ///   - receiver: a closure that takes the maps that the piece hands out; nil for none.
    /// - Throws: `TorchError` if there is no such piece or candidate, or `x` does not fit; what the receiver throws.
    public func run(
        _ segment: Int, _ x: Tensor, _ architecture: Architecture, _ mode: Mode, handing receiver: MapReceiver? = nil
    ) throws -> Tensor {
        guard segments.indices.contains(segment) else {
            throw TorchError(
                .invalidArgument, operation: "supernet",
                message: "there is no piece \(segment) of the computation; there are \(segments.count)")
        }
        let pass = Module.Pass(mode: mode, architecture: architecture, receiver: receiver)
        return try segments[segment].modules.reduce(x) { try $1($0, pass) }
    }

    /// The tensors that every path has, or has parts of: those of the stem, of shortcuts, of what all candidates of a
    /// choice share, and of whatever follows the last choice.
    public var sharedEntries: [ParameterStore.Entry] {
        zip(store.entries, owners).filter { $1.isEmpty }.map(\.0)
    }

    /// The tensors that not every candidate of a choice point has and this one does, at all places where the point
    /// stands.
    public func entries(of candidate: CandidateReference) -> [ParameterStore.Entry] {
        zip(store.entries, owners).filter { _, sets in
            sets.contains { $0.point == candidate.point && $0.candidates.contains(candidate.candidate) }
        }.map(\.0)
    }

    /// The tensors that a path has, or has parts of.
    public func entries(on architecture: Architecture) -> [ParameterStore.Entry] {
        zip(store.entries, owners).filter { _, sets in sets.allSatisfy { $0.contains(architecture) } }.map(\.0)
    }

    /// The keys of the tensors that candidates take parts of.
    public var slicedKeys: Set<String> {
        Set(sharedPlaces.flatMap { place in place.layout.tensors.map { place.prefix + $0.key } })
    }

    /// The state of a path under the keys of the stand-alone network of `description.fixed(to:)`. The tensors are this
    /// supernet's own or lie in their memory, except for what candidates take through matrices or block by block, which
    /// are copies.
    ///
    /// - Throws: `SpaceError.notInSpace`.
    public func state(of architecture: Architecture) throws -> [(key: String, tensor: Tensor)] {
        try space.validate(architecture)
        return try tensors(of: architecture).map { key, whole, part in
            (key, try part.map { part in try withoutGradients { try part() } } ?? whole)
        }
    }

    /// The tensors of a path with the parts of them that it takes; nil for all of a tensor.
    private func tensors(
        of architecture: Architecture
    ) -> [(key: String, whole: Tensor, part: SharedTensor?)] {
        store.keys.prefix(keyCount).enumerated().compactMap { position, item in
            guard owners[item.entry].allSatisfy({ $0.contains(architecture) }) else { return nil }
            let whole = store.entries[item.entry].tensor
            guard let place = places[position] else { return (item.key, whole, nil) }
            guard !place.isAid else { return nil }
            let part = place.shared.flatMap { $0.parts[architecture[$0.point]] }
            guard let numbered = place.numbered else { return (item.key, whole, part) }
            // Shared shortcuts stand under every candidate's key; the chosen one's is taken.
            let chosen = numbered.candidate.candidate
            guard chosen == architecture[numbered.candidate.point] else { return nil }
            let own = item.key.dropFirst(numbered.prefix.count + "\(chosen).".count)
            return (numbered.prefix + own, whole, part)
        }
    }

    /// Loads the weights of a stand-alone network into a path; tensors that it shares with other paths change for all
    /// of them.
    ///
    /// - Parameters:
    ///   - state: the tensors under the keys of the network of `description.fixed(to:)`; a classifier `fc` is ignored.
    ///   - architecture: the path, which must take its tensors as they stand in the supernet.
    /// - Throws: `SpaceError.notInSpace`; `StateError.mismatch` with all keys that do not fit, before anything is
    ///   written; `StateError.notInPlace` for a path that takes tensors through matrices or block by block.
    public func load(_ state: [(key: String, tensor: Tensor)], into architecture: Architecture) throws {
        let given = state.filter { !$0.key.hasPrefix("fc.") }
        try space.validate(architecture)
        let copied = tensors(of: architecture).filter { $0.part.map { !$0.isView } ?? false }.map(\.key)
        guard copied.isEmpty else { throw StateError.notInPlace(copied) }
        try ParameterStore.copy(given, into: self.state(of: architecture))
    }
}
