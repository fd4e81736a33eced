import Architectures
import NN
import Networks
import Support
import Torch
import Training

/// Measures the *feature shift* of Pi-NAS: how much the outputs of layers for the same images differ between paths
/// (Peng et al., ICCV 2021, section 3.1).
///
/// The figure `feature-shift` is the distance between a layer's outputs on two paths that differ at every choice,
/// divided by the mean of their norms, averaged over layers and over fixed pairs of paths; `feature-shift-last` is that
/// of the features only. It is 0 where all paths give the same outputs, and about 1.4 where outputs are unrelated.
public final class FeatureShift: Instrument {
    private let supernet: Supernet
    private let images: Tensor
    private let pairs: [(Architecture, Architecture)]
    private let precision: Precision
    private let every: Int
    private var rows = 0

    /// Creates the instrument and draws its pairs of paths.
    ///
    /// - Parameters:
    ///   - supernet: the supernet that is measured.
    ///   - images: the batch of images, [N, C, H, W].
    ///   - pairs: the number of pairs of paths.
    ///   - every: the number of rows of the log between two measurements, beginning with the first row.
    ///   - precision: the precision of forward passes.
    ///   - seed: the seed of the paths.
    public init(
        _ supernet: Supernet, images: Tensor, pairs: Int = 2, every: Int = 1, precision: Precision, seed: UInt64
    ) {
        self.supernet = supernet
        self.images = images
        var generator = SeededGenerator(seed: seed, RandomStream.shiftPaths)
        self.pairs = (0..<max(pairs, 1)).map { _ in supernet.space.disjointPair(using: &generator) }
        self.precision = precision
        self.every = max(every, 1)
    }

    /// Does nothing, as the shift is measured when a row of the log is written.
    public func didUpdate(step: Int) throws {}

    /// Measures the shift.
    public func measure(step: Int) throws -> [String: Double] {
        defer { rows += 1 }
        guard rows.isMultiple(of: every) else { return [:] }
        let distances = try layers()
        guard let last = distances.last else { return [:] }
        return [
            "feature-shift": distances.reduce(0, +) / Double(distances.count), "feature-shift-last": last,
        ]
    }

    /// Measures the shift of each piece of the computation after a choice, averaged over the pairs.
    public func layers() throws -> [Double] {
        try withoutGradients {
            var sums: [Double] = []
            for (a, b) in pairs {
                let (first, second) = try withPrecision(precision, on: supernet.store.device) {
                    (
                        try supernet.activations(images, a, Mode(batchNorm: .batch)),
                        try supernet.activations(images, b, Mode(batchNorm: .batch))
                    )
                }
                // The stem comes before every choice and cannot differ.
                let distances = try zip(first, second).dropFirst().map { x, y -> Double in
                    let (x, y) = try (x.to(.float32), y.to(.float32))
                    let lengths = try x.norm().item() + y.norm().item()
                    return lengths > 0 ? try (x - y).norm().item() / (lengths / 2) : 0
                }
                sums = sums.isEmpty ? distances : zip(sums, distances).map { $0 + $1 }
            }
            return sums.map { $0 / Double(pairs.count) }
        }
    }

    /// The number of rows of the log so far.
    public func state() throws -> [(key: String, tensor: Tensor)] { [("rows", try Tensor(Int64(rows)))] }

    /// Restores a state that `state()` returned.
    ///
    /// - Throws: `StateError.mismatch` if tensors are missing.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws {
        guard let saved = state.first(where: { $0.key == "rows" }) else {
            throw StateError.mismatch(missing: ["rows"], unexpected: [], misshapen: [])
        }
        rows = max(0, try saved.tensor.integer())
    }
}
