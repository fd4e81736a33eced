import Foundation
import Testing

@testable import Datasets

/// Batches of P labels with K images each.
@Suite("Batches of identities")
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

    @Test(
        "Every batch holds P labels with K images each, as different as can be", arguments: [(4, 3), (11, 2), (1, 7)])
    func batches(perBatch: Int, images: Int) throws {
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

    @Test("An epoch goes once through all labels; only the last batch has some again")
    func coverage() throws {
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

    @Test("Over the epochs every image comes")
    func images() throws {
        let loader = try loader(perBatch: 11, images: 2)
        var seen: Set<Int> = []
        for epoch in 0..<30 { seen.formUnion(try loader.contents(epoch: epoch).flatMap(\.indices)) }
        #expect(seen == Set(people.labels.indices))
    }

    @Test("Seed and epoch alone decide, not the threads", arguments: [0, 1, 3])
    func deterministic(threads: Int) throws {
        let reference = try loader().contents(epoch: 2)
        let threaded = try loader { $0.threads = threads }
        #expect(try threaded.contents(epoch: 2) == reference)
        #expect(try threaded.contents(epoch: 3).map(\.indices) != reference.map(\.indices))
        #expect(try loader { $0.seed = 6 }.contents(epoch: 2).map(\.indices) != reference.map(\.indices))
    }

    @Test("Beginning at batch k gives the batches from k of a full pass", arguments: [0, 2])
    func resume(threads: Int) throws {
        let loader = try loader { $0.threads = threads }
        let whole = try loader.contents(epoch: 4)
        for first in 0...4 {
            #expect(try loader.contents(epoch: 4, from: first) == Array(whole.dropFirst(first)))
        }
    }

    @Test("A repeated image is augmented anew, its first place as ever")
    func repeats() throws {
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

    @Test("The other samplings are those of `shuffle`")
    func samplings() {
        var options = BatchLoaderOptions(batchSize: 4)
        #expect(options.sampling == .inOrder && !options.shuffle)
        options.shuffle = true
        #expect(options.sampling == .shuffled)
        options.sampling = .identities(perBatch: 2, images: 2)
        #expect(options.shuffle)
        #expect(BatchLoaderOptions(batchSize: 4, shuffle: true).sampling == .shuffled)
    }

    @Test("Values that cannot be are named")
    func refusals() throws {
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
