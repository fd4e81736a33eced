import Architectures
import Testing

@Suite struct MobileSpaceTests {
    private static let spaces = [
        MobileSpace(), .tiny(channels: 1), MobileSpace(stemWidth: 16, widths: [16], depths: [3], strides: [1]),
        MobileSpace(stemWidth: 16, widths: [16, 16], depths: [1, 2], strides: [2, 2]),
    ]

    @Test(arguments: spaces) func aBlockCanBeLeftOutOnlyWhereItKeepsTheShape(space: MobileSpace) throws {
        let description = try space.description()
        let layers = try description.trace(imageSize: 64).layers
        var left = 0
        for (position, point) in description.space.points.enumerated() {
            let block = layers.filter { $0.candidate == CandidateReference(point: position, candidate: 0) }
            let (input, output) = (try #require(block.first).input, try #require(block.last).output)
            #expect(point.candidates.contains("identity") == (input == output), "\(point.name)")
            #expect(point.candidates.count == (input == output ? 7 : 6))
            left += input == output ? 1 : 0
        }
        // All blocks of a stage but the first, and the first where neither stride nor width changes.
        let widths = [space.stemWidth] + space.widths
        let kept = zip(space.widths.indices, space.depths).map { stage, depth in
            depth - (space.strides[stage] == 1 && widths[stage] == widths[stage + 1] ? 0 : 1)
        }
        #expect(left == kept.reduce(0, +))
    }

    @Test func leavingABlockOutCostsNothing() throws {
        let description = try MobileSpace.tiny(channels: 3).description()
        let table = try CostTable(description, imageSize: 28, classes: 10)
        for (point, costs) in zip(description.space.points, table.candidates) where costs.count == 7 {
            #expect(point.candidates[6] == "identity" && costs[6] == Cost())
            #expect(costs[..<6].allSatisfy { $0.multiplyAdds > 0 })
        }
    }

    /// Expand, depthwise, project, by hand: batch norms have two numbers a channel.
    @Test func aBlockHasTheParametersOfAnInvertedBottleneck() throws {
        let space = MobileSpace(stemWidth: 8, stemStride: 1, widths: [12], depths: [1], strides: [2], headWidth: 4)
        let table = try CostTable(space.description(), imageSize: 8, classes: 0)
        let names = try space.description().space.points[0].candidates
        for (name, cost) in zip(names, table.candidates[0]) {
            let numbers = name.split { !$0.isNumber }.compactMap { Int($0) }
            let (kernel, inner) = (numbers[0], 8 * numbers[1])
            #expect(
                cost.parameters == (8 * inner + 2 * inner) + (inner * kernel * kernel + 2 * inner) + (inner * 12 + 24))
            #expect(cost.multiplyAdds == 8 * inner * 64 + inner * kernel * kernel * 16 + inner * 12 * 16)
        }
        #expect(names.count == 6)
    }

    @Test(arguments: [
        MobileSpace(widths: []), MobileSpace(widths: [16], depths: [1, 2], strides: [1]), MobileSpace(channels: 0),
        MobileSpace(widths: [16], depths: [0], strides: [1]), MobileSpace(widths: [16], depths: [4097], strides: [1]),
        MobileSpace(widths: [16], depths: [1], strides: [-1]), MobileSpace(headWidth: .max),
        MobileSpace(stemWidth: 8193), MobileSpace(depths: [Int](repeating: .max, count: 7)),
    ])
    func sizesThatCannotBeAreRefused(space: MobileSpace) {
        #expect(throws: SpaceError.self) { try space.description() }
    }
}
