import Architectures
import Datasets
import Experiments
import Foundation
import NN
import Networks
import Tasks
import Testing
import Torch
import Training

@testable import Methods

/// Supervised methods learn whatever a task is, one without classes, too: here an age, a distribution over years.
@Suite struct TaskMethodTests {
    /// Bars whose place is an age: 2, 5, 8 or 11 years.
    private struct Ages: ImageDataset {
        var bars = Bars()
        let classNames = (0...11).map(String.init)
        var count: Int { bars.count }
        func label(at index: Int) -> Int { 3 * bars.label(at: index) + 2 }
        func image(at index: Int, decoding: ImageDecoding) throws -> Image {
            try bars.image(at: index, decoding: decoding)
        }
        func source(at index: Int) -> String { bars.source(at: index) }
    }

    private static let task = AgeTask(OpenedDataset(train: Ages(), validation: Ages(bars: Bars(count: 16))))

    private func loader(shifted: Bool = true, count: Int = 64) throws -> BatchLoader {
        try BatchLoader(
            dataset: Ages(bars: Bars(count: count)),
            augmentation: Augmentation([
                shifted ? .randomCrop(size: 8, padding: 1) : .centerCrop(8), .normalize(mean: [0.3], std: [0.3]),
            ]),
            options: BatchLoaderOptions(
                batchSize: 16, shuffle: true, seed: 9, layout: .nhwc, channels: .grey))
    }

    private func model(seed: UInt64 = 1) throws -> TaskSupernet {
        let model = try TaskSupernet(Tiny.description(), task: Self.task, store: Tiny.store(seed: seed))
        try shake(model.store)
        return model
    }

    private func costs() throws -> CostTable { try CostTable(Tiny.description(), imageSize: 8, classes: 12) }

    private func outputs(_ model: TaskSupernet, _ images: Tensor, _ path: Architecture) throws -> Tensor {
        let mode = Mode(batchNorm: .batch)
        return try model.head.outputs(model.supernet.features(images, path, mode), mode)
    }

    private func twin(_ model: TaskSupernet) throws -> TaskSupernet {
        let twin = try self.model(seed: 0)
        try twin.store.load(model.store.state)
        return twin
    }

    private func expectSame(_ method: any SupervisedSupernetMethod, _ twin: TaskSupernet) throws {
        let wanted = twin.store.parameters.compactMap { entry in entry.tensor.gradient.map { (entry.key, $0) } }
        try expectGradients(of: method, Dictionary(uniqueKeysWithValues: wanted))
    }

    private func batch() throws -> Batch { try #require(try loader().batches(epoch: 0).next()) }

    @Test func theSandwichTeachesAgesByWhatTheLargestSays() throws {
        let (model, batch, costs) = (try model(), try batch(), try costs())
        let method = SandwichMethod(model, objective: try Tiny.objective(Self.task), costs: costs, randomPaths: 0)
        let twin = try twin(model)
        let outcome = try method.computeGradients(batch, step: 0)
        let teaching = try outputs(twin, batch.images(), costs.cheapest { -Double($0.multiplyAdds) })
        let loss = try ageDistributionLoss(teaching, ages: batch.targets())
        #expect(abs(try outcome.loss.item() - loss.item()) < 1e-5)
        #expect(outcome.correct == nil, "an age is not right or wrong")
        let said = try withoutGradients { try teaching.detached().softmax(1) }
        try loss.backward()
        try outputs(twin, batch.images(), costs.cheapest { Double($0.multiplyAdds) }).crossEntropy(said).backward()
        try expectSame(method, twin)
    }

    @Test func pathsAgreeWithTheTeacherOnAges() throws {
        let (model, teacher, batch) = (try model(), try model(seed: 2), try batch())
        let method = try SupervisedPiMethod(model, objective: Tiny.objective(Self.task), consistency: 2) { teacher }
        let (twin, word) = (try twin(model), try twin(teacher))
        var generator = method.settings.generator(step: 0)
        let (a, b) = model.supernet.space.disjointPair(using: &generator)
        let outcome = try method.computeGradients(batch, step: 0)
        #expect(outcome.correct == nil)
        let said = try withoutGradients {
            try [b, a].map { try self.outputs(word, batch.images(), $0).softmax(1) }
        }
        var losses: [Double] = []
        for (path, said) in zip([a, b], said) {
            let outputs = try outputs(twin, batch.images(), path)
            let loss = try ageDistributionLoss(outputs, ages: batch.targets())
            losses.append(try loss.item())
            try (loss + outputs.crossEntropy(said) * 2).backward()
        }
        #expect(abs(try outcome.loss.item() - (losses[0] + losses[1]) / 2) < 1e-5)
        try expectSame(method, twin)
    }

    /// Every supervised method brings the error down, by the figures of the task.
    @Test(arguments: ["spos", "fairnas", "sandwich", "pi-nas-supervised"]) func agesAreLearned(name: String) throws {
        let objective = try Tiny.objective(Self.task)
        let setup = SupernetSetup(try Tiny.description(), objective: objective, imageSize: 8)
        let method = try #require(
            try MethodConfiguration(named: name).make(setup) as? any SupervisedSupernetMethod)
        let step = TrainingStep(
            method: method, optimizer: try SGD(ParameterGroup.splitByDecay(method.store), momentum: 0.9), clipNorm: 5)
        let scored = try loader(shifted: false, count: 16)
        let before = try method.evaluate(scored.batches(epoch: 0))
        #expect(before.keys.sorted() == ["CS@5", "MAE", "score"])
        let training = try loader()
        for epoch in 0..<6 {
            let batches = try training.batches(epoch: epoch)
            while let batch = try batches.next() {
                let outcome = try step(batch, step: 4 * epoch + batch.number, learningRate: 0.03)
                #expect(outcome.correct == nil)
            }
        }
        let after = try method.evaluate(scored.batches(epoch: 0))
        let (start, end) = (try #require(before["MAE"]), try #require(after["MAE"]))
        #expect(end < 0.7 * start, "\(start) years before, \(end) after")
        #expect(abs(try #require(after["score"]) + end) < 1e-9, "fewer years are better")
    }

    @Test func aProbeOfAgesIsFittedToFrozenFeatures() throws {
        let supernet = try Tiny.supernet(seed: 3)
        try shake(supernet.store)
        let method = try LinearProbeMethod(supernet, objective: Tiny.objective(Self.task))
        #expect(method.store["fc.weight"]?.shape == [12, supernet.features])
        let batch = try batch()
        let outcome = try method.computeGradients(batch, step: 0)
        var generator = MethodSettings(method.objective).generator(step: 0)
        let path = supernet.space.random(using: &generator)
        let features = try withoutGradients { try supernet.features(batch.images(), path, Mode(batchNorm: .batch)) }
        let loss = try ageDistributionLoss(
            method.head.outputs(features, .evaluation), ages: batch.targets())
        #expect(abs(try outcome.loss.item() - loss.item()) < 1e-5 && outcome.correct == nil)
        #expect(try method.evaluate(loader(count: 16).batches(epoch: 0)).keys.sorted() == ["CS@5", "MAE", "score"])
    }

    /// Mixed classes reach every path of a step; labels that are no classes are refused before anything is built.
    @Test func classesAreMixedForSupernetsToo() throws {
        let model = try Tiny.taskSupernet(seed: 1)
        try shake(model.store)
        let objective = try Tiny.objective { ($0.cutmix, $0.mixProbability) = (1, 1) }
        let method = SinglePathMethod(model, objective: objective)
        let batch = try #require(Bars.batches(1, views: 1).first)
        let twin = try Tiny.taskSupernet(seed: 0)
        try twin.store.load(model.store.state)
        let outcome = try method.computeGradients(batch, step: 0)
        let mix = try #require(try objective.train.mixing(batch, seed: 5, step: 0))
        var generator = method.settings.generator(step: 0)
        let path = model.supernet.space.random(using: &generator)
        let outputs = try outputs(twin, mix.mixed(images: batch.images()), path)
        let targets = try mix.mixed(targets: batch.targets().oneHot(4).to(.float32))
        let loss = try outputs.crossEntropy(targets, smoothing: 0.1)
        #expect(abs(try outcome.loss.item() - loss.item()) < 1e-5)
        try loss.backward()
        try expectSame(method, twin)
        #expect(throws: TrainingError.self) {
            try Tiny.objective(Self.task) { ($0.cutmix, $0.mixProbability) = (1, 1) }
        }
    }
}
