import TestImages
import Testing

@testable import Datasets

@Suite struct StoredPNGTests {
    @Test func valuesAreThoseThatPillowStored() throws {
        let masks = try SegmentationGoldens.shared.get().masks
        for mask in masks where !mask.values.isEmpty {
            let stored = try StoredPNG(Array(mask.file), name: mask.name)
            #expect(stored.width == mask.width && stored.height == mask.height, "\(mask.name)")
            #expect(stored.values == mask.values, "\(mask.name)")
            let palette = stored.palette?.flatMap { [$0.red, $0.green, $0.blue] }
            #expect(palette == mask.palette, "\(mask.name)")
        }
        #expect(masks.count == 10)
        let large = try #require(masks.last)
        expectError(.unsupported, "16 bits above 255") { _ = try StoredPNG(Array(large.file), name: "large.png") }
    }

    @Test func alphaIsKeptWhereItIsAskedFor() throws {
        let masks = try SegmentationGoldens.shared.get().masks
        let palette = try #require(masks.first { $0.name == "palette of 4 bits" })
        let stored = try StoredPNG(Array(palette.file), name: palette.name, alpha: true)
        let colours = try #require(palette.palette)
        #expect(stored.channels == 4 && stored.palette == nil)
        var expected: [UInt8] = []
        for value in palette.values { expected += colours[3 * Int(value)..<3 * Int(value) + 3] + [255] }
        #expect(stored.values == expected)
        let alpha = try #require(masks.first { $0.name == "colours with alpha" })
        let kept = try StoredPNG(Array(alpha.file), name: alpha.name, alpha: true)
        let alphas = Set(stride(from: 3, to: kept.values.count, by: 4).map { kept.values[$0] })
        #expect(kept.channels == 4 && alphas.count > 8)
    }

    @Test func damageIsAnError() throws {
        let mask = try #require(try SegmentationGoldens.shared.get().masks.first)
        let bytes = Array(mask.file)
        for count in stride(from: 0, to: bytes.count, by: 3) {
            #expect(throws: DatasetError.self) { try StoredPNG(Array(bytes.prefix(count)), name: "cut.png") }
        }
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 0x55
            // Some bytes mean nothing to the pixels; none may do harm.
            _ = try? StoredPNG(changed, name: "changed.png")
        }
        expectError(.unsupported, "no PNG") { _ = try StoredPNG(Array("GIF89a".utf8), name: "a.png") }
        expectError(.unsupported, "empty") { _ = try StoredPNG([], name: "a.png") }
    }

    @Test func coloursAreReadAndWrittenInHexadecimal() {
        #expect(PixelColour(hex: "#A0300f") == PixelColour(160, 48, 15))
        #expect(PixelColour(160, 48, 15).hex == "#a0300f" && PixelColour(0, 0, 1).hex == "#000001")
        for wrong in ["a0300f", "#a0300", "#a0300f0", "#g0300f", "#+0300f", ""] {
            #expect(PixelColour(hex: wrong) == nil)
        }
        let many = PixelClasses.distinctColours(255)
        #expect(Set(many).count == 255 && Array(many.prefix(19)) == PixelClasses.distinctColours(19))
    }
}
