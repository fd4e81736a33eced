import Torch

/// Parameters of a batch's images in a shape that broadcasts with them.
extension Tensor {
    /// One value for each image, [N, 1, 1, 1], or [N, 1, 1] for the maps of rank 3.
    static func perImage(_ values: [Float], rank: Int = 4, on device: Device) throws -> Tensor {
        try Tensor(values, shape: [values.count] + [Int](repeating: 1, count: rank - 1), device: device)
    }

    /// One value for each channel of each image, [N, C, 1, 1].
    static func perChannel(_ values: [[Float]], on device: Device) throws -> Tensor {
        try Tensor(values.flatMap { $0 }, shape: [values.count, values.first?.count ?? 0, 1, 1], device: device)
    }

    /// Which of the positions 0..<`count` lie in each range: bool [N, count].
    static func isInside(_ ranges: [Range<Int>], of count: Int, on device: Device) throws -> Tensor {
        let positions = try Tensor.range(to: count, device: device).unsqueezed(0)
        let lower = try Tensor(ranges.map(\.lowerBound), shape: [ranges.count, 1], device: device)
        let upper = try Tensor(ranges.map(\.upperBound), shape: [ranges.count, 1], device: device)
        return try positions.isLess(than: lower).logicalNot().logicalAnd(positions.isLess(than: upper))
    }
}
