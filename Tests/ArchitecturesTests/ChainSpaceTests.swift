import Architectures
import Testing

@Suite struct ChainSpaceTests {
    @Test func costsAreThoseOfItsLayers() throws {
        let description = try ChainSpace().description()
        #expect(description.space.points.count == 6)
        #expect(description.space.size == 15_625)
        let costs = try CostTable(description, imageSize: 28, classes: 10)
        // Everything left out: stem, two reductions, classifier.
        let identity = Architecture([Int](repeating: 4, count: 6))
        let stem = 9 * 8 + 2 * 8
        let reductions = (8 * 16 + 2 * 16) + (16 * 32 + 2 * 32)
        #expect(costs.cost(of: identity).parameters == stem + reductions + 32 * 10 + 10)
        #expect(
            costs.cost(of: identity).multiplyAdds == 9 * 8 * 14 * 14 + 8 * 16 * 7 * 7 + 16 * 32 * 4 * 4 + 32 * 10)
        // A 5x5 convolution at the first layer adds its own, and a pool no parameters.
        #expect(
            costs.cost(of: identity.replacing(0, with: 2)).parameters - costs.cost(of: identity).parameters
                == 25 * 8 * 8 + 2 * 8)
        #expect(costs.cost(of: identity.replacing(0, with: 3)).parameters == costs.cost(of: identity).parameters)
    }

    @Test(arguments: [
        ChainSpace(widths: [], depths: []), ChainSpace(widths: [8], depths: [1, 1]), ChainSpace(channels: 0),
        ChainSpace(widths: [0, 8, 8]), ChainSpace(depths: [1, 0, 1]), ChainSpace(stemStride: 0),
    ]) func sizesThatMakeNoSenseAreRefused(space: ChainSpace) {
        #expect(throws: SpaceError.self) { _ = try space.description() }
    }

    @Test func cellsMayHaveNothingResidualBetweenThem() throws {
        let usual = try NASBench201Space(channels: 1, width: 8, cells: 1).description()
        let plain = try NASBench201Space(channels: 1, width: 8, cells: 1, stemStride: 2, reduction: .pool).description()
        #expect(usual.space == plain.space)
        #expect(try usual.features(imageSize: 28) == plain.features(imageSize: 28))
        // Without operations in the cells, what is left is the stem, the 1x1 convolutions, and the last batch norm.
        let none = Architecture([Int](repeating: 1, count: 6))
        let parameters = try CostTable(plain, imageSize: 28, classes: 0).cost(of: none).parameters
        #expect(parameters == (9 * 8 + 16) + (8 * 16 + 32) + (16 * 32 + 64) + 64)
        #expect(throws: SpaceError.self) {
            _ = try NASBench201Space(channels: 1, width: 8, cells: 1, stemStride: 0).description()
        }
    }
}
