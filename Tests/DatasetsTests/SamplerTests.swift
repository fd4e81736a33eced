import TestImages
import Testing

@testable import Datasets

/// Batches of P labels with K images each.
@Suite
struct IdentitySamplingTests {
    /// Images of noise with given labels.
    private struct People: ImageDataset {
        let labels: [Int]
        var count: Int { labels.count }
        var classNames: [String] { (0...(labels.max() ?? 0)).map { "person \($0)" } }
        func label(at index: Int) -> Int { labels[index] }
        func source(at index: Int) -> String { "noise-\(index).png" }
        func image(at index: Int, decoding: ImageDecoding) throws -> Image { noise(8, 8, seed: UInt64(index)) }
    }

    /// Eleven people of 1 to 6 images, in turn; nobody is 4.
    private let people = People(
        labels: (0..<6).flatMap { turn in (0..<12).filter { $0 != 4 && $0 % 6 >= turn } })

    private func loader(
        _ dataset: People? = nil, perBatch: Int = 4, images: Int = 3,
        _ change: (inout BatchLoaderOptions) -> Void = { _ in }
    ) throws -> BatchLoader {
        var options = BatchLoaderOptions(identities: perBatch, images: images)
        options.seed = 5
        change(&options)
        return try BatchLoader(
            dataset: dataset ?? people, augmentation: Augmentation([.randomCrop(size: 8, padding: 3)]), options: options
        )
    }

    @Test(arguments: [(4, 3), (11, 2), (1, 7)]) func batchesHoldLabelsWithAsManyImagesEach(perBatch: Int, images: Int)
        throws
    {
        let loader = try loader(perBatch: perBatch, images: images)
        let epoch = try loader.contents(epoch: 1)
        #expect(epoch.count == loader.batchCount && epoch.count == (11 - 1) / perBatch + 1)
        for batch in epoch {
            #expect(batch.indices.count == perBatch * images && batch.shape[0] == perBatch * images)
            #expect(batch.labels == batch.indices.map { Int64(people.labels[$0]) })
            #expect(Set(batch.labels).count == perBatch)
            for start in stride(from: 0, to: batch.labels.count, by: images) {
                #expect(Set(batch.labels[start..<(start + images)]).count == 1)
                let stock = people.labels.count { $0 == Int(batch.labels[start]) }
                #expect(Set(batch.indices[start..<(start + images)]).count == min(stock, images))
            }
        }
    }

    @Test func epochsGoOnceThroughAllLabels() throws {
        let everyone = Set(people.labels.map(Int64.init))
        for epoch in 0..<4 {
            let firsts = try loader().contents(epoch: epoch).flatMap { batch in
                stride(from: 0, to: 12, by: 3).map { batch.labels[$0] }
            }
            #expect(firsts.count == 12 && Set(firsts.prefix(11)) == everyone)
        }
        let whole = try loader { $0.dropLast = true }
        #expect(whole.batchCount == 2)
        let kept = try whole.contents(epoch: 0)
        #expect(try kept == Array(loader().contents(epoch: 0).prefix(2)))
        #expect(Set(kept.flatMap(\.labels)).count == 8)
    }

    @Test func everyImageComesOverTheEpochs() throws {
        let loader = try loader(perBatch: 11, images: 2)
        var seen: Set<Int> = []
        for epoch in 0..<30 { seen.formUnion(try loader.contents(epoch: epoch).flatMap(\.indices)) }
        #expect(seen == Set(people.labels.indices))
    }

    @Test(arguments: [0, 1, 3]) func orderFollowsFromSeedAndEpochAlone(threads: Int) throws {
        let reference = try loader().contents(epoch: 2)
        let threaded = try loader { $0.threads = threads }
        #expect(try threaded.contents(epoch: 2) == reference)
        #expect(try threaded.contents(epoch: 3).map(\.indices) != reference.map(\.indices))
        #expect(try loader { $0.seed = 6 }.contents(epoch: 2).map(\.indices) != reference.map(\.indices))
    }

    @Test(arguments: [0, 2]) func epochsCanBeBegunAtAnyBatch(threads: Int) throws {
        let loader = try loader { $0.threads = threads }
        let whole = try loader.contents(epoch: 4)
        for first in 0...4 {
            #expect(try loader.contents(epoch: 4, from: first) == Array(whole.dropFirst(first)))
        }
    }

    @Test func repeatedImagesAreAugmentedAnew() throws {
        let lonely = People(labels: [0, 1])
        let loader = try loader(lonely, perBatch: 2, images: 5) { $0.views = 2 }
        let batch = try #require(try loader.contents(epoch: 0).first)
        #expect(batch.indices.count == 10 && Set(batch.indices) == [0, 1])
        func image(_ slot: Int, _ view: Int) -> ArraySlice<UInt32> {
            batch.views[view][(slot * 192)..<(slot * 192 + 192)]
        }
        for start in [0, 5] {
            let all = (start..<(start + 5)).flatMap { slot in (0..<2).map { Array(image(slot, $0)) } }
            #expect(Set(all).count > 5)
        }
        let once = try self.loader(lonely, perBatch: 2, images: 1) { $0.views = 2 }
        let first = try #require(try once.contents(epoch: 0).first)
        let slot = try #require(first.indices.firstIndex(of: batch.indices[0]))
        #expect(first.views[1][(slot * 192)..<(slot * 192 + 192)].elementsEqual(image(0, 1)))
    }

    @Test func otherSamplingsAreThoseOfShuffle() {
        var options = BatchLoaderOptions(batchSize: 4)
        #expect(options.sampling == .inOrder && !options.shuffle)
        options.shuffle = true
        #expect(options.sampling == .shuffled)
        options.sampling = .identities(perBatch: 2, images: 2)
        #expect(options.shuffle)
        #expect(BatchLoaderOptions(batchSize: 4, shuffle: true).sampling == .shuffled)
    }

    @Test func valuesThatCannotBeAreNamed() throws {
        func problems(_ make: () throws -> BatchLoader) -> [String] {
            guard case .options(let problems)? = #expect(throws: BatchLoaderError.self, performing: { try make() })
            else {
                return []
            }
            return problems
        }
        // Twelve classes, but only eleven with images.
        #expect(
            problems { try loader(perBatch: 12) } == [
                "labels of a batch (=12) must be at most the labels that the data set has samples of (=11)"
            ])
        #expect(
            problems { try loader { $0.batchSize = 32 } } == [
                "batch size (=32) must be labels of a batch (=4) times images of a label (=3), 12"
            ])
        let none = problems { try loader(perBatch: 0, images: -1) }
        #expect(none.contains("labels of a batch (=0) must be in 1...1048576"))
        #expect(none.contains("images of a label (=-1) must be in 1...1048576"))
        #expect(problems { try loader(perBatch: .max, images: 2) }.count == 2)
    }
}

/// Batches whose halves are of two sets.
@Suite struct HalvesSamplerTests {
    private func loader(first: Int, count: Int, batchSize: Int) throws -> BatchLoader {
        var options = BatchLoaderOptions(batchSize: batchSize, seed: 7, channels: .grey)
        options.sampling = .halves(first: first)
        return try BatchLoader(
            dataset: BarImages(count: count), augmentation: Augmentation([.centerCrop(12)]), options: options)
    }

    private func indices(_ loader: BatchLoader, epoch: Int, from first: Int = 0) throws -> [[Int]] {
        let batches = try loader.batches(epoch: epoch, from: first)
        var found: [[Int]] = []
        while let batch = try batches.next() { found.append(batch.indices) }
        return found
    }

    @Test(arguments: [(6, 26), (20, 26), (13, 26)]) func everyBatchIsHalfOfEach(_ first: Int, _ count: Int) throws {
        let loader = try loader(first: first, count: count, batchSize: 8)
        let batches = try indices(loader, epoch: 0)
        let larger = max(first, count - first)
        #expect(loader.batchCount == larger / 4 && batches.count == loader.batchCount)
        for batch in batches {
            #expect(batch.prefix(4).allSatisfy { $0 < first } && batch.suffix(4).allSatisfy { $0 >= first })
        }
        // Of the larger set nothing comes twice; of the smaller everything before anything comes again.
        let all = batches.flatMap { $0 }
        let counts = Dictionary(grouping: all, by: { $0 }).mapValues(\.count)
        let large = first > count - first ? 0..<first : first..<count
        #expect(large.allSatisfy { counts[$0] ?? 0 <= 1 })
        let small = (0..<count).filter { !large.contains($0) }.map { counts[$0] ?? 0 }
        if let least = small.min(), let most = small.max() { #expect(most - least <= 1) }
    }

    @Test func orderFollowsFromSeedAndEpochAlone() throws {
        let loader = try loader(first: 10, count: 30, batchSize: 4)
        let whole = try indices(loader, epoch: 2)
        #expect(try indices(loader, epoch: 2, from: 3) == Array(whole.dropFirst(3)))
        #expect(try indices(loader, epoch: 3) != whole)
    }

    @Test func whatCannotBeHalvedIsRefused() {
        for (first, count, size) in [(0, 10, 4), (10, 10, 4), (5, 10, 5), (5, 10, 12)] {
            #expect(throws: BatchLoaderError.self, "\(first) \(count) \(size)") {
                _ = try loader(first: first, count: count, batchSize: size)
            }
        }
    }
}
