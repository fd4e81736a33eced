import Datasets
import Foundation
import Torch

/// Linear maps along rows and columns, as matrix products. A convolution would do for a blur, but on CUDA it may round
/// to TF32, which matrix products do not unless they are told to.
extension Tensor {
    /// The part `boxes[n]` of image n, resized bilinearly with antialiasing: [N, C, H, W] to [N, C, height, width].
    func resized(_ boxes: [AppliedTransform.Box], _ height: Int, _ width: Int) throws -> Tensor {
        let rows = boxes.map { $0.top..<$0.top + $0.height }
        let columns = boxes.map { $0.left..<$0.left + $0.width }
        return try mapped(
            rows: Self.interpolation(rows, of: size(2), to: height, on: device),
            columns: Self.interpolation(columns, of: size(3), to: width, on: device))
    }

    /// Blurs image n with a Gaussian of its own, reflecting at the borders as often as needed.
    func blurred(_ kernels: [(kernelSize: Int, sigma: Double)]) throws -> Tensor {
        let rows = try Self.blur(kernels, of: size(2), on: device)
        let columns = size(2) == size(3) ? rows : try Self.blur(kernels, of: size(3), on: device)
        return try mapped(rows: rows, columns: columns)
    }

    /// Multiplies image n's rows by `rows[n]` and its columns by `columns[n]`.
    ///
    /// - Parameters:
    ///   - rows: [N, OH, H].
    ///   - columns: [N, OW, W].
    /// - Returns: [N, C, OH, OW].
    private func mapped(rows: Tensor, columns: Tensor) throws -> Tensor {
        let (count, channels, height, width) = (size(0), size(1), size(2), size(3))
        let across = try reshaped([count, channels * height, width]).matrixProduct(columns.transposed())
        return try rows.unsqueezed(1)
            .matrixProduct(across.reshaped([count, channels, height, columns.size(1)]))  // [N, C, OH, OW]
    }

    /// What each of `count` outputs takes of each of `length` positions when the range of image n is resized
    /// bilinearly with antialiasing: [N, count, length].
    ///
    /// The triangle of an output at i is centred on scale (i + 1/2) and, when shrinking, as many times wider as the
    /// range is longer; what of it lies outside the range is left out, and the rest sums to 1. That is PyTorch's
    /// antialiased interpolation, which follows Pillow's.
    private static func interpolation(
        _ ranges: [Range<Int>], of length: Int, to count: Int, on device: Device
    ) throws -> Tensor {
        // Centres as whole positions and what is left, each exact in a float where their sum would not be.
        var (whole, rest): ([Float], [Float]) = ([], [])
        whole.reserveCapacity(ranges.count * count)
        rest.reserveCapacity(ranges.count * count)
        for range in ranges {
            let scale = Double(range.count) / Double(count)
            for output in 0..<count {
                let center = Double(range.lowerBound) + scale * (Double(output) + 0.5) - 0.5
                let below = center.rounded(.down)
                whole.append(Float(below))
                rest.append(Float(center - below))
            }
        }
        let stretch = ranges.map { Float(Swift.max(1, Double($0.count) / Double(count))) }
        let shape = [ranges.count, count, 1]
        let positions = try Tensor.range(to: length, device: device).to(.float32).reshaped([1, 1, length])
        let distance =
            try (positions - Tensor(whole, shape: shape, device: device))
            - Tensor(rest, shape: shape, device: device)
        let triangle = try (1 - distance.absolute() / perImage(stretch, rank: 3, on: device)).clamped(min: 0)
        let inside = try isInside(ranges, of: length, on: device).to(.float32).unsqueezed(1)
        let weights = try triangle * inside
        return try weights / weights.sum([2], keep: true)
    }

    /// What each of `length` outputs takes of each position when image n is blurred: [N, length, length].
    private static func blur(
        _ kernels: [(kernelSize: Int, sigma: Double)], of length: Int, on device: Device
    ) throws -> Tensor {
        guard length > 1 else { return try ones([kernels.count, 1, 1], device: device) }
        let tables = kernels.map { GaussianTaps(kernelSize: $0.kernelSize, sigma: $0.sigma).weights }
        let radius = (tables.map(\.count).max() ?? 1) - 1
        // One weight for each distance, and a 0 for what is out of reach.
        let table = try Tensor(
            tables.flatMap { $0 + [Float](repeating: 0, count: radius + 2 - $0.count) },
            shape: [kernels.count, radius + 2], device: device)
        let outputs = try Tensor.range(to: length, device: device).unsqueezed(1)
        /// The weights when position j shows itself at `positions[j]`.
        func weights(_ positions: Tensor, ends: Bool) throws -> Tensor {
            let distances = try (positions.unsqueezed(0) - outputs).absolute().clamped(max: Double(radius + 1))
                .to(.int64)  // [length, length]
            if !ends {
                for end in [0, length - 1] { try distances.select(end, dimension: 1).fillInPlace(Double(radius + 1)) }
            }
            return try table.indexed(by: distances.flattened(), dimension: 1)
                .reshaped([kernels.count, length, length])
        }
        // Reflection shows position j at j and -j and again after every period. The two are one for the ends. Only the
        // copies that come within the radius of the image are added.
        let period = 2 * (length - 1)
        var matrix: Tensor?
        func add(_ copy: Tensor) throws { matrix = try matrix.map { try $0 + copy } ?? copy }
        var repeats = 0
        while (repeats - 1) * period <= radius {
            for start in repeats == 0 ? [0] : [repeats * period, -repeats * period] {
                if abs(start) < length + radius {
                    try add(weights(Tensor.range(start, to: start + length, device: device), ends: true))
                }
                if start >= -radius, start <= period + radius {
                    try add(weights(Tensor.range(start, to: start - length, by: -1, device: device), ends: false))
                }
            }
            repeats += 1
        }
        return try matrix ?? identity(length, device: device)
    }
}

/// The upper half of a Gaussian kernel that sums to 1.
struct GaussianTaps {
    /// For the middle and the positions after it, as far as they count in a float.
    let weights: [Float]

    /// - Parameters:
    ///   - kernelSize: odd.
    ///   - sigma: in pixels, positive.
    init(kernelSize: Int, sigma: Double) {
        let densities = (0...kernelSize / 2).map { tap -> Double in
            let distance = Double(tap) / sigma
            return exp(-0.5 * distance * distance)
        }
        let total = 2 * densities.reduce(0, +) - 1
        let reach = densities.lastIndex { $0 / total >= 1.5e-8 } ?? 0
        weights = densities[...reach].map { Float($0 / total) }
    }
}
