import Support
import TestSpaces
import Testing

@testable import Architectures

@Suite struct BudgetTests {
    /// A space with its costs, latencies that have nothing to do with them, and what each architecture has of both.
    private struct Case {
        let costs: CostTable
        let latencies: LatencyTable
        let all: [(architecture: Architecture, cost: Cost, latency: Double)]

        init(_ kind: SmallSpace) throws {
            let description = try kind.description()
            let costs = try CostTable(description, imageSize: 16, classes: 3)
            var generator = SeededGenerator(seed: 9)
            let latencies = LatencyTable(
                fixed: 1, candidates: costs.candidates.map { $0.map { _ in generator.uniform(0, 4) } }, batchSize: 1,
                imageSize: 16, error: 0.1, checked: 1)
            all = description.space.everything.map { ($0, costs.cost(of: $0), latencies.latency(of: $0)) }
            self.costs = costs
            self.latencies = latencies
        }

        func allowed(_ budget: Budget) -> [Architecture] {
            all.filter { _, cost, latency in
                cost.parameters <= budget.parameters ?? .max && cost.multiplyAdds <= budget.multiplyAdds ?? .max
                    && latency <= budget.latency ?? .infinity
            }.map(\.architecture)
        }
    }

    @Test(arguments: SmallSpace.allCases)
    func whatIsTooTightIsRefusedWithTheExactLeast(kind: SmallSpace) throws {
        let it = try Case(kind)
        let parameters = try #require(it.all.map(\.cost.parameters).min())
        let products = try #require(it.all.map(\.cost.multiplyAdds).min())
        let check = try BudgetCheck(Budget(parameters: parameters, multiplyAdds: nil), costs: it.costs)
        #expect(it.costs.cost(of: check.cheapest).parameters == parameters)
        #expect(
            throws: SpaceError.impossibleBudget([
                "the least parameters that can be had is \(parameters), asked for at most \(parameters - 1)",
                "the least multiply-adds that can be had is \(products), asked for at most 0",
            ])
        ) { try BudgetCheck(Budget(parameters: parameters - 1, multiplyAdds: 0), costs: it.costs) }
    }

    @Test(arguments: [SmallSpace.resnest, .mobile])
    func ofOneLimitedQuantityTheCheapestHasTheLeast(kind: SmallSpace) throws {
        let it = try Case(kind)
        let latency = try #require(it.all.map(\.latency).min())
        let check = try BudgetCheck(Budget(latency: 1000), costs: it.costs, latencies: it.latencies)
        #expect(it.latencies.latency(of: check.cheapest) == latency)
    }

    /// Limits just kept by some architectures: a budget is refused exactly if enumeration finds nothing, and otherwise
    /// the cheapest keeps it.
    @Test(arguments: [SmallSpace.resnest, .mobile])
    func jointLimitsAgreeWithEnumeration(kind: SmallSpace) throws {
        let it = try Case(kind)
        var generator = SeededGenerator(seed: 10)
        /// Of something that four architectures have, the least.
        func draw<Value: Comparable>(_ value: (Int) -> Value, _ most: Value) -> Value {
            (0..<4).reduce(most) { least, _ in min(least, value(generator.below(it.all.count))) }
        }
        var outcomes: Set<Bool> = []
        for _ in 0..<8 {
            let budget = Budget(
                parameters: draw({ it.all[$0].cost.parameters }, .max),
                multiplyAdds: draw({ it.all[$0].cost.multiplyAdds }, .max),
                latency: draw({ it.all[$0].latency }, .infinity))
            let allowed = Set(it.allowed(budget))
            outcomes.insert(allowed.isEmpty)
            do {
                let check = try BudgetCheck(budget, costs: it.costs, latencies: it.latencies)
                #expect(allowed.contains(check.cheapest) && allowed.allSatisfy(check.allows))
                for item in it.all {
                    #expect(check.allows(item.architecture) == allowed.contains(item.architecture))
                }
            } catch let error as SpaceError {
                #expect(allowed.isEmpty, "\(error)")
                #expect(["keeps them together", "the least "].contains { error.description.contains($0) })
            }
        }
        #expect(outcomes == [true, false])
    }

    @Test func withoutLimitsEverythingIsAllowed() throws {
        let it = try Case(.mobile)
        let check = try BudgetCheck(Budget(), costs: it.costs)
        #expect(check.budget.isOpen && it.all.map(\.architecture).allSatisfy(check.allows))
        #expect(!Budget(latency: 1).isOpen)
    }

    @Test func latenciesThatAreMissingOrOfAnotherSpaceAreRefused() throws {
        let (it, other) = (try Case(.mobile), try Case(.resnest))
        let budget = Budget(latency: 1000)
        #expect(throws: SpaceError.self) { try BudgetCheck(budget, costs: it.costs) }
        #expect(throws: SpaceError.self) { try BudgetCheck(budget, costs: it.costs, latencies: other.latencies) }
        var times = it.latencies.candidates
        times[1].removeLast()
        let ragged = LatencyTable(
            fixed: 1, candidates: times, batchSize: 1, imageSize: it.latencies.imageSize, error: 0, checked: 0)
        #expect(throws: SpaceError.self) { try BudgetCheck(budget, costs: it.costs, latencies: ragged) }
        #expect(throws: SpaceError.self) {
            try BudgetCheck(Budget(latency: .nan), costs: it.costs, latencies: it.latencies)
        }
    }

    /// (6, 6) lies beyond the line from (1, 10) to (10, 1): by no weighting is it the cheapest.
    @Test func whatTheWeightingsMissIsFoundByTheSearch() {
        let limits = [
            Limit(name: "a", most: 6, sum: ChoiceSum(fixed: 0, candidates: [[1, 10, 6]])),
            Limit(name: "b", most: 6, sum: ChoiceSum(fixed: 0, candidates: [[10, 1, 6]])),
        ]
        var joint = JointLimits(limits)
        #expect(joint.largestShare(joint.cheapestByWeight()) > 1)
        #expect(joint.firstWithin() == (Architecture([2]), true))
    }

    /// Each point adds the same to both quantities together: which sums can be had is the subset-sum problem.
    @Test func aSearchSaysWhetherItIsSure() {
        let points = 12
        let a = (0..<points).map { [0, 2 << $0] }
        let b = a.map { [$0[1], 0] }
        func limits(_ slack: Int) -> [Limit] {
            let half = a.joined().reduce(0, +) / 2
            return [a, b].map { table in
                Limit(
                    name: "", most: Double(half + slack),
                    sum: ChoiceSum(fixed: 0, candidates: table.map { $0.map(Double.init) }))
            }
        }
        // All sums are even, and half of them all is odd.
        var impossible = JointLimits(limits(0))
        #expect(impossible.firstWithin() == (nil, true))
        var hasty = JointLimits(limits(0), patience: 20)
        #expect(hasty.firstWithin() == (nil, false))
        var possible = JointLimits(limits(1))
        let (found, sure) = possible.firstWithin()
        #expect(sure && found.map(possible.largestShare) ?? 2 <= 1)
    }
}
