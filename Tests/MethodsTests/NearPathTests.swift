import Architectures
import NN
import Networks
import Support
import Tasks
import Testing
import Torch
import Training

@testable import Methods

/// Single paths around a given one, as an adaptation learns them.
@Suite struct NearPathTests {
    private let given = Architecture([1, 2])

    private func method(departure: Double, stream: UInt64 = RandomStream.stepPaths) throws -> SinglePathMethod {
        let model = try Tiny.taskSupernet(seed: 1)
        try shake(model.store)
        return SinglePathMethod(
            model, objective: try Tiny.objective(), around: (given, departure), stream: stream)
    }

    /// The path that learned in a step, by what has gradients.
    private func path(_ method: SinglePathMethod, step: Int) throws -> Architecture {
        try method.store.clearGradients()
        _ = try method.computeGradients(#require(Bars.batches(1, views: 1).first), step: step)
        let moved = Tiny.architectures.filter { path in
            method.store.parameters.allSatisfy { ($0.tensor.gradient != nil) == Tiny.isOn(path, $0.key) }
        }
        return try #require(moved.count == 1 ? moved[0] : nil)
    }

    @Test func withoutDepartureItIsTheGivenPathAlone() throws {
        let method = try method(departure: 0)
        #expect(try (0..<4).allSatisfy { try path(method, step: $0) == given })
        #expect(method.evaluatedPaths == [Architecture](repeating: given, count: 4))
    }

    @Test func stepsDepartAsOftenAsAsked() throws {
        let method = try method(departure: 0.5)
        let paths = try (0..<24).map { try path(method, step: $0) }
        // Half of all choices are drawn anew, of which a quarter are as before.
        let departed = paths.reduce(0) { $0 + $1.distance(to: given) }
        #expect((8...28).contains(departed), "about 18 of 48 choices: \(departed)")
        #expect(try (0..<24).map { try path(method, step: $0) } == paths, "they follow from seed and step")
        let other = try self.method(departure: 0.5, stream: RandomStream.stepPaths + 1)
        #expect(try (0..<24).map { try path(other, step: $0) } != paths, "streams differ")
        // Those that stand for all are near, too, and the same at every evaluation.
        #expect(method.evaluatedPaths.count == 4 && method.evaluatedPaths == method.evaluatedPaths)
    }

    @Test func withoutAPathAllAreAsLikely() throws {
        let method = try #require(try SmallMethod.singlePath.make() as? SinglePathMethod)
        let paths = try (0..<24).map { try path(method, step: $0) }
        #expect(Set(paths).count > 8, "of sixteen")
        let evaluated = method.evaluatedPaths
        #expect(evaluated.count == 4)
        for place in [0, 2] { #expect(evaluated[place].distance(to: evaluated[place + 1]) == 2) }
    }
}
