/// One limited quantity: what every architecture has of it, what each candidate adds, and the limit.
struct Limit: Sendable {
    let name: String
    let most: Double
    let fixed: Double
    let candidates: [[Double]]

    func value(_ architecture: Architecture) -> Double {
        zip(candidates, architecture.choices).reduce(fixed) { $0 + $1.0[$1.1] }
    }

    /// What is used of the limit: 1 where it is just kept.
    func share(_ value: Double) -> Double { most > 0 ? value / most : value > 0 ? .infinity : 0 }

    /// The least that can be had.
    var least: Double { candidates.reduce(fixed) { $0 + ($1.min() ?? 0) } }
}

/// Looks for an architecture that keeps several limits together: the knapsack problem with several weights, for which no
/// quick method is known that always answers.
struct JointLimits {
    let limits: [Limit]
    /// For each limit, the least that the choice points from each on can have of it.
    private let rest: [[Double]]
    /// For each choice point, its candidates, those first that use little of the limits.
    private let order: [[Int]]
    /// How many more candidates are tried before an answer is given up.
    private var patience: Int

    init(_ limits: [Limit], patience: Int = 100_000) {
        self.limits = limits
        self.patience = patience
        rest = limits.map { limit in
            var sums: [Double] = [0]
            for point in limit.candidates.reversed() { sums.append((sums.last ?? 0) + (point.min() ?? 0)) }
            return sums.reversed()
        }
        let points = limits.first?.candidates ?? []
        order = points.indices.map { point in
            func use(_ candidate: Int) -> Double { limits.reduce(0) { $0 + $1.share($1.candidates[point][candidate]) } }
            return points[point].indices.sorted { use($0) < use($1) }
        }
    }

    /// The largest share that an architecture uses of any limit: at most 1 where it keeps them all.
    func largestShare(_ architecture: Architecture) -> Double {
        limits.map { $0.share($0.value(architecture)) }.max() ?? 0
    }

    /// Of the architectures that are cheapest by some weighting of the limits, the one that uses the least of the limit
    /// that it uses most of. With one limit that is the cheapest of all; with several, one that keeps them may be
    /// missed, as the cheapest by weight are only the corners of what can be had.
    func cheapestByWeight() -> Architecture {
        let steps = 20
        let weights: [[Int]] =
            switch limits.count {
            case 0, 1: [[1]]
            case 2: (0...steps).map { [$0, steps - $0] }
            default: (0...steps).flatMap { a in (0...steps - a).map { b in [a, b, steps - a - b] } }
            }
        let corners = weights.map { weights in
            Architecture(
                order.indices.map { point in
                    func cost(_ candidate: Int) -> Double {
                        zip(limits, weights).reduce(0) {
                            // A weight of zero leaves a quantity out, even one of which there may be nothing.
                            $1.1 == 0 ? $0 : $0 + Double($1.1) * $1.0.share($1.0.candidates[point][candidate])
                        }
                    }
                    return order[point].indices.min { cost($0) < cost($1) } ?? 0
                })
        }
        let shares = corners.map(largestShare)
        let best = shares.indices.min { shares[$0] < shares[$1] } ?? 0
        return corners[best]
    }

    /// Goes through the architectures, leaving out at each choice point what cannot be kept whatever follows.
    ///
    /// - Returns: one that keeps all limits, or nil if there is none; `sure` is false if the search was given up before
    ///   it was through, which does not happen in spaces of up to 50,000 architectures.
    mutating func firstWithin() -> (found: Architecture?, sure: Bool) {
        var choices: [Int] = []
        let found = extend(&choices, limits.map(\.fixed))
        return (found ? Architecture(choices) : nil, found || patience > 0)
    }

    private mutating func extend(_ choices: inout [Int], _ used: [Double]) -> Bool {
        let point = choices.count
        guard point < order.count else { return largestShare(Architecture(choices)) <= 1 }
        for candidate in order[point] {
            guard patience > 0 else { return false }
            if order[point].count > 1 { patience -= 1 }
            let next = limits.indices.map { used[$0] + limits[$0].candidates[point][candidate] }
            guard limits.indices.allSatisfy({ next[$0] + rest[$0][point + 1] <= limits[$0].most }) else { continue }
            choices.append(candidate)
            if extend(&choices, next) { return true }
            choices.removeLast()
        }
        return false
    }
}
