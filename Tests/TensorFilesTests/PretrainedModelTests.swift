import Foundation
import Testing

@testable import TensorFiles

/// Real checkpoints in the container of PyTorch before 1.6, where `Scripts/test-data` has fetched them.
struct PretrainedModelTests {
    /// The names of the files, and how many tensors each has.
    private static let models = ["efficientnet_lite0": 296, "efficientnet_lite2": 386, "mobilenet_v2": 314]

    private static func path(_ model: String) -> String {
        Golden.repository.appending(path: ".deps/models/\(model).pth").path
    }

    private static let fetched = models.keys.sorted().filter { FileManager.default.fileExists(atPath: path($0)) }

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

    @Test(.enabled(if: !fetched.isEmpty, "no checkpoint is there: Scripts/test-data fetches them"), arguments: fetched)
    func everyTensorIsTheOneThatPythonLoads(model: String) throws {
        let file = try PyTorchFile(path: Self.path(model))
        let expected = try JSONDecoder().decode(
            Expected.self, from: Data(Golden.bytes("\(model).json")))
        #expect(file.container == .legacy)
        #expect(file.tensors.count == Self.models[model])
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
