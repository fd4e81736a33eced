import Architectures
import Testing

@testable import ONNX

@Suite struct QuantizedGraphTests {
    private typealias Part = Layer.Part

    /// Two channels of a convolution 1 x 1 with weights 1, -2 and 0.5, 4 and a bias, a ReLU, and a classifier.
    private static func model(
        _ parts: [Part], ranges: [String: ClosedRange<Float>], floatLayers: Set<String> = []
    ) throws -> ReadModel {
        let network = NetworkDescription(channels: 2, classes: 2, backbone: .sequence(parts + [Part("", .globalPool)]))
        let export = try ONNXExport(
            network, imageSize: 4,
            options: .init(quantization: ONNXQuantization(ranges: ranges, floatLayers: floatLayers)))
        let values: [String: [Float]] = [
            "conv.weight": [1, -2, 0.5, 4], "conv.bias": [0.3, -0.7], "fc.weight": [0, 0, 1, 1], "fc.bias": [0, 1e9],
        ]
        let shapes = Dictionary(uniqueKeysWithValues: export.tensors.map { ($0.key, $0.shape) })
        return try ReadModel(
            export.model { key in
                values[key].flatMap { values in shapes[key].map { ONNXTensor(shape: $0, values: values) } }
            })
    }

    private static let conv = Part("conv", .convolution(.init(2, kernel: 1, bias: true)))
    private static let ranges: [String: ClosedRange<Float>] = [
        "images": -1...1.55, "conv/out": -3...3, "Relu/out": 0...5.1, "GlobalAveragePool/out": 0...2.55,
        "Flatten/out": 0...2.55,
    ]

    @Test func aLayerTakesIntegersAndReluIsLeftToThem() throws {
        let model = try Self.model([Self.conv, Part("", .relu)], ranges: Self.ranges)
        #expect(model.nodes("Relu").isEmpty)
        let conv = try #require(model.nodes("Conv").first)
        let makers = Dictionary(
            model.nodes.flatMap { node in node.outputs.map { ($0, node.operation) } }, uniquingKeysWith: { $1 })
        #expect(conv.inputs.map { makers[$0] } == ["DequantizeLinear", "DequantizeLinear", "DequantizeLinear"])
        let users = model.nodes.filter { $0.inputs.contains(conv.outputs[0]) }
        #expect(users.map(\.operation) == ["QuantizeLinear"])
        // The logits come out in floating point.
        #expect(makers[model.outputs[0].name] == "Gemm")
    }

    @Test func weightsAreSymmetricWithAStepForEachChannel() throws {
        let model = try Self.model([Self.conv, Part("", .relu)], ranges: Self.ranges)
        let weight = try #require(model.initializers["conv/weight/integers"])
        #expect(weight.type == 3 && weight.shape == [2, 2, 1, 1])
        #expect(weight.bytes.map { Int8(bitPattern: $0) } == [64, -127, 16, 127])
        let steps = try #require(model.initializers["conv/weight/steps"]).floats
        #expect(steps == [2 / 127, 4 / 127])
        // The input has 255 steps of 0.01, and the bias counts products of both steps.
        let step = try #require(model.initializers["images/step"]).floats
        #expect(abs(step[0] - 0.01) < 1e-8)
        #expect(try #require(model.initializers["images/zero"]).bytes == [100])
        let bias = try #require(model.initializers["conv/bias/integers"])
        #expect(bias.type == 6)
        let counts = bias.bytes.withUnsafeBytes { Array($0.bindMemory(to: Int32.self)) }
        for (count, (value, own)) in zip(counts, zip([Float(0.3), -0.7], steps)) {
            #expect(abs(Float(count) * step[0] * own - value) <= 0.51 * step[0] * own)
        }
    }

    /// A channel whose weights are all zero still has a step, and a large bias takes one that holds it.
    @Test func aBiasThatIsTooLargeForTheStepsMakesThemCoarser() throws {
        let model = try Self.model([Self.conv, Part("", .relu)], ranges: Self.ranges)
        let steps = try #require(model.initializers["fc/bias/steps"]).floats
        let bytes = try #require(model.initializers["fc/bias/integers"]).bytes
        let counts = bytes.withUnsafeBytes { Array($0.bindMemory(to: Int32.self)) }
        #expect(steps.allSatisfy { $0 > 0 } && counts[0] == 0)
        #expect(abs(Float(counts[1]) * steps[1] / 1e9 - 1) < 1e-6)
    }

    @Test func aLayerMayStayInFloatingPoint() throws {
        let model = try Self.model([Self.conv, Part("", .relu)], ranges: Self.ranges, floatLayers: ["conv"])
        #expect(model.initializers["conv.weight"]?.floats == [1, -2, 0.5, 4])
        #expect(model.initializers["conv/weight/integers"] == nil)
        #expect(model.nodes("Relu").count == 1)
        #expect(model.initializers["fc/weight/integers"] != nil)
    }

    @Test func valuesWithoutARangeStayInFloatingPoint() throws {
        let model = try Self.model([Self.conv, Part("", .relu)], ranges: [:])
        #expect(model.nodes("QuantizeLinear").isEmpty && model.nodes("Relu").count == 1)
        #expect(model.initializers["conv.weight"]?.floats == [1, -2, 0.5, 4])
    }

    /// ReLU6 stays where integers reach beyond six.
    @Test(arguments: [(Float(5.5), true), (6.5, false)]) func aCutOffIsLeftOutWhereIntegersEndBeforeIt(
        high: Float, isLeftOut: Bool
    ) throws {
        var ranges = Self.ranges
        ranges["Clip/out"] = 0...high
        let model = try Self.model([Self.conv, Part("", .relu6)], ranges: ranges)
        #expect(model.nodes("Clip").isEmpty == isLeftOut)
    }

    @Test func zerosAroundAnImageArePartOfTheConvolution() throws {
        let conv = Part("conv", .convolution(.init(2, kernel: 1, padding: 0, bias: true)))
        let model = try Self.model([Part("", .pad(before: 0, after: 1)), conv, Part("", .relu)], ranges: Self.ranges)
        #expect(model.nodes("Pad").isEmpty)
        #expect(model.nodes("Conv").first?.attributes["pads"] == [0, 0, 1, 1])
    }

    /// A mean over whole windows is a convolution with equal weights; where padding does not count, it is none.
    @Test(arguments: [(0, true, true), (1, true, true), (1, false, false)]) func aMeanOverWindowsIsAConvolution(
        padding: Int, counts: Bool, isOne: Bool
    ) throws {
        var ranges = Self.ranges
        ranges["AveragePool/out"] = 0...5.1
        let pool = Layer.Pool(.average, kernel: 2, stride: 2, padding: padding, countsPadding: counts)
        let model = try Self.model([Self.conv, Part("", .relu), Part("", .pool(pool))], ranges: ranges)
        #expect(model.nodes("AveragePool").isEmpty == isOne)
        guard isOne else { return }
        let weight = try #require(model.initializers["AveragePool/weight/integers"])
        #expect(weight.shape == [2, 1, 2, 2] && weight.bytes == [UInt8](repeating: 127, count: 8))
        let step = try #require(model.initializers["AveragePool/weight/step"]).floats
        #expect(abs(127 * step[0] - 0.25) < 1e-7)
        #expect(model.nodes("Conv").last?.attributes["group"] == [2])
    }

    @Test(arguments: [Float(0)...0, -2...0, 0...3, -1...3])
    func zeroIsAlwaysExact(range: ClosedRange<Float>) {
        let steps = ValueSteps(covering: range)
        #expect((0...255).contains(steps.zero) && steps.step > 0)
        let reach = Float(0 - steps.zero) * steps.step...Float(255 - steps.zero) * steps.step
        let slack = steps.step / 2 + 1e-6
        #expect(reach.lowerBound <= range.lowerBound + slack && reach.upperBound >= range.upperBound - slack)
    }
}
