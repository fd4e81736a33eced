import Foundation
import TensorFiles
import Testing
import Torch

/// What is written is read again, or the file is refused.
@Suite struct CheckpointTests {
    private func withFile<Result>(_ body: (String) throws -> Result) throws -> Result {
        let path = NSTemporaryDirectory() + "supernet-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    private func tensor(_ values: [Float], _ dtype: DType = .float32) throws -> Tensor {
        try Tensor(values).to(dtype)
    }

    @Test func zerosInPlaceOfValuesAreSeen() throws {
        try withFile { path in
            let tensors = [("a", try tensor([Float](repeating: 1.5, count: 3000))), ("b", try tensor([2, 3]))]
            try Checkpoint.write(tensors, metadata: ["x": "y"], to: path)
            #expect(try Checkpoint.read(path).metadata == ["x": "y"])
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes.replaceSubrange(4096..<8192, with: Data(count: 4096))
            try bytes.write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: TensorFileError.self) { try Checkpoint.read(path) }
            #expect(error?.problems.map(\.key) == ["a"] && error?.path == path)
        }
    }

    /// A file of before has none.
    @Test func aFileWithoutChecksumsIsRead() throws {
        try withFile { path in
            try SafeTensorsWriter.write(
                [TensorSource(name: "a", elementType: .uint8, shape: [2], bytes: [1, 2])], metadata: ["x": "y"],
                to: path)
            let read = try Checkpoint.readWeights(path)
            #expect(try read.tensors[0].tensor.array(UInt8.self) == [1, 2])
            #expect(read.metadata == ["x": "y"])
        }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity], [DType.float32, .float16, .bfloat16, .float64])
    func whatIsNoNumberIsNeitherWrittenNorTaken(value: Float, dtype: DType) throws {
        try withFile { path in
            let good = try tensor([1, 2], dtype)
            try Checkpoint.write([("good", good)], to: path)
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            let bad = try tensor([1, value, 3], dtype)
            #expect(throws: CheckpointError.write(path: path, notFinite: ["bad"])) {
                try Checkpoint.write([("good", good), ("bad", bad)], to: path)
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
            let source = TensorSource(name: "bad", elementType: dtype.elementType, shape: [3]) { sink in
                try bad.withUnsafeBytes(sink)
            }
            try SafeTensorsWriter.write([source], to: path)
            #expect(throws: CheckpointError.read(path: path, notFinite: ["bad"])) { try Checkpoint.readWeights(path) }
            #expect(try Checkpoint.read(path).tensors.count == 1)
        }
    }

    /// Numbers whose sum is beyond their type are numbers all the same.
    @Test func largeNumbersAreFinite() throws {
        #expect(try tensor([Float](repeating: 3e38, count: 4)).allFinite())
        #expect(try tensor([Float](repeating: 60_000, count: 9), .float16).allFinite())
        #expect(try !tensor([3e38, 3e38, .infinity]).allFinite())
        #expect(try Tensor.zeros([0]).allFinite() && Tensor.zeros([2], dtype: .int64).allFinite())
    }
}
