import Architectures
import Support
import Testing

/// Gates, what they are made of, and resizing: shapes, costs, and choices in them.
@Suite struct GatedLayerTests {
    private func trace(_ layer: Layer, channels: Int = 4) throws -> [TracedLayer] {
        try NetworkDescription(
            channels: channels, classes: 2, backbone: .sequence([.init("a", layer), .init("", .globalPool)])
        ).trace(imageSize: .init(height: 8, width: 5))
    }

    /// Two 1x1 convolutions at one position, and a value for each that an activation puts out.
    @Test func squeezeExcitationCostsItsConvolutionsAndActivations() throws {
        let layers = try trace(.squeezeExcitation(reduced: 3, outputs: 4, reduce: "down", expand: "up"))
        let (all, one) = (FeatureShape(4, 8, 5), FeatureShape(4, 1, 1))
        #expect(
            layers.map(\.kind) == [
                "pooling", "convolution", "ReLU", "convolution", "hard sigmoid", "pooling", "linear",
            ])
        #expect(layers.map(\.path) == ["a", "a.down", "a", "a.up", "a", "", "fc"])
        #expect(layers[0].input == all && layers[0].output == one && layers[5].input == all)
        #expect(
            layers.prefix(5).map(\.cost) == [
                Cost(), Cost(parameters: 4 * 3 + 3, multiplyAdds: 12, paperOperations: 12 + 3),
                Cost(paperOperations: 3), Cost(parameters: 3 * 4 + 4, multiplyAdds: 12, paperOperations: 12 + 4),
                Cost(paperOperations: 4),
            ])
    }

    @Test func activationsCostAValueEachAndResizingNothing() throws {
        for layer in [Layer.hardSwish, .hardSigmoid] {
            #expect(try trace(layer)[0].cost == Cost(paperOperations: 4 * 8 * 5))
        }
        let resized = try trace(.resize(height: 3, width: 11))[0]
        #expect(resized.kind == "resizing" && resized.output == FeatureShape(4, 3, 11) && resized.cost == Cost())
    }

    @Test func aGateKeepsTheShapeOfWhatComesIn() throws {
        for body in [Layer.squeeze, .hardSigmoid, .convolution(.init(4, kernel: 3)), .gate(.squeeze)] {
            #expect(try trace(.gate(body)).dropLast().last?.input == FeatureShape(4, 8, 5), "\(body)")
        }
        // Pooled features, too, have a gate for each.
        let pooled = Layer.sequence([.init("", .globalPool), .init("gate", .gate(.linear(outputs: 4)))])
        let network = NetworkDescription(channels: 4, classes: 0, backbone: pooled)
        #expect(try network.trace(imageSize: 8).map(\.path) == ["", "gate"])
    }

    @Test func whatNoMachineHoldsIsRefusedWhereItComesAbout() throws {
        let huge = Layer.resize(height: 65_536, width: 65_536)
        let description = try SupernetDescription(
            "s", channels: 4,
            backbone: .sequence([
                .init("big", huge), .init("", .resize(height: 1, width: 1)),
                .init("", .choice(.init("p", [.init("x", .identity)]))), .init("", .globalPool),
            ]))
        let error = #expect(throws: SpaceError.self) { try description.trace(imageSize: 8) }
        #expect(error?.description.contains("more than 2^30") == true)
    }

    @Test func aGateMayHoldAChoice() throws {
        let wide = Layer.convolution(.init(4, kernel: 3)), narrow = Layer.convolution(.init(4, kernel: 1))
        let gate = Layer.gate(.choice(.init("kernel", [.init("3", wide), .init("1", narrow)])))
        let description = try SupernetDescription(
            "s", channels: 4, backbone: .sequence([.init("gate", gate), .init("", .globalPool)]))
        #expect(description.space.points == [ChoicePoint("kernel", ["3", "1"])])
        #expect(try description.trace(imageSize: 8).layers.map(\.path) == ["gate.0", "gate.1", ""])
        #expect(
            try description.fixed(to: Architecture([1]))
                == .sequence([.init("gate", .gate(narrow)), .init("", .globalPool)]))
        let costs = try CostTable(description, imageSize: 8, classes: 0)
        #expect(costs.candidates[0].map(\.parameters) == [4 * 4 * 9, 4 * 4])
        let inner = Layer.choice(.init("q", [.init("x", gate)]))
        let nested = try SupernetDescription(
            "n", channels: 4, backbone: .sequence([.init("a", inner), .init("", .globalPool)]))
        #expect(nested.backbone.choicePoints == ["q", "kernel"])
    }
}
