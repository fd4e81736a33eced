import Architectures
import NN
import Torch

extension Supernet {
    /// Sorts the channels within each block that a candidate may narrow, so that those which stay in narrower candidates
    /// matter most: descending by the sum of the absolute weights with which the next layer reads them (Cai et al.,
    /// "Once-for-All", ICLR 2020). The largest path computes the same as before, but for rounding; it is to be called
    /// before the supernet is trained.
    ///
    /// Groups of channels that a grouped convolution reads apart are each sorted by themselves.
    ///
    /// - Throws: `TorchError` if the tensors cannot be read, as those of a device that failed.
    public func sortChannels() throws {
        try withoutGradients {
            for place in sharedPlaces {
                func tensor(_ tensor: LayerTensor) -> Tensor? { store[place.prefix + tensor.key] }
                for set in place.layout.innerSets {
                    guard let order = try ChannelOrder(of: set, in: place.layout, tensor) else { continue }
                    for described in place.layout.tensors {
                        guard let whole = tensor(described) else { continue }
                        for (dimension, axis) in described.axes.enumerated() where axis.set == set {
                            try whole.copyInPlace(from: order.sorted(whole, dimension, axis))
                        }
                    }
                }
            }
        }
    }
}

/// The order of a set of channels, block by block.
private struct ChannelOrder {
    /// For each block, the positions within it of the channels that come first, second and so on.
    private let positions: [[Int]]

    /// Sorts a set by importance; nil for one that no layer on the way reads.
    init?(of set: Int, in layout: TensorLayout, _ find: (LayerTensor) -> Tensor?) throws {
        let axes = layout.tensors.flatMap(\.axes).filter { $0.set == set }
        var blocks = 0
        var size = 0
        for axis in axes {
            guard case .channels(_, let order) = axis.kind else { continue }
            blocks = max(blocks, (order.max() ?? 0) + 1)
            size = axis.size / order.count
        }
        guard blocks > 0, size > 0 else { return nil }
        var importance = [[Float]](repeating: [Float](repeating: 0, count: size), count: blocks)
        var isRead = false
        for described in layout.tensors where described.axes.count > 1 {
            let axis = described.axes[1]
            guard axis.isRead, axis.set == set, let weight = find(described) else { continue }
            let sums = try Self.readings(weight, axis)
            let order: [Int] =
                if case .channels(_, let order) = axis.kind { order } else { Array(0..<sums.count / size) }
            guard sums.count == order.count * size, order.allSatisfy({ $0 < blocks }) else { continue }
            isRead = true
            for (place, block) in order.enumerated() {
                for channel in 0..<size { importance[block][channel] += sums[place * size + channel] }
            }
        }
        guard isRead else { return nil }
        positions = importance.map { values in
            // Of equals, the first stays first.
            values.indices.sorted { (values[$1], $0) < (values[$0], $1) }
        }
    }

    /// The sum of absolute weights for each value along the dimension that reads, group after group.
    private static func readings(_ weight: Tensor, _ axis: TensorAxis) throws -> [Float] {
        let size = try weight.absolute().to(.float32)
        guard case .grouped(_, let groups) = axis.kind else {
            return try size.sum((0..<weight.rank).filter { $0 != 1 }).array(Float.self)
        }
        let apart = try size.contiguous().reshaped([groups, weight.size(0) / groups] + weight.shape.dropFirst())
        return try apart.sum([1] + Array(3..<apart.rank)).contiguous().reshaped([-1]).array(Float.self)
    }

    /// The tensor with the channels along a dimension in their order.
    func sorted(_ tensor: Tensor, _ dimension: Int, _ axis: TensorAxis) throws -> Tensor {
        let size = positions[0].count
        switch axis.kind {
        case .channels(_, let blocks):
            let order = blocks.enumerated().flatMap { place, block in positions[block].map { place * size + $0 } }
            return try tensor.indexed(by: Tensor(order.map(Int64.init), device: tensor.device), dimension: dimension)
        case .grouped(_, let groups):
            // Each group of rows reads blocks of its own.
            let own = positions.count / groups
            let rows = try tensor.split([Int](repeating: tensor.size(0) / groups, count: groups))
            return try .concatenated(
                rows.enumerated().map { group, part in
                    let order = (0..<own).flatMap { place in
                        positions[group * own + place].map { place * size + $0 }
                    }
                    return try part.indexed(
                        by: Tensor(order.map(Int64.init), device: tensor.device), dimension: dimension)
                })
        case .window, .other: return tensor
        }
    }
}
