import Architectures
import Testing

@Suite struct MobileNetV2Tests {
    private func parts(_ network: MobileNetV2 = MobileNetV2()) throws -> [Layer.Part] {
        guard case .sequence(let parts) = try network.backbone() else { return [] }
        return parts
    }

    /// torchvision publishes the number of parameters and 0.301 billion multiply-adds.
    @Test func itIsThePublishedNetwork() throws {
        let network = NetworkDescription(channels: 3, classes: 1000, backbone: try MobileNetV2().backbone())
        let cost = try network.cost(imageSize: 224)
        #expect(cost.parameters == 3_504_872)
        #expect(cost.multiplyAdds == 300_774_272)
    }

    @Test func eachBlockIsOnePart() throws {
        let blocks = try parts().filter { $0.key.hasSuffix(".conv") }
        #expect(blocks.map(\.key) == (1...17).map { "features.\($0).conv" })
        let sums = blocks.indices.filter { if case .residual = blocks[$0].layer { true } else { false } }
        #expect(sums.map { $0 + 1 } == [3, 5, 6, 8, 9, 10, 12, 13, 15, 16])
        guard case .sequence(let first) = blocks[0].layer, case .sequence(let second) = blocks[1].layer else {
            Issue.record("blocks that change the shape are sequences")
            return
        }
        #expect(first.map(\.key) == ["0.0", "0.1", "", "1", "2"])
        #expect(second.map(\.key) == ["0.0", "0.1", "", "1.0", "1.1", "", "2", "3"])
    }

    @Test func channelsCanBeOthersAndFeaturesDoNotShrink() throws {
        for (multiplier, features) in [(0.35, 1280), (1, 1280), (1.4, 1792)] {
            let backbone = try MobileNetV2(channels: 1, widthMultiplier: multiplier).backbone()
            let layers = try NetworkDescription(channels: 1, classes: 0, backbone: backbone).trace(imageSize: 64)
            #expect(layers.last?.output.channels == features)
        }
    }

    @Test(arguments: [0, -1, .nan, .infinity, 1e300])
    func sizesThatCannotBeAreRefused(multiplier: Double) {
        #expect(throws: SpaceError.self) { try MobileNetV2(widthMultiplier: multiplier).backbone() }
        let error = #expect(throws: SpaceError.self) {
            try MobileNetV2(channels: 0, widthMultiplier: multiplier).backbone()
        }
        #expect("\(error.map(\.description) ?? "")".contains("channels (=0)"))
    }
}
