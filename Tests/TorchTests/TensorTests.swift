import Foundation
import Testing

@testable import Torch

@Suite struct TensorTests {
    @Test func valuesGoInAndComeOut() throws {
        let tensor = try Tensor((0..<6).map(Float.init), shape: [2, 3])
        #expect(tensor.shape == [2, 3])
        #expect(tensor.strides == [3, 1])
        #expect(tensor.rank == 2 && tensor.elementCount == 6 && tensor.dtype == .float32 && tensor.device == .cpu)
        #expect(try tensor.transposed().array(Float.self) == [0, 3, 1, 4, 2, 5])
        #expect(try Tensor([1, 2, 3]).array(Int.self) == [1, 2, 3])
        #expect(try Tensor([true, false]).array(Bool.self) == [true, false])
        #expect(try Tensor(2.5).item() == 2.5)
        #expect(tensor.size(-1) == 3)
    }

    @Test func aShapeThatDoesNotFitIsRefused() {
        #expect(throws: TorchError.self) { try Tensor([Float(1), 2], shape: [3]) }
        #expect(throws: TorchError.self) { try Tensor([Float](), shape: [-1]) }
        #expect(throws: TorchError.self) { try Tensor([Float](), shape: [Int.max, 4, 0]) }
        #expect(throws: TorchError.self) { try Tensor([Float(1)]).array(Double.self) }
        #expect(throws: TorchError.self) { try Tensor([1, 2]).item() }
        #expect(throws: TorchError.self) { try Tensor.zeros([2, 3]).transposed().withUnsafeBytes { _ in } }
    }

    @Test func memoryIsBorrowedAndGivenBack() throws {
        final class Count: @unchecked Sendable { var released = 0 }
        let count = Count()
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 24, alignment: 64)
        defer { memory.deallocate() }
        memory.bindMemory(to: Float.self, capacity: 6).initialize(repeating: 3, count: 6)
        var tensor: Tensor? = try .borrowing(memory, shape: [2, 3], dtype: .float32) { count.released += 1 }
        var view = try tensor?.select(1)
        #expect(try view?.sum().item() == 9)
        tensor = nil
        #expect(count.released == 0, "a view keeps the memory")
        try view?.fillInPlace(1)
        #expect(memory.load(fromByteOffset: 12, as: Float.self) == 1)
        view = nil
        #expect(count.released == 1)
    }

    @Test func layoutsHoldTheSameValues() throws {
        let generator = try Generator(seed: 1)
        let plain = try Tensor.normal([2, 3, 4, 5], using: generator)
        let last = try plain.contiguous(.channelsLast)
        #expect(last.isContiguous(.channelsLast) && !last.isContiguous())
        #expect(last.strides == [60, 1, 15, 3])
        #expect(try last.array(Float.self) == plain.array(Float.self))
        #expect(try plain.contiguous() === plain)
    }

    @Test func viewsShareMemory() throws {
        let base = try Tensor.zeros([4, 4])
        let part = try base.slice(1..<3).slice(0..<2, dimension: 1)
        try part.fillInPlace(1)
        #expect(try base.sum().item() == 4)
        #expect(part.sharesStorage(with: base))
        #expect(try !part.cloned().sharesStorage(with: base))
        #expect(try base[1].array(Float.self) == [1, 1, 0, 0])
    }

    @Test func indexing() throws {
        let table = try Tensor((0..<12).map(Float.init), shape: [3, 4])
        #expect(try table.indexed(by: Tensor([2, 0])).array(Float.self) == [8, 9, 10, 11, 0, 1, 2, 3])
        #expect(try table.indexed(by: [nil, Tensor([1])]).array(Float.self) == [1, 5, 9])
        #expect(try table.masked(table.isGreater(than: 2), with: 0).sum().item() == 3)
        #expect(try Tensor([2, 0]).oneHot(3).array(Int.self) == [0, 0, 1, 1, 0, 0])
        #expect(throws: TorchError.self) { try table.select(7) }
    }

    @Test func reductions() throws {
        let table = try Tensor((0..<12).map(Float.init), shape: [3, 4])
        #expect(try table.sum([0]).array(Float.self) == [12, 15, 18, 21])
        #expect(try table.mean([1], keep: true).shape == [3, 1])
        #expect(try table.max().item() == 11 && table.min().item() == 0)
        #expect(try table.argmax(1).array(Int.self) == [3, 3, 3])
        #expect(try table.variance([1], correction: 0).array(Float.self) == [1.25, 1.25, 1.25])
        let top = try table.topK(2)
        #expect(try top.values.array(Float.self) == [3, 2, 7, 6, 11, 10])
        #expect(try top.positions.array(Int.self) == [3, 2, 3, 2, 3, 2])
        #expect(try table.sorted(descending: true).values.select(0).array(Float.self) == [3, 2, 1, 0])
        let unit = try table.normalized()
        #expect(try unit.norm(dimensions: [1]).isClose(to: .ones([3]), relative: 1e-6))
    }

    @Test func linearAlgebraInvertsItself() throws {
        let matrix = try Tensor.normal([5, 5], dtype: .float64, using: Generator(seed: 2))
        let identity = try Tensor.identity(5, dtype: .float64)
        #expect(try matrix.matrixProduct(matrix.solved(identity)).isClose(to: identity, absolute: 1e-9))
        let symmetric = try matrix.matrixProduct(matrix.transposed()) + identity
        let lower = try symmetric.cholesky()
        #expect(try lower.matrixProduct(lower.transposed()).isClose(to: symmetric, absolute: 1e-9))
        #expect(try Tensor.einsum("ij,kj->ik", [matrix, matrix]).isClose(to: symmetric - identity, absolute: 1e-9))
    }

    @Test func interpolationKeepsConstantsAndGradients() throws {
        let image = try Tensor.full([1, 2, 6, 8], 3)
        for antialias in [false, true] {
            let small = try image.resized(3, 5, antialias: antialias)
            #expect(small.shape == [1, 2, 3, 5])
            #expect(try small.isClose(to: .full([1, 2, 3, 5], 3), relative: 1e-6))
        }
        #expect(try image.resized(12, 16, mode: .nearest).sum().item() == 3 * 2 * 12 * 16)
        #expect(try image.resized(7, 9, mode: .bicubic).isClose(to: .full([1, 2, 7, 9], 3), relative: 1e-5))
    }
}

@Suite struct GeneratorTests {
    @Test func aSeedIsAStream() throws {
        let first = try Tensor.normal([64], using: Generator(seed: 5)).array(Float.self)
        #expect(try Tensor.normal([64], using: Generator(seed: 5)).array(Float.self) == first)
        #expect(try Tensor.normal([64], using: Generator(seed: 6)).array(Float.self) != first)
    }

    @Test func aStateContinuesTheStream() throws {
        let generator = try Generator(seed: 5)
        _ = try Tensor.uniform([10], using: generator)
        let state = try generator.state()
        let next = try Tensor.uniform([10], using: generator).array(Float.self)
        let other = try Generator(seed: 99)
        try other.restore(state)
        #expect(try Tensor.uniform([10], using: other).array(Float.self) == next)
        #expect(throws: TorchError.self) { try other.restore(.zeros([3], dtype: .uint8)) }
    }

    @Test func distributions() throws {
        let generator = try Generator(seed: 7)
        let uniform = try Tensor.uniform([20_000], low: -2, high: 4, using: generator)
        #expect(try uniform.min().item() >= -2 && uniform.max().item() < 4)
        #expect(abs(try uniform.mean().item() - 1) < 0.05)
        #expect(abs(try Tensor.bernoulli([20_000], probability: 0.3, using: generator).mean().item() - 0.3) < 0.02)
        let integers = try Tensor.integers([1000], in: 3..<6, using: generator)
        #expect(try integers.min().integer() == 3 && integers.max().integer() == 5)
        let order = try Tensor.permutation(100, using: generator).array(Int.self)
        #expect(order.sorted() == Array(0..<100) && order != Array(0..<100))
    }
}

@Suite struct RoundingTests {
    @Test func floorsAndNearestIntegers() throws {
        let values = try Tensor([Float(-1.5), -0.5, 0.5, 1.5, 2.5, 2.75, -2])
        #expect(try values.floored().array(Float.self) == [-2, -1, 0, 1, 2, 2, -2])
        #expect(try values.rounded().array(Float.self) == [-2, 0, 0, 2, 2, 3, -2], "halves go to the even integer")
    }
}

/// How much memory tensors took, and that it can be given back. One after the other: the counts are the process's.
@Suite(.serialized) struct MemoryMarkTests {
    private func residentBytes() throws -> Int {
        let words = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return (Int(words[1]) ?? 0) * 4096
    }

    @Test func theMarkIsTheMostInUse() throws {
        let size = 64 << 20
        _ = try Runtime.takeMemoryMark()
        do { _ = try Tensor.zeros([size / 4]) }
        let mark = try Runtime.takeMemoryMark()
        #expect(mark >= size)
        // Other tests run beside this one, but none needs as much.
        #expect(try Runtime.takeMemoryMark() < mark)
    }

    @Test func whatIsKeptIsGivenBack() throws {
        let size = 512 << 20
        do { _ = try Tensor.ones([size / 4]) }
        let before = try residentBytes()
        try Runtime.trimMemory()
        #expect(try residentBytes() < before - size / 2)
    }
}
