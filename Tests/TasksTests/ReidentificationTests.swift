import Datasets
import Drawings
import Foundation
import NN
import TestImages
import Testing
import Torch
import Training

@testable import Tasks

/// People under cameras: what is held out, what is asked, and how embeddings are scored.
@Suite struct ReidentificationTests {
    private func withMarket(_ body: (MarketDataset) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "supernet-market-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = SyntheticPedestrians.Options()
        (options.trainingIdentities, options.testIdentities, options.imagesPerIdentity) = (10, 4, 6)
        (options.distractors, options.junk, options.height) = (3, 2, 32)
        try SyntheticPedestrians(options).write(to: folder)
        try body(MarketDataset.open(folder))
    }

    private func task(_ market: MarketDataset, held: Double = 0.3) throws -> ReidentificationTask {
        try ReidentificationTask(
            market, validationFraction: held, tripletWeight: 1, imagesPerIdentity: 2)
    }

    @Test func heldOutIdentitiesAreNotLearnedFrom() throws {
        try withMarket { market in
            let task = try task(market)
            let learned = Set((0..<task.data.train.count).map(task.data.train.label))
            #expect(learned.count == 7)
            let validation = try #require(task.data.validation)
            #expect(validation.count + task.data.train.count == market.train.count)
            let sources = Set((0..<validation.count).map(validation.source))
            #expect(sources.isDisjoint(with: (0..<task.data.train.count).map(task.data.train.source)))
            #expect((0..<validation.count).allSatisfy { validation.label(at: $0) == $0 })
            #expect(task.data.test?.count == market.query.count + market.gallery.count)
            #expect(throws: DatasetError.self) { _ = try self.task(market, held: 0.01) }
            #expect(throws: DatasetError.self) { _ = try self.task(market, held: 0.99) }
        }
    }

    @Test func perfectEmbeddingsFindEverybodyAndEqualOnesNobody() throws {
        try withMarket { market in
            let task = try task(market)
            let all = market.query.identities + market.gallery.identities
            let rows = Array(all.indices)
            // A direction of its own for each identity; junk and distractors between them.
            let perfect = try Tensor(all.map { Int64($0 < 1 ? 15 : $0 % 15) }).oneHot(16).to(.float32)
            let score = try task.score(perfect, labels: rows, of: .test)
            #expect(score.value == 1 && score.metrics["rank-1"] == 1 && score.standardError == 0)
            let equal = try task.score(.ones([all.count, 16]), labels: rows, of: .test)
            #expect(equal.value < 0.5 && equal.standardError == 0)
            let found = try task.examples(perfect, labels: rows, images: rows, of: .test)
            guard case .galleries(let queries) = found.first?.content else { throw CancellationError() }
            #expect(!queries.isEmpty && queries.allSatisfy { $0.found.first?.isMatch == true })
            for query in queries {
                #expect(query.identity == all[query.image])
                #expect(query.found.filter(\.isMatch).allSatisfy { $0.camera != query.camera })
            }
            // An image that could not be read is left out.
            let fewer = Array(rows.dropLast())
            let kept = try perfect.split([fewer.count, 1])[0]
            #expect(try task.score(kept, labels: fewer, of: .test).value == 1)
        }
    }

    @Test func batchesHoldIdentitiesAndTheHeadLearnsFromBothLosses() throws {
        try withMarket { market in
            let task = try task(market)
            #expect(try task.sampling(batchSize: 8) == .identities(perBatch: 4, images: 2))
            for size in [3, 2, 7] {
                #expect(throws: BatchLoaderError.self, "\(size)") { _ = try task.sampling(batchSize: size) }
            }
            let store = try ParameterStore(seed: 1)
            let head = try task.makeHead(features: 6, store.root / "fc")
            #expect(store.parameters.map(\.key) == ["fc.neck.weight", "fc.neck.bias", "fc.classifier.weight"])
            let features = try Tensor.normal([4, 6], using: Generator(seed: 2))
            let labels = try Tensor([0, 0, 1, 1].map(Int64.init))
            let targets = Targets(numbers: labels, smoothing: 0.1)
            let loss = try head.loss(features, targets, Mode(batchNorm: .batch), progress: 0).loss.item()
            let without = try NeckHead(
                features: 6, identities: task.data.classNames.count, tripletWeight: 0,
                ParameterStore(seed: 1).root / "fc"
            ).loss(features, targets, Mode(batchNorm: .batch), progress: 0).loss.item()
            let triplet = try batchHardTripletLoss(features, identities: labels).item()
            #expect(abs(loss - without - triplet) < 1e-4)
        }
    }

    @Test func aHeadGoesOnFromIdentitiesThatWereFitted() throws {
        // Seven identities, each a direction, on features far from zero mean and unit scale.
        let labels = try Tensor((0..<70).map { Int64($0 % 7) })
        let noise = try Tensor.normal([70, 8], using: Generator(seed: 6))
        let features = try (labels.oneHot(8).to(.float32) * 4 + noise * 0.3) * 20 + 100
        let map = try EmbeddingMap(features, labels: labels, identities: 7)
        let store = try ParameterStore(seed: 1)
        let head = try NeckHead(features: 8, identities: 7, tripletWeight: 0, store.root / "fc")
        func loss() throws -> Double {
            try head.loss(features, Targets(numbers: labels, smoothing: 0.1), .evaluation, progress: 0).loss.item()
        }
        let before = try loss()
        try store.load(map.headState().map { ("fc." + $0.key, $0.tensor) }, strict: false)
        let after = try loss()
        #expect(before > 1.5 && after < 1.2, "\(before), \(after); label smoothing alone is worth 0.5")
        let embeddings = try head.outputs(features, .evaluation)
        #expect(try embeddings.mean([0]).absolute().max().item() < 1e-4)
        #expect(try abs(embeddings.variance().item() - 1) < 0.05)
        #expect(try map.outputs(features).shape == [70, 8])
    }

    @Test func whiteningTurnsDownWhatChangesWithinAnIdentity() throws {
        // The first direction tells identities apart, the second only cameras, ten times as strongly.
        let noise = try Tensor.normal([40, 2], using: Generator(seed: 5)).array(Float.self)
        let labels = (0..<40).map { $0 / 4 }
        let values = (0..<40).flatMap { row -> [Float] in
            [Float(labels[row]) + 0.05 * noise[2 * row], 10 * noise[2 * row + 1]]
        }
        let features = try Tensor(values).reshaped([40, 2])
        let white = try WithinClassWhitening(features, labels: Tensor(labels.map(Int64.init)))(features)
        let spread = try white.variance([0]).array(Float.self)
        #expect(spread[0] > spread[1], "identities count more than cameras: \(spread)")
        let before = try features.variance([0]).array(Float.self)
        #expect(before[0] < before[1])
    }
}
