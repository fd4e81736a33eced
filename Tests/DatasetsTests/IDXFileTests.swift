import Support
import TestImages
import Testing

@testable import Datasets

@Suite struct IDXFileTests {
    @Test func roundTripKeepsShapeAndElements() throws {
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<50 {
            let shape = (0..<1 + generator.below(4)).map { _ in generator.below(9) }
            let count = shape.reduce(1, *)
            let elements = (0..<count).map { _ in UInt8(generator.below(256)) }
            let bytes = try IDXFile.bytes(shape: shape, elements: elements)
            let array = try IDXArray(bytes: bytes, name: "x", dimensions: shape.count)
            #expect(array.shape == shape)
            #expect(Array(array.elements(from: 0, count: count)) == elements)
        }
        let large = try IDXFile.bytes(shape: [70_000], elements: [UInt8](repeating: 7, count: 70_000))
        #expect(try IDXArray(bytes: large, name: "x", dimensions: 1).shape == [70_000])
    }

    @Test func elementsThatDoNotFillTheShapeAreRefused() {
        for shape in [[2, 2], [4], [-1, -3], [Int.max, 3], [3, 0], [1 << 33, 0]] {
            expectError(.invalidArgument, "3 elements") { _ = try IDXFile.bytes(shape: shape, elements: [1, 2, 3]) }
        }
        expectError(.invalidArgument) {
            _ = try IDXFile.bytes(shape: Array(repeating: 1, count: 256), elements: [1])
        }
    }
}
