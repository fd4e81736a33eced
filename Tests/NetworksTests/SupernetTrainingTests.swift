import Architectures
import NN
import Networks
import TestSpaces
import Testing
import Torch

/// What a step on one path does to the others: nothing.
@Suite struct SupernetTrainingTests {
    private func supernet(_ kind: SmallSpace) throws -> Supernet {
        let supernet = try Supernet(kind.description(), store: ParameterStore(seed: 3))
        try shake(supernet.store)
        return supernet
    }

    /// Paths on which every layer leads to the result, which in a cell `none` may prevent.
    private func connected(_ kind: SmallSpace) throws -> [Architecture] {
        switch kind {
        case .resnest, .mobile, .elasticMobile, .elasticResNeSt, .depths, .imageSizes: try kind.architectures(2)
        case .cells:
            [Architecture([3, 2, 4, 2, 3, 1]), Architecture([1, 3, 3, 4, 2, 2]), Architecture([2, 2, 2, 3, 3, 3])]
        }
    }

    private func backward(_ supernet: Supernet, _ architecture: Architecture) throws {
        try supernet.store.clearGradients()
        try supernet.features(images(2, 8), architecture, .training(nil)).power(2).sum().backward()
    }

    private func learned(_ entries: [ParameterStore.Entry]) -> Set<String> {
        Set(entries.filter { $0.role == .parameter }.map(\.key))
    }

    @Test(arguments: SmallSpace.allCases)
    func gradientsAreOnThePathAndNowhereElse(kind: SmallSpace) throws {
        let supernet = try supernet(kind)
        for architecture in try connected(kind) {
            try backward(supernet, architecture)
            let moved = supernet.store.parameters.filter { $0.tensor.gradient != nil }
            #expect(learned(moved) == learned(supernet.entries(on: architecture)))
        }
    }

    /// Where `none` cuts a layer off, its parameters go without, too.
    @Test func whatIsCutOffHasNoGradientsEither() throws {
        let supernet = try supernet(.cells)
        for architecture in try SmallSpace.cells.architectures(2) + [Architecture([3, 3, 3, 0, 0, 0])] {
            try backward(supernet, architecture)
            let moved = supernet.store.parameters.filter { $0.tensor.gradient != nil }
            #expect(learned(moved).isSubset(of: learned(supernet.entries(on: architecture))))
            #expect(moved.contains { $0.key == "lastact.0.weight" })
        }
        #expect(supernet.store["stem.0.weight"]?.gradient == nil)
    }

    /// Momentum and weight decay included: what is off the path keeps every bit, buffers too.
    @Test(arguments: SmallSpace.allCases)
    func aStepMovesThePathAndNothingElse(kind: SmallSpace) throws {
        let supernet = try supernet(kind)
        let optimizer = try SGD(
            [ParameterGroup(supernet.store.parameters.map { ($0.key, $0.tensor) })], momentum: 0.9, weightDecay: 0.01)
        for architecture in try connected(kind) {
            let before = try supernet.store.entries.map { try bits($0.tensor) }
            try backward(supernet, architecture)
            try optimizer.step(learningRate: 0.01)
            let path = Set(supernet.entries(on: architecture).map(\.key))
            for (entry, old) in zip(supernet.store.entries, before) {
                #expect(try (bits(entry.tensor) != old) == path.contains(entry.key), "\(entry.key)")
            }
        }
    }
}
