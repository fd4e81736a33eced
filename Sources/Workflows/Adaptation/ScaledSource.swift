import Architectures
import Networks
import SearchStrategies
import Support
import Torch

/// The network of an elastic source made smaller by hand: every block narrowed to the same share of its inner channels,
/// and the last blocks of each stage left out. It is what an engineer does without a search, with the same sorted
/// channels.
struct ScaledSource {
    /// How a network is made smaller.
    struct Scale: Codable, Equatable {
        /// The share of the inner channels of each block, in 64ths.
        var width: Int
        /// The share of the blocks of each stage that could be left out and stay, in quarters.
        var depth: Int

        /// The scale in words: `width 24/64, depth 2/4`.
        var description: String { "width \(width)/64, depth \(depth)/4" }
    }

    /// The layers of the source's own network, without choices.
    let backbone: Layer
    /// The number of channels of the images.
    let channels: Int
    /// The source's tensors, whose channels are sorted.
    let state: [(key: String, tensor: Tensor)]
    /// A closure that puts the task's own layers on those of a network or a space, which are not made smaller.
    let finished: (Layer) throws -> Layer

    /// Finds the widest network of a depth that keeps a budget; nil if not even the narrowest does.
    ///
    /// - Parameters:
    ///   - depth: the depth, in quarters.
    ///   - isAllowed: a closure that tells whether a network keeps the budget.
    /// - Throws: `SpaceError`.
    func widest(depth: Int, _ isAllowed: (Scale) throws -> Bool) throws -> Scale? {
        // The cost grows with the width, so that the widest is found by bisection.
        var (low, high) = (0, 64)
        while low < high {
            let middle = (low + high + 1) / 2
            if try isAllowed(Scale(width: middle, depth: depth)) { low = middle } else { high = middle - 1 }
        }
        return low > 0 ? Scale(width: low, depth: depth) : nil
    }

    /// The predicted milliseconds of one pass at a scale: blocks that stay take what lies between the measured times of
    /// the same block at the nearest widths, by multiply-adds.
    ///
    /// - Parameters:
    ///   - scale: the scale.
    ///   - supernet: the source's supernet, whose blocks the table is of.
    ///   - costs: its costs.
    ///   - table: the measured times.
    /// - Throws: `SpaceError`.
    func latency(
        _ scale: Scale, in supernet: SupernetDescription, costs: CostTable, table: LatencyTable
    ) throws -> Double {
        let space = supernet.space
        var path = space.points.map { $0.candidates.count - 1 }
        guard let (description, scaled) = try self.space(scale, finished) else {
            return table.latency(of: Architecture(path))
        }
        let own = try CostTable(description, imageSize: table.imageSize, classes: 0)
        var correction = 0.0
        for (point, choice) in description.space.points.enumerated() {
            guard let place = space.points.firstIndex(where: { $0.name == choice.name }) else { continue }
            let names = space.points[place].candidates
            if choice.candidates[scaled[point]] == Elasticity.skip {
                path[place] = names.firstIndex(of: Elasticity.skip) ?? path[place]
                continue
            }
            // The block as it is and its narrower kin, all with windows as they are.
            let kin = names.indices.filter { names[$0] != Elasticity.skip && !names[$0].contains("kernel") }
            // What a block costs may depend on other choices, such as the size of the images, which stay as they are.
            let times = kin.map { candidate in
                let other = Architecture(path).replacing(place, with: candidate)
                return (macs: Double(costs.cost(of: other).multiplyAdds), time: table.latency(of: other))
            }.sorted { $0.macs < $1.macs }
            let whole = choice.candidates.count - 1
            let less = own.candidates[point][whole].multiplyAdds - own.candidates[point][scaled[point]].multiplyAdds
            let macs = Double(costs.cost(of: Architecture(path)).multiplyAdds - less)
            correction += Self.between(times, at: macs) - table.latency(of: Architecture(path))
        }
        return table.latency(of: Architecture(path)) + correction
    }

    /// The time at a number of multiply-adds, linear between those that are known, and along the last two beyond them.
    private static func between(_ times: [(macs: Double, time: Double)], at macs: Double) -> Double {
        guard times.count > 1 else { return times.first?.time ?? 0 }
        let upper = min(max(times.firstIndex { $0.macs >= macs } ?? times.count - 1, 1), times.count - 1)
        let (a, b) = (times[upper - 1], times[upper])
        return b.macs > a.macs ? a.time + (b.time - a.time) * (macs - a.macs) / (b.macs - a.macs) : b.time
    }

    /// The layers at a scale.
    func layer(_ scale: Scale) throws -> Layer {
        try space(scale, finished).map { try $0.fixed(to: $1) } ?? finished(backbone)
    }

    /// The tensors at a scale, under the keys of its network, without those of the task's own layers.
    func weights(_ scale: Scale) throws -> [(key: String, tensor: Tensor)] {
        guard let (description, path) = try space(scale, { $0 }) else { return state }
        let supernet = try Supernet(description, store: .init(seed: 0, format: .channelsLast))
        let whole = Architecture(description.space.points.map { $0.candidates.count - 1 })
        try supernet.load(state, into: whole)
        return try supernet.state(of: path).map { (key: $0.key, tensor: try $0.tensor.cloned()) }
    }

    /// A supernet that the scaled network is a path of, and the path; nil for the network as it is.
    private func space(
        _ scale: Scale, _ finished: (Layer) throws -> Layer
    ) throws -> (SupernetDescription, Architecture)? {
        var options = Elasticity()
        (options.fractions, options.shrinksKernels) = ([Double(scale.width) / 64], false)
        guard scale.width < 64 || scale.depth < 4 else { return nil }
        let elastic = try backbone.elastic(inputs: channels, options)
        let description = try SupernetDescription("scaled", channels: channels, backbone: finished(elastic.layer))
        let points = description.space.points
        // Stages are runs of blocks that could be left out, between those that could not.
        var kept = [Bool](repeating: true, count: points.count)
        var run: [Int] = []
        func close() {
            let stays = (run.count * scale.depth + 3) / 4
            for point in run.dropFirst(stays) { kept[point] = false }
            run = []
        }
        for (point, choice) in points.enumerated() {
            if choice.candidates.first == Elasticity.skip { run.append(point) } else { close() }
        }
        close()
        let path = points.enumerated().map { point, choice in
            if !kept[point] { return 0 }
            // The narrow candidate is the first that leaves nothing out, or, where it would be no narrower, the whole.
            let first = choice.candidates.first == Elasticity.skip ? 1 : 0
            return scale.width < 64 ? min(first, choice.candidates.count - 1) : choice.candidates.count - 1
        }
        return (description, Architecture(path))
    }
}

extension BudgetCheck {
    /// A random path that nearly uses up the budget: the first of some that uses nine tenths of a limit, or else the one
    /// that uses most.
    ///
    /// - Parameters:
    ///   - space: the search space.
    ///   - seed: the seed of the draws.
    /// - Throws: what drawing throws.
    func randomPath(_ space: SearchSpace, seed: UInt64) throws -> Architecture {
        var sampler = try ConstraintSampler(space, seed: seed, initial: budget.isOpen ? [] : [cheapest]) { allows($0) }
        var best = (path: cheapest, share: -1.0)
        for _ in 0..<Self.draws {
            guard let path = try sampler.next() else { break }
            let share = use(of: path)
            if share > best.share { best = (path, share) }
            if share >= 0.9 { break }
        }
        return best.path
    }

    private static let draws = 400
}
