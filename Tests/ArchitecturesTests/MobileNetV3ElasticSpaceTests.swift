import Architectures
import Support
import Testing

/// The supernet of Once-for-All.
@Suite struct MobileNetV3ElasticSpaceTests {
    private func path(_ depths: [Int], kernels: [Int], expansions: [Int]) throws -> Architecture {
        typealias Space = MobileNetV3ElasticSpace
        return Architecture(
            try (0..<5).flatMap { unit in
                let blocks = try (0..<4).map { index in
                    let slot = 4 * unit + index
                    return try #require(Space.kernels.firstIndex(of: kernels[slot])) * 3
                        + #require(Space.expansions.firstIndex(of: expansions[slot]))
                }
                return try blocks.prefix(2) + [#require(Space.depths.firstIndex(of: depths[unit]))] + blocks.suffix(2)
            })
    }

    /// The counts of stand-alone networks that `Tests/Goldens/peer-ofa-mobilenet-v3.py` builds of PyTorch's modules.
    @Test func pathsCostWhatTheirPyTorchNetworksDo() throws {
        let mixed = try path(
            [2, 3, 4, 3, 2], kernels: (0..<20).map { [3, 5, 7][$0 % 3] },
            expansions: (0..<20).map { [6, 3, 4, 4][$0 % 4] })
        let largest = try #require(MobileNetV3ElasticSpace.architecture(depth: 4, kernel: 7, expansion: 6))
        let smallest = try #require(MobileNetV3ElasticSpace.architecture(depth: 2, kernel: 3, expansion: 3))
        #expect(
            try largest
                == path(
                    [4, 4, 4, 4, 4], kernels: .init(repeating: 7, count: 20), expansions: .init(repeating: 6, count: 20)
                ))
        let cases: [(space: MobileNetV3ElasticSpace, path: Architecture, side: ImageSize, counts: (Int, Int))] = [
            (.init(), largest, 224, (7_664_760, 566_170_656)),
            (.init(), smallest, 224, (3_410_792, 121_278_672)),
            (.init(), mixed, 192, (4_275_136, 179_617_536)),
            (.init(widthMultiplier: 1.2), largest, 224, (10_701_632, 843_101_040)),
            (.init(widthMultiplier: 1.2), mixed, 160, (5_851_728, 194_394_320)),
            (.init(stemStride: 1), smallest, 33, (3_410_792, 16_909_136)),
        ]
        for (space, path, side, counts) in cases {
            let description = try space.description()
            let cost = try CostTable(description, imageSize: side, classes: 1000).cost(of: path)
            #expect((cost.parameters, cost.multiplyAdds) == counts)
            let network = NetworkDescription(
                channels: 3, classes: 1000, backbone: try description.fixed(to: path))
            #expect(try network.cost(imageSize: side) == cost)
        }
    }

    @Test func thereAreAsManyNetworksAsPublished() throws {
        let description = try MobileNetV3ElasticSpace().description()
        // (9^2 + 9^3 + 9^4)^5
        #expect(description.distinctPaths == Double(UInt128(7371) * 7371 * 7371 * 7371 * 7371))
        #expect(description.space.size == Double(UInt128(3 * 6561) * 19_683 * 19_683 * 19_683 * 19_683))
        #expect(
            description.space.points.prefix(6).map(\.name) == [
                "unit1.0", "unit1.1", "unit1 depth", "unit1.2", "unit1.3", "unit2.0",
            ])
        #expect(description.space.points.allSatisfy { [3, 9].contains($0.candidates.count) })
        #expect(description.space.points[0].candidates[5] == "kernel 5, expansion 6")
        #expect(description.space.points[2].candidates == ["2 blocks", "3 blocks", "4 blocks"])
        #expect(try description.features(imageSize: 128) == 1280)
        #expect(try MobileNetV3ElasticSpace(widthMultiplier: 1.2).description().features(imageSize: 128) == 1536)
    }

    /// The supernet has the largest network's tensors and no others, apart from the matrices.
    @Test func theSupernetIsItsLargestNetwork() throws {
        let description = try MobileNetV3ElasticSpace().description()
        let largest = try #require(MobileNetV3ElasticSpace.architecture(depth: 4, kernel: 7, expansion: 6))
        let table = try CostTable(description, imageSize: 64, classes: 0)
        #expect(table.supernetParameters == table.cost(of: largest).parameters)
        #expect(table.cheapest { -Double($0.multiplyAdds) } == largest)
        let cheapest = table.cost(of: table.cheapest { Double($0.multiplyAdds) })
        let smallest = try #require(MobileNetV3ElasticSpace.architecture(depth: 2, kernel: 3, expansion: 3))
        #expect(cheapest == table.cost(of: smallest))
        #expect(MobileNetV3ElasticSpace.architecture(depth: 1, kernel: 3, expansion: 3) == nil)
    }

    @Test(arguments: [
        (MobileNetV3ElasticSpace(channels: 0), "channels (=0) must be from 1 to 8,192"),
        (.init(widthMultiplier: .nan), "width-multiplier (=nan) must be from 0.01 to 10.0"),
        (.init(stemStride: 3), "stem-stride (=3) must be 1 or 2"),
    ])
    func sizesThatCannotBeAreRefused(space: MobileNetV3ElasticSpace, words: String) {
        #expect(throws: SpaceError.invalid(space: "mobilenet-v3-elastic", [words])) { try space.description() }
    }
}
