/// Hard limits on what an architecture may cost. No architecture beyond them is evaluated or handed over.
public struct Budget: Sendable, Hashable {
    /// Learned numbers; nil for no limit.
    public var parameters: Int?
    /// Multiply-adds for one image; nil for no limit.
    public var multiplyAdds: Int?
    /// Milliseconds for one image or batch, as the latency table predicts it; nil for no limit.
    public var latency: Double?

    /// Limits; none unless given.
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
    /// The limits.
    public let budget: Budget
    /// Exact costs.
    public let costs: CostTable
    /// Predicted times; needed where the budget limits the latency.
    public let latencies: LatencyTable?
    /// An architecture within the budget; a search can start from it. With one limit, the one with the least of what is
    /// limited; with several, one that uses little of the limit that it uses most of; without any, the first.
    public let cheapest: Architecture

    private let limits: [Limit]

    /// - Throws: `SpaceError.impossibleBudget` with the least that can be had of every quantity that was limited too
    ///   tightly, or with a close miss if the limits can be kept one by one but not together: that is certain in spaces
    ///   of up to 50,000 architectures; in larger ones the text says where none was found, but there may be one.
    ///   `SpaceError.impossibleBudget`, too, if the latency is limited and the latencies are missing or of another space.
    public init(_ budget: Budget, costs: CostTable, latencies: LatencyTable? = nil) throws {
        self.budget = budget
        self.costs = costs
        self.latencies = latencies
        var limits: [Limit] = []
        if let most = budget.parameters {
            limits.append(
                Limit(
                    name: "parameters", most: Double(most), fixed: Double(costs.fixed.parameters),
                    candidates: costs.candidates.map { $0.map { Double($0.parameters) } }))
        }
        if let most = budget.multiplyAdds {
            limits.append(
                Limit(
                    name: "multiply-adds", most: Double(most), fixed: Double(costs.fixed.multiplyAdds),
                    candidates: costs.candidates.map { $0.map { Double($0.multiplyAdds) } }))
        }
        if let most = budget.latency {
            guard let latencies else {
                throw SpaceError.impossibleBudget(["a limit on the latency needs latencies that were measured"])
            }
            guard latencies.candidates.map(\.count) == costs.candidates.map(\.count) else {
                throw SpaceError.impossibleBudget([
                    "the latencies were measured for another search space; measure those of this one"
                ])
            }
            limits.append(
                Limit(name: "latency", most: most, fixed: latencies.fixed, candidates: latencies.candidates))
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
        cheapest = try Self.inside(limits, points: costs.candidates.count)
    }

    /// Whether an architecture of the space keeps every limit.
    public func allows(_ architecture: Architecture) -> Bool {
        limits.allSatisfy { $0.value(architecture) <= $0.most }
    }

    /// - Returns: an architecture that keeps all limits.
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
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}
