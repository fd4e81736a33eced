import NN
import Testing
import Torch

@Suite struct ParameterStoreTests {
    @Test func pathsAreDotted() throws {
        let store = try ParameterStore(seed: 0)
        let scope = store.root / "layer1" / 0 / "conv1"
        #expect(scope.path == "layer1.0.conv1")
        let weight = try scope.parameter("weight", [2, 3], .ones)
        _ = try store.root.buffer("count", .zeros([]))
        #expect(store.keys.map(\.key) == ["layer1.0.conv1.weight", "count"])
        #expect(store["layer1.0.conv1.weight"] === weight)
        #expect(store["layer1.0.conv1"] == nil)
    }

    @Test func parametersLearnAndBuffersDoNot() throws {
        let store = try ParameterStore(seed: 0)
        let weight = try store.root.parameter("weight", [4], .ones)
        let mean = try store.root.buffer("mean", .zeros([4]))
        #expect(weight.requiresGradient && weight.isLeaf)
        #expect(!mean.requiresGradient)
        #expect(store.parameters.map(\.key) == ["weight"])
        #expect(store.parameterCount == 4)
    }

    @Test func aKeyIsRegisteredOnce() throws {
        let store = try ParameterStore(seed: 0)
        let weight = try store.root.parameter("weight", [1], .ones)
        #expect(throws: StateError.duplicateKey("weight")) { try store.root.parameter("weight", [2], .ones) }
        #expect(throws: StateError.duplicateKey("weight")) { try store.root.buffer("weight", .zeros([1])) }
        #expect(throws: StateError.duplicateKey("weight")) { try store.root.share("weight", weight) }
        #expect(store.keys.count == 1 && store.entries.count == 1)
        #expect(try message { _ = try Linear(store.root, 2, 2) }.contains("'weight'"))
    }

    @Test func sharedTensorsCountOnce() throws {
        let store = try ParameterStore(seed: 0)
        let weight = try (store.root / "a").parameter("weight", [3], .ones)
        try (store.root / "b").share("weight", weight)
        #expect(store.state.map(\.key) == ["a.weight", "b.weight"])
        #expect(store["b.weight"] === weight)
        #expect(store.parameterCount == 3)
    }

    @Test func onlyOwnTensorsAreShared() throws {
        let store = try ParameterStore(seed: 0)
        let foreign = try Tensor.zeros([3])
        #expect(throws: StateError.foreignTensor("a.weight")) { try (store.root / "a").share("weight", foreign) }
        #expect(store.keys.isEmpty)
    }

    @Test func onlyImagesAreLaidOutByTheFormat() throws {
        let store = try ParameterStore(seed: 0, format: .channelsLast)
        let conv = try Conv2d(store.root / "conv", 4, 8, kernel: 3)
        #expect(conv.weight.isContiguous(.channelsLast) && !conv.weight.isContiguous())
        #expect(try Linear(store.root / "fc", 4, 8).weight.isContiguous())
    }

    @Test func aSeedMeansTheSameValuesInAnyLayout() throws {
        func made(_ seed: UInt64, _ format: MemoryFormat) throws -> [String: [UInt8]] {
            let store = try ParameterStore(seed: seed, format: format)
            _ = try Conv2d(store.root / "conv", 4, 8, kernel: 3)
            _ = try Linear(store.root / "fc", 4, 8)
            return try bits(store.state)
        }
        #expect(try made(1, .contiguous) == made(1, .channelsLast))
        #expect(try made(1, .contiguous) != made(2, .contiguous))
    }

    @Test func gradientsAreDropped() throws {
        let store = try ParameterStore(seed: 0)
        let linear = try Linear(store.root, 3, 2)
        try linear(.ones([1, 3])).sum().backward()
        #expect(store.parameters.allSatisfy { $0.tensor.gradient != nil })
        try store.clearGradients()
        #expect(store.parameters.allSatisfy { $0.tensor.gradient == nil })
    }
}

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

/// A state goes through a file and comes back bit by bit.
@Suite struct CheckpointTests {
    private func network(_ seed: UInt64, _ format: MemoryFormat) throws -> ParameterStore {
        let store = try ParameterStore(seed: seed, format: format)
        let stem = try Conv2d(store.root / "stem", 3, 8, kernel: 3)
        let norm = try BatchNorm2d(store.root / "bn", 8)
        _ = try norm(stem(.normal([2, 3, 6, 6], using: store.generator)), .training)
        _ = try Linear(store.root / "fc", 8, 2)
        return store
    }

    @Test(arguments: [MemoryFormat.contiguous, .channelsLast], [MemoryFormat.contiguous, .channelsLast])
    func roundTripIsExact(from: MemoryFormat, to: MemoryFormat) throws {
        let (saved, loaded) = (try network(1, from), try network(2, to))
        #expect(try bits(saved.state) != bits(loaded.state))
        try loaded.load(savedAndRead(saved.state))
        #expect(try bits(saved.state) == bits(loaded.state))
        #expect(loaded["stem.weight"]?.isContiguous(to) == true)
    }

    @Test func aFileHoldsEveryKeyOnce() throws {
        let store = try network(1, .contiguous)
        #expect(try savedAndRead(store.state).map(\.key).sorted() == store.keys.map(\.key).sorted())
    }

    @Test func sharedTensorsAreSavedUnderAllKeysAndStayShared() throws {
        func tied(_ seed: UInt64) throws -> ParameterStore {
            let store = try ParameterStore(seed: seed)
            let weight = try (store.root / "a").parameter("weight", [5], .normal(mean: 0, deviation: 1))
            try (store.root / "b").share("weight", weight)
            return store
        }
        let (saved, loaded) = (try tied(1), try tied(2))
        let file = try savedAndRead(saved.state)
        #expect(Set(file.map(\.key)) == ["a.weight", "b.weight"])
        try loaded.load(file)
        #expect(try bits(loaded.state) == bits(saved.state))
        #expect(loaded["a.weight"] === loaded["b.weight"])
        #expect(loaded.parameterCount == 5)
    }
}

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
