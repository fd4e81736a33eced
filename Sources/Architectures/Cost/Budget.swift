/// Hard limits on what an architecture may cost. No architecture beyond them is evaluated or handed over.
public struct Budget: Sendable, Hashable {
    /// The most learned parameters; nil for no limit.
    public var parameters: Int?
    /// The most multiply-adds for one image; nil for no limit.
    public var multiplyAdds: Int?
    /// The most milliseconds for one image or batch, as the latency table predicts it; nil for no limit.
    public var latency: Double?

    /// A budget of these limits; without any unless given.
    public init(parameters: Int? = nil, multiplyAdds: Int? = nil, latency: Double? = nil) {
        self.parameters = parameters
        self.multiplyAdds = multiplyAdds
        self.latency = latency
    }

    /// Whether there is no limit at all.
    public var isOpen: Bool { parameters == nil && multiplyAdds == nil && latency == nil }
}

/// A budget together with the costs that it limits.
public struct BudgetCheck: Sendable {
    /// The limits to be kept.
    public let budget: Budget
    /// The exact costs of the space.
    public let costs: CostTable
    /// The predicted times of the space; needed where the budget limits the latency.
    public let latencies: LatencyTable?
    /// An architecture within the budget; a search can start from it. With one limit, the one with the least of what is
    /// limited; with several, one that uses little of the limit that it uses most of; without any, the first.
    public let cheapest: Architecture

    private let limits: [Limit]

    /// A check of a budget, with an architecture that keeps it.
    ///
    /// - Throws: `SpaceError.impossibleBudget` with the least that can be had of every quantity that was limited too
    ///   tightly, or with a close miss if the limits can be kept one by one but not together: that is certain in spaces
    ///   of up to 50,000 architectures; in larger ones the text says where none was found, but there may be one.
    ///   `SpaceError.impossibleBudget`, too, if the latency is limited and the latencies are missing or of another
    ///   space.
    public init(_ budget: Budget, costs: CostTable, latencies: LatencyTable? = nil) throws {
        self.budget = budget
        self.costs = costs
        self.latencies = latencies
        var limits: [Limit] = []
        if let most = budget.parameters {
            limits.append(
                Limit(name: "parameters", most: Double(most), sum: costs.sum.map { Double($0.parameters) }))
        }
        if let most = budget.multiplyAdds {
            limits.append(
                Limit(name: "multiply-adds", most: Double(most), sum: costs.sum.map { Double($0.multiplyAdds) }))
        }
        if let most = budget.latency {
            guard let latencies else {
                throw SpaceError.impossibleBudget(["a limit on the latency needs latencies that were measured"])
            }
            guard latencies.sum.counts == costs.sum.counts else {
                throw SpaceError.impossibleBudget([
                    "the latencies were measured for another search space; measure those of this one"
                ])
            }
            limits.append(Limit(name: "latency", most: most, sum: latencies.sum))
        }
        self.limits = limits
        // So put, a limit that is no number is too tight as well.
        let tight = limits.filter { !($0.least <= $0.most) }
        guard tight.isEmpty else {
            throw SpaceError.impossibleBudget(
                tight.map {
                    "the least \($0.name) that can be had is \(Self.text($0.least)), asked for at most "
                        + Self.text($0.most)
                })
        }
        cheapest = try Self.inside(limits, points: costs.sum.counts.count)
    }

    /// Whether an architecture of the space keeps every limit.
    public func allows(_ architecture: Architecture) -> Bool {
        limits.allSatisfy { $0.value(architecture) <= $0.most }
    }

    /// The share that an architecture uses of the limit that it uses most of; 0 without limits.
    public func use(of architecture: Architecture) -> Double {
        limits.map { $0.share($0.value(architecture)) }.max() ?? 0
    }

    /// An architecture that keeps all limits.
    private static func inside(_ limits: [Limit], points: Int) throws -> Architecture {
        guard !limits.isEmpty else { return Architecture([Int](repeating: 0, count: points)) }
        var joint = JointLimits(limits)
        let closest = joint.cheapestByWeight()
        if joint.largestShare(closest) <= 1 { return closest }
        let (found, sure) = joint.firstWithin()
        if let found { return found }
        throw SpaceError.impossibleBudget([
            "each limit can be kept by itself, but "
                + (sure
                    ? "no architecture keeps them together; " : "no architecture was found that keeps them together; ")
                + "`\(closest)` comes close with "
                + limits.map { "\(text($0.value(closest))) \($0.name) of \(text($0.most))" }.joined(separator: ", ")
        ])
    }

    private static func text(_ value: Double) -> String {
        if value == value.rounded() && abs(value) < 1e15 { return String(Int(value)) }
        // Milliseconds: so many that the limit can be kept.
        return value > 0.001 && value < 1e12 ? String((value * 1000).rounded(.up) / 1000) : String(value)
    }
}

/// One limited quantity: what architectures have of it, and the limit.
struct Limit: Sendable {
    let name: String
    let most: Double
    let sum: ChoiceSum<Double>
    /// The least of the quantity that any architecture has.
    let least: Double

    init(name: String, most: Double, sum: ChoiceSum<Double>) {
        (self.name, self.most, self.sum) = (name, most, sum)
        least = sum.value(of: sum.least())
    }

    /// The quantity that an architecture has.
    func value(_ architecture: Architecture) -> Double { sum.value(of: architecture) }

    /// The share of the limit that a value uses: 1 where it is just kept.
    func share(_ value: Double) -> Double { most > 0 ? value / most : value > 0 ? .infinity : 0 }
}

/// Looks for an architecture that keeps several limits together: the knapsack problem with several weights, for which
/// no quick method is known that always answers.
struct JointLimits {
    let limits: [Limit]
    /// For each limit and choice point, the terms of the limit of which it is the last choice point.
    private let ending: [[[ChoiceSum<Double>.Term]]]
    /// For each limit, the least that the terms that end at each choice point or later can have of it.
    private let rest: [[Double]]
    /// For each choice point, its candidates, those first that use little of the limits.
    private let order: [[Int]]
    /// The number of candidates that are still tried before an answer is given up.
    private var patience: Int

    init(_ limits: [Limit], patience: Int = 100_000) {
        self.limits = limits
        self.patience = patience
        let points = (limits.first?.sum.counts ?? []).indices
        let ending = limits.map { limit in
            points.map { point in limit.sum.terms.filter { $0.points.last == point } }
        }
        rest = ending.map { terms in
            var sums: [Double] = [0]
            for terms in terms.reversed() {
                sums.append(terms.reduce(sums.last ?? 0) { $0 + ($1.values.min() ?? 0) })
            }
            return sums.reversed()
        }
        self.ending = ending
        order = points.map { point in
            let uses = limits.map { limit in limit.sum.marginals(of: point).map(limit.share) }
            func use(_ candidate: Int) -> Double { uses.reduce(0) { $0 + $1[candidate] } }
            return (uses.first ?? []).indices.sorted { use($0) < use($1) }
        }
    }

    /// The largest share that an architecture uses of any limit: at most 1 where it keeps them all.
    func largestShare(_ architecture: Architecture) -> Double {
        limits.map { $0.share($0.value(architecture)) }.max() ?? 0
    }

    /// The architecture that uses the least of the limit that it uses most of, among those that are cheapest by some
    /// weighting of the limits. With one limit that is the cheapest of all; with several, one that keeps them may be
    /// missed, as the cheapest by weight are only the corners of what can be had.
    func cheapestByWeight() -> Architecture {
        let steps = 20
        let weights: [[Int]] =
            switch limits.count {
            case 0, 1: [[1]]
            case 2: (0...steps).map { [$0, steps - $0] }
            default: (0...steps).flatMap { a in (0...steps - a).map { b in [a, b, steps - a - b] } }
            }
        let shares = limits.map { limit in limit.sum.map(limit.share) }
        let corners = weights.map { weights in
            // A weight of zero leaves a quantity out, even one of which there may be nothing.
            ChoiceSum.combined(zip(weights, shares).map { (weight: Double($0), sum: $1) }).least()
        }
        let largest = corners.map(largestShare)
        let best = largest.indices.min { largest[$0] < largest[$1] } ?? 0
        return corners[best]
    }

    /// Goes through the architectures, leaving out at each choice point what cannot be kept whatever follows.
    ///
    /// - Returns: one that keeps all limits, or nil if there is none; `sure` is false if the search was given up before
    ///   it was through, which does not happen in spaces of up to 50,000 architectures.
    mutating func firstWithin() -> (found: Architecture?, sure: Bool) {
        var choices: [Int] = []
        let found = extend(&choices, limits.map(\.sum.fixed))
        return (found ? Architecture(choices) : nil, found || patience > 0)
    }

    private mutating func extend(_ choices: inout [Int], _ used: [Double]) -> Bool {
        let point = choices.count
        guard point < order.count else { return largestShare(Architecture(choices)) <= 1 }
        for candidate in order[point] {
            guard patience > 0 else { return false }
            if order[point].count > 1 { patience -= 1 }
            choices.append(candidate)
            let begun = Architecture(choices)
            let next = limits.indices.map { limit in
                ending[limit][point].reduce(used[limit]) { $0 + limits[limit].sum.value(of: $1, begun) }
            }
            guard limits.indices.allSatisfy({ next[$0] + rest[$0][point + 1] <= limits[$0].most }) else {
                choices.removeLast()
                continue
            }
            if extend(&choices, next) { return true }
            choices.removeLast()
        }
        return false
    }
}
