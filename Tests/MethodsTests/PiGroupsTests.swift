import Architectures
import Datasets
import NN
import Networks
import Testing
import Torch
import Training

@testable import Methods

/// Groups of images whose batch-norm statistics are taken apart, and the order in which keys are dealt to them.
@Suite struct PiGroupsTests {
    /// With groups, statistics are those of each group alone, keys are dealt to other groups than queries, and come
    /// back in the order of the images.
    @Test func groupsAreEmbeddedApartAndPutBackInOrder() throws {
        var options = Tiny.piOptions()
        (options.paths, options.crossPath, options.normGroups) = (1, false, 2)
        (options.queueLength, options.momentum) = (18, 0.75)
        let encoder = try Tiny.encoder(seed: 1)
        try shake(encoder.store)
        let method = try PiMethod(
            encoder, options: options, settings: SmallMethod.settings()
        ) { try Tiny.encoder(seed: 2) }
        let teacher = try Tiny.encoder(seed: 3)
        var dealings: Set<[Int]> = []
        for (step, batch) in try Bars.batches(3, views: 2, batchSize: 6).enumerated() {
            let path = method.paths(step: step)[0]
            let negatives = try #require(try method.queueKeys())
            let loss = try method.computeGradients(batch, step: step).loss.item()
            try teacher.store.load(method.keyEncoder.store.state)
            let columns = try #require(try method.queueKeys()).slice(6 * step..<6 * (step + 1), dimension: 1)
                .transposed(
                    0, 1)
            // One of the ten ways to part six images into two groups of three gives the keys; which one is drawn.
            let ways = (1..<6).flatMap { a in (a + 1..<6).map { [0, a, $0] } }
            let fitting = try withoutGradients {
                try ways.filter { first in
                    let groups = [first, (0..<6).filter { !first.contains($0) }]
                    let keys = try Tensor.zeros([6, Tiny.dimension])
                    for group in groups {
                        let images = try batch.images(view: 1).indexed(by: Tensor(group))
                        let embedded = try teacher.embed(images, path, Mode(batchNorm: .batch))
                        for (place, image) in group.enumerated() {
                            try keys[image].copyInPlace(from: embedded[place])
                        }
                    }
                    return try distance(keys, columns) < 1e-4
                }
            }
            #expect(fitting.count == 1)
            dealings.formUnion(fitting)
            // Queries stay as they come: the first half, and the second.
            let halves = try withoutGradients {
                try [0..<3, 3..<6].map { try encoder.embed(batch.images(view: 0)[$0], path, Mode(batchNorm: .batch)) }
            }
            let expected = try infoNCE(
                Tensor.concatenated(halves), positive: columns, negatives: negatives, temperature: 0.2
            ).item()
            #expect(abs(loss - expected) < 1e-4)
        }
        #expect(dealings.contains { $0 != [0, 1, 2] }, "keys are dealt otherwise than queries")
    }

    /// A batch that the groups do not divide, as where images could not be read: no group is left with a single image,
    /// of which batch norm could say nothing.
    @Test(arguments: [(5, 2), (7, 3), (7, 4), (10, 4)])
    func groupsHaveAtLeastTwoImages(count: Int, groups: Int) throws {
        var options = Tiny.piOptions()
        (options.paths, options.crossPath, options.normGroups, options.queueLength) = (1, false, groups, count)
        let encoder = try Tiny.encoder(seed: 1)
        try shake(encoder.store)
        let method = try PiMethod(
            encoder, options: options, settings: SmallMethod.settings()
        ) { try Tiny.encoder(seed: 2) }
        let batch = try #require(Bars.batches(1, views: 2, batchSize: count).first)
        let negatives = try #require(try method.queueKeys())
        let loss = try method.computeGradients(batch, step: 0).loss.item()
        let keys = try #require(try method.queueKeys()).transposed(0, 1)
        // The queries' groups are told by the loss: of all ways to part the batch, one must give it.
        let view = try batch.images(view: 0)
        let fitting = try withoutGradients {
            try partings(of: count).filter { sizes in
                let parts = try view.split(sizes).map {
                    try encoder.embed($0, method.paths(step: 0)[0], Mode(batchNorm: .batch))
                }
                let expected = try infoNCE(
                    Tensor.concatenated(parts), positive: keys, negatives: negatives, temperature: 0.2)
                return try abs(expected.item() - loss) < 1e-5
            }
        }
        #expect(fitting.contains { (2...min(groups, count / 2)).contains($0.count) }, "\(fitting)")
    }

    /// Every way to part a batch into groups of two images or more, in order.
    private func partings(of count: Int) -> [[Int]] {
        guard count > 3 else { return count < 2 ? [] : [[count]] }
        return [[count]] + (2...count - 2).flatMap { first in partings(of: count - first).map { [first] + $0 } }
    }

    /// Paths and the order of dealing may be given: the keys of each group are embedded by themselves.
    @Test func theOrderOfDealingIsTheOneThatIsGiven() throws {
        let method = try SmallMethod.piGroups.makePi()
        let batch = try #require(Bars.batches(1, views: 4).first)
        let views = try (0..<4).map { try batch.images(view: $0) }
        let paths = [Architecture([0, 3]), Architecture([2, 1])]
        let order = [3, 0, 5, 7, 1, 6, 2, 4]
        let negatives = try #require(try method.queueKeys())
        let loss = try method.computeGradients(views, paths: paths, order: order).loss.item()
        let reference = try PiReference(of: method)
        let embedded = try withoutGradients {
            try (0..<2).map { place in
                let mode = Mode(batchNorm: .batch)
                let queries = try views[2 * place].split([4, 4]).map {
                    try reference.student.embed($0, paths[place], mode)
                }
                let keys = try Tensor.zeros([8, Tiny.dimension])
                for group in [order[..<4], order[4...]] {
                    let images = try views[2 * place + 1].indexed(by: Tensor(Array(group)))
                    // Student and teacher still agree, so that following has moved nothing.
                    let made = try reference.teacher.embed(images, paths[place], mode)
                    for (row, image) in group.enumerated() { try keys[image].copyInPlace(from: made[row]) }
                }
                return (queries: try Tensor.concatenated(queries), keys: keys)
            }
        }
        let expected = try [(0, 1), (1, 0)].map { query, key in
            try infoNCE(
                embedded[query].queries, positive: embedded[key].keys, negatives: negatives, temperature: 0.2
            ).item()
        }
        #expect(abs(loss - expected[0] - expected[1]) < 1e-4)
        let columns = try #require(try method.queueKeys()).slice(0..<8, dimension: 1).transposed(0, 1)
        let mean = try (embedded[0].keys + embedded[1].keys) * 0.5
        #expect(try distance(columns, mean) < 1e-4)
    }

    @Test func viewsPathsAndOrderMustFit() throws {
        let method = try SmallMethod.pi.makePi()
        let batch = try #require(Bars.batches(1, views: 4).first)
        let views = try (0..<4).map { try batch.images(view: $0) }
        let paths = [Architecture([0, 3]), Architecture([2, 1])]
        let order = Array(0..<8)
        for (views, paths, order) in [
            ([], paths, order), (Array(views.prefix(3)), paths, order), (views, [paths[0]], order), (views, [], order),
            (views, paths, Array(0..<7)), (views, paths, []),
        ] {
            #expect(throws: TorchError.self) { try method.computeGradients(views, paths: paths, order: order) }
        }
        for foreign in [[0], [0, 4], [-1, 0], [0, 0, 0]] {
            #expect(throws: SpaceError.self) {
                try method.computeGradients(views, paths: [paths[0], Architecture(foreign)], order: order)
            }
        }
    }
}
