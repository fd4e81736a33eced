import Foundation
import Testing
import Torch

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
