import NN
import Testing
import Torch

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
