import Testing
import Torch

@Suite struct RoundingTests {
    @Test func floorsAndNearestIntegers() throws {
        let values = try Tensor([Float(-1.5), -0.5, 0.5, 1.5, 2.5, 2.75, -2])
        #expect(try values.floored().array(Float.self) == [-2, -1, 0, 1, 2, 2, -2])
        #expect(try values.rounded().array(Float.self) == [-2, 0, 0, 2, 2, 3, -2], "halves go to the even integer")
    }

    @Test func positionsAreCountedAsOftenAsTheyOccur() throws {
        let counts = try Tensor.zeros([2, 4])
        let positions = try Tensor([0, 3, 3, 1, 1, 1], shape: [2, 3])
        try counts.scatterAddInPlace(.ones([1, 1]).expanded([2, 3]), at: positions, dimension: 1)
        #expect(try counts.array(Float.self) == [1, 0, 0, 2, 0, 3, 0, 0])
        let outside = try Tensor([4], shape: [1, 1])
        #expect(throws: TorchError.self) { try counts.scatterAddInPlace(.ones([1, 1]), at: outside, dimension: 1) }
    }
}
