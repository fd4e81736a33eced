import Datasets
import Foundation
import NN
import Testing
import Torch
import Training

@testable import Methods

/// A method can be left and taken up again at any step, and is the same each time.
@Suite struct ContinuationTests {
    private func gradients(_ kind: SmallMethod, settings: UInt64, step: Int) throws -> [String: Data] {
        let method = try kind.make(SmallMethod.settings(settings))
        let batch = try #require(Bars.batches(1, views: kind.views).first)
        let outcome = try method.computeGradients(batch, step: step)
        return try bits(
            method.store.parameters.compactMap { entry in entry.tensor.gradient.map { (entry.key, $0) } }
                + [("loss", outcome.loss)])
    }

    @Test(arguments: SmallMethod.kept) func seedAndStepDecide(kind: SmallMethod) throws {
        let one = try gradients(kind, settings: 5, step: 1)
        #expect(try gradients(kind, settings: 5, step: 1) == one)
        #expect(try gradients(kind, settings: 5, step: 2) != one, "steps differ")
        #expect(try gradients(kind, settings: 6, step: 1) != one, "seeds differ")
    }

    /// Three steps, a saved state, three steps more; and the last three once more, by a method that knows nothing but
    /// the state.
    @Test(arguments: SmallMethod.kept) func aSavedStateIsAllThatIsNeeded(kind: SmallMethod) throws {
        let batches = try Bars.batches(6, views: kind.views)
        let whole = try Learner(kind.make())
        for step in 0..<3 { try whole.step(batches[step], step) }
        let saved = try withoutGradients {
            try (
                method: whole.method.state().map { ($0.key, try $0.tensor.cloned()) },
                optimizer: whole.optimizer.state().map { ($0.key, try $0.tensor.cloned()) }
            )
        }
        let losses = try (3..<6).map { try bits(whole.step(batches[$0], $0).loss) }

        let continued = try Learner(kind.make(weights: 50))
        let isOther = try continued.bytes() != whole.bytes()
        #expect(isOther, "it starts as another")
        try continued.method.load(saved.method)
        try continued.optimizer.load(saved.optimizer)
        for step in 3..<6 { #expect(try bits(continued.step(batches[step], step).loss) == losses[step - 3]) }
        #expect(try continued.bytes() == whole.bytes())
    }

    @Test(arguments: SmallMethod.kept) func aStateThatIsNotWholeIsRefused(kind: SmallMethod) throws {
        let method = try kind.make()
        let state = try method.state()
        #expect(Set(state.map(\.key)).count == state.count)
        var groups = [String: String](state.map { (String($0.key.prefix(while: { $0 != "." })), $0.key) }) { first, _ in
            first
        }
        groups["last"] = state.last { !$0.key.hasSuffix("num_batches_tracked") }?.key
        for left in groups.values {
            #expect(throws: StateError.self, "\(left)") { try method.load(state.filter { $0.key != left }) }
        }
        #expect(throws: StateError.self) { try method.load([]) }
        let narrow = try state.map { ($0.key, $0.tensor.rank > 1 ? try Tensor.zeros([1, 1, 1]) : $0.tensor) }
        #expect(throws: StateError.self) { try method.load(narrow) }
        #expect(throws: Never.self) { try method.load(state) }
    }

    /// Validation takes no part in training: nothing is written, and asking again gives the same figures.
    @Test(arguments: SmallMethod.kept) func evaluationIsALookAndNoMore(kind: SmallMethod) throws {
        let method = try kind.make()
        let supernet = try #require(SmallMethod.supernet(of: method))
        let batch = try #require(Bars.batches(1, views: kind.views).first)
        _ = try method.computeGradients(batch, step: 0)
        let before = try (bits(method.state()), bits(supernet.store.state))
        let loader = try Bars.loader(views: 2, batchSize: 6, count: 20)
        let figures = try method.evaluate(loader.batches(epoch: 0))
        // Methods that learn a task have its metrics, and the figure that choices are made by.
        #expect(figures.keys.sorted() == (method is PiMethod ? ["accuracy", "loss"] : ["accuracy", "loss", "score"]))
        if let score = figures["score"] { #expect(score == figures["accuracy"]) }
        let (accuracy, loss) = try (#require(figures["accuracy"]), #require(figures["loss"]))
        #expect((0...1).contains(accuracy) && loss.isFinite)
        #expect(try method.evaluate(loader.batches(epoch: 0)) == figures)
        #expect(try bits(method.state()) == before.0)
        #expect(try bits(supernet.store.state) == before.1)
        let none = try loader.batches(epoch: 0, from: loader.batchCount)
        #expect(throws: TrainingError.nothingToScore) { try method.evaluate(none) }
    }
}
