import Architectures
import ONNX
import Testing
import Torch

@testable import Quantization

/// The graph of an export is held to the network that it is made of.
@Suite struct GraphRunnerTests {
    @Test(arguments: SampleNetwork.all, [false, true])
    func aGraphGivesWhatItsNetworkGives(sample: SampleNetwork, folded: Bool) throws {
        let network = try sample.made()
        let images = try sample.images(3)
        let export = try ONNXExport(
            sample.network, imageSize: sample.imageSize, options: .init(foldBatchNorm: folded))
        let found = try GraphRunner(export, tensors: network.exported)(images)
        let wanted = try withoutGradients { try network.outputs(images, precision: .float32) }
        #expect(found.count == 1)
        #expect(try found[0].isClose(to: wanted, relative: 1e-4, absolute: 1e-5))
    }

    @Test func everyValueIsSeenOnce() throws {
        let sample = SampleNetwork.all[1]
        let network = try sample.made()
        let export = try ONNXExport(sample.network, imageSize: sample.imageSize)
        var seen: [String] = []
        _ = try GraphRunner(export, tensors: network.exported)(sample.images(1)) { name, _ in seen.append(name) }
        #expect(seen == ["images"] + export.operators.flatMap(\.outputs))
    }

    @Test func operatorsOfDetectorsAreRefused() throws {
        let backbone = Layer.sequence([
            SampleNetwork.conv("2", 4, stride: 4), .init("", .tap("C2")), SampleNetwork.conv("3", 4, stride: 2),
            .init("", .tap("C3")), SampleNetwork.conv("4", 4, stride: 2), .init("", .tap("C4")),
            SampleNetwork.conv("5", 4, stride: 2), .init("", .tap("C5")),
        ])
        let export = try ONNXExport(
            NetworkDescription(channels: 3, classes: 0, backbone: backbone), imageSize: 64,
            head: .detector(DetectorDescription(classes: 2, hasMasks: false)))
        #expect {
            _ = try GraphRunner(export) { _ in nil }
        } throws: { error in
            guard case QuantizationError.unknownOperator = error else { return false }
            return "\(error)".contains("floating point")
        }
    }
}
