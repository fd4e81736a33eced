import Support
import Testing

@testable import Datasets

/// Thousands of damaged files: each must give a value or a `DatasetError`, and the process must live.
@Suite struct FuzzTests {
    /// Flips a few bytes, and at times cuts the file or repeats a piece of it.
    private static func damaged(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var result = bytes
        for _ in 0..<1 + generator.below(4) {
            // Half of the damage goes to the header, where it does the most.
            let end = generator.chance(0.5) ? min(result.count, 64) : result.count
            result[generator.below(end)] = generator.chance(0.3) ? 0xFF : UInt8(generator.below(256))
        }
        if generator.chance(0.1) { result.removeLast(generator.below(result.count)) }
        if generator.chance(0.1), result.count > 1 {
            let start = generator.below(result.count)
            let piece = result[start..<min(result.count, start + 1 + generator.below(40))]
            result.insert(contentsOf: piece, at: generator.below(result.count))
        }
        return result
    }

    /// How many of `count` damaged copies of the files `body` takes without an error.
    private func survivors(
        of files: [[UInt8]], count: Int, seed: UInt64, _ body: ([UInt8], Int) throws -> Void
    ) throws -> Int {
        var accepted = 0
        for round in 0..<count {
            var generator = SeededGenerator(seed: seed, UInt64(round))
            let bytes = Self.damaged(files[round % files.count], &generator)
            do {
                try body(bytes, round)
                accepted += 1
            } catch let error as DatasetError {
                if error.problems.isEmpty { Issue.record("an error without a problem in round \(round)") }
            }
        }
        return accepted
    }

    @Test(arguments: ["png", "jpeg", "webp", "bmp", "turned"])
    func damagedImagesFailCleanly(kind: String) throws {
        let goldens = try ReaderGoldens.shared.get()
        let others = try ImageGoldens.shared.get().files.sorted { $0.key < $1.key }.filter { $0.key.contains(kind) }
        let files =
            switch kind {
            case "png": goldens.png.map(\.bytes)
            case "jpeg": goldens.jpeg.map(\.bytes)
            default: others.map { Array($0.value) }
            }
        let limits = DecodingLimits(maximumSide: 2_000, maximumPixels: 200_000)
        let accepted = try survivors(of: files, count: 3_000, seed: 11) { bytes, round in
            let decoding = ImageDecoding(
                channels: ImageDecoding.Channels.allCases[round % 3], minimumShortSide: round % 5 == 0 ? 5 : nil)
            let image = try Image.decode(bytes: bytes, name: "damaged", decoding: decoding, limits: limits)
            #expect(image.width * image.height <= limits.maximumPixels)
        }
        // Most damage is noticed: all of it by PNG's checksums, but for what they do not cover.
        if ["png", "jpeg"].contains(kind) { #expect((1..<2_000).contains(accepted)) }
    }

    @Test func damagedIDXAndGzipFailCleanly() throws {
        let goldens = try ReaderGoldens.shared.get().idx
        let plain = try ["images", "labels"].map { Array(try #require(goldens[$0])) }
        let packed = try ["images.gz", "labels.gz"].map { Array(try #require(goldens[$0])) }
        _ = try survivors(of: plain, count: 3_000, seed: 12) { bytes, round in
            let array = try IDXArray(bytes: bytes, name: "damaged", dimensions: round % 2 == 0 ? 3 : 1)
            #expect(array.elements(from: 0, count: array.count).count == array.shape.reduce(1, *))
        }
        let accepted = try survivors(of: packed, count: 3_000, seed: 13) { bytes, _ in
            _ = try Gzip.inflate(bytes, name: "damaged", limit: 1 << 20)
        }
        #expect((1..<1_000).contains(accepted))
    }

    @Test(arguments: ["list.csv", "list.tsv", "list.txt"])
    func damagedListsFailCleanly(name: String) throws {
        let texts = [
            "path,label\r\na.png,cat\r\n\"b, c.png\",dog\r\n\"d \"\"e\"\".png\",cat\r\n",
            "a.png\tcat\nb.png\tdog\n", "a.png 1\nb c.png 2\nd.png 10\n", "\"", "label,x,path\n0,,a\n1,\"\n\",b\n",
        ]
        let classes = [nil, ["cat", "dog"]]
        _ = try survivors(of: texts.map { Array($0.utf8) }, count: 2_000, seed: 14) { bytes, round in
            let dataset = try ListDataset(
                bytes: bytes, path: "folder/" + name, classNames: classes[round % 2], checksFiles: false)
            for index in 0..<dataset.count {
                #expect(dataset.classNames.indices.contains(dataset.label(at: index)))
                #expect(!dataset.source(at: index).isEmpty)
            }
        }
    }
}
