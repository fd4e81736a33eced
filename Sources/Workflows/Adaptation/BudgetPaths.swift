import Architectures
import Support

/// Paths of an elastic supernet that nearly use up a budget, from plain ones, whose blocks are all of the same relative
/// width, to mixed ones.
///
/// Where each choice is drawn alone, nearly all paths leave out about the same share of the blocks and are about as wide
/// on average: those that keep few blocks whole, or all blocks narrow, are never met, although a budget of latency may want
/// just these. So a path draws first which share of its blocks stays and how unlike their widths are; the width itself
/// is what the budget leaves.
struct BudgetPaths {
    /// What a path does alike at all choices.
    private struct Plan {
        /// The position of the images' size among the sizes; nil where it is no choice.
        var size: Int?
        /// The share of the blocks that could be left out and stay.
        var depth: Double
        /// How far the relative widths of blocks lie apart, from 0 for none to 1.
        var spread: Double
        /// For each choice, a number in 0..<1: a block stays where it is below `depth`.
        var stays: [Double]
        /// For each choice, a number in 0..<1 by which its width differs from the others'.
        var widths: [Double]
        /// The order in which choices are widened further while the budget allows it.
        var order: [Int]
    }

    /// A choice.
    private struct Point {
        /// The candidate that leaves the block out; nil where there is none.
        let skip: Int?
        /// The other candidates, those with few multiply-adds first.
        let candidates: [Int]
    }

    /// The budget that paths keep.
    let check: BudgetCheck
    private let points: [Point]
    /// The choice of the images' size; nil where there is none.
    private let size: Int?

    /// - Parameters:
    ///   - space: the space of an elastic supernet.
    ///   - check: the budget.
    init(_ space: SearchSpace, within check: BudgetCheck) {
        self.check = check
        let largest = check.costs.cheapest { -Double($0.multiplyAdds) }
        points = space.points.enumerated().map { place, point in
            let skip = point.candidates.firstIndex(of: Elasticity.skip)
            let costs = point.candidates.indices.map {
                check.costs.cost(of: largest.replacing(place, with: $0)).multiplyAdds
            }
            let others = point.candidates.indices.filter { $0 != skip }
            return Point(skip: skip, candidates: others.sorted { (costs[$0], $0) < (costs[$1], $1) })
        }
        size = space.points.firstIndex { $0.name == Elasticity.imageSizePoint }
    }

    /// Draws a path that keeps the budget and uses most of it where one is found; otherwise the cheapest.
    func path(using generator: inout SeededGenerator) -> Architecture {
        var best = (path: check.cheapest, share: -1.0)
        for _ in 0..<Self.draws {
            func numbers() -> [Double] { points.map { _ in Double.random(in: 0..<1, using: &generator) } }
            let plan = Plan(
                size: size.map { Int.random(in: 0..<points[$0].candidates.count, using: &generator) },
                depth: .random(in: 0...1, using: &generator), spread: .random(in: 0...1, using: &generator),
                stays: numbers(), widths: numbers(), order: points.indices.shuffled(using: &generator))
            guard let path = widest(plan) else { continue }
            let share = check.use(of: path)
            if share > best.share { best = (path, share) }
            if share >= Self.enough { break }
        }
        return best.path
    }

    /// The plain paths of the budget: of each size of the images and of several depths, the widest one, the last blocks of
    /// a stage left out first. They are what one would try by hand.
    var plain: [Architecture] {
        var found: [Architecture] = []
        let sizes: [Int?] = size.map { points[$0].candidates.indices.reversed().map(Optional.init) } ?? [nil]
        for depth in [1, 0.75, 0.5, 0.25, 0] {
            for size in sizes {
                let plan = plain(size: size, depth: depth, order: points.indices.reversed())
                if let path = widest(plan), !found.contains(path) { found.append(path) }
            }
        }
        return found
    }

    /// The path of all blocks that are as wide as each other, the widest that keeps the budget, on images as they are; nil
    /// where there is none.
    var uniform: Architecture? {
        widest(plain(size: size.map { points[$0].candidates.count - 1 }, depth: 1, order: []))
    }

    /// A plan without chance: the last blocks of a stage are left out first.
    private func plain(size: Int?, depth: Double, order: [Int]) -> Plan {
        // Stages are runs of blocks that could be left out, between those that could not.
        var stays = [Double](repeating: 0, count: points.count)
        var run: [Int] = []
        for place in points.indices {
            if points[place].skip != nil { run.append(place) }
            if points[place].skip == nil || place == points.count - 1 {
                for (number, block) in run.enumerated() { stays[block] = (Double(number) + 0.5) / Double(run.count) }
                run = []
            }
        }
        return Plan(
            size: size, depth: depth, spread: 0, stays: stays, widths: .init(repeating: 0.5, count: points.count),
            order: order)
    }

    /// The widest path of a plan that keeps the budget; nil if not even the narrowest does.
    private func widest(_ plan: Plan) -> Architecture? {
        var (low, high) = (-0.5, 1.5)
        guard check.allows(path(plan, width: low)) else { return nil }
        for _ in 0..<12 {
            let middle = (low + high) / 2
            if check.allows(path(plan, width: middle)) { low = middle } else { high = middle }
        }
        var path = path(plan, width: low)
        // Candidates are few, so that something of the budget is left.
        for place in plan.order where place != size {
            let candidates = points[place].candidates
            guard let own = candidates.firstIndex(of: path[place]), own + 1 < candidates.count else { continue }
            let wider = path.replacing(place, with: candidates[own + 1])
            if check.allows(wider) { path = wider }
        }
        return path
    }

    private func path(_ plan: Plan, width: Double) -> Architecture {
        Architecture(
            points.indices.map { place in
                let point = points[place]
                if place == size, let size = plan.size { return point.candidates[size] }
                if let skip = point.skip, plan.stays[place] >= plan.depth || point.candidates.isEmpty { return skip }
                let relative = min(max(width + plan.spread * (plan.widths[place] - 0.5), 0), 0.999_999)
                return point.candidates[Int(relative * Double(point.candidates.count))]
            })
    }

    private static let draws = 24
    /// The share of the budget that a drawn path should use. The whole network on smaller images may use no more.
    private static let enough = 0.7
}
