import Architectures
import NN
import Networks
import Torch

/// Evaluates many paths of a supernet on the same batches. Paths with a common beginning share its computation, the
/// recalibration of batch-norm statistics included: the paths are walked as a trie, and what shared beginnings gave is
/// kept for later rounds within a bound of memory. The results are those of one path at a time, bit for bit. So are those of
/// dense networks, whose results are maps, and the maps that they hand out on the way (`evaluateMaps`): a piece's maps depend
/// on the choices up to it, as its result does, and go along with it.
///
/// The supernet's running statistics are overwritten under `StatisticsPolicy.recalibrate`.
public final class PathEvaluator {
    /// The settings of an evaluation.
    public struct Options: Sendable {
        /// The batch-norm statistics that paths are evaluated with.
        public var policy = StatisticsPolicy.recalibrate
        /// The precision of forward passes.
        public var precision = Precision.bfloat16
        /// The most bytes of activations that are kept for later rounds; 0 keeps none.
        public var cacheLimit = 4 << 30
        /// Whether the maps that networks hand out are kept along the way, for `evaluateMaps`. Their bytes count as those
        /// of activations.
        public var keepsMaps = false

        /// Creates the default settings: recalibrated statistics, bfloat16, up to 4 GiB of activations.
        public init() {}
    }

    /// The supernet whose paths are evaluated.
    public let supernet: Supernet
    /// The settings of the evaluation.
    public let options: Options
    private let recalibration: [Tensor]
    private let validation: [Tensor]
    private var cache: ActivationCache
    private var stem: Activations?
    /// Pieces of the computation that were run, and those that one path at a time would have taken.
    public private(set) var work = (run: 0, alone: 0)

    /// Creates an evaluator.
    ///
    /// - Parameters:
    ///   - supernet: the supernet whose paths are evaluated; it must not be trained while the evaluator is in use.
    ///   - recalibration: batches [N, C, H, W] of training images, from which statistics are recalibrated in this
    ///     order; empty unless the policy is to recalibrate.
    ///   - validation: the batches [N, C, H, W] that are evaluated.
    ///   - options: the settings of the evaluation.
    /// - Throws: `TorchError` if there is nothing to evaluate, or nothing to recalibrate from.
    public init(_ supernet: Supernet, recalibration: [Tensor], validation: [Tensor], options: Options) throws {
        guard !validation.isEmpty, options.policy != .recalibrate || !recalibration.isEmpty else {
            throw TorchError(
                .invalidArgument, operation: "PathEvaluator",
                message: "needs batches to evaluate and, to recalibrate statistics, batches to do so from")
        }
        self.supernet = supernet
        self.options = options
        self.recalibration = options.policy == .recalibrate ? recalibration : []
        self.validation = validation
        cache = ActivationCache(limit: options.cacheLimit)
    }

    /// Evaluates paths as a trie.
    ///
    /// - Parameters:
    ///   - architectures: architectures of the supernet's space, in which any may occur more than once.
    ///   - measure: a closure that computes a result from the features [N, F] of each validation batch. It is called
    ///     under the evaluator's precision and without gradients, once for each distinct architecture, in lexicographic
    ///     order.
    /// - Returns: results in the order of `architectures`.
    /// - Throws: `SpaceError.notInSpace`; what the network or `measure` throws.
    public func evaluate<Result>(
        _ architectures: [Architecture], _ measure: (Architecture, [Tensor]) throws -> Result
    ) throws -> [Result] {
        try evaluateActivations(architectures) { try measure($0, $1.validation) }
    }

    private func evaluateActivations<Result>(
        _ architectures: [Architecture], _ measure: (Architecture, Activations) throws -> Result
    ) throws -> [Result] {
        for architecture in architectures { try supernet.space.validate(architecture) }
        let distinct = Set(architectures).sorted()
        work.alone += distinct.count * supernet.segments.count
        var results: [Architecture: Result] = [:]
        try withoutGradients {
            guard let first = distinct.first else { return }
            let root = Node(segment: 0, prefix: [], architecture: first, parent: nil)
            try walk(root, distinct[...]) { architecture, last in
                results[architecture] = try withPrecision(options.precision, on: supernet.store.device) {
                    try measure(architecture, last)
                }
            }
        }
        return architectures.compactMap { results[$0] }
    }

    /// Evaluates paths of a dense supernet as a trie, by their results and the maps that they hand out. Maps belong to the
    /// beginning of a path that computes them, and paths that share it share them.
    ///
    /// - Parameters:
    ///   - architectures: architectures of the supernet's space, in which any may occur more than once.
    ///   - measure: a closure that computes a result from the maps of each validation batch, called as that of `evaluate`.
    /// - Returns: results in the order of `architectures`.
    /// - Throws: `SpaceError.notInSpace`; `TorchError` unless the options say that maps are kept; what the network or
    ///   `measure` throws.
    public func evaluateMaps<Result>(
        _ architectures: [Architecture], _ measure: (Architecture, [FeatureMaps]) throws -> Result
    ) throws -> [Result] {
        guard options.keepsMaps else {
            throw TorchError(
                .invalidArgument, operation: "PathEvaluator",
                message: "maps are handed out only where the options say that they are kept")
        }
        return try evaluateActivations(architectures) { architecture, last in
            try measure(
                architecture,
                last.validation.enumerated().map { FeatureMaps(output: $1, maps: last.maps[$0]) })
        }
    }

    /// Evaluates one path by itself, from images to features. Under `StatisticsPolicy.recalibrate` the path's batch
    /// norms hold its own statistics afterwards.
    ///
    /// - Parameters:
    ///   - architecture: an architecture of the supernet's space.
    ///   - measure: a closure that computes a result from the features [N, F] of each validation batch, as in
    ///     `evaluate`.
    /// - Throws: `SpaceError.notInSpace`; what the network or `measure` throws.
    public func evaluateAlone<Result>(
        _ architecture: Architecture, _ measure: (Architecture, [Tensor]) throws -> Result
    ) throws -> Result {
        try recalibrate(architecture)
        return try withoutGradients {
            let features = try validation.map { images in
                try withPrecision(options.precision, on: supernet.store.device) {
                    try supernet.features(images, architecture, Mode(batchNorm: evaluationPolicy))
                }
            }
            return try withPrecision(options.precision, on: supernet.store.device) {
                try measure(architecture, features)
            }
        }
    }

    /// Recalibrates a path's batch norms (BN recalibration): gives them statistics of its own, from the recalibration
    /// batches. Without such batches nothing happens.
    ///
    /// - Throws: `SpaceError.notInSpace`; what the network throws.
    public func recalibrate(_ architecture: Architecture) throws {
        try supernet.space.validate(architecture)
        try withoutGradients {
            for (number, images) in recalibration.enumerated() {
                _ = try withPrecision(options.precision, on: supernet.store.device) {
                    try supernet.features(images, architecture, Mode(batchNorm: .recalibrating(batch: number)))
                }
            }
        }
    }

    /// The work of evaluating distinct paths, in evaluations of a whole path, where every beginning that they share is
    /// computed once and kept. All pieces of the computation count alike.
    ///
    /// - Parameter architectures: architectures of the supernet's space.
    public func work(of architectures: [Architecture]) -> Double {
        var prefixes = [[Int]](repeating: [], count: architectures.count)
        let pieces = supernet.segments.reduce(0) { pieces, segment in
            for (number, architecture) in architectures.enumerated() {
                prefixes[number] += segment.points.map { architecture[$0] }
            }
            return pieces + Set(prefixes).count
        }
        return Double(pieces) / Double(max(supernet.segments.count, 1))
    }

    /// Discards all cached activations. It must be called when the supernet's weights have changed.
    public func forgetActivations() {
        cache.removeAll()
        stem = nil
    }

    private var evaluationPolicy: BatchNormPolicy { options.policy == .batch ? .batch : .running }

    /// The activations with which every path begins.
    private func startingPoint(_ any: Architecture) throws -> Activations {
        if let stem { return stem }
        let format = supernet.store.format
        let images = Activations(
            recalibration: try recalibration.map { try $0.contiguous(format) },
            validation: try validation.map { try $0.contiguous(format) },
            maps: options.keepsMaps ? validation.map { _ in [] } : [])
        let made = try run(0, images, any)
        stem = made
        return made
    }

    /// Runs one piece over all batches, those for the statistics first.
    private func run(_ segment: Int, _ inputs: Activations, _ architecture: Architecture) throws -> Activations {
        work.run += 1
        return try withPrecision(options.precision, on: supernet.store.device) {
            let recalibrated = try inputs.recalibration.enumerated().map { number, x in
                try supernet.run(segment, x, architecture, Mode(batchNorm: .recalibrating(batch: number)))
            }
            var maps = inputs.maps
            let evaluated = try inputs.validation.enumerated().map { number, x in
                let receiver: MapReceiver? = options.keepsMaps ? { maps[number].append(($0, $1)) } : nil
                return try supernet.run(
                    segment, x, architecture, Mode(batchNorm: evaluationPolicy), handing: receiver)
            }
            return Activations(recalibration: recalibrated, validation: evaluated, maps: maps)
        }
    }

    /// A node of the trie: a beginning that paths share. Its activations are computed only when a longer beginning that
    /// is not cached needs them.
    private final class Node {
        /// The last piece of the computation that the beginning takes.
        let segment: Int
        /// The choices of the beginning, in the order of the pieces.
        let prefix: [Int]
        /// Any path that begins so.
        let architecture: Architecture
        let parent: Node?
        var activations: Activations?

        init(segment: Int, prefix: [Int], architecture: Architecture, parent: Node?) {
            self.segment = segment
            self.prefix = prefix
            self.architecture = architecture
            self.parent = parent
        }
    }

    private func activations(_ node: Node) throws -> Activations {
        if let made = node.activations { return made }
        let made: Activations
        if let parent = node.parent {
            // Features are of no use to another path.
            let isLast = node.segment + 1 == supernet.segments.count
            if !isLast, let kept = cache.find(node.prefix) {
                made = kept
            } else {
                made = try run(node.segment, activations(parent), node.architecture)
                if !isLast { cache.insert(node.prefix, made, pieces: node.segment + 1) }
            }
        } else {
            made = try startingPoint(node.architecture)
        }
        node.activations = made
        return made
    }

    /// Goes from a node of the trie to the leaves below it.
    ///
    /// - Parameters:
    ///   - node: the node to start from.
    ///   - architectures: sorted; they all begin as the node.
    ///   - leaf: a closure that takes what the last piece gave for each architecture.
    private func walk(
        _ node: Node, _ architectures: ArraySlice<Architecture>, _ leaf: (Architecture, Activations) throws -> Void
    ) throws {
        let segment = node.segment + 1
        guard segment < supernet.segments.count else {
            for architecture in architectures { try leaf(architecture, activations(node)) }
            return
        }
        let points = supernet.segments[segment].points
        func choices(_ architecture: Architecture) -> [Int] { points.map { architecture[$0] } }
        var rest = architectures
        while let first = rest.first {
            let taken = choices(first)
            let end = rest.firstIndex { choices($0) != taken } ?? rest.endIndex
            let child = Node(segment: segment, prefix: node.prefix + taken, architecture: first, parent: node)
            try walk(child, rest[rest.startIndex..<end], leaf)
            rest = rest[end...]
        }
    }
}

/// The batch-norm statistics that a path is evaluated with. The running statistics of a supernet are a mixture over all
/// paths and fit none.
public enum StatisticsPolicy: String, Sendable, Codable, CaseIterable {
    /// The supernet's running statistics, as training left them.
    case inherit
    /// Statistics of the path's own (BN recalibration): the mean of the batch means and of the unbiased batch variances
    /// over fixed batches of training images (Peng et al., "Pi-NAS", 2021).
    case recalibrate = "reestimate"
    /// The statistics of each batch that is evaluated.
    case batch
}
