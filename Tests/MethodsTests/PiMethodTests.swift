import Architectures
import Datasets
import NN
import Networks
import Testing
import Torch
import Training

@testable import Methods

/// Pi-NAS against its formulas, with every part on and off.
@Suite struct PiMethodTests {
    private static let plain = SmallMethod.contrastive.filter { $0 != .piGroups }

    /// Loss, gradients, and what goes into the queue, over steps in which student, teacher and queue have parted.
    @Test(arguments: plain) func aStepIsThePapers(kind: SmallMethod) throws {
        let method = try kind.makePi()
        let training = try Learner(method)
        for (step, batch) in try Bars.batches(2, views: kind.views).enumerated() {
            let reference = try PiReference(of: method)
            let before = try method.queueKeys()
            let paths = method.paths(step: step)
            let expected = try reference.step(batch, paths, negatives: before)
            let outcome = try training.step(batch, step)
            let loss = try outcome.loss.item()
            #expect(abs(loss - expected.loss) < 1e-4 * (1 + abs(loss)))
            if paths.count == 2 {
                #expect(abs(loss - expected.swappedLoss) > 1e-3, "positives come from the path that is asked for")
            }
            if let correct = outcome.correct { #expect(try correct.to(.float64).item() == expected.correct) }
            #expect(
                method.store.parameters.allSatisfy { entry in
                    (entry.tensor.gradient != nil) == paths.contains { Tiny.isOn($0, entry.key) }
                })
            try expectGradients(of: method, expected.gradients)
            guard let after = try method.queueKeys(), let before else {
                #expect(kind == .piBatch || kind == .piWithoutNegatives)
                continue
            }
            // The mean of both paths' keys, as it is: not of unit length.
            let columns = try rows(after.transposed(0, 1))
            for (slot, column) in columns.enumerated() {
                let image = slot - 8 * step
                guard (0..<8).contains(image) else {
                    #expect(try column == rows(before.transposed(0, 1))[slot])
                    continue
                }
                for (place, value) in column.enumerated() {
                    let mean = expected.keys.reduce(0) { $0 + $1[image][place] } / Double(expected.keys.count)
                    #expect(abs(value - mean) < 1e-4)
                }
            }
        }
    }

    @Test func whatTheOtherPathDoesNotHaveOfTheLossThePathsOwnPositivesHave() throws {
        let encoder = try Tiny.encoder(seed: 1)
        try shake(encoder.store)
        var options = Tiny.piOptions()
        (options.queueLength, options.momentum, options.crossPathWeight) = (8, 0.25, 0.25)
        let method = try PiMethod(
            encoder, options: options, settings: SmallMethod.settings(5)
        ) { try Tiny.encoder(seed: 2) }
        let batch = try #require(Bars.batches(1, views: 4).first)
        let (reference, before) = try (PiReference(of: method), method.queueKeys())
        let expected = try reference.step(batch, method.paths(step: 0), negatives: before)
        let loss = try method.computeGradients(batch, step: 0).loss.item()
        #expect(abs(loss - (0.25 * expected.loss + 0.75 * expected.swappedLoss)) < 1e-4 * (1 + abs(loss)))
        #expect(abs(loss - expected.loss) > 1e-3)
    }

    /// In bfloat16 weights are cast once a scope: keys must be those of the teacher after it has moved, and not of
    /// casts that were made before.
    @Test func keysAreOfTheTeacherAsItIsNow() throws {
        let encoder = try Tiny.encoder(seed: 1)
        try shake(encoder.store)
        var options = Tiny.piOptions()
        (options.queueLength, options.momentum) = (8, 0.25)
        let method = try PiMethod(
            encoder, options: options, settings: SmallMethod.settings(5, .bfloat16)
        ) { try Tiny.encoder(seed: 2) }
        try shake(encoder.store, seed: 7)
        let batch = try #require(Bars.batches(1, views: 4).first)
        let (reference, before) = try (PiReference(of: method), method.queueKeys())
        var still = try PiReference(of: method)
        still.options.momentum = 1
        let (now, stale) = try (
            reference.step(batch, method.paths(step: 0), negatives: before),
            still.step(batch, method.paths(step: 0), negatives: before)
        )
        let loss = try method.computeGradients(batch, step: 0).loss.item()
        func mean(_ step: PiReference.Step) throws -> Tensor {
            let keys = zip(step.keys[0], step.keys[1]).map { zip($0, $1).map { Float(($0 + $1) / 2) } }
            return try Tensor(Array(keys.joined())).reshaped([8, Tiny.dimension])
        }
        let columns = try #require(try method.queueKeys()).transposed(0, 1)
        #expect(try distance(columns, mean(now)) < 0.02)
        #expect(try distance(columns, mean(stale)) > 0.1)
        #expect(abs(loss - now.loss) < 0.05)
    }

    @Test func optionsThatContradictEachOtherAreRefused() throws {
        func make(_ change: (inout PiMethod.Options) -> Void) throws -> PiMethod {
            var options = Tiny.piOptions()
            options.queueLength = 8
            change(&options)
            return try PiMethod(
                Tiny.encoder(seed: 1), options: options, settings: SmallMethod.settings()
            ) { try Tiny.encoder(seed: 2) }
        }
        for paths in [0, 3, -1] {
            #expect(throws: TrainingError.badOption("paths", "must be 1 or 2, is \(paths)")) {
                try make { $0.paths = paths }
            }
        }
        #expect(throws: TrainingError.badOption("cross-path", "needs two paths")) { try make { $0.paths = 1 } }
        #expect(throws: Never.self) { try make { ($0.paths, $0.crossPath) = (1, false) } }
        struct NoCopy: Error {}
        #expect(throws: NoCopy.self) {
            try PiMethod(
                Tiny.encoder(seed: 1), options: Tiny.piOptions(),
                settings: SmallMethod.settings()
            ) { throw NoCopy() }
        }
    }

    @Test func viewsAndStatesFollowTheParts() throws {
        #expect(try SmallMethod.pi.makePi().options.viewCount == 4)
        #expect(try SmallMethod.onePath.makePi().options.viewCount == 2)
        func prefixes(_ kind: SmallMethod) throws -> Set<String> {
            Set(try kind.makePi().state().map { String($0.key.prefix { $0 != "." }) })
        }
        #expect(try prefixes(.pi) == ["student", "teacher", "queue"])
        #expect(try prefixes(.piWithoutTeacher) == ["student", "queue"])
        #expect(try prefixes(.piBatch) == ["student", "teacher"])
        #expect(try prefixes(.piWithoutNegatives) == ["student", "teacher"])
    }

    /// Without a teacher keys are the network's own word: its statistics move with keys as with queries.
    @Test func withoutATeacherKeysComeFromTheNetworkItself() throws {
        func tracked(_ kind: SmallMethod) throws -> Int {
            let method = try kind.makePi()
            _ = try method.computeGradients(#require(Bars.batches(1, views: 4).first), step: 0)
            return try #require(method.store["bn1.num_batches_tracked"]).integer()
        }
        #expect(try tracked(.piWithoutTeacher) == 4)
        #expect(try tracked(.pi) == 2)
    }

    /// A batch from which unreadable images were left out has no place in the queue: it learns, its keys are dropped.
    @Test func keysOfABatchThatDoesNotFitTheQueueAreLeftOut() throws {
        var options = Tiny.piOptions()
        options.queueLength = 12
        let method = try PiMethod(
            Tiny.encoder(seed: 1), options: options, settings: SmallMethod.settings()
        ) { try Tiny.encoder(seed: 2) }
        let batch = try #require(Bars.batches(1, views: 4).first)
        func queue() throws -> [Float] {
            try #require(method.state().first { $0.key == "queue.keys" }).tensor.array(Float.self)
        }
        let before = try queue()
        #expect(try method.computeGradients(batch, step: 0).loss.item().isFinite)
        #expect(try queue() == before)
    }

    /// Validation: the share of images that find their key among those of the batch, by formula.
    @Test(arguments: [SmallMethod.pi, .piOwnPath, .piWithoutTeacher, .onePath])
    func evaluationPicksKeysOutOfTheBatch(kind: SmallMethod) throws {
        let method = try kind.makePi()
        try shake(method.keyEncoder.store, seed: 4)
        let loader = try Bars.loader(views: 2, batchSize: 6, count: 10)
        let figures = try method.evaluate(loader.batches(epoch: 0))
        var (loss, correct, count) = (0.0, 0.0, 0.0)
        let iterator = try loader.batches(epoch: 0)
        while let batch = try iterator.next() {
            for (a, b) in method.settings.pairs(in: method.encoder.supernet.space) {
                let mode = Mode(batchNorm: .batch)
                let (query, key) = try withoutGradients {
                    (
                        try rows(method.encoder.embed(batch.images(view: 0), a, mode)),
                        try rows(
                            method.keyEncoder.embed(batch.images(view: 1), method.options.crossPath ? b : a, mode))
                    )
                }
                for image in query.indices {
                    let scores = key.map { zip(query[image], $0).reduce(0) { $0 + $1.0 * $1.1 } / 0.2 }
                    loss -= scores[image] - logSumExp(scores)
                    correct += scores.max() == scores[image] ? 1 : 0
                    count += 1
                }
            }
        }
        #expect(count == 2 * 10, "two pairs stand for all paths")
        #expect(abs(try #require(figures["loss"]) - loss / count) < 1e-4)
        #expect(figures["accuracy"] == correct / count)
    }
}
