import Architectures
import Foundation
import ONNX
import Testing

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
