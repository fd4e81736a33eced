import Foundation
import Support
import TestImages
import Testing

@testable import Datasets

@Suite struct ImageWritingTests {
    private func noise(_ width: Int, _ height: Int, _ channels: Int) -> Image {
        var generator = SeededGenerator(seed: 1, UInt64(width), UInt64(channels))
        let pixels = (0..<width * height * channels).map { _ in UInt8(generator.below(256)) }
        return Image(width: width, height: height, channels: channels, pixels: pixels)
    }

    @Test(arguments: [(1, 1, 1), (17, 5, 1), (3, 40, 3), (130, 70, 3)])
    func roundTripThroughPNGKeepsTheImage(width: Int, height: Int, channels: Int) throws {
        let image = noise(width, height, channels)
        for compression in [0, 6, 9] {
            #expect(try Image.decode(bytes: image.pngData(compression: compression), name: "") == image)
        }
    }

    @Test func emptyImagesAndUnknownLevelsAreRefused() {
        expectError(.invalidArgument, "0x3") { _ = try noise(0, 3, 1).pngData() }
        for compression in [-1, 10, Int.max] {
            expectError(.invalidArgument, "\(compression)") { _ = try noise(1, 1, 1).pngData(compression: compression) }
        }
    }

    @Test func aFileIsReplacedAtomically() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.png"
        for image in [noise(4, 4, 3), noise(9, 2, 1)] {
            try image.writePNG(to: path)
            #expect(try Image.decode(contentsOf: path) == image)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.png"])
        }
        expectError(.unwritable, "no/b.png", "Make the folder") {
            try noise(1, 1, 1).writePNG(to: folder.path + "/no/b.png")
        }
        // A folder of that name cannot be renamed over, and the temporary file goes.
        try folder.makeFolder("c.png/full")
        expectError(.unwritable, "c.png") { try noise(1, 1, 1).writePNG(to: folder.path + "/c.png") }
        #expect(try Set(FileManager.default.contentsOfDirectory(atPath: folder.path)) == ["a.png", "c.png"])
    }

    @Test func fittingEnlargesByWholeFactorsAndReducesByAveraging() {
        let small = Image(width: 2, height: 1, channels: 1, pixels: [10, 200])
        let enlarged = small.fitted(to: 5)
        #expect((enlarged.width, enlarged.height) == (4, 2))
        #expect(enlarged.pixels == [10, 10, 200, 200, 10, 10, 200, 200])
        let reduced = Image(width: 4, height: 2, channels: 1, pixels: [0, 10, 100, 100, 20, 30, 100, 104]).fitted(to: 2)
        #expect((reduced.width, reduced.height) == (2, 1))
        #expect(reduced.pixels == [15, 101])
        let line = noise(500, 1, 3).fitted(to: 20)
        #expect((line.width, line.height) == (20, 1))
        // A constant stays what it is.
        let flat = Image(width: 37, height: 23, channels: 3, pixels: [UInt8](repeating: 77, count: 37 * 23 * 3))
        #expect(flat.fitted(to: 11).pixels.allSatisfy { $0 == 77 })
    }

    @Test func theFontHasEveryPrintableCharacter() {
        let glyphs = (32...126).compactMap(Unicode.Scalar.init).map { BitmapFont.glyph(for: $0) }
        #expect(glyphs.count == 95)
        #expect(glyphs.allSatisfy { $0.rows.count == BitmapFont.height && (1...5).contains($0.width) })
        #expect(Set(glyphs.map(\.rows)).count == 95)
        #expect(glyphs.dropFirst().allSatisfy { $0.rows.contains { $0 != 0 } })
        #expect(BitmapFont.glyph(for: "é").rows == BitmapFont.glyph(for: "\u{7F}").rows)
        #expect(BitmapFont.width(of: "") == 0)
        let widths = BitmapFont.width(of: "A") + BitmapFont.width(of: "i") + BitmapFont.spacing
        #expect(BitmapFont.width(of: "Ai") == widths)
    }

    @Test func aContactSheetShowsSamplesOfEachClass() throws {
        let labels = (0..<60).map { $0 % 3 * 80 + 10 }
        struct Shades: ImageDataset {
            let base: LabelsOnly
            let classNames = ["dark", "middle", "light"]
            var count: Int { base.count }
            func label(at index: Int) -> Int { index % 3 }
            func source(at index: Int) -> String { "" }
            func image(at index: Int, decoding: ImageDecoding) throws -> Image {
                try base.image(at: index, decoding: decoding)
            }
        }
        let dataset = Shades(base: LabelsOnly(labels))
        let sheet = ContactSheet(of: dataset, title: "Shades", perClass: 4, cell: 20)
        #expect(sheet.rows.map(\.name) == dataset.classNames)
        #expect(sheet.rows.map(\.note) == ["20", "20", "20"])
        #expect(sheet.subtitle == "60 images, 3 classes")
        #expect(sheet.rows.map { $0.images.map(\.pixels) } == [10, 90, 170].map { Array(repeating: [$0], count: 4) })
        let picture = sheet.render()
        for shade: UInt8 in [10, 90, 170] {
            let pixels = stride(from: 0, to: picture.pixels.count, by: 3)
                .count { picture.pixels[$0..<$0 + 3].allSatisfy { $0 == shade } }
            #expect(pixels == 4 * 20 * 20)
        }
        let widths = [1000, 100_000].map { length in
            ContactSheet(rows: [.init(name: String(repeating: "i", count: length), images: [])]).render().width
        }
        #expect(widths[0] == widths[1], "names are cut, however long they are")
        let few = ContactSheet(of: dataset, perClass: 100, maximumClasses: 2)
        #expect(few.rows.map(\.images.count) == [20, 20])
        #expect(few.subtitle == "60 images, 2 of 3 classes")
    }

    @Test func emptySheetsCanBeDrawn() {
        let image = Image(width: 2, height: 2, channels: 1, pixels: [1, 2, 3, 4])
        for sheet in [
            ContactSheet(rows: []), ContactSheet(title: "T", rows: []),
            ContactSheet(rows: [.init(name: "", images: [])]), ContactSheet(rows: [.init(name: "", images: [image])]),
            ContactSheet(rows: [.init(name: String(repeating: "long ", count: 99), images: [image])], cell: -4),
            ContactSheet(title: "\u{0}\u{1F600}ü", rows: [.init(name: "日本", images: [image])]),
        ] {
            let picture = sheet.render()
            #expect(picture.width > 0 && picture.height > 0 && picture.width < 1000)
        }
    }
}
