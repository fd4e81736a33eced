import NN
import Testing
import Torch

@Suite struct GradientClippingTests {
    private func parameters(_ gradients: [[Float]?]) throws -> [Tensor] {
        try gradients.map { values in
            let parameter = try Tensor.zeros([2]).requireGradient()
            try parameter.setGradient(values.map { try Tensor($0) })
            return parameter
        }
    }

    @Test func allGradientsShrinkTogether() throws {
        let parameters = try parameters([[3, 0], nil, [0, 4]])
        #expect(try clipGradients(parameters, norm: 1).item() == 5)
        let clipped = try parameters.compactMap(\.gradient).map { try $0.array(Float.self) }
        #expect(abs(clipped[0][0] - 0.6) < 1e-6 && abs(clipped[1][1] - 0.8) < 1e-6)
        #expect(clipped[0][1] == 0 && clipped[1][0] == 0)
        #expect(parameters[1].gradient == nil)
    }

    @Test func whatIsShortEnoughStaysAsItIs() throws {
        let parameters = try parameters([[3, 0], [0, 4]])
        #expect(try clipGradients(parameters, norm: 5.5).item() == 5)
        #expect(try parameters.compactMap(\.gradient).map { try $0.array(Float.self) } == [[3, 0], [0, 4]])
    }

    @Test func ofNothingTheNormIsZero() throws {
        #expect(try clipGradients(parameters([nil, nil]), norm: 1).item() == 0)
        #expect(try clipGradients([], norm: 1).item() == 0)
    }

    @Test func aZeroGradientStaysZero() throws {
        let parameters = try parameters([[0, 0]])
        #expect(try clipGradients(parameters, norm: 1).item() == 0)
        #expect(try parameters[0].gradient?.array(Float.self) == [0, 0])
    }

    @Test func theInfiniteNormIsTheLargestMagnitude() throws {
        let parameters = try parameters([[3, 0], [0, -4]])
        #expect(try clipGradients(parameters, norm: 2, order: .infinity).item() == 4)
        let largest = try parameters[1].gradient?.array(Float.self)[1] ?? 0
        #expect(abs(largest + 2) < 1e-6)
    }
}
