import Architectures
import Foundation
import TestSpaces
import Testing

@Suite struct LayerCodingTests {
    private func coded<T: Codable>(_ value: T) throws -> T {
        try JSONDecoder().decode(T.self, from: JSONEncoder().encode(value))
    }

    @Test(arguments: SmallSpace.allCases) func jsonGivesADescriptionBack(kind: SmallSpace) throws {
        let description = try kind.description()
        #expect(try coded(description) == description)
        #expect(try coded(description).space == description.space)
        let architecture = try kind.architectures(1)[0]
        let network = NetworkDescription(
            channels: 3, classes: 5, backbone: try description.fixed(to: architecture))
        #expect(try coded(network) == network)
    }

    @Test func everyTypeOfLayerComesBackWhateverItsNumbers() throws {
        let convolution = Layer.Convolution(
            6, kernel: 5, stride: 3, padding: 1, groups: 2, bias: true, start: .fanIn)
        let part = Layer.Part("a.b", .linear(outputs: 4))
        let layers: [Layer] = [
            .convolution(convolution), .batchNorm(scale: 0.1), .relu, .relu6, .hardSwish, .hardSigmoid,
            .pad(before: 1, after: 2), .squeeze, .gate(.squeeze), .gate(.sequence([part])),
            .resize(height: 3, width: -4), .convolution(.init(6, kernel: 5, dilation: 3)),
            .splitAttention(radix: 2, cardinality: 1, dilation: 4), .join([part, part]), .global(.relu),
            .dropout(probability: 0.25), .dropout(probability: 0.5, ofChannels: true), .tap("C5"),
            .pool(.init(.max, kernel: 3, stride: 2, padding: 1, ceil: true, countsPadding: false)),
            .pool(.init(.average, kernel: 2, stride: 1)), .globalPool, .linear(outputs: -3),
            .splitAttention(radix: 2, cardinality: 3), .identity, .zero(stride: 2), .sequence([]), .sequence([part]),
            .residual(body: .relu, shortcut: nil, relu: true), .residual(body: .relu, shortcut: part, relu: false),
            .choice(.init("p", [.init("x", .identity), .init("y", .zero(stride: 1))])),
            .cell([.init(from: 0, to: 1, part), .init(from: 1, to: -2, part)]),
        ]
        #expect(try coded(layers) == layers)
    }

    /// Files of networks without dilation read as they did before there was any.
    @Test func dilationIsWrittenOnlyWhereThereIsSome() throws {
        func text(_ layer: Layer) throws -> String { String(decoding: try JSONEncoder().encode(layer), as: UTF8.self) }
        #expect(try !text(.convolution(.init(6, kernel: 3))).contains("dilation"))
        #expect(try !text(.splitAttention(radix: 1, cardinality: 1)).contains("dilation"))
        #expect(try text(.convolution(.init(6, kernel: 3, dilation: 2))).contains("dilation"))
        #expect(Layer.Convolution(6, kernel: 3, dilation: 4).padding == 4)
        #expect(Layer.Convolution(6, kernel: 4).padding == 2)
    }

    @Test func whatIsUsualMayBeLeftOut() throws {
        func read(_ json: String) throws -> Layer { try JSONDecoder().decode(Layer.self, from: Data(json.utf8)) }
        #expect(
            try read(#"{"type": "convolution", "outputs": 8, "kernel": 5}"#) == .convolution(.init(8, kernel: 5)))
        #expect(try read(#"{"type": "batch-norm"}"#) == .batchNorm(scale: 1))
        #expect(try read(#"{"type": "zero"}"#) == .zero(stride: 1))
        #expect(
            try read(#"{"type": "residual", "body": {"type": "relu"}}"#)
                == .residual(body: .relu, shortcut: nil, relu: false))
    }
}
