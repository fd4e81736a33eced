import Testing
import Torch

@testable import Methods

@Suite struct KeyQueueTests {
    private func queue(_ length: Int = 6, seed: UInt64 = 1) throws -> KeyQueue {
        try KeyQueue(dimension: 3, length: length, seed: seed, device: .cpu)
    }

    /// Keys with numbers in them, [N, 3].
    private func keys(_ numbers: Range<Int>) throws -> Tensor {
        try Tensor(numbers.flatMap { [Float($0), Float($0) + 0.25, Float($0) + 0.5] }).reshaped([numbers.count, 3])
    }

    /// The first row of the columns, from the oldest to the newest.
    private func order(_ queue: KeyQueue) throws -> [Float] {
        let row = try queue.keys.array(Float.self).prefix(queue.length)
        return Array(row[queue.position...] + row[..<queue.position])
    }

    @Test func itStartsWithRandomUnitColumns() throws {
        let queue = try queue(50)
        #expect(queue.length == 50 && queue.position == 0 && queue.keys.shape == [3, 50])
        for length in try queue.keys.norm(dimensions: [0]).array(Float.self) { #expect(abs(length - 1) < 1e-5) }
        let same = try self.queue(50)
        #expect(try bits(same.keys) == bits(queue.keys))
        let other = try self.queue(50, seed: 2)
        #expect(try bits(other.keys) != bits(queue.keys))
        #expect(!queue.keys.requiresGradient)
    }

    /// Whatever was pushed, it holds the newest keys in their order, round and round.
    @Test(arguments: [1, 2, 3, 6]) func itHoldsExactlyTheNewestKeys(size: Int) throws {
        var queue = try queue()
        let start = try Array(queue.keys.array(Float.self).prefix(6))
        var pushed: [Float] = start
        for turn in 0..<15 {
            let numbers = turn * size..<(turn + 1) * size
            try queue.push(keys(numbers))
            pushed += numbers.map { Float($0) }
            #expect(try order(queue) == pushed.suffix(6))
            #expect(queue.position == (turn + 1) * size % 6)
        }
        // Whole keys, not only their first numbers.
        let columns = try queue.keys.transposed(0, 1).array(Float.self)
        for place in 0..<6 {
            #expect(
                columns[place * 3 + 1] == columns[place * 3] + 0.25
                    && columns[place * 3 + 2] == columns[place * 3] + 0.5)
        }
    }

    @Test func batchesThatDoNotDivideItAreRefused() throws {
        var queue = try queue()
        let before = try bits(queue.keys)
        for size in [4, 5, 7, 12] {
            let batch = try keys(0..<size)
            let error = #expect(throws: TorchError.self) { try queue.push(batch) }
            #expect(error?.description.contains("(=\(size))") == true && error?.description.contains("(=6)") == true)
        }
        let none = try Tensor.zeros([0, 3])
        #expect(throws: TorchError.self) { try queue.push(none) }
        #expect(try bits(queue.keys) == before && queue.position == 0)
    }

    /// Keys are copied: what becomes of the batch afterwards is no matter.
    @Test func keysAreItsOwn() throws {
        var queue = try queue()
        let batch = try keys(0..<2)
        try queue.push(batch)
        let before = try bits(queue.keys)
        try batch.fillInPlace(9)
        #expect(try bits(queue.keys) == before)
    }

    /// A batch smaller than the others, as where images cannot be read, does not make later ones wrap.
    @Test func batchesOfOtherSizesStayInside() throws {
        var queue = try queue(12)
        for size in [2, 4, 4, 4, 3, 6, 12, 1, 6, 6] {
            try queue.push(keys(100..<100 + size))
            #expect((0..<12).contains(queue.position))
            let row = try queue.keys.array(Float.self).prefix(12)
            let newest = try order(queue)
            #expect(row.count { $0 == 100 } >= 1 && newest.last == Float(100 + size - 1))
        }
    }

    @Test func itsStateIsKeysAndPlace() throws {
        var (one, other) = try (queue(), queue(seed: 9))
        try one.push(keys(0..<2))
        try other.load(one.state())
        #expect(other.position == 2)
        #expect(try bits(other.keys) == bits(one.keys))
        try one.push(keys(2..<4))
        try other.push(keys(2..<4))
        #expect(try bits(other.keys) == bits(one.keys))
        var longer = try queue(12)
        #expect(throws: (any Error).self) { try longer.load(one.state()) }
    }
}
