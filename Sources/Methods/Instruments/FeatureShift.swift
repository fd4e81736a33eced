import Architectures
import NN
import Networks
import Support
import Torch
import Training

/// How differently the layers see one and the same batch of images under different paths: the *feature shift* of Pi-NAS
/// (Peng et al., ICCV 2021, section 3.1).
///
/// Figures: `feature-shift`, the distance of a layer's outputs under two paths that differ at every choice over the mean
/// of their lengths, averaged over layers and over fixed pairs of paths; `feature-shift-last` is that of the features
/// alone. 0 where paths do not matter, about 1.4 where outputs have nothing in common.
public final class FeatureShift: Instrument {
    private let supernet: Supernet
    private let images: Tensor
    private let pairs: [(Architecture, Architecture)]
    private let precision: Precision
    private let every: Int
    private var rows = 0

    /// - Parameters:
    ///   - supernet: what is watched.
    ///   - images: the batch, [N, C, H, W].
    ///   - pairs: of paths.
    ///   - every: rows of the log between two measurements; the first row has one.
    ///   - precision: what forward passes compute in.
    ///   - seed: of the paths.
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

    /// Nothing.
    public func didUpdate(step: Int) throws {}

    /// The shift now.
    public func measure(step: Int) throws -> [String: Double] {
        defer { rows += 1 }
        guard rows.isMultiple(of: every) else { return [:] }
        let distances = try layers()
        guard let last = distances.last else { return [:] }
        return [
            "feature-shift": distances.reduce(0, +) / Double(distances.count), "feature-shift-last": last,
        ]
    }

    /// The shift of each piece of the computation that follows a choice, averaged over the pairs.
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

    /// Rows of the log that were written.
    public func state() throws -> [(key: String, tensor: Tensor)] { [("rows", try Tensor(Int64(rows)))] }

    /// Takes over a saved state.
    ///
    /// - Throws: `StateError.mismatch` if it is not all there.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws {
        guard let saved = state.first(where: { $0.key == "rows" }) else {
            throw StateError.mismatch(missing: ["rows"], unexpected: [], misshapen: [])
        }
        rows = max(0, try saved.tensor.integer())
    }
}
