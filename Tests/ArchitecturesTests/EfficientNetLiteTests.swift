import Architectures
import Support
import Testing

@Suite struct EfficientNetLiteTests {
    @Test func theSmallestIsThePathOfZerosOfItsSpace() throws {
        let description = try EfficientNetLiteSpace().description()
        let whole = Architecture([Int](repeating: 0, count: description.space.points.count))
        // Not within the macro, which would write both out.
        let agrees = try EfficientNetLite.lite0.backbone() == description.fixed(to: whole)
        #expect(agrees)
    }

    /// The counts of the checkpoints' tensors without running statistics.
    @Test(arguments: [(EfficientNetLite.lite0, 4_652_008, 385_187_552), (.lite2, 6_092_072, 859_736_272)])
    func theyAreThePublishedNetworks(network: EfficientNetLite, parameters: Int, multiplyAdds: Int) throws {
        let description = NetworkDescription(channels: 3, classes: 1000, backbone: try network.backbone())
        let cost = try description.cost(imageSize: ImageSize(network.imageSide))
        #expect(cost.parameters == parameters)
        #expect(cost.multiplyAdds == multiplyAdds)
    }

    @Test func eachBlockIsOnePartAndTheFirstAndLastStageKeepTheirDepth() throws {
        guard case .sequence(let parts) = try EfficientNetLite.lite2.backbone() else {
            Issue.record("a backbone is a sequence")
            return
        }
        let blocks = parts.filter { $0.key.hasPrefix("_blocks.") }
        #expect(blocks.map(\.key) == (0..<21).map { "_blocks.\($0)" })
        // Stages of 1, 3, 3, 4, 4, 5 and 1 blocks: all but the first of each add up with what came in.
        let sums = blocks.indices.filter { if case .residual = blocks[$0].layer { true } else { false } }
        #expect(sums == [2, 3, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 19])
    }

    /// Of 260 pixels, 65, 33 and 17 are odd where a stride follows.
    @Test(arguments: [(260, [130, 65, 33, 17, 9], [1, 1, 4, 2, 4]), (224, [112, 56, 28, 14, 7], [1, 1, 3, 1, 3])])
    func zerosAreWhereTensorFlowPutsThem(side: Int, sides: [Int], zeros: [Int]) throws {
        var network = EfficientNetLite.lite2
        network.imageSide = side
        let backbone = try network.backbone()
        #expect(pads(of: backbone) == zeros)
        let layers = try NetworkDescription(channels: 3, classes: 0, backbone: backbone)
            .trace(imageSize: ImageSize(side))
        var seen: [Int] = []
        for layer in layers where layer.kind == "convolution" && layer.output.height != seen.last {
            seen.append(layer.output.height)
        }
        #expect(seen == sides)
    }

    /// The zeros of every padding, on both sides together.
    private func pads(of layer: Layer) -> [Int] {
        switch layer {
        case .pad(let before, let after): [before + after]
        case .sequence(let parts): parts.flatMap { pads(of: $0.layer) }
        case .residual(let body, _, _): pads(of: body)
        default: []
        }
    }

    @Test(arguments: [
        EfficientNetLite(channels: 0), EfficientNetLite(widthMultiplier: 0), EfficientNetLite(widthMultiplier: .nan),
        EfficientNetLite(depthMultiplier: 1e9), EfficientNetLite(imageSide: 0),
    ])
    func sizesThatCannotBeAreRefused(network: EfficientNetLite) {
        #expect(throws: SpaceError.self) { try network.backbone() }
    }
}
