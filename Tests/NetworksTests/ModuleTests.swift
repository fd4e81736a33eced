import Architectures
import GoldenCases
import NN
import Testing
import Torch

@testable import Networks

/// Kernels that add and rectify at once must give what the layers give one after the other.
@Suite struct ModuleTests {
    private static let conv = Layer.Part("conv", .convolution(.init(3, kernel: 3)))
    private static let norm = Layer.Part("norm", .batchNorm(scale: 1))
    private static let relu = Layer.Part("", .relu)

    /// A layer of three channels that keeps the shape.
    struct Case: Sendable, CustomStringConvertible {
        let description: String
        let layer: Layer

        init(_ description: String, _ layer: Layer) {
            self.description = description
            self.layer = layer
        }
    }

    private static let bodies = [
        Case("convolution", conv.layer), Case("norm", .sequence([conv, norm])),
        Case("norm and ReLU", .sequence([conv, norm, relu])), Case("ReLU", .relu), Case("identity", .identity),
        Case("ReLU6", .sequence([conv, norm, .init("", .relu6)])),
        Case("hard swish", .sequence([conv, norm, .init("", .hardSwish)])), Case("hard sigmoid", .hardSigmoid),
        Case("gate of channels", .squeezeExcitation(reduced: 2, outputs: 3)),
        Case("gate of positions", .gate(.sequence([conv, norm, relu]))), Case("gate of itself", .gate(.identity)),
        Case("squeeze and resize", .sequence([.init("", .squeeze), .init("", .resize(height: 6, width: 6))])),
        Case(
            "resize",
            .sequence([.init("", .resize(height: 4, width: 11)), conv, .init("", .resize(height: 6, width: 6))])),
        Case(
            "pad",
            .sequence([
                .init("", .pad(before: 0, after: 2)), .init("conv", .convolution(.init(3, kernel: 3, padding: 0))),
            ])),
        Case("zero", .zero(stride: 1)), Case("nothing", .sequence([])),
        Case("ReLU first", .sequence([relu, conv, norm])), Case("two ReLUs", .sequence([conv, norm, relu, relu])),
        Case("pooling", .pool(.init(.average, kernel: 3, stride: 1, padding: 1, countsPadding: false))),
        Case("maximum", .pool(.init(.max, kernel: 3, stride: 1, padding: 1))),
        Case("split attention", .splitAttention(radix: 3, cardinality: 1)),
    ]

    /// The layer by itself, in residuals, in a residual of its own kind, and on an edge beside others.
    private func surroundings(_ layer: Layer) -> [Layer] {
        let shortcut = Layer.Part("shortcut", .sequence([Self.conv, Self.norm, Self.relu]))
        let inner = Layer.residual(body: layer, shortcut: nil, relu: false)
        return [
            layer, inner, .residual(body: layer, shortcut: nil, relu: true),
            .residual(body: layer, shortcut: shortcut, relu: true),
            .residual(body: inner, shortcut: shortcut, relu: true),
            .residual(body: .sequence([.init("body", layer)]), shortcut: .init("", .relu), relu: false),
            .cell([
                .init(from: 0, to: 1, .init("a", layer)), .init(from: 0, to: 2, .init("b", .identity)),
                .init(from: 1, to: 2, .init("c", layer)),
            ]),
            .residual(
                body: .cell([
                    .init(from: 0, to: 1, .init("a", .zero(stride: 1))), .init(from: 0, to: 1, .init("b", layer)),
                ]), shortcut: nil, relu: true),
            .sequence([.init("a", layer), Self.norm, Self.relu]),
        ]
    }

    @Test(arguments: bodies) func whatIsFusedIsTheSumOfItsParts(body: Case) throws {
        let x = try images(1, 6)
        for layer in surroundings(body.layer) {
            let store = try ParameterStore(seed: 2)
            var builder = ModuleBuilder(points: [:])
            let module = try builder.build(layer, store.root, inputs: 3).module
            try shake(store)
            let (fused, parts) = try withoutGradients {
                (
                    try module(x, Module.Pass(mode: .evaluation, architecture: nil)),
                    try MeasuredPass(nil).run(module, x)
                )
            }
            #expect(fused.shape == [1, 3, 6, 6])
            #expect(try relativeError(of: fused, to: parts) < 1e-5, "\(layer)")
        }
    }
}
