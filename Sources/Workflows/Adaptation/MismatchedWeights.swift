import Architectures
import Networks
import Support
import Torch

/// The control with mismatched weights: a path with weights that were not trained together with it.
enum MismatchedWeights {
    /// The tensors of a path with those of each candidate replaced: by those of another candidate at the same choice
    /// where the shapes agree, otherwise by a permutation of their values. Tensors that all paths share stay; of those
    /// that candidates take parts of, values are permuted, as another candidate has the same.
    ///
    /// - Parameters:
    ///   - supernet: the supernet of the source.
    ///   - path: a path of its space.
    ///   - seed: the seed of the choice of candidates and of the permutations.
    /// - Throws: `SpaceError.notInSpace`; `TorchError`.
    static func state(
        of supernet: Supernet, _ path: Architecture, seed: UInt64
    ) throws -> [(key: String, tensor: Tensor)] {
        var generator = SeededGenerator(seed: seed, RandomStream.mismatchedWeights)
        let own = try supernet.state(of: path)
        let sliced = supernet.slicedKeys
        let shared = Set(
            supernet.sharedEntries.filter { !sliced.contains($0.key) }.map { ObjectIdentifier($0.tensor) })
        // The tensors of every path that differs from this one at one choice.
        let others = try supernet.space.points.indices.flatMap { point in
            try supernet.description.isElastic
                ? []
                : supernet.space.points[point].candidates.indices.filter { $0 != path[point] }.map { candidate in
                    Dictionary(
                        try supernet.state(of: path.replacing(point, with: candidate)).map { ($0.key, $0.tensor) },
                        uniquingKeysWith: { first, _ in first })
                }
        }
        return try own.map { key, tensor in
            guard !shared.contains(ObjectIdentifier(tensor)), tensor.dtype.isFloatingPoint else { return (key, tensor) }
            let fitting =
                sliced.contains(key)
                ? []
                : others.compactMap { $0[key] }.filter {
                    $0.shape == tensor.shape && ObjectIdentifier($0) != ObjectIdentifier(tensor)
                }
            guard fitting.isEmpty else { return (key, fitting[generator.below(fitting.count)]) }
            let order = generator.permutation(tensor.elementCount).map(Int64.init)
            return try withoutGradients {
                (key, try tensor.reshaped([tensor.elementCount]).indexed(by: Tensor(order)).reshaped(tensor.shape))
            }
        }
    }
}
