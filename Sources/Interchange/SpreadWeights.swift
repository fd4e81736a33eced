import Architectures
import Networks
import Torch

extension Supernet {
    /// Gives every candidate the weights of the path's own candidate at the same choice, of which it must be a part:
    /// all of them where the shapes are the same, and of a narrower one those channels whose weights are the largest in
    /// sum, as their next layer takes them (Cai et al., "Once-for-All", ICLR 2020: channels sorted by L1 norm). So one
    /// trained network becomes a supernet. Running statistics come along; those behind a narrowed layer are to be
    /// recalibrated.
    ///
    /// - Parameter path: the path whose weights are there already.
    /// - Throws: `ImportError.notAPart` for a candidate with other layers than the path's; `SpaceError.notInSpace`.
    public func spread(from path: Architecture) throws {
        let whole = Dictionary(try state(of: path).map { ($0.key, $0.tensor) }, uniquingKeysWith: { first, _ in first })
        for (point, choice) in space.points.enumerated() {
            for candidate in choice.candidates.indices where candidate != path[point] {
                let own = try state(of: path.replacing(point, with: candidate)).filter { whole[$0.key] !== $0.tensor }
                func refuse(_ key: String) -> ImportError {
                    .notAPart(point: choice.name, candidate: choice.candidates[candidate], key: key)
                }
                let pairs = try own.map { key, tensor in
                    guard let source = whole[key], source.rank == tensor.rank else { throw refuse(key) }
                    return (key: key, source: source, own: tensor)
                }
                guard let kept = try KeptChannels(pairs, refuse) else {
                    try withoutGradients { for pair in pairs { try pair.own.copyInPlace(from: pair.source) } }
                    continue
                }
                try withoutGradients {
                    for pair in pairs {
                        try pair.own.copyInPlace(from: kept.part(of: pair.source, shape: pair.own.shape))
                    }
                }
            }
        }
    }
}

/// The inner channels of a block that a narrower block keeps.
private struct KeptChannels {
    private let positions: Tensor

    /// Chooses the channels; nil where no tensor is narrower.
    init?(
        _ pairs: [(key: String, source: Tensor, own: Tensor)], _ refuse: (String) -> ImportError
    ) throws {
        var width: (of: Int, kept: Int)?
        var weights: (taking: Tensor?, making: Tensor?)
        for pair in pairs {
            for dimension in pair.own.shape.indices where pair.own.shape[dimension] != pair.source.shape[dimension] {
                let found = (of: pair.source.shape[dimension], kept: pair.own.shape[dimension])
                // Two widths would need two choices of channels, and a wider one would need what is not there.
                guard found.kept < found.of, width.map({ $0 == found }) ?? true, dimension < 2 else {
                    throw refuse(pair.key)
                }
                width = found
                guard pair.source.rank == 4 else { continue }
                let sums = try withoutGradients {
                    try pair.source.absolute().sum((0..<4).filter { $0 != dimension })
                }
                if dimension == 1 { weights.taking = try weights.taking.map { try $0 + sums } ?? sums }
                if dimension == 0, weights.making == nil { weights.making = sums }
            }
        }
        guard let width else { return nil }
        guard let sums = weights.taking ?? weights.making else { throw refuse(pairs.first?.key ?? "") }
        // In their old order.
        positions = try sums.topK(width.kept, dimension: 0).positions.sorted(0).values
    }

    /// Selects the kept channels along each dimension that is narrower.
    func part(of source: Tensor, shape: [Int]) throws -> Tensor {
        try shape.indices.reduce(source) { part, dimension in
            part.shape[dimension] == shape[dimension] ? part : try part.indexed(by: positions, dimension: dimension)
        }
    }
}
