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
