import NN
import Testing
import Torch

/// Loading a state: all of it or nothing, with every key that does not fit in the error.
@Suite struct StateTests {
    private func network(_ seed: UInt64) throws -> ParameterStore {
        let store = try ParameterStore(seed: seed)
        _ = try Linear(store.root / "fc1", 4, 3)
        _ = try Linear(store.root / "fc2", 3, 2)
        _ = try BatchNorm2d(store.root / "bn", 3)
        return store
    }

    /// A state that lacks two keys, has two of its own, and two of other shapes.
    private func unfit() throws -> State {
        var state = try copy(network(2).state).filter { !["fc1.bias", "bn.running_var"].contains($0.key) }
        for key in ["fc1.weight", "fc2.bias"] {
            if let index = state.firstIndex(where: { $0.key == key }) { state[index].tensor = try .zeros([7]) }
        }
        return state + [("fc3.weight", try .zeros([1])), ("fc3.bias", try .zeros([1]))]
    }

    private let misshapen = [
        StateError.Misshapen(key: "fc1.weight", expected: [3, 4], found: [7]),
        StateError.Misshapen(key: "fc2.bias", expected: [2], found: [7]),
    ]

    @Test func strictLoadListsAllThatDoesNotFitAndWritesNothing() throws {
        let store = try network(1)
        let before = try bits(store.state)
        let expected = StateError.mismatch(
            missing: ["fc1.bias", "bn.running_var"], unexpected: ["fc3.weight", "fc3.bias"], misshapen: misshapen)
        #expect(throws: expected) { try store.load(unfit()) }
        #expect(try bits(store.state) == before)
        for part in [
            "missing (2): fc1.bias, bn.running_var", "unexpected (2): fc3.weight, fc3.bias",
            "misshapen (2): fc1.weight (network [3, 4], state [7]), fc2.bias (network [2], state [7])",
        ] {
            #expect(expected.description.contains(part))
        }
    }

    @Test func looseLoadStillRefusesOtherShapes() throws {
        let store = try network(1)
        let before = try bits(store.state)
        #expect(throws: StateError.mismatch(missing: [], unexpected: [], misshapen: misshapen)) {
            try store.load(unfit(), strict: false)
        }
        #expect(try bits(store.state) == before)
    }

    @Test func looseLoadTakesWhatIsInBoth() throws {
        let store = try network(1)
        let (before, other) = (try bits(store.state), try network(2))
        let given = other.state.filter { $0.key.hasPrefix("fc1") } + [("head.weight", try .zeros([5]))]
        #expect(try store.load(given, strict: false) == ["fc1.weight", "fc1.bias"])
        let (after, source) = (try bits(store.state), try bits(other.state))
        for key in store.keys.map(\.key) {
            #expect(after[key] == (key.hasPrefix("fc1") ? source[key] : before[key]), "\(key)")
        }
    }

    @Test func loadingKeepsTensorsAndTheirRoles() throws {
        let store = try network(1)
        let tensors = store.entries.map { ObjectIdentifier($0.tensor) }
        try store.load(network(2).state)
        #expect(store.entries.map { ObjectIdentifier($0.tensor) } == tensors)
        #expect(store.parameters.allSatisfy { $0.tensor.requiresGradient && $0.tensor.isLeaf })
    }

    @Test func theCountOfBatchesMayBeAbsent() throws {
        let store = try network(1)
        let given = try network(2).state.filter { $0.key != "bn.num_batches_tracked" }
        #expect(try store.load(given).count == given.count)
    }

    @Test func elementTypesAreConverted() throws {
        let (store, other) = (try network(1), try network(2))
        try store.load(other.state.map { ($0.key, try $0.tensor.detached().to(.float64)) })
        #expect(store.entries.allSatisfy { $0.tensor.dtype == (store[$0.key]?.rank == 0 ? .int64 : .float32) })
        #expect(try bits(store.state) == bits(other.state))
    }
}
