import NN
import Testing
import Torch
import Training

/// Moving averages of weights against their closed form.
@Suite struct WeightAverageTests {
    /// Two weights, a statistic and a count, all of one value.
    private func store(_ value: Double, extra: String? = nil) throws -> ParameterStore {
        let store = try ParameterStore(seed: 1)
        for name in ["a", "b"] { _ = try store.root.parameter(name, [2], .constant(value)) }
        _ = try store.root.buffer("mean", .full([2], value))
        _ = try store.root.buffer("count", Tensor(Int64(value)))
        if let extra { _ = try store.root.parameter(extra, [1], .zeros) }
        return store
    }

    private func set(_ store: ParameterStore, _ value: Double) throws {
        try withoutGradients { for entry in store.entries { try entry.tensor.fillInPlace(value) } }
    }

    private func values(_ store: ParameterStore) throws -> [String: Double] {
        try Dictionary(
            uniqueKeysWithValues: store.entries.map { ($0.key, try $0.tensor.to(.float64).mean().item()) })
    }

    private func expect(_ store: ParameterStore, _ expected: [String: Double], _ comment: String = "") throws {
        for (key, value) in try values(store) {
            #expect(abs(value - (expected[key] ?? .nan)) < 1e-6, "\(key) \(comment)")
        }
    }

    @Test func itStartsAsACopyWithTensorsOfItsOwn() throws {
        let (current, own) = (try store(5), try store(1))
        let average = try WeightAverage(of: current, in: own, decay: 0.9, warmsUp: false, extent: .everything)
        #expect(average.store === own)
        try expect(own, ["a": 5, "b": 5, "mean": 5, "count": 5])
        try set(current, 9)
        try expect(own, ["a": 5, "b": 5, "mean": 5, "count": 5], "is not shared")
    }

    @Test func withoutWarmUpEachStepKeepsTheDecay() throws {
        let (current, own) = (try store(0), try store(0))
        let average = try WeightAverage(of: current, in: own, decay: 0.75, warmsUp: false, extent: .everything)
        try set(current, 8)
        for (step, expected) in [2.0, 3.5, 4.625].enumerated() {
            try average.follow(step: step)
            try expect(own, ["a": expected, "b": expected, "mean": expected, "count": 8], "after step \(step)")
        }
        try expect(current, ["a": 8, "b": 8, "mean": 8, "count": 8], "is only read")
    }

    @Test func aYoungAverageLooksBackNoFurtherThanThereWereSteps() throws {
        let (current, own) = (try store(0), try store(0))
        let average = try WeightAverage(of: current, in: own, decay: 0.5, warmsUp: true, extent: .everything)
        try set(current, 1)
        var expected = 0.0
        // 1/10, 2/11, 3/12, …, and from step 8 on, where 9/18 is reached, the decay.
        for step in 0..<12 {
            let share = step < 8 ? Double(1 + step) / Double(10 + step) : 0.5
            expected = share * expected + (1 - share)
            try average.follow(step: step)
            try expect(own, ["a": expected, "b": expected, "mean": expected, "count": 1], "after step \(step)")
        }
    }

    @Test func parametersAloneLeaveStatisticsToTheAverage() throws {
        let (current, own) = (try store(4), try store(1))
        let average = try WeightAverage(of: current, in: own, decay: 0.5, warmsUp: false, extent: .parameters)
        try expect(own, ["a": 4, "b": 4, "mean": 1, "count": 1], "statistics are its own from the start")
        try set(current, 8)
        try average.follow(step: 0)
        try expect(own, ["a": 6, "b": 6, "mean": 1, "count": 1])
    }

    @Test func onlyTheGivenKeysMove() throws {
        for extent in [WeightAverage.Extent.parameters, .everything] {
            let (current, own) = (try store(0), try store(0))
            let average = try WeightAverage(of: current, in: own, decay: 0.5, warmsUp: false, extent: extent)
            try set(current, 2)
            try average.follow(step: 0, only: ["b", "unknown"])
            try expect(own, ["a": 0, "b": 1, "mean": 0, "count": 0])
            try average.follow(step: 1, only: [])
            try expect(own, ["a": 0, "b": 1, "mean": 0, "count": 0])
            try average.follow(step: 2)
            let statistic: Double = extent == .everything ? 1 : 0
            try expect(own, ["a": 1, "b": 1.5, "mean": statistic, "count": 2 * statistic])
        }
    }

    @Test func gradientsAreNeitherTakenNorGiven() throws {
        let (current, own) = (try store(1), try store(1))
        let average = try WeightAverage(of: current, in: own, decay: 0.5, warmsUp: false, extent: .everything)
        try average.follow(step: 0)
        #expect((current.parameters + own.parameters).allSatisfy { $0.tensor.isLeaf && $0.tensor.gradient == nil })
    }

    @Test func aNetworkOfAnotherShapeIsRefused() throws {
        let mismatch = #expect(throws: StateError.self) {
            try WeightAverage(of: store(0), in: store(0, extra: "c"), decay: 0.5, warmsUp: false, extent: .parameters)
        }
        #expect(mismatch == .mismatch(missing: ["c"], unexpected: [], misshapen: []))
        #expect(throws: StateError.mismatch(missing: [], unexpected: ["c"], misshapen: [])) {
            try WeightAverage(of: store(0, extra: "c"), in: store(0), decay: 0.5, warmsUp: false, extent: .everything)
        }
        let wide = try ParameterStore(seed: 1)
        for name in ["a", "b"] { _ = try wide.root.parameter(name, [3], .zeros) }
        _ = try wide.root.buffer("mean", .zeros([2]))
        _ = try wide.root.buffer("count", Tensor(Int64(0)))
        #expect(throws: StateError.self) {
            try WeightAverage(of: wide, in: store(0), decay: 0.5, warmsUp: false, extent: .parameters)
        }
    }
}
