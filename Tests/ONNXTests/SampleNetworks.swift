import Architectures
import ONNX
import Support

/// A network to export, and the size of its images.
struct SampleNetwork: Sendable, CustomStringConvertible {
    let description: String
    let network: NetworkDescription
    let imageSize: ImageSize

    /// One of each space and its odd sizes, every candidate among them. There are none where a space makes no sense: a
    /// test of their number says so.
    static let all: [SampleNetwork] = (try? made()) ?? []

    private static func made() throws -> [SampleNetwork] {
        func resnest(_ stem: ResNeStSpace.Stem, _ size: ImageSize) throws -> SampleNetwork {
            let space = ResNeStSpace(stem: stem, stemWidth: 4, planes: [16, 16], depths: [2, 2], expansion: 2)
            return SampleNetwork(
                description: "resnest \(stem) \(size)",
                network: try space.network(code: Architecture([0, 1, 2, 3]), classes: 3), imageSize: size)
        }
        func cells(_ text: String, _ size: ImageSize) throws -> SampleNetwork {
            let backbone = try NASBench201Space(width: 2, cells: 1).description().fixed(
                to: NASBench201Space.architecture(of: text))
            return SampleNetwork(
                description: "\(text) \(size)",
                network: NetworkDescription(channels: 3, classes: 3, backbone: backbone), imageSize: size)
        }
        let space = MobileSpace(
            channels: 1, stemWidth: 2, stemStride: 1, widths: [2, 4], depths: [2, 2], strides: [1, 2], headWidth: 8)
        let mobile = try space.description().fixed(to: Architecture([0, 6, 3, 5]))
        let lite = try EfficientNetLiteSpace(stemWidth: 2, widths: [2, 2, 4, 4, 4, 6, 6], headWidth: 8).description()
            .fixed(to: Architecture([0, 1, 0, 2, 1, 0, 1, 0, 0, 2, 1, 0, 1, 2, 0]))
        let gated = Layer.sequence([
            .init("conv", .convolution(.init(4, kernel: 3, stride: 2))), .init("norm", .batchNorm(scale: 1)),
            .init("", .hardSwish), .init("se", .squeezeExcitation(reduced: 2, outputs: 4)),
            .init("", .resize(height: 4, width: 9)),
            .init(
                "positions",
                .gate(
                    .sequence([
                        .init("conv", .convolution(.init(4, kernel: 3))), .init("norm", .batchNorm(scale: 1)),
                        .init("", .hardSigmoid),
                    ]))),
            .init("", .globalPool),
        ])
        // A path that takes its images smaller than they are, and one that takes them as they are.
        var sizes = Elasticity()
        sizes.imageSizes = [.init(height: 7, width: 4)]
        let elastic = try SupernetDescription(
            "elastic", channels: 3, backbone: gated.elastic(inputs: 3, imageSize: 12, sizes).layer)
        func sized(_ size: Int) throws -> SampleNetwork {
            let path = Architecture([size] + elastic.space.points.dropFirst().map { _ in 0 })
            return SampleNetwork(
                description: "image size \(size)",
                network: NetworkDescription(channels: 3, classes: 3, backbone: try elastic.fixed(to: path)),
                imageSize: 12)
        }
        return [
            try sized(0), try sized(1),
            try resnest(.deep, 35), try resnest(.small, .init(height: 12, width: 9)), try resnest(.half, 16),
            try cells("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_1x1~1|skip_connect~2|", 9),
            try cells("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|", 8),
            SampleNetwork(
                description: "mobile", network: NetworkDescription(channels: 1, classes: 3, backbone: mobile),
                imageSize: .init(height: 9, width: 14)),
            SampleNetwork(
                description: "efficientnet-lite", network: NetworkDescription(channels: 3, classes: 3, backbone: lite),
                imageSize: 64),
            SampleNetwork(
                description: "gated", network: NetworkDescription(channels: 3, classes: 3, backbone: gated),
                imageSize: .init(height: 11, width: 6)),
        ]
    }
}

extension ONNXExport {
    /// Random tensors of the shapes that the export asks for, reproducibly; variances are positive.
    func randomTensors(seed: UInt64 = 1) -> [String: ONNXTensor] {
        var generator = SeededGenerator(seed: seed)
        return Dictionary(
            uniqueKeysWithValues: tensors.map { key, shape in
                let values = (0..<shape.reduce(1, *)).map { _ in
                    Float(key.hasSuffix("running_var") ? generator.uniform(0.5, 2) : generator.normal())
                }
                return (key, ONNXTensor(shape: shape, values: values))
            })
    }

    /// The file's contents with random tensors.
    func randomModel() throws -> [UInt8] {
        let tensors = randomTensors()
        return try model { tensors[$0] }
    }
}

/// A network of this backbone, of two channels and two classes.
func network(_ parts: Layer.Part...) -> NetworkDescription {
    NetworkDescription(
        channels: 2, classes: 2, backbone: .sequence(parts + [Layer.Part("", .globalPool)]))
}
