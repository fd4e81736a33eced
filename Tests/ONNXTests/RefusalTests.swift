import Architectures
import Foundation
import ONNX
import Support
import Testing

@Suite struct RefusalTests {
    private static let small = network(
        Layer.Part("conv", .convolution(.init(4, kernel: 3))), Layer.Part("bn", .batchNorm(scale: 1)))

    /// A path in a folder of its own, which is deleted after `body`.
    private func inFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "onnx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    @Test func choicesAreNamedByTheirPaths() throws {
        let backbone = try ResNeStSpace(stem: .small, planes: [8, 8], depths: [1, 1]).description().backbone
        let error = #expect(throws: ONNXError.choices(["layer1.0", "layer2.0"])) {
            try ONNXExport(NetworkDescription(channels: 3, classes: 2, backbone: backbone), imageSize: 8)
        }
        #expect(error?.description.hasSuffix("Choices are left at 'layer1.0', 'layer2.0'") == true)
    }

    @Test func allThatIsWrongWithTheTensorsIsToldAtOnce() throws {
        let export = try ONNXExport(Self.small, imageSize: 8, options: .init(foldBatchNorm: true))
        var tensors = export.randomTensors()
        tensors["conv.weight"] = ONNXTensor(shape: [4, 2, 3], values: [])
        tensors["bn.running_var"] = nil
        tensors["fc.weight"] = nil
        tensors["fc.bias"]?.values.append(0)
        let error = #expect(throws: ONNXError.self) { try export.model { tensors[$0] } }
        #expect(
            error
                == .tensors([
                    .shape(key: "conv.weight", expected: [4, 2, 3, 3], found: [4, 2, 3]),
                    .missing(key: "bn.running_var", shape: [4]), .missing(key: "fc.weight", shape: [2, 4]),
                    .count(key: "fc.bias", shape: [2], found: 3),
                ]))
        let text = try #require(error?.description)
        #expect(text.contains("4 problems"))
        #expect(text.contains("'conv.weight' has the shape [4, 2, 3]; the network needs [4, 2, 3, 3]"))
        #expect(text.contains("'fc.weight' is missing; the network needs it with the shape [2, 4]"))
    }

    @Test func anErrorOfTheTensorsSourceIsPassedOn() throws {
        struct Stop: Error {}
        let export = try ONNXExport(Self.small, imageSize: 8)
        #expect(throws: Stop.self) { try export.model { _ in throw Stop() } }
    }

    @Test func layersThatDoNotFitAreRefusedByTheDescriptionsOwnError() {
        #expect(throws: SpaceError.self) { try ONNXExport(network(Layer.Part("a", .linear(outputs: 3))), imageSize: 8) }
        #expect(throws: SpaceError.self) { try ONNXExport(Self.small, imageSize: 0) }
        var bare = Self.small
        bare.classes = 0
        #expect(throws: SpaceError.self, "a classifier of no classes") { try ONNXExport(bare, imageSize: 8) }
    }

    @Test func twoTensorsCannotHaveOneKey() {
        let twice = network(
            Layer.Part("a", .convolution(.init(2, kernel: 1))), Layer.Part("a", .convolution(.init(2, kernel: 1))))
        #expect(throws: ONNXError.repeatedKey("a.weight")) { try ONNXExport(twice, imageSize: 8) }
    }

    @Test func aModelBeyondProtobufsLimitIsRefusedBeforeItsTensorsAreMade() throws {
        func wide(_ outputs: Int) throws -> ONNXExport {
            try ONNXExport(
                network(
                    Layer.Part("a", .convolution(.init(16_384, kernel: 1))),
                    Layer.Part("b", .convolution(.init(outputs, kernel: 1)))), imageSize: 1)
        }
        // 4 * 16,384 * 32,768 bytes is the limit itself.
        let error = #expect(throws: ONNXError.self) { try wide(32_768) }
        #expect(error?.description.contains("must be smaller than 2 GiB") == true)
        let bytes = try wide(32_000).byteCount
        #expect(bytes > 4 * 16_384 * 32_000 && bytes < 1 << 31)
        // Sums that no integer would hold.
        let huge = Layer.Part("", .sequence((0..<600).map { .init("\($0)", .convolution(.init(65_536, kernel: 1))) }))
        #expect(throws: ONNXError.self) { try ONNXExport(network(huge), imageSize: 1) }
    }

    @Test func aFileIsWhatTheModelIsOfTheSizeThatWasSaid() throws {
        let export = try ONNXExport(Self.small, imageSize: 8)
        let tensors = export.randomTensors()
        try inFolder { folder in
            let file = folder.appending(path: "a.onnx")
            try Data("old".utf8).write(to: file)
            try export.write(to: file.path) { tensors[$0] }
            let written = [UInt8](try Data(contentsOf: file))
            let model = try export.model { tensors[$0] }
            #expect(written == model)
            #expect(written.count == export.byteCount)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.onnx"])
        }
    }

    @Test func aFailureInTheMidstLeavesTheOldFile() throws {
        let export = try ONNXExport(Self.small, imageSize: 8)
        var tensors = export.randomTensors()
        tensors["fc.bias"] = nil
        try inFolder { folder in
            let file = folder.appending(path: "a.onnx")
            try Data("old".utf8).write(to: file)
            #expect(throws: ONNXError.tensors([.missing(key: "fc.bias", shape: [2])])) {
                try export.write(to: file.path) { tensors[$0] }
            }
            #expect(try Data(contentsOf: file) == Data("old".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.onnx"])
        }
    }

    @Test func aPlaceThatCannotBeWrittenIsNamedWithTheReason() throws {
        let export = try ONNXExport(Self.small, imageSize: 8)
        let tensors = export.randomTensors()
        try inFolder { folder in
            let path = folder.appending(path: "no/a.onnx").path
            #expect(throws: FileError(operation: "write", path: path, reason: .notFound)) {
                try export.write(to: path) { tensors[$0] }
            }
            let refused = #expect(throws: FileError.self) { try export.write(to: folder.path) { tensors[$0] } }
            #expect(refused?.path == folder.path)
        }
    }
}
