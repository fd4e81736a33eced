import Architectures
import NN
import Networks
import ONNX
import Support
import Torch

/// A small network with weights, statistics and images, all random and the same in each run.
struct SampleNetwork: Sendable, CustomStringConvertible {
    let description: String
    let backbone: Layer
    var channels = 3
    var imageSize: ImageSize = 16

    /// One for each kind of layer that a finished network may have.
    static let all: [SampleNetwork] = [
        SampleNetwork(description: "plain", backbone: chain([conv("a", 8), norm("a"), relu, conv("b", 8), norm("b")])),
        SampleNetwork(
            description: "mobile",
            backbone: chain([
                conv("stem", 8, stride: 2), norm("stem"), relu6,
                .init(
                    "block",
                    .residual(
                        body: .sequence([
                            conv("up", 24, kernel: 1), norm("up"), relu6, conv("deep", 24, groups: 24), norm("deep"),
                            relu6, conv("down", 8, kernel: 1), norm("down"),
                        ]), shortcut: nil, relu: false)),
                conv("head", 16, kernel: 1), norm("head"), relu6,
            ])),
        SampleNetwork(
            description: "residual",
            backbone: chain([
                conv("stem", 8), norm("stem"), relu, .init("", .pool(.init(.max, kernel: 3, stride: 2, padding: 1))),
                .init(
                    "block",
                    .residual(
                        body: .sequence([conv("a", 12, stride: 2), norm("a"), relu, conv("b", 12), norm("b")]),
                        shortcut: .init(
                            "shortcut",
                            .sequence([
                                .init("", .pool(.init(.average, kernel: 2, stride: 2, ceil: true))),
                                conv("conv", 12, kernel: 1), norm("norm"),
                            ])), relu: true)),
            ])),
        SampleNetwork(
            description: "split attention",
            backbone: chain([
                conv("stem", 8), norm("stem"), relu,
                .init("split", .splitAttention(radix: 2, cardinality: 1)),
                .init("single", .splitAttention(radix: 1, cardinality: 2)),
            ])),
        SampleNetwork(
            description: "gates",
            backbone: chain([
                conv("stem", 8, stride: 2), norm("stem"), .init("", .hardSwish),
                .init("se", .squeezeExcitation(reduced: 4, outputs: 8)), .init("", .resize(height: 6, width: 5)),
                conv("last", 8), norm("last"), relu,
            ])),
        SampleNetwork(
            description: "padding",
            backbone: chain([
                .init("", .pad(before: 0, after: 1)),
                .init("a", .convolution(.init(8, kernel: 3, stride: 2, padding: 0))),
                norm("a"), relu,
                .init(
                    "two",
                    .join([
                        .init("0", .sequence([conv("conv", 4, kernel: 1), norm("norm"), relu])),
                        .init(
                            "1",
                            .sequence([.init("conv", .convolution(.init(4, kernel: 3, dilation: 2))), norm("norm")])),
                    ])), relu,
            ]), channels: 1, imageSize: .init(height: 13, width: 10)),
    ]

    private static let relu = Layer.Part("", .relu)
    private static let relu6 = Layer.Part("", .relu6)

    static func conv(_ key: String, _ outputs: Int, kernel: Int = 3, stride: Int = 1, groups: Int = 1) -> Layer.Part {
        .init("conv-\(key)", .convolution(.init(outputs, kernel: kernel, stride: stride, groups: groups)))
    }

    static func norm(_ key: String) -> Layer.Part { .init("norm-\(key)", .batchNorm(scale: 1)) }

    static func chain(_ parts: [Layer.Part]) -> Layer { .sequence(parts + [.init("", .globalPool)]) }

    var network: NetworkDescription { NetworkDescription(channels: channels, classes: 5, backbone: backbone) }

    /// The network with random weights and statistics.
    func made() throws -> ImageNetwork {
        let made = try ImageNetwork(network, store: ParameterStore(seed: 3))
        let generator = try Generator(seed: 5)
        try withoutGradients {
            for (key, tensor) in made.store.state {
                let isNorm = key.contains("norm") || key.contains("bn")
                if key.hasSuffix("running_var") || (isNorm && key.hasSuffix("weight")) {
                    try tensor.copyInPlace(from: Tensor.uniform(tensor.shape, using: generator) + 0.5)
                } else if isNorm || key.hasSuffix("bias") {
                    try tensor.copyInPlace(from: Tensor.normal(tensor.shape, using: generator) * 0.3)
                }
            }
        }
        return made
    }

    func images(_ count: Int, seed: UInt64 = 1) throws -> Tensor {
        try Tensor.normal([count, channels, imageSize.height, imageSize.width], using: Generator(seed: seed))
    }
}

extension ImageNetwork {
    /// The tensors of the network, for an export.
    func exported(_ key: String) throws -> ONNXTensor? {
        try store[key].map {
            ONNXTensor(shape: $0.shape, values: try $0.detached().to(.float32).contiguous().array(Float.self))
        }
    }
}
