import NN
import Testing
import Torch

@testable import Methods

/// The parameter shift of updates made by hand.
@Suite struct ParameterShiftTests {
    private func store() throws -> (ParameterStore, [Tensor]) {
        let store = try ParameterStore(seed: 1)
        let tensors = try [("a", [2, 2]), ("b", [4])].map { try store.root.parameter($0, $1, .zeros) }
        _ = try store.root.buffer("c", .zeros([4]))
        return (store, tensors)
    }

    /// Adds each update in turn; values go to `a`, then to `b`.
    private func apply(_ update: [Float], _ tensors: [Tensor], _ shift: ParameterShift, step: Int = 0) throws {
        try withoutGradients {
            try tensors[0].addInPlace(Tensor(Array(update[..<4])).reshaped([2, 2]))
            try tensors[1].addInPlace(Tensor(Array(update[4...])))
        }
        try shift.didUpdate(step: step)
    }

    private func figures(_ updates: [[Float]]) throws -> [String: Double] {
        let (store, tensors) = try store()
        let shift = try ParameterShift(store.entries)
        for update in updates { try apply(update, tensors, shift) }
        return try shift.measure(step: 0)
    }

    private func expect(_ updates: [[Float]], shift: Double, agreement: Double) throws {
        let found = try figures(updates)
        #expect(found.keys.sorted() == ["parameter-shift", "sign-agreement"])
        #expect(abs(try #require(found["parameter-shift"]) - shift) < 1e-6)
        #expect(abs(try #require(found["sign-agreement"]) - agreement) < 1e-6)
    }

    private let up: [Float] = [1, 2, -1, 0.5, 4, -2, 1, 1]

    @Test func theSameUpdateIsNoShiftTheOppositeOneAWhole() throws {
        try expect([up, up], shift: 0, agreement: 1)
        try expect([up, up, up, up], shift: 0, agreement: 1)
        try expect([up, up.map { -$0 }], shift: 1, agreement: 0)
        try expect([up, up.map { -$0 }, up], shift: 1, agreement: 0)
        try expect([up, up, up.map { -$0 }], shift: 0.5, agreement: 0.5)
    }

    /// The distance over the sum of the lengths, over all weights together.
    @Test func whatLiesBetween() throws {
        try expect([up, up.map { 3 * $0 }], shift: 0.5, agreement: 1)
        try expect([[1, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 1]], shift: 0.5 * 2.0.squareRoot(), agreement: 0)
        let ones = [Float](repeating: 1, count: 8)
        try expect([ones, [1, 1, 1, 1, 1, 1, -1, -1]], shift: 0.5, agreement: 0.75)
        try expect([ones, [Float](repeating: 0, count: 8)], shift: 1, agreement: 0)
        try expect([up.map { _ in 0 }, up.map { _ in 0 }], shift: 0, agreement: 0)
    }

    @Test func oneUpdateHasNothingToBeComparedWith() throws {
        #expect(try figures([]) == [:])
        #expect(try figures([up]) == [:])
    }

    /// Figures are of the steps since the last row; the update before it is remembered.
    @Test func measuringStartsANewMean() throws {
        let (store, tensors) = try store()
        let shift = try ParameterShift(store.entries)
        try apply(up, tensors, shift)
        try apply(up, tensors, shift)
        #expect(try shift.measure(step: 2)["parameter-shift"] == 0)
        #expect(try shift.measure(step: 2) == [:])
        try apply(up.map { -$0 }, tensors, shift)
        #expect(abs(try #require(try shift.measure(step: 3)["parameter-shift"]) - 1) < 1e-6)
    }

    /// It looks at weights, not at buffers, and changes neither.
    @Test func weightsAreOnlyRead() throws {
        let (store, tensors) = try store()
        let shift = try ParameterShift(store.entries)
        for step in 0..<3 { try apply(up, tensors, shift, step: step) }
        #expect(try tensors[1].array(Float.self) == [12, -6, 3, 3])
        #expect(try #require(store["c"]).array(Float.self) == [0, 0, 0, 0])
        #expect(try shift.state().map(\.key) == ["previous.0", "previous.1", "update.0", "update.1", "sums", "seen"])
    }

    /// Another instrument goes on with a saved state as if it had been there from the start.
    @Test(arguments: [0, 1, 2, 3]) func itsStateIsAllThatIsNeeded(saved: Int) throws {
        let updates = [up, up.map { -2 * $0 }, up.reversed(), up, up.map { $0 * $0 }]
        let (store, tensors) = try store()
        let whole = try ParameterShift(store.entries)
        var state: [(key: String, tensor: Tensor)] = []
        for (step, update) in updates.enumerated() {
            if step == saved { state = try whole.state().map { ($0.key, try $0.tensor.cloned()) } }
            try apply(update, tensors, whole)
        }
        let (other, others) = try self.store()
        let throwaway = try ParameterShift(other.entries)
        for update in updates.prefix(saved) { try apply(update, others, throwaway) }
        let continued = try ParameterShift(other.entries)
        try continued.load(state)
        for update in updates.dropFirst(saved) { try apply(update, others, continued) }
        #expect(try continued.measure(step: 5) == whole.measure(step: 5))
        #expect(try bits(continued.state()) == bits(whole.state()))
        for left in state.map(\.key) {
            #expect(throws: StateError.self, "\(left)") { try continued.load(state.filter { $0.key != left }) }
        }
    }
}
