import TestImages
import Testing

@testable import Datasets

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
