import Foundation
import NN
import Testing
import Torch

/// What every optimiser obeys.
@Suite struct OptimizerLawTests {
    enum Rule: CaseIterable {
        case sgd, nesterov, adam

        func make(_ groups: [ParameterGroup]) throws -> any Optimizer {
            switch self {
            case .sgd: try SGD(groups, momentum: 0.9, weightDecay: 0.01)
            case .nesterov: try SGD(groups, momentum: 0.9, nesterov: true)
            case .adam: try Adam(groups, weightDecay: 0.01)
            }
        }
    }

    /// Three parameters: a convolution's weight, a vector, and one that the tests leave without gradient.
    private func parameters(_ format: MemoryFormat = .contiguous) throws -> State {
        let store = try ParameterStore(seed: 4, format: format)
        _ = try store.root.parameter("conv", [4, 3, 2, 2], .normal(mean: 0, deviation: 1))
        _ = try store.root.parameter("bias", [4], .normal(mean: 0, deviation: 1))
        _ = try store.root.parameter("idle", [4], .normal(mean: 0, deviation: 1))
        return store.state
    }

    /// Sets gradients drawn for this step on the given keys, and none on the others.
    private func setGradients(_ parameters: State, step: Int, on keys: Set<String>) throws {
        let generator = try Generator(seed: UInt64(100 + step))
        for (key, tensor) in parameters {
            let gradient = try Tensor.normal(tensor.shape, using: generator)
            try tensor.setGradient(keys.contains(key) ? gradient : nil)
        }
    }

    @Test(arguments: Rule.allCases)
    func whatHasNoGradientDoesNotMove(rule: Rule) throws {
        let parameters = try parameters()
        let optimizer = try rule.make([ParameterGroup(parameters)])
        try setGradients(parameters, step: 0, on: ["conv", "bias", "idle"])
        try optimizer.step(learningRate: 0.1)

        func still(_ state: State) throws -> [String: [UInt8]] { try bits(state.filter { $0.key.hasPrefix("idle") }) }
        func moving(_ state: State) throws -> [String: [UInt8]] { try bits(state.filter { !$0.key.hasPrefix("idle") }) }
        let before = (try copy(parameters), try copy(optimizer.state()))
        for step in 1..<4 {
            try setGradients(parameters, step: step, on: ["conv", "bias"])
            try optimizer.step(learningRate: 0.1)
        }
        #expect(try still(parameters) == still(before.0))
        #expect(try still(optimizer.state()) == still(before.1))
        for (key, value) in try moving(parameters) { #expect(try moving(before.0)[key] != value, "\(key)") }
        for (key, value) in try moving(optimizer.state()) { #expect(try moving(before.1)[key] != value, "\(key)") }
    }

    @Test(arguments: Rule.allCases)
    func withoutAnyGradientNothingHappens(rule: Rule) throws {
        let parameters = try parameters()
        let before = try bits(parameters)
        let optimizer = try rule.make([ParameterGroup(parameters)])
        try optimizer.step(learningRate: 0.1)
        #expect(try bits(parameters) == before)
        #expect(try optimizer.state().isEmpty)
    }

    @Test(arguments: Rule.allCases, [MemoryFormat.contiguous, .channelsLast])
    func aSavedStateContinuesExactly(rule: Rule, format: MemoryFormat) throws {
        let keys: Set = ["conv", "bias"]
        let through = try parameters(format)
        let optimizer = try rule.make([ParameterGroup(through)])
        for step in 0..<3 {
            try setGradients(through, step: step, on: keys)
            try optimizer.step(learningRate: 0.1)
        }
        let resumed = try parameters(format)
        let saved = Dictionary(try savedAndRead(through), uniquingKeysWith: { $1 })
        try withoutGradients {
            for (key, tensor) in resumed { try tensor.copyInPlace(from: #require(saved[key])) }
        }
        let second = try rule.make([ParameterGroup(resumed)])
        let state = try savedAndRead(optimizer.state())
        #expect(Set(state.map(\.key)).isDisjoint(with: ["idle.momentum", "idle.exp_avg"]))
        try second.load(state)
        #expect(try bits(second.state()) == bits(optimizer.state()))
        // From here the parameter that had no gradient so far has one: its first step must be a first one in both.
        for step in 3..<6 {
            for (parameters, optimizer) in [(through, optimizer), (resumed, second)] {
                try setGradients(parameters, step: step, on: keys.union(["idle"]))
                try optimizer.step(learningRate: 0.1)
            }
        }
        #expect(try bits(resumed) == bits(through))
        #expect(try bits(second.state()) == bits(optimizer.state()))
    }

    @Test(arguments: Rule.allCases)
    func loadingCopies(rule: Rule) throws {
        let parameters = try parameters()
        let (first, second) = (try rule.make([ParameterGroup(parameters)]), try rule.make([ParameterGroup(parameters)]))
        try setGradients(parameters, step: 0, on: ["conv"])
        try first.step(learningRate: 0.1)
        let taken = first.state
        try second.load(taken())
        let before = try bits(taken())
        try second.step(learningRate: 0.1)
        #expect(try bits(taken()) == before)
    }

    /// A gradient of another layout than its parameter: an all-reduced one, say, cut from a flat buffer.
    @Test(arguments: Rule.allCases)
    func layoutDoesNotMatter(rule: Rule) throws {
        let (plain, channelsLast) = (try parameters(.contiguous), try parameters(.channelsLast))
        let optimizers = try [plain, channelsLast].map { try rule.make([ParameterGroup($0)]) }
        for step in 0..<2 {
            for (parameters, optimizer) in zip([plain, channelsLast], optimizers) {
                try setGradients(parameters, step: step, on: ["conv", "bias"])
                try optimizer.step(learningRate: 0.1)
            }
        }
        #expect(channelsLast[0].tensor.isContiguous(.channelsLast))
        for (expected, found) in zip(plain, channelsLast) {
            #expect(try found.tensor.isClose(to: expected.tensor, relative: 1e-6), "\(expected.key)")
        }
    }
}

@Suite struct ParameterGroupTests {
    @Test func vectorsAreNotDecayed() throws {
        let store = try ParameterStore(seed: 0)
        _ = try Conv2d(store.root / "conv", 3, 4, kernel: 3)
        _ = try BatchNorm2d(store.root / "bn", 4)
        let groups = ParameterGroup.splitByDecay(store)
        #expect(groups.map { $0.parameters.map(\.key) } == [["conv.weight"], ["conv.bias", "bn.weight", "bn.bias"]])
        #expect(groups.map(\.weightDecay) == [nil, 0])
    }

    @Test func aGroupOverridesDecayAndScalesTheRate() throws {
        func moved(_ group: (Tensor) -> ParameterGroup) throws -> Double {
            let weight = try Tensor.ones([1]).requireGradient()
            try weight.setGradient(.full([1], 0.5))
            try SGD([group(weight)], weightDecay: 0.25).step(learningRate: 0.1)
            return try 1 - weight.item()
        }
        // Powers of two in the sum: what is left is float32's rounding of the rate.
        #expect(abs(try moved { ParameterGroup([("w", $0)]) } - 0.1 * (0.5 + 0.25)) < 1e-7)
        #expect(abs(try moved { ParameterGroup([("w", $0)], weightDecay: 0) } - 0.1 * 0.5) < 1e-7)
        #expect(abs(try moved { ParameterGroup([("w", $0)], learningRateScale: 0.5) } - 0.05 * 0.75) < 1e-7)
    }
}

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

@Suite struct MovingAverageTests {
    /// Towards a value that stays, the distance shrinks by the momentum each time.
    @Test(arguments: [0, 0.5, 0.9, 0.999])
    func distanceShrinksGeometrically(momentum: Double) throws {
        let start = [Double](arrayLiteral: 1, -2, 0.5)
        let target = [Double](arrayLiteral: 4, 4, -1)
        let (average, current) = (try Tensor(start), try Tensor(target))
        for step in 1...20 {
            try movingAverage([average], towards: [current], momentum: momentum)
            let factor = pow(momentum, Double(step))
            let expected = try Tensor(zip(start, target).map { $1 + factor * ($0 - $1) })
            #expect(try average.isClose(to: expected, relative: 1e-12), "step \(step)")
        }
        #expect(try current.array(Double.self) == target)
    }

    @Test func momentumOneKeepsTheAverage() throws {
        let average = try Tensor([Float(1), 2])
        try movingAverage([average], towards: [Tensor([Float(5), 5])], momentum: 1)
        #expect(try average.array(Float.self) == [1, 2])
    }

    @Test func aSubsetMovesAndTheRestStays() throws {
        let averages = try (0..<3).map { _ in try Tensor.zeros([2]) }
        try movingAverage([averages[0], averages[2]], towards: [.ones([2]), .ones([2])], momentum: 0.5)
        #expect(try averages.map { try $0.mean().item() } == [0.5, 0, 0.5])
    }

    @Test func parametersMoveWithoutBeingRecorded() throws {
        let average = try Tensor.zeros([2]).requireGradient()
        try movingAverage([average], towards: [Tensor.ones([2]).requireGradient()], momentum: 0.5)
        #expect(average.isLeaf)
        #expect(try average.array(Float.self) == [0.5, 0.5])
    }

    @Test func listsMustCorrespond() throws {
        let text = try message { try movingAverage([.zeros([1]), .zeros([1])], towards: [.zeros([1])], momentum: 0.9) }
        #expect(text.contains("2 averages were given 1 current"))
        #expect(throws: TorchError.self) { try movingAverage([.zeros([2])], towards: [.zeros([3])], momentum: 0.9) }
        try movingAverage([], towards: [], momentum: 0.9)
    }
}
