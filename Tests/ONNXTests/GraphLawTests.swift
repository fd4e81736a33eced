import Architectures
import Foundation
import ONNX
import Testing

@Suite struct GraphLawTests {
    @Test func thereAreNetworksToJudgeBy() { #expect(SampleNetwork.all.count == 10) }

    @Test(arguments: SampleNetwork.all, [false, true])
    func everyValueComesFromSomewhereAndIsOfUse(sample: SampleNetwork, fold: Bool) throws {
        let export = try ONNXExport(sample.network, imageSize: sample.imageSize, options: .init(foldBatchNorm: fold))
        let model = try ReadModel(export.randomModel())
        var known = Set(model.initializerNames + ["images"])
        #expect(known.count == model.initializerNames.count + 1)
        var used: Set<String> = []
        for node in model.nodes {
            // An input without a name is one that is left out.
            #expect(known.isSuperset(of: node.inputs.filter { !$0.isEmpty }), "\(node.name)")
            #expect(known.isDisjoint(with: node.outputs), "\(node.name)")
            known.formUnion(node.outputs)
            used.formUnion(node.inputs)
        }
        #expect(known.subtracting(used) == ["logits"])
        #expect(Set(model.nodes.map(\.name)).count == model.nodes.count)
    }

    @Test(arguments: SampleNetwork.all, [false, true])
    func constantsHaveTheValuesOfTheirShapes(sample: SampleNetwork, fold: Bool) throws {
        let export = try ONNXExport(sample.network, imageSize: sample.imageSize, options: .init(foldBatchNorm: fold))
        let model = try ReadModel(export.randomModel())
        for (name, tensor) in model.initializers {
            let size = try #require([1: 4, 7: 8][tensor.type], "\(name)")
            #expect(tensor.bytes.count == tensor.shape.reduce(size, *), "\(name)")
            #expect(tensor.type == 7 || tensor.floats.allSatisfy(\.isFinite), "\(name)")
        }
    }

    @Test(arguments: SampleNetwork.all)
    func tensorsStandUnderTheirKeysWithTheirValues(sample: SampleNetwork) throws {
        let export = try ONNXExport(sample.network, imageSize: sample.imageSize)
        let tensors = export.randomTensors()
        let model = try ReadModel(export.model { tensors[$0] })
        for (key, tensor) in tensors {
            #expect(model.initializers[key]?.shape == tensor.shape)
            #expect(model.initializers[key]?.floats == tensor.values)
        }
        // What has no tensors of its own is left out, so what is asked for is what the description counts.
        let parameters = tensors.filter { !$0.key.contains("running") }.reduce(0) { $0 + $1.value.values.count }
        let counted = try sample.network.cost(imageSize: sample.imageSize).parameters
        #expect(parameters == counted)
    }

    @Test(arguments: SampleNetwork.all)
    func foldingLeavesNoBatchNormAndEveryConvolutionItsWeightsShape(sample: SampleNetwork) throws {
        let plain = try ONNXExport(sample.network, imageSize: sample.imageSize)
        let folded = try ONNXExport(sample.network, imageSize: sample.imageSize, options: .init(foldBatchNorm: true))
        let (before, after) = (try ReadModel(plain.randomModel()), try ReadModel(folded.randomModel()))
        #expect(!before.nodes("BatchNormalization").isEmpty)
        #expect(after.nodes("BatchNormalization").isEmpty)
        #expect(after.nodes.count < before.nodes.count)
        #expect(Set(folded.tensors.map(\.key)) == Set(plain.tensors.map(\.key)))
        #expect(before.nodes("Conv").map(\.name) == after.nodes("Conv").map(\.name))
        for (a, b) in zip(before.nodes("Conv"), after.nodes("Conv")) {
            #expect(before.initializers[a.inputs[1]]?.shape == after.initializers[b.inputs[1]]?.shape)
        }
    }

    @Test(arguments: SampleNetwork.all)
    func anyNumberOfImagesComesIn(sample: SampleNetwork) throws {
        let export = try ONNXExport(sample.network, imageSize: sample.imageSize)
        let model = try ReadModel(export.randomModel())
        #expect(model.inputs.map(\.name) == ["images"])
        #expect(
            model.inputs[0].shape == [
                "N", "\(sample.network.channels)", "\(sample.imageSize.height)", "\(sample.imageSize.width)",
            ])
        #expect(model.outputs.map(\.name) == ["logits"])
        #expect(model.outputs[0].shape == ["N", "3"])
        for reshape in model.nodes("Reshape") {
            let sizes = try #require(model.initializers[reshape.inputs[1]]).integers
            #expect(sizes.first == 0 && sizes.dropFirst().allSatisfy { $0 > 0 })
        }
        #expect(model.irVersion == [8])
        #expect(model.opset == [17])
    }

    @Test func optionsSayWhatComesInAndOut() throws {
        let sample = try #require(SampleNetwork.all.first)
        let export = try ONNXExport(
            sample.network, imageSize: sample.imageSize, metadata: [("b", "1"), ("a", "2")],
            options: .init(dynamicBatch: false, dynamicImageSize: true, softmax: true))
        let model = try ReadModel(export.randomModel())
        #expect(model.inputs[0].shape == ["1", "3", "H", "W"])
        #expect(model.outputs[0].name == "probabilities")
        #expect(model.nodes.last?.operation == "Softmax")
        #expect(model.nodes.last?.attributes["axis"] == [1])
        #expect(model.metadata == ["b=1", "a=2"])
    }

    @Test func splitAttentionWeighsSplitsAgainstEachOtherOrGatesTheOnlyOne() throws {
        func model(radix: Int, cardinality: Int) throws -> ReadModel {
            let split = Layer.Part("a", .splitAttention(radix: radix, cardinality: cardinality))
            let layers = network(Layer.Part("c", .convolution(.init(12, kernel: 1))), split)
            return try ReadModel(ONNXExport(layers, imageSize: 4).randomModel())
        }
        let gate = try model(radix: 1, cardinality: 2)
        #expect(gate.nodes("Sigmoid").count == 1 && gate.nodes("Softmax").isEmpty && gate.nodes("Split").isEmpty)
        let three = try model(radix: 3, cardinality: 2)
        #expect(three.nodes("Softmax").map { $0.attributes["axis"] } == [[1]])
        #expect(three.nodes("Transpose").map { $0.attributes["perm"] } == [[0, 2, 1, 3]])
        #expect(three.nodes("Split").map(\.outputs.count) == [3, 3])
        #expect(
            three.nodes("Reshape").map { three.initializers[$0.inputs[1]]?.integers } == [
                [0, 2, 3, 6], [0, 36, 1, 1],
            ])
        #expect(three.nodes("Conv").map { $0.attributes["group"] } == [[1], [6], [2], [2]])
    }

    @Test func edgesWithoutAnOperationCostNothingNorWhatLeadsNowhere() throws {
        func cell(_ last: Layer) -> NetworkDescription {
            network(
                Layer.Part(
                    "cell",
                    .cell([
                        .init(from: 0, to: 1, .init("a", .convolution(.init(2, kernel: 1)))),
                        .init(from: 0, to: 2, .init("b", .identity)), .init(from: 1, to: 2, .init("c", last)),
                    ])))
        }
        let without = try ONNXExport(cell(.zero(stride: 1)), imageSize: 4)
        #expect(without.tensors.map(\.key) == ["fc.weight", "fc.bias"])
        let with = try ONNXExport(cell(.identity), imageSize: 4)
        #expect(with.tensors.map(\.key) == ["cell.a.weight", "fc.weight", "fc.bias"])
    }

    @Test func zerosAroundAnImageAndTheBoundOfAReLUKeepTheirNumbers() throws {
        let layers = network(
            Layer.Part("", .pad(before: 0, after: 3)), Layer.Part("c", .convolution(.init(2, kernel: 3, padding: 0))),
            Layer.Part("", .relu6))
        let model = try ReadModel(ONNXExport(layers, imageSize: 4).randomModel())
        #expect(
            model.nodes.map(\.operation) == ["Pad", "Conv", "Clip", "GlobalAveragePool", "Flatten", "Gemm"])
        // All beginnings before all ends.
        #expect(model.initializers[model.nodes[0].inputs[1]]?.integers == [0, 0, 0, 0, 0, 0, 3, 3])
        #expect(model.nodes[2].inputs.dropFirst().map { model.initializers[$0]?.floats } == [[0], [6]])
    }

    @Test func gatesAreProductsAndHardActivationsOperatorsOfTheirOwn() throws {
        let layers = network(
            Layer.Part("", .hardSwish), Layer.Part("se", .squeezeExcitation(reduced: 1, outputs: 2)))
        let model = try ReadModel(ONNXExport(layers, imageSize: 4).randomModel())
        #expect(
            model.nodes.map(\.operation) == [
                "HardSwish", "GlobalAveragePool", "Conv", "Relu", "Conv", "HardSigmoid", "Mul", "GlobalAveragePool",
                "Flatten", "Gemm",
            ])
        #expect(model.nodes[5].floats == ["alpha": 1 / 6, "beta": 0.5])
        #expect(model.nodes[6].inputs == [model.nodes[0].outputs[0], model.nodes[5].outputs[0]])
        #expect(model.nodes("Conv").map { $0.inputs[1] } == ["se.fc1.weight", "se.fc2.weight"])
    }

    @Test func resizingIsToSidesWhateverComesIn() throws {
        let layers = network(Layer.Part("", .resize(height: 3, width: 9)))
        for anySize in [false, true] {
            let options = ONNXExport.Options(dynamicImageSize: anySize)
            let model = try ReadModel(ONNXExport(layers, imageSize: 5, options: options).randomModel())
            #expect(
                model.nodes.map(\.operation) == ["Shape", "Concat", "Resize", "GlobalAveragePool", "Flatten", "Gemm"])
            #expect(model.nodes[0].attributes == ["start": [0], "end": [2]])
            #expect(model.initializers[model.nodes[1].inputs[1]]?.integers == [3, 9])
            #expect(model.nodes[2].inputs == ["images", "", "", model.nodes[1].outputs[0]])
            #expect(
                model.nodes[2].texts == ["coordinate_transformation_mode": "half_pixel", "mode": "linear"])
        }
    }

    @Test func zerosThatSomethingTakesBecomeOperators() throws {
        let layers = network(
            Layer.Part("", .zero(stride: 2)), Layer.Part("", .zero(stride: 3)),
            Layer.Part("c", .convolution(.init(2, kernel: 1, bias: true))))
        let model = try ReadModel(ONNXExport(layers, imageSize: 7).randomModel())
        #expect(model.nodes.map(\.operation) == ["Slice", "Mul", "Conv", "GlobalAveragePool", "Flatten", "Gemm"])
        let bounds = model.nodes[0].inputs.dropFirst().map { model.initializers[$0]?.integers }
        #expect(bounds == [[0, 0], [.max, .max], [2, 3], [6, 6]])
        #expect(model.initializers[model.nodes[1].inputs[1]]?.floats == [0])
    }
}

/// Networks that end in a batch norm of the features.
@Suite struct EmbeddingHeadTests {
    @Test(arguments: SampleNetwork.all, [false, true])
    func featuresAreNormalisedByTheRunningStatistics(sample: SampleNetwork, fold: Bool) throws {
        let export = try ONNXExport(
            sample.network, imageSize: sample.imageSize, head: .norm("fc.neck"), options: .init(foldBatchNorm: fold))
        let tensors = export.randomTensors()
        let model = try ReadModel(export.model { tensors[$0] })
        #expect(!tensors.keys.contains("fc.weight"), "there is no classifier")
        let mean = try #require(tensors["fc.neck.running_mean"]?.values)
        let features = mean.count
        #expect(model.outputs.map(\.name) == ["embedding"] && model.outputs[0].shape == ["N", "\(features)"])
        let add = try #require(model.nodes.last)
        #expect(add.operation == "Add" && add.outputs == ["embedding"])
        let product = try #require(model.nodes.first { $0.outputs == [add.inputs[0]] })
        #expect(product.operation == "Mul")
        let scale = try #require(model.initializers[product.inputs[1]])
        let shift = try #require(model.initializers[add.inputs[1]])
        #expect(scale.shape == [features] && shift.shape == [features], "of [N, F], not of images")
        // scale * x + shift is the batch norm at any x.
        func value(_ key: String, _ row: Int) -> Double { Double(tensors["fc.neck." + key]?.values[row] ?? .nan) }
        for row in 0..<features {
            for x in [-1.5, 0, 2] {
                let expected =
                    (x - value("running_mean", row)) / (value("running_var", row) + 1e-5).squareRoot()
                    * value("weight", row) + value("bias", row)
                #expect(abs(Double(scale.floats[row]) * x + Double(shift.floats[row]) - expected) < 1e-4)
            }
        }
    }
}

/// Against a file that ONNX's own library wrote; `Tests/Goldens/onnx-model.py` makes it.
@Suite struct OfficialBytesTests {
    private static let network = NetworkDescription(
        channels: 1, classes: 3,
        backbone: .sequence(
            Layer.convolutionBlock("conv", "bn", .init(2, kernel: 3, stride: 2)) + [Layer.Part("", .globalPool)]))

    @Test func aFileIsThatOfONNXsOwnLibraryByteForByte() throws {
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Goldens/onnx-model.onnx")
        let export = try ONNXExport(Self.network, imageSize: 8, metadata: [("classes", "größe, 2")])
        let shapes = Dictionary(uniqueKeysWithValues: export.tensors.map { ($0.key, $0.shape) })
        let bytes = try export.model { key in
            shapes[key].map { shape in
                ONNXTensor(shape: shape, values: (0..<shape.reduce(1, *)).map { Float($0) / 8 })
            }
        }
        let expected = [UInt8](try Data(contentsOf: golden))
        #expect(bytes == expected)
    }
}
