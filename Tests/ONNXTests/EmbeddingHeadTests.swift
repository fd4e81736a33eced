import Architectures
import ONNX
import Testing

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
