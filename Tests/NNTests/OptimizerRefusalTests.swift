import NN
import Testing
import Torch

/// Settings outside their range, and states that do not fit.
@Suite struct OptimizerRefusalTests {
    private func group() throws -> ParameterGroup {
        ParameterGroup([
            ("w", try Tensor.zeros([2, 3]).requireGradient()), ("b", try Tensor.zeros([3]).requireGradient()),
        ])
    }

    @Test func sgdSettings() throws {
        let groups = [try group()]
        #expect(try message { _ = try SGD(groups, momentum: -0.5) }.contains("momentum (=-0.5)"))
        #expect(try message { _ = try SGD(groups, weightDecay: -1) }.contains("weight decay (=-1.0)"))
        #expect(try message { _ = try SGD(groups, momentum: .nan) }.contains("momentum (=nan)"))
        #expect(try message { _ = try SGD(groups, nesterov: true) }.contains("Nesterov"))
        #expect(
            try message { _ = try SGD(groups, momentum: 0.9, dampening: 0.1, nesterov: true) }
                .contains("dampening (=0.1)"))
    }

    @Test func adamSettings() throws {
        let groups = [try group()]
        #expect(try message { _ = try Adam(groups, betas: (1, 0.9)) }.contains("Adam: betas (=(1.0, 0.9))"))
        #expect(try message { _ = try Adam(groups, betas: (0.9, -1)) }.contains("Adam: betas (=(0.9, -1.0))"))
        #expect(try message { _ = try Adam(groups, epsilon: 0) }.contains("epsilon (=0.0)"))
        #expect(try message { _ = try Adam(groups, weightDecay: -0.1) }.contains("weight decay (=-0.1)"))
    }

    /// A step's number without the averages, averages without it, a foreign key and other shapes, all in one error.
    @Test func adamStateThatDoesNotFit() throws {
        let group = try group()
        let optimizer = try Adam([group])
        for (_, tensor) in group.parameters { try tensor.setGradient(.ones(tensor.shape)) }
        try optimizer.step(learningRate: 0.1)
        let before = try bits(optimizer.state())
        let expected = StateError.mismatch(
            missing: ["b.exp_avg", "b.exp_avg_sq", "w.step"], unexpected: ["v.exp_avg", "b.momentum"],
            misshapen: [StateError.Misshapen(key: "w.exp_avg_sq", expected: [2, 3], found: [6])])
        #expect(throws: expected) {
            try optimizer.load([
                ("w.exp_avg", .zeros([2, 3])), ("w.exp_avg_sq", .zeros([6])), ("b.step", .zeros([])),
                ("v.exp_avg", .zeros([1])), ("b.momentum", .zeros([3])),
            ])
        }
        #expect(try bits(optimizer.state()) == before)
    }

    @Test func sgdStateThatDoesNotFit() throws {
        let optimizer = try SGD([group()], momentum: 0.9)
        let expected = StateError.mismatch(
            missing: [], unexpected: ["x"],
            misshapen: [StateError.Misshapen(key: "w.momentum", expected: [2, 3], found: [])])
        #expect(throws: expected) { try optimizer.load([("w.momentum", .zeros([])), ("x", .zeros([]))]) }
    }
}
