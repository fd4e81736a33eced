import Testing
import Torch

@Suite struct RoundingTests {
    @Test func floorsAndNearestIntegers() throws {
        let values = try Tensor([Float(-1.5), -0.5, 0.5, 1.5, 2.5, 2.75, -2])
        #expect(try values.floored().array(Float.self) == [-2, -1, 0, 1, 2, 2, -2])
        #expect(try values.rounded().array(Float.self) == [-2, 0, 0, 2, 2, 3, -2], "halves go to the even integer")
    }
}
