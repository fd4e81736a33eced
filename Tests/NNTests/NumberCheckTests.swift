import NN
import Testing
import Torch

/// Which tensors hold what is not a number.
@Suite struct NumberCheckTests {
    @Test func keysAreThoseOfTensorsWithoutNumbers() throws {
        func tensor(_ values: [Float], _ dtype: DType = .float32) throws -> Tensor { try Tensor(values).to(dtype) }
        let state: State = try [
            ("fine", tensor([1, -3, 0])), ("nan", tensor([0, .nan, 1])),
            ("largest", tensor([.greatestFiniteMagnitude, -1])),
            ("infinite", tensor([.infinity])), ("count", Tensor(Int64(3))), ("below", tensor([2, -.infinity])),
            ("half", tensor([1, .nan], .bfloat16)), ("double", Tensor(1e300)), ("empty", .zeros([0, 3])),
        ]
        #expect(try state.keysWithoutNumbers() == ["nan", "infinite", "below", "half"])
        #expect(try [state[0], state[2], state[4]].keysWithoutNumbers().isEmpty)
        #expect(try State().keysWithoutNumbers().isEmpty)
    }
}
