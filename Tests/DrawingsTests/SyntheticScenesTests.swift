import Datasets
import Foundation
import Support
import TestFolders
import TestImages
import Testing

@testable import Drawings

@Suite struct SyntheticScenesTests {
    /// Cut-outs of one colour each: those of training have red in them, those of validation have none.
    private func cutOuts(_ folder: TemporaryFolder, count: Int = 4) throws -> String {
        for (part, red) in [("train", UInt8(250)), ("test", 0)] {
            for (label, name) in ["ball", "box \"one\""].enumerated() {
                for number in 0..<count {
                    let side = 40
                    var pixels: [UInt8] = []
                    for y in 0..<side {
                        for x in 0..<side {
                            let (u, v) = (Double(x) - 19.5, Double(y) - 19.5)
                            let isIn = label == 0 ? u * u + v * v < 300 : abs(u) < 16 && abs(v) < 12
                            pixels += isIn ? [red, UInt8(60 + 40 * number), 200, 255] : [9, 9, 9, 0]
                        }
                    }
                    try folder.write(rgba(pixels, side), to: "cut/\(part)/\(name)/\(number).png")
                }
            }
            try folder.write(
                Image(width: 20, height: 20, channels: 1, pixels: [UInt8](repeating: 5, count: 400)).pngData(),
                to: "cut/\(part)/opaque/a.png")
        }
        return folder.file("cut")
    }

    /// A PNG with alpha, its pixels stored without compression.
    private func rgba(_ pixels: [UInt8], _ side: Int) -> [UInt8] {
        func big(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
        func chunk(_ kind: String, _ body: [UInt8]) -> [UInt8] {
            let content = Array(kind.utf8) + body
            var sum = UInt32.max
            for byte in content {
                sum ^= UInt32(byte)
                for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
            }
            return big(UInt32(body.count)) + content + big(~sum)
        }
        var rows: [UInt8] = []
        for y in 0..<side { rows += [0] + pixels[4 * side * y..<4 * side * (y + 1)] }
        var (low, high) = (UInt32(1), UInt32(0))
        for byte in rows {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        let count = UInt16(rows.count)
        let length = [UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8)]
        let deflated: [UInt8] = [0x78, 1, 1] + length + rows + big(high << 16 | low)
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", big(UInt32(side)) + big(UInt32(side)) + [8, 6, 0, 0, 0]) + chunk("IDAT", deflated)
            + chunk("IEND", [])
    }

    private func options(seed: UInt64 = 0) -> SyntheticScenes.Options {
        var options = SyntheticScenes.Options()
        (options.trainingImages, options.validationImages, options.seed) = (10, 6, seed)
        options.size = ImageSize(height: 48, width: 64)
        return options
    }

    @Test func bothLayoutsTellTheSameScenes() throws {
        let folder = try TemporaryFolder()
        let set = try SyntheticScenes(cutOuts: try cutOuts(folder), options())
        #expect(set.classNames == ["ball", "box \"one\""] && set.cutOutCounts == (8, 8))
        let made = folder.file("made")
        try set.write(to: made)
        let parts = try SegmentationParts.open(made)
        #expect(parts.layout == .ade20k && parts.classes.names == ["background", "ball", "box \"one\""])
        #expect(parts.train.count == 10 && parts.validation?.count == 6 && parts.leftOut.count == 0)
        let counts = PixelCounts(of: parts.train)
        #expect(counts.problems.isEmpty && counts.classes.allSatisfy { $0 > 200 })

        struct File: Decodable {
            struct Entry: Decodable { let id: Int, file_name: String, height: Int, width: Int }
            struct Thing: Decodable {
                struct Runs: Decodable { let size: [Int], counts: String }
                let id: Int, image_id: Int, category_id: Int, bbox: [Float], area: Int, iscrowd: Int
                let segmentation: Runs
            }
            struct Category: Decodable { let id: Int, name: String }
            let images: [Entry], annotations: [Thing], categories: [Category]
        }
        var ids: Set<Int> = []
        for (name, part) in [("train2017", parts.train), ("val2017", try #require(parts.validation))] {
            let bytes = try FileBytes.read("\(made)/annotations/instances_\(name).json")
            let file = try JSONDecoder().decode(File.self, from: Data(bytes))
            #expect(file.categories.map(\.name) == ["ball", "box \"one\""] && file.images.count == part.count)
            for (index, entry) in file.images.enumerated() {
                let shared = try FileBytes.read("\(made)/\(name)/\(entry.file_name)")
                #expect(try shared == FileBytes.read(part.source(at: index)))
                guard case .map(let map) = try part.annotation(at: index) else { throw AnnotationError("no map") }
                var rest = map.classes.map { $0 == 255 ? 0 : $0 }
                for thing in file.annotations where thing.image_id == entry.id {
                    #expect(ids.insert(thing.id).inserted && thing.iscrowd == 0)
                    let mask = try RunLengths(
                        height: thing.segmentation.size[0], width: thing.segmentation.size[1],
                        compressed: thing.segmentation.counts)
                    let box = try #require(mask.bounds)
                    #expect(thing.area == mask.area && thing.bbox == [box.x0, box.y0, box.width, box.height])
                    for (place, value) in mask.pixels.enumerated() where value == 1 {
                        #expect(Int(rest[place]) == thing.category_id)
                        rest[place] = 0
                    }
                }
                #expect(rest.allSatisfy { $0 == 0 })
            }
        }
    }

    /// The colours of a class's pixels tell which cut-outs were used.
    @Test func noCutOutIsSeenInBothParts() throws {
        let folder = try TemporaryFolder()
        try SyntheticScenes(cutOuts: try cutOuts(folder), options()).write(to: folder.file("made"))
        let parts = try SegmentationParts.open(folder.file("made"))
        for (part, isRed) in [(parts.train, true), (try #require(parts.validation), false)] {
            for index in 0..<part.count {
                let image = try part.image(at: index, decoding: ImageDecoding())
                guard case .map(let map) = try part.annotation(at: index) else { throw AnnotationError("no map") }
                let reds = map.classes.indices.filter { map.classes[$0] == 1 || map.classes[$0] == 2 }
                    .map { image.pixels[3 * $0] }.sorted()
                guard reds.count > 50 else { continue }
                #expect((reds[reds.count / 2] > 128) == isRed)
            }
        }
    }

    @Test func aSeedGivesTheSameBytes() throws {
        let folder = try TemporaryFolder()
        let source = try cutOuts(folder)
        func files(_ name: String, _ seed: UInt64) throws -> [String: [UInt8]] {
            let path = folder.file(name)
            try SyntheticScenes(cutOuts: source, options(seed: seed)).write(to: path)
            let names = try Folder.files(below: path) { _ in true }
            return try Dictionary(uniqueKeysWithValues: names.map { ($0, try FileBytes.read("\(path)/\($0)")) })
        }
        let one = try files("one", 0)
        #expect(try files("two", 0) == one && one.count == 16 * 3 + 4)
        let other = try files("other", 1)
        #expect(Set(other.keys) == Set(one.keys))
        let images = one.keys.filter { $0.hasPrefix("images/") }
        #expect(images.count == 16 && images.allSatisfy { one[$0] != other[$0] })
        // The same set again is left as it is; another is not written over it.
        #expect(try files("one", 0) == one)
        expectError(.unwritable, "not this set") {
            try SyntheticScenes(cutOuts: source, options(seed: 1)).write(to: folder.file("one"))
        }
    }

    @Test func whatCannotBeComposedIsRefused() throws {
        let folder = try TemporaryFolder()
        let few = try cutOuts(folder, count: 2)
        expectError(.invalidArgument, "no class of 4 cut-outs") { _ = try SyntheticScenes(cutOuts: few, options()) }
        var wrong = options()
        (wrong.trainingImages, wrong.size) = (0, ImageSize(height: 16, width: 4_096))
        expectError(.invalidArgument, "trainingImages", "height", "width") {
            _ = try SyntheticScenes(cutOuts: few, wrong)
        }
        expectError(.unreadable, "cannot be read") { _ = try SyntheticScenes(cutOuts: folder.file("none"), options()) }
    }
}
