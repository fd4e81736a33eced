import Architectures
import ONNX
import Testing

@Suite struct FoldingTests {
    private typealias Part = Layer.Part

    private static func conv(_ key: String, bias: Bool = false) -> Part {
        Part(key, .convolution(.init(2, kernel: 1, bias: bias)))
    }
    private static func norm(_ key: String) -> Part { Part(key, .batchNorm(scale: 1)) }

    /// Weights 1, 2, 3, 4 and bias 10, 20; a batch norm that makes 2x + 1 of the first channel and 0.5x - 3 of the
    /// second: variances 0.25 and 4 less epsilon, means 1 and 2.
    private static func tensor(_ key: String, _ shape: [Int]) -> ONNXTensor {
        let values: [Float] =
            switch key.split(separator: ".").last {
            case "running_mean": [1, 2]
            case "running_var": [0.25 - 1e-5, 4 - 1e-5]
            case "weight" where shape.count == 1: [1, 1]
            case "bias" where key.contains("conv"): [10, 20]
            case "bias": [3, -2]
            default: [1, 2, 3, 4]
            }
        return ONNXTensor(shape: shape, values: values)
    }

    private func folded(_ parts: Part...) throws -> ReadModel {
        let layers = NetworkDescription(
            channels: 2, classes: 2, backbone: .sequence(parts + [Part("", .globalPool)]))
        let export = try ONNXExport(layers, imageSize: 4, options: .init(foldBatchNorm: true))
        let shapes = Dictionary(uniqueKeysWithValues: export.tensors.map { ($0.key, $0.shape) })
        return try ReadModel(export.model { key in shapes[key].map { Self.tensor(key, $0) } })
    }

    private func expectClose(
        _ model: ReadModel, _ name: String, _ expected: [Float], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let found = try #require(model.initializers[name], sourceLocation: sourceLocation).floats
        #expect(found.count == expected.count, sourceLocation: sourceLocation)
        for (a, b) in zip(found, expected) {
            #expect(abs(a - b) <= 1e-6 * max(1, abs(b)), "\(name): \(found)", sourceLocation: sourceLocation)
        }
    }

    @Test func aBatchNormBecomesPartOfTheConvolutionBeforeIt() throws {
        let model = try folded(Self.conv("conv"), Self.norm("bn"), Part("", .relu))
        #expect(model.nodes.map(\.operation) == ["Conv", "Relu", "GlobalAveragePool", "Flatten", "Gemm"])
        try expectClose(model, "conv.weight", [2, 4, 1.5, 2])
        try expectClose(model, "conv.bias", [1, -3])
        #expect(Set(model.initializerNames) == ["conv.weight", "conv.bias", "fc.weight", "fc.bias"])
    }

    @Test func aBiasOfTheConvolutionsOwnIsKept() throws {
        let model = try folded(Self.conv("conv", bias: true), Self.norm("bn"))
        try expectClose(model, "conv.weight", [2, 4, 1.5, 2])
        try expectClose(model, "conv.bias", [21, 7])
    }

    @Test func batchNormsOneAfterTheOtherAreAllTakenIn() throws {
        let model = try folded(Self.conv("conv", bias: true), Self.norm("a"), Self.norm("b"))
        #expect(model.nodes("Mul").isEmpty && model.nodes("Conv").count == 1)
        try expectClose(model, "conv.weight", [4, 8, 0.75, 1])
        try expectClose(model, "conv.bias", [43, 0.5])
    }

    @Test func aBatchNormAfterSomethingElseBecomesAProductAndASum() throws {
        let model = try folded(Self.norm("bn"), Self.conv("conv"))
        #expect(model.nodes.prefix(3).map(\.operation) == ["Mul", "Add", "Conv"])
        let (scale, shift) = (model.nodes[0].inputs[1], model.nodes[1].inputs[1])
        #expect(model.initializers[scale]?.shape == [2, 1, 1])
        try expectClose(model, scale, [2, 0.5])
        try expectClose(model, shift, [1, -3])
        try expectClose(model, "conv.weight", [1, 2, 3, 4])
    }

    @Test func aConvolutionThatSomethingElseTakesTooStaysAsItIs() throws {
        let normed = Part("", .residual(body: .sequence([Self.norm("bn")]), shortcut: nil, relu: false))
        let model = try folded(Self.conv("conv"), normed)
        #expect(model.nodes.prefix(4).map(\.operation) == ["Conv", "Mul", "Add", "Add"])
        try expectClose(model, "conv.weight", [1, 2, 3, 4])
        #expect(model.initializers["conv.bias"] == nil)
    }
}
