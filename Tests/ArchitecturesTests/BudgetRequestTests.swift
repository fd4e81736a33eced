import Architectures
import TestSpaces
import Testing

/// Budgets as people write them.
@Suite struct BudgetRequestTests {
    @Test(arguments: [
        ("25%", BudgetRequest.Limit.share(0.25), "25-percent"), (" 12.5 % ", .share(0.125), "12.5-percent"),
        ("100%", .share(1), "100-percent"), ("48M", .amount(48e6), "48M"), ("1.5k", .amount(1500), "1.5k"),
        ("300000", .amount(300_000), "300000"),
    ]) func budgetsAreRead(text: String, limit: BudgetRequest.Limit, name: String) throws {
        for quantity in [BudgetRequest.Quantity.multiplyAdds, .parameters] {
            let request = try #require(BudgetRequest(text, of: quantity))
            #expect(request.limit == limit && request.quantity == quantity && request.name == name)
        }
    }

    @Test func latenciesAreReadInMilliseconds() throws {
        for text in ["3.5", "3.5ms", "3.5 ms"] {
            let request = try #require(BudgetRequest(text, of: .latency))
            #expect(request.limit == .amount(3.5) && request.name.hasSuffix("-latency"))
        }
        let named = try #require(BudgetRequest("30% latency", of: .multiplyAdds))
        #expect(named.quantity == .latency && named.limit == .share(0.3))
        #expect(named.text == "30% latency" && named.name == "30-percent-latency")
        let other = try #require(BudgetRequest("30% macs", of: .latency))
        #expect(other.quantity == .multiplyAdds && other.name == "30-percent-macs")
    }

    @Test(arguments: [
        "", "%", "0%", "-5%", "101%", "nan%", "inf", "0", "-3", "3x", "0x10", "1e400", "M", "5 latency ms", "ms",
        "macs",
    ]) func whatIsNoBudgetIsRefused(text: String) {
        for quantity in BudgetRequest.Quantity.allCases { #expect(BudgetRequest(text, of: quantity) == nil, "\(text)") }
        #expect(BudgetRequest("3ms", of: .multiplyAdds) == nil)
    }

    /// Shares are of the most expensive path, by brute force.
    @Test func sharesAreOfTheMostExpensivePath() throws {
        let description = try SmallSpace.depths.description()
        let costs = try CostTable(description, imageSize: 8, classes: 3)
        var most = Cost()
        var choices = description.space.points.map { _ in 0 }
        func visit(_ point: Int) {
            guard point < choices.count else {
                let cost = costs.cost(of: Architecture(choices))
                most.multiplyAdds = max(most.multiplyAdds, cost.multiplyAdds)
                most.parameters = max(most.parameters, cost.parameters)
                return
            }
            for candidate in description.space.points[point].candidates.indices {
                choices[point] = candidate
                visit(point + 1)
            }
        }
        visit(0)
        func budget(_ quantity: BudgetRequest.Quantity) throws -> Budget {
            try #require(BudgetRequest("50%", of: quantity)).budget(costs: costs, latencies: nil)
        }
        #expect(try budget(.multiplyAdds) == Budget(multiplyAdds: most.multiplyAdds / 2))
        #expect(try budget(.parameters) == Budget(parameters: most.parameters / 2))
        #expect(throws: SpaceError.self) { try budget(.latency) }
    }
}
