import Architectures
import Support
import Testing

@testable import Workflows

/// Paths that nearly use up a budget.
@Suite struct BudgetPathsTests {
    private let description: SupernetDescription
    private let costs: CostTable

    init() throws {
        var options = Elasticity()
        options.fractions = [0.125, 0.25, 0.5, 0.75, 1]
        options.imageSizes = [32, 48]
        let layer = try MobileNetV2().backbone().elastic(inputs: 3, imageSize: 64, options).layer
        description = try SupernetDescription("mobilenet-v2", channels: 3, backbone: layer)
        costs = try CostTable(description, imageSize: 64, classes: 9)
    }

    private var space: SearchSpace { description.space }

    private func check(_ share: Double) throws -> BudgetCheck {
        let most = costs.cost(of: costs.cheapest { -Double($0.multiplyAdds) }).multiplyAdds
        return try BudgetCheck(Budget(multiplyAdds: Int(share * Double(most))), costs: costs)
    }

    /// The number of blocks that a path leaves out.
    private func skipped(_ path: Architecture) -> Int {
        zip(space.points, path.choices).count { $0.candidates[$1] == Elasticity.skip }
    }

    @Test(arguments: [0.15, 0.35, 0.6, 1]) func drawnPathsUseUpTheBudget(share: Double) throws {
        let check = try check(share)
        let paths = BudgetPaths(space, within: check)
        var generator = SeededGenerator(seed: 1)
        let drawn = (0..<100).map { _ in paths.path(using: &generator) }
        #expect(drawn.allSatisfy { check.allows($0) })
        #expect(drawn.count { check.use(of: $0) >= 0.7 } > 90 && drawn.count { check.use(of: $0) >= 0.9 } > 30)
        #expect(Set(drawn).count > 20)
        var again = SeededGenerator(seed: 1)
        #expect((0..<100).map { _ in paths.path(using: &again) } == drawn)
    }

    /// Draws of each choice alone leave out between two and seven of ten blocks at a third of the cost.
    @Test func drawnPathsAreOfAllDepthsAndSizes() throws {
        let paths = BudgetPaths(space, within: try check(0.35))
        var generator = SeededGenerator(seed: 2)
        let drawn = (0..<200).map { _ in paths.path(using: &generator) }
        let depths = drawn.map(skipped)
        #expect(depths.min() == 0 && depths.max() == 10)
        let place = try #require(space.points.firstIndex { $0.name == Elasticity.imageSizePoint })
        #expect(Set(drawn.map { $0[place] }) == [0, 1, 2])
    }

    @Test func plainPathsAreWhatOneWouldTryByHand() throws {
        let check = try check(0.35)
        let plain = BudgetPaths(space, within: check).plain
        #expect(plain.count >= 10 && Set(plain).count == plain.count)
        #expect(plain.allSatisfy { check.allows($0) })
        let place = try #require(space.points.firstIndex { $0.name == Elasticity.imageSizePoint })
        // The first is of images as they are and of all blocks; others have none that could be left out.
        #expect(skipped(plain[0]) == 0 && plain[0][place] == 2)
        #expect(plain.contains { skipped($0) == 10 && $0[place] == 2 } && plain.contains { $0[place] == 0 })
        // Where all is allowed, all is taken.
        let whole = costs.cheapest { -Double($0.multiplyAdds) }
        #expect(try BudgetPaths(space, within: self.check(1)).plain.first == whole)
    }

    @Test func theUniformPathIsOfAllBlocksAndOneWidth() throws {
        let path = try #require(try BudgetPaths(space, within: check(0.35)).uniform)
        #expect(skipped(path) == 0)
        let place = try #require(space.points.firstIndex { $0.name == Elasticity.imageSizePoint })
        let names = zip(space.points, path.choices).map { $0.candidates[$1] }
        #expect(Set(names.indices.filter { $0 != place }.map { names[$0] }).count == 1 && path[place] == 2)
        // The next width is too much.
        let wider = Architecture(zip(space.points, path.choices).map { min($1 + 1, $0.candidates.count - 1) })
        #expect(try check(0.35).allows(path) && !check(0.35).allows(wider))
        #expect(try BudgetPaths(space, within: check(0.07)).uniform == nil)
    }

    @Test func aTightBudgetHasItsCheapestPath() throws {
        let least = costs.cheapest { Double($0.multiplyAdds) }
        let check = try BudgetCheck(Budget(multiplyAdds: costs.cost(of: least).multiplyAdds), costs: costs)
        let paths = BudgetPaths(space, within: check)
        var generator = SeededGenerator(seed: 3)
        #expect(paths.path(using: &generator) == least && paths.plain == [least])
    }
}
