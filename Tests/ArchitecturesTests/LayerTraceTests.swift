import Architectures
import Support
import Testing

@Suite struct LayerTraceTests {
    private func trace(_ layer: Layer, channels: Int = 4, imageSize: ImageSize = 8) throws -> [TracedLayer] {
        try NetworkDescription(
            channels: channels, classes: 2, backbone: .sequence([.init("a", layer), .init("", .globalPool)])
        ).trace(imageSize: imageSize)
    }

    private func reason(_ layer: Layer, channels: Int = 4, imageSize: ImageSize = 8) throws -> String {
        try #require(throws: SpaceError.self) { try trace(layer, channels: channels, imageSize: imageSize) }.description
    }

    private static let conv = Layer.convolution(.init(6, kernel: 3))

    /// A layer that does not fit, and what the error must say.
    struct Fault: Sendable, CustomStringConvertible {
        let description: String
        let layer: Layer
    }

    @Test(arguments: [
        Fault(
            description: "layer 'a': its channels (4 in, 6 out) must be divisible by groups (=4)",
            layer: .convolution(.init(6, kernel: 1, groups: 4))),
        Fault(
            description: "layer 'a': a 9x9 window is larger than the 4 x 8 x 8 that comes in",
            layer: .convolution(.init(6, kernel: 9, padding: 0))),
        Fault(
            description: "layer 'a': padding (=4) must be from 0 to the kernel's 3",
            layer: .convolution(.init(6, kernel: 3, padding: 4))),
        Fault(
            description: "layer 'a': padding (=2) must be at most half the kernel's 3",
            layer: .pool(.init(.average, kernel: 3, stride: 1, padding: 2))),
        Fault(
            description: "layer 'a': a maximum over windows that are partly outside is not supported",
            layer: .pool(.init(.max, kernel: 2, stride: 2, ceil: true))),
        Fault(
            description: "layer 'a': split attention needs channels (4) divisible by its cardinality (=3)",
            layer: .splitAttention(radix: 1, cardinality: 3)),
        Fault(
            description: "layer 'a.conv': its channels (4 in, 8 out) must be divisible by groups (=8)",
            layer: .splitAttention(radix: 2, cardinality: 4)),
        Fault(
            description: "layer 'a': its body gives 6 x 8 x 8, but what is added to it is 4 x 8 x 8",
            layer: .residual(body: conv, shortcut: nil, relu: true)),
        Fault(
            description: "layer 'a': its body gives 4 x 4 x 4, but what is added to it is 6 x 8 x 8",
            layer: .residual(body: .zero(stride: 2), shortcut: .init("s", conv), relu: true)),
        Fault(description: "layer 'a': a cell needs edges", layer: .cell([])),
        Fault(
            description: "layer 'a': its nodes ([0, 2]) must be numbered without gaps",
            layer: .cell([.init(from: 0, to: 2, .init("", .relu))])),
        Fault(
            description: "layer 'a': the edge 1 to 2 must lead on from node 0 or from a node that an edge leads to",
            layer: .cell([.init(from: 1, to: 2, .init("", .relu))])),
        Fault(
            description: "layer 'a': edges into node 1 give 4 x 8 x 8 and 6 x 8 x 8, which cannot be added",
            layer: .cell([.init(from: 0, to: 1, .init("", .relu)), .init(from: 0, to: 1, .init("b", conv))])),
        Fault(
            description: "layer 'a': it chooses at the unknown point 'p'",
            layer: .choice(.init("p", [.init("x", .relu)]))),
        Fault(
            description: "layer 'a': it needs [C, H, W], but the features are pooled",
            layer: .sequence([
                .init("", .globalPool), .init("", .batchNorm(scale: 1)),
            ])),
        Fault(description: "layer 'a': a linear layer needs pooled features", layer: .linear(outputs: 3)),
        Fault(
            description: "layer 'a': it needs [C, H, W], but the features are pooled",
            layer: .sequence([.init("", .globalPool), .init("", .squeeze)])),
        Fault(
            description: "layer 'a': it needs [C, H, W], but the features are pooled",
            layer: .sequence([.init("", .globalPool), .init("", .resize(height: 2, width: 2))])),
        Fault(
            description: "layer 'a': width (=0) must be from 1 to 65,536", layer: .resize(height: 2, width: 0)),
        Fault(
            description:
                "layer 'a': a gate of 4 x 8 x 8 needs 4 x 8 x 8 or 4 x 1 x 1 from what lies in it, which gives "
                + "6 x 8 x 8", layer: .gate(conv)),
        Fault(
            description:
                "layer 'a': a gate of 4 x 8 x 8 needs 4 x 8 x 8 or 4 x 1 x 1 from what lies in it, which gives 4",
            layer: .gate(.globalPool)),
        Fault(
            description: "layer 'a': a gate of 4 needs 4 from what lies in it, which gives 3",
            layer: .sequence([.init("", .globalPool), .init("", .gate(.linear(outputs: 3)))])),
    ])
    func aLayerThatDoesNotFitIsRefusedByItsPath(fault: Fault) throws {
        #expect(try reason(fault.layer) == fault.description)
    }

    @Test func aNetworkMustEndInPooledFeatures() throws {
        let open = NetworkDescription(channels: 1, classes: 2, backbone: .relu)
        #expect(throws: SpaceError.layer(path: "fc", "a linear layer needs pooled features")) {
            try open.cost(imageSize: 8)
        }
        let description = try SupernetDescription(
            "s", channels: 1, backbone: .choice(.init("p", [.init("x", .relu)])))
        #expect(
            throws: SpaceError.layer(path: "s", "the backbone must end in pooled features; it gives 1 x 8 x 8")
        ) { try description.features(imageSize: 8) }
    }

    @Test func choicesThatCannotBeSharedOrNestedAreRefused() throws {
        let choice = Layer.choice(.init("p", [.init("x", .identity), .init("y", .relu)]))
        let inner = Layer.choice(.init("q", [.init("x", .identity)]))
        for (layer, reason) in [
            (
                Layer.choice(.init("p", [.init("x", inner)])),
                "layer 'a': candidate 'x' has a choice of its own; only candidates that share their tensors may"
            ),
            (
                .residual(body: choice, shortcut: .init("s", inner), relu: true),
                "layer 'a': a shortcut that candidates share cannot hold a choice"
            ),
            (
                .choice(.init("p", [.init("x", .identity), .init("y", Self.conv)])),
                "layer 'a': candidate 'y' gives 6 x 8 x 8, but 'x' gives 4 x 8 x 8; all candidates must give the same "
                    + "shape"
            ),
        ] {
            let description = try SupernetDescription(
                "s", channels: 4, backbone: .sequence([.init("a", layer), .init("", .globalPool)]))
            let error = #expect(throws: SpaceError.self) { try description.trace(imageSize: 8) }
            #expect(error?.description == reason)
        }
    }

    /// Nodes of a cell may have channels of their own.
    @Test func aCellIsFollowedFromNodeToNode() throws {
        let cell = Layer.cell([
            .init(from: 1, to: 2, .init("b", .convolution(.init(5, kernel: 3, stride: 2)))),
            .init(from: 0, to: 1, .init("a", Self.conv)),
        ])
        let layers = try trace(cell)
        #expect(layers.map(\.path) == ["a.a", "a.b", "", "fc"])
        #expect(layers[1].input == FeatureShape(6, 8, 8) && layers[1].output == FeatureShape(5, 4, 4))
    }

    /// A learned number for each weight, a multiply-add for each weight and position.
    @Test func aConvolutionCostsWhatItsFormulaSays() throws {
        let plain = try trace(.convolution(.init(6, kernel: 3, stride: 2, groups: 2)), imageSize: 9)[0]
        #expect(plain.output == FeatureShape(6, 5, 5))
        #expect(
            plain.cost
                == Cost(parameters: 6 * 2 * 9, multiplyAdds: 6 * 2 * 9 * 25, paperOperations: 6 * 2 * 9 * 25))
        let biased = try trace(.convolution(.init(6, kernel: 3, stride: 2, groups: 2, bias: true)), imageSize: 9)[0]
        #expect(biased.cost == plain.cost + Cost(parameters: 6, paperOperations: 6 * 25))
    }
}
