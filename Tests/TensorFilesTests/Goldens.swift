import Foundation
import TestFolders
import Testing

@testable import TensorFiles

/// Files that `Tests/Goldens/tensorfiles.py` made, and what Python says they hold.
enum Golden {
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func path(_ name: String) -> String {
        repository.appending(path: "Tests/Goldens/tensorfiles.\(name)").path
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: path(name))))
    }

    /// A tensor as Python describes it.
    struct Tensor: Decodable {
        var name: String
        var dtype: String
        var shape: [Int]
        var strides: [Int]
        var storageOffset: Int
        var bytes: String
    }

    private struct Expected: Decodable {
        var files: [String: [Tensor]]
    }

    /// The tensors of the golden of that name, in order.
    static func tensors(_ name: String) throws -> [Tensor] {
        let expected = try JSONDecoder().decode(Expected.self, from: Data(bytes("expected.json")))
        return try #require(expected.files[name])
    }

    /// Compares what was read with what Python says, bit for bit.
    static func compare(
        _ actual: [StoredTensor], _ expected: [Tensor], strided: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(actual.map(\.name) == expected.map(\.name), sourceLocation: sourceLocation)
        for (tensor, golden) in zip(actual, expected) {
            let name = Comment(rawValue: golden.name)
            #expect(tensor.elementType.torchName == golden.dtype, name, sourceLocation: sourceLocation)
            #expect(tensor.shape == golden.shape, name, sourceLocation: sourceLocation)
            #expect(hexadecimal(tensor.contiguousBytes()) == golden.bytes, name, sourceLocation: sourceLocation)
            #expect(
                tensor.withUnsafeBytes { hexadecimal(Array($0)) } == golden.bytes, name, sourceLocation: sourceLocation)
            if strided {
                #expect(tensor.strides == golden.strides, name, sourceLocation: sourceLocation)
                #expect(
                    tensor.byteOffset == golden.storageOffset * tensor.elementType.byteSize, name,
                    sourceLocation: sourceLocation)
            }
        }
    }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

/// A folder of a test's own, deleted with it.
typealias TemporaryFolder = TestFolders.TemporaryFolder

/// The problems of the ``TensorFileError`` that `body` must throw.
func problems(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> some Any
) -> [TensorFileError.Problem] {
    let error = #expect(throws: TensorFileError.self, sourceLocation: sourceLocation) { _ = try body() }
    // Whatever is wrong, it must be possible to say so.
    #expect(error?.description.isEmpty == false, sourceLocation: sourceLocation)
    return error?.problems ?? []
}

extension MappedFile {
    convenience init(_ bytes: [UInt8]) {
        self.init(bytes: bytes, path: "memory")
    }
}
