import Architectures
import Datasets
import Foundation
import NN
import Networks
import Tasks
import Testing
import Torch
import Training

@testable import Methods

/// The supervised methods against their formulas.
@Suite struct SupervisedMethodTests {
    /// A supernet with the same tensors, which is trained by the formula.
    private func twin(_ model: TaskSupernet) throws -> TaskSupernet {
        let twin = try Tiny.taskSupernet(seed: 0)
        try twin.store.load(model.store.state)
        return twin
    }

    private func logits(_ model: TaskSupernet, _ images: Tensor, _ path: Architecture) throws -> Tensor {
        let mode = Mode(batchNorm: .batch)
        return try model.head.outputs(model.supernet.features(images, path, mode), mode)
    }

    /// The mean over images of -sum t log softmax(x).
    private func crossEntropy(_ logits: Tensor, _ targets: [[Double]]) throws -> Double {
        let rows = try rows(logits)
        let losses = zip(rows, targets).map { row, target in
            zip(row, target).reduce(0) { $0 - $1.1 * ($1.0 - logSumExp(row)) }
        }
        return losses.reduce(0, +) / Double(rows.count)
    }

    /// Labels as probabilities, of which a share goes to all classes alike.
    private func targets(_ batch: Batch, smoothing: Double = 0.1) -> [[Double]] {
        batch.labels.map { label in (0..<4).map { ($0 == Int(label) ? 1 - smoothing : 0) + smoothing / 4 } }
    }

    private func tensor(_ rows: [[Double]]) throws -> Tensor {
        try Tensor(rows.joined().map { Float($0) }).reshaped([rows.count, rows.first?.count ?? 0])
    }

    private func right(_ logits: Tensor, _ batch: Batch) throws -> Double {
        Double(zip(try rows(logits), batch.labels).count { row, label in row.max() == row[Int(label)] })
    }

    private func expectSame(_ method: any Method, _ twin: TaskSupernet) throws {
        let wanted = twin.store.parameters.compactMap { entry in entry.tensor.gradient.map { (entry.key, $0) } }
        try expectGradients(of: method, Dictionary(uniqueKeysWithValues: wanted))
    }

    @Test func onePathIsItsCrossEntropy() throws {
        let method = try #require(try SmallMethod.singlePath.make() as? SinglePathMethod)
        for (step, batch) in try Bars.batches(2, views: 1).enumerated() {
            try method.store.clearGradients()
            let twin = try twin(method.model)
            var generator = method.settings.generator(step: step)
            let path = method.supernet.space.random(using: &generator)
            let outcome = try method.computeGradients(batch, step: step)
            let logits = try self.logits(twin, batch.images(), path)
            #expect(abs(try outcome.loss.item() - crossEntropy(logits, targets(batch))) < 1e-4)
            #expect(try outcome.correct?.to(.float64).item() == right(logits, batch))
            try logits.crossEntropy(tensor(targets(batch))).backward()
            try expectSame(method, twin)
        }
    }

    @Test(arguments: [FairMethod.Update.round, .path])
    func aFairStepIsTheSumOverItsPaths(update: FairMethod.Update) throws {
        let method = try FairMethod(
            twin(Tiny.taskSupernet(seed: 1)), objective: Tiny.objective(), update: update)
        try shake(method.store)
        for (step, batch) in try Bars.batches(2, views: 1).enumerated() {
            try method.store.clearGradients()
            let twin = try twin(method.model)
            let paths = method.paths(step: step)
            #expect(paths.count == (update == .round ? 4 : 1))
            let outcome = try method.computeGradients(batch, step: step)
            let logits = try paths.map { try self.logits(twin, batch.images(), $0) }
            let loss = try logits.reduce(0) { try $0 + crossEntropy($1, targets(batch)) } / Double(paths.count)
            #expect(abs(try outcome.loss.item() - loss) < 1e-4)
            let correct = try logits.reduce(0) { try $0 + right($1, batch) } / Double(paths.count)
            #expect(abs(try #require(outcome.correct).item() - correct) < 1e-6)
            for logit in logits { try logit.crossEntropy(tensor(targets(batch))).backward() }
            try expectSame(method, twin)
        }
    }

    /// Strict fairness: in each round every candidate of every choice stands on exactly one path.
    @Test(arguments: [FairMethod.Update.round, .path]) func aRoundIsFair(update: FairMethod.Update) throws {
        let method = try FairMethod(
            Tiny.taskSupernet(seed: 1), objective: Tiny.objective(smoothing: 0), update: update)
        var rounds: Set<[Architecture]> = []
        for round in 0..<20 {
            let paths =
                update == .round
                ? method.paths(step: round) : (0..<4).flatMap { method.paths(step: 4 * round + $0) }
            #expect(paths.count == 4)
            for point in 0..<2 { #expect(Set(paths.map { $0[point] }) == [0, 1, 2, 3], "round \(round)") }
            rounds.insert(paths)
        }
        #expect(rounds.count > 10, "rounds are drawn anew")
    }

    /// Where choices differ in width, the narrower ones are gone through as evenly as they can be, one row a step.
    @Test func unevenChoicesTakeAsManyStepsAsTheWidest() throws {
        let mobile = MobileSpace(
            channels: 1, stemWidth: 8, stemStride: 1, widths: [8, 16], depths: [1, 1], strides: [1, 1], headWidth: 8)
        let model = try TaskSupernet(mobile.description(), task: Tiny.task, store: Tiny.store(seed: 1))
        #expect(model.supernet.space.points.map(\.candidates.count) == [7, 6])
        let method = FairMethod(model, objective: try Tiny.objective(smoothing: 0), update: .path)
        for round in 0..<5 {
            let paths = (0..<7).flatMap { method.paths(step: 7 * round + $0) }
            #expect(paths.map { $0[0] }.sorted() == Array(0..<7))
            #expect(Set(paths.map { $0[1] }) == Set(0..<6))
        }
    }

    /// Every architecture's multiply-adds, by the stand-alone networks.
    private func extremes() throws -> (smallest: Architecture, largest: Architecture) {
        let description = try Tiny.description()
        let costs = try Tiny.architectures.map { path in
            try NetworkDescription(channels: 1, classes: 4, backbone: description.fixed(to: path)).cost(imageSize: 8)
                .multiplyAdds
        }
        let order = costs.indices.sorted { costs[$0] < costs[$1] }
        #expect(costs[order[0]] < costs[order[1]] && costs[order[14]] < costs[order[15]], "they are unique")
        return (Tiny.architectures[order[0]], Tiny.architectures[order[15]])
    }

    @Test func theSandwichIsOfTheLargestAndTheSmallestPath() throws {
        let model = try Tiny.taskSupernet(seed: 1)
        try shake(model.store)
        let (smallest, largest) = try extremes()
        let method = SandwichMethod(
            model, objective: try Tiny.objective(),
            costs: try CostTable(Tiny.description(), imageSize: 8, classes: 4), randomPaths: 0)
        let batch = try #require(Bars.batches(1, views: 1).first)
        let twin = try twin(model)
        let outcome = try method.computeGradients(batch, step: 0)
        for entry in method.store.parameters {
            let isTrained = Tiny.isOn(smallest, entry.key) || Tiny.isOn(largest, entry.key)
            #expect((entry.tensor.gradient != nil) == isTrained, "\(entry.key)")
        }
        let teaching = try logits(twin, batch.images(), largest)
        #expect(abs(try outcome.loss.item() - crossEntropy(teaching, targets(batch))) < 1e-4)
        #expect(try outcome.correct?.to(.float64).item() == right(teaching, batch))
        // The smallest learns what the largest says, and the largest does not learn from being listened to.
        let said = try rows(teaching).map { row in row.map { exp($0 - logSumExp(row)) } }
        try teaching.crossEntropy(tensor(targets(batch))).backward()
        try logits(twin, batch.images(), smallest).crossEntropy(tensor(said)).backward()
        try expectSame(method, twin)
    }

    /// Attention's layers have many parameters, but work on a single pixel.
    @Test func theLargestPathIsTheOneWithTheMostMultiplyAdds() throws {
        let convolutions = Layer.sequence(
            Layer.convolutionBlock("a", "b", .init(16, kernel: 3))
                + Layer.convolutionBlock("c", "d", .init(16, kernel: 1)))
        let choice = Layer.Choice(
            "p", [.init("few", .splitAttention(radix: 2, cardinality: 1)), .init("many", convolutions)])
        let description = try SupernetDescription(
            "costs", channels: 1,
            backbone: .sequence([
                .init("stem", .convolution(.init(16, kernel: 3))), .init("p", .choice(choice)), .init("", .globalPool),
            ]))
        let costs = try CostTable(description, imageSize: 8, classes: 4)
        let (few, many) = (costs.candidates[0][0], costs.candidates[0][1])
        #expect(few.multiplyAdds < many.multiplyAdds && few.parameters > many.parameters)
        let model = try TaskSupernet(description, task: Tiny.task, store: Tiny.store(seed: 1))
        let method = SandwichMethod(
            model, objective: try Tiny.objective(smoothing: 0), costs: costs, randomPaths: 0)
        let batch = try #require(Bars.batches(1, views: 1).first)
        let losses = try (0..<2).map { candidate in
            try crossEntropy(
                logits(model, batch.images(), Architecture([candidate])), targets(batch, smoothing: 0))
        }
        #expect(abs(losses[0] - losses[1]) > 1e-3)
        #expect(abs(try method.computeGradients(batch, step: 0).loss.item() - losses[1]) < 1e-5)
    }

    @Test(arguments: [1, 3]) func theSandwichIsFilledWithRandomPaths(count: Int) throws {
        let model = try Tiny.taskSupernet(seed: 1)
        let (smallest, largest) = try extremes()
        let method = SandwichMethod(
            model, objective: try Tiny.objective(smoothing: 0),
            costs: try CostTable(Tiny.description(), imageSize: 8, classes: 4), randomPaths: count)
        let norm = try #require(method.store["bn1.num_batches_tracked"])
        var trained: Set<String> = []
        for (step, batch) in try Bars.batches(6, views: 1).enumerated() {
            try method.store.clearGradients()
            let before = try norm.integer()
            _ = try method.computeGradients(batch, step: step)
            #expect(try norm.integer() == before + 2 + count)
            let moved = Set(method.store.parameters.filter { $0.tensor.gradient != nil }.map(\.key))
            let always = method.store.parameters.map(\.key).filter { Tiny.isOn(smallest, $0) || Tiny.isOn(largest, $0) }
            #expect(moved.isSuperset(of: always))
            trained.formUnion(moved)
        }
        #expect(trained.count > method.store.parameters.count / 2)
    }

    @Test func theLargestPathLearnsAloneAtFirst() throws {
        let model = try Tiny.taskSupernet(seed: 1)
        let (_, largest) = try extremes()
        let method = SandwichMethod(
            model, objective: try Tiny.objective(),
            costs: try CostTable(Tiny.description(), imageSize: 8, classes: 4), alone: 2)
        for (step, batch) in try Bars.batches(3, views: 1).enumerated() {
            try method.store.clearGradients()
            _ = try method.computeGradients(batch, step: step)
            let moved = method.store.parameters.filter { $0.tensor.gradient != nil }.map(\.key)
            let own = method.store.parameters.map(\.key).filter { Tiny.isOn(largest, $0) }
            #expect((Set(moved) == Set(own)) == (step < 2), "step \(step)")
            #expect(Set(moved).isSuperset(of: own))
        }
    }

    @Test func theSandwichIsFilledWithGivenPaths() throws {
        let model = try Tiny.taskSupernet(seed: 1)
        let (_, largest) = try extremes()
        let given = Tiny.architectures.filter { $0 != largest }
        var asked: [Int] = []
        let method = SandwichMethod(
            model, objective: try Tiny.objective(),
            costs: try CostTable(Tiny.description(), imageSize: 8, classes: 4), alone: 1,
            others: { step in
                asked.append(step)
                return [given[step]]
            })
        for (step, batch) in try Bars.batches(3, views: 1).enumerated() {
            try method.store.clearGradients()
            _ = try method.computeGradients(batch, step: step)
            let paths = step == 0 ? [largest] : [largest, given[step]]
            for entry in method.store.parameters {
                let isTrained = paths.contains { Tiny.isOn($0, entry.key) }
                #expect((entry.tensor.gradient != nil) == isTrained, "step \(step): \(entry.key)")
            }
        }
        #expect(asked == [1, 2])
    }

    private func supervisedPi(
        consistency: Double
    ) throws -> (SupervisedPiMethod, teacher: TaskSupernet) {
        let (model, teacher) = try (Tiny.taskSupernet(seed: 1), Tiny.taskSupernet(seed: 2))
        try shake(model.store)
        let method = try SupervisedPiMethod(model, objective: Tiny.objective(), consistency: consistency) { teacher }
        return (method, teacher)
    }

    private func pair(_ method: SupervisedPiMethod, _ step: Int) -> (Architecture, Architecture) {
        var generator = method.settings.generator(step: step)
        return method.supernet.space.disjointPair(using: &generator)
    }

    /// Two cross-entropies, and of each path the one towards the teacher's word on the other.
    @Test(arguments: [0, 1, 2.5], [1, 2]) func pathsAgreeWithTheTeacherOnTheOther(
        consistency: Double, views: Int
    ) throws {
        let (method, teacher) = try supervisedPi(consistency: consistency)
        let training = try Learner(method)
        for (step, batch) in try Bars.batches(2, views: views).enumerated() {
            let (twin, word) = try (twin(method.model), self.twin(teacher))
            let (a, b) = pair(method, step)
            #expect(a.distance(to: b) == 2)
            let seen = try batch.images(view: views - 1)
            let said = try withoutGradients {
                try [b, a].map {
                    try rows(self.logits(word, seen, $0)).map { row in row.map { exp($0 - logSumExp(row)) } }
                }
            }
            let outcome = try training.step(batch, step)
            let logits = try [a, b].map { try self.logits(twin, batch.images(), $0) }
            let loss = try logits.reduce(0) { try $0 + crossEntropy($1, targets(batch)) } / 2
            #expect(abs(try outcome.loss.item() - loss) < 1e-4)
            for (logit, said) in zip(logits, said) {
                let labels = try logit.crossEntropy(tensor(targets(batch)))
                try (labels + logit.crossEntropy(tensor(said)) * consistency).backward()
            }
            try expectSame(method, twin)
        }
    }

    /// The teacher looks back no further than there were steps, and follows the paths of the step alone.
    @Test func theTeacherOfLabelsIsItsClosedForm() throws {
        let (method, teacher) = try supervisedPi(consistency: 1)
        let training = try Learner(method)
        func parameters(_ store: ParameterStore) throws -> [String: [Double]] {
            try Dictionary(uniqueKeysWithValues: store.parameters.map { ($0.key, try doubles($0.tensor)) })
        }
        var expected = try parameters(method.store)
        #expect(try parameters(teacher.store) == expected, "it starts as a copy")
        for (step, batch) in try Bars.batches(3, views: 2).enumerated() {
            try training.step(batch, step)
            let (a, b) = pair(method, step)
            let momentum = min(0.99, Double(1 + step) / Double(10 + step))
            for (key, now) in try parameters(method.store) where Tiny.isOn(a, key) || Tiny.isOn(b, key) {
                expected[key] = zip(expected[key] ?? [], now).map { momentum * $0 + (1 - momentum) * $1 }
            }
            for (key, values) in try parameters(teacher.store) {
                let worst = zip(values, expected[key] ?? []).reduce(0) { max($0, abs($1.0 - $1.1)) }
                #expect(worst < 2e-6, "\(key) after \(step + 1) steps")
            }
        }
        #expect(teacher.store.parameters.allSatisfy { $0.tensor.gradient == nil })
    }

    @Test func withoutConsistencyTheTeacherIsLeftAlone() throws {
        let (method, teacher) = try supervisedPi(consistency: 0)
        let training = try Learner(method)
        let before = try bits(teacher.store.state)
        for (step, batch) in try Bars.batches(3, views: 2).enumerated() { try training.step(batch, step) }
        #expect(try bits(teacher.store.state) == before)
    }

    /// A classifier that says nothing has the loss of a guess, and is right where the first class is.
    @Test(arguments: [SmallMethod.singlePath, .fairRound, .sandwich, .supervisedPi, .linearProbe])
    func evaluationOfAGuess(kind: SmallMethod) throws {
        let method = try kind.make()
        for key in ["fc.weight", "fc.bias"] { try withoutGradients { try method.store[key]?.fillInPlace(0) } }
        let figures = try method.evaluate(Bars.loader(views: 1, batchSize: 8, count: 22).batches(epoch: 0))
        #expect(abs(try #require(figures["loss"]) - log(4)) < 1e-5)
        #expect(abs(try #require(figures["accuracy"]) - 6.0 / 22) < 1e-9)
    }
}
