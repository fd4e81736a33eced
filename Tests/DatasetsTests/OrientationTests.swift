import Support
import TestImages
import Testing

@testable import Datasets

@Suite struct OrientationTests {
    /// EXIF with one entry, of a type, a count and four bytes of value.
    private func exif(
        big: Bool = false, tag: UInt16 = 0x0112, type: UInt16 = 3, count: UInt32 = 1, value: [UInt8]? = nil,
        offset: UInt32 = 8, entries: UInt16 = 1
    ) -> [UInt8] {
        func word(_ value: UInt16) -> [UInt8] {
            let bytes = [UInt8(value & 255), UInt8(value >> 8)]
            return big ? bytes.reversed() : bytes
        }
        func long(_ value: UInt32) -> [UInt8] {
            let bytes = (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            return big ? bytes.reversed() : bytes
        }
        return Array((big ? "MM" : "II").utf8) + word(42) + long(offset) + word(entries) + word(tag) + word(type)
            + long(count) + (value ?? word(6) + [0, 0]) + long(0)
    }

    /// A JPEG of 25 x 17 pixels with these bytes as its segment of EXIF.
    private func jpeg(_ exif: [UInt8], name: String = "Exif\0\0") throws -> [UInt8] {
        let plain = try ImageGoldens.file("jpeg turned 1")
        let segment = Array(name.utf8) + exif
        let length = UInt16(segment.count + 2)
        return plain[..<2] + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + segment + plain[2...]
    }

    private func isTurned(_ bytes: [UInt8]) throws -> Bool {
        let image = try Image.decode(bytes: bytes, name: "a.jpg")
        #expect(try Image.decode(bytes: bytes, name: "a.jpg", decoding: .init(orientation: .ignore)).width == 25)
        #expect((image.width, image.height) == (25, 17) || (image.width, image.height) == (17, 25))
        return image.width == 17
    }

    @Test func allEightOrientationsAreApplied() throws {
        let upright = try Image.decode(bytes: ImageGoldens.file("jpeg turned 1"), name: "")
        let (width, height) = (upright.width, upright.height)
        // Where a pixel of the result is in the file.
        let places: [(Int, Int) -> (x: Int, y: Int)] = [
            { ($0, $1) }, { (width - 1 - $0, $1) }, { (width - 1 - $0, height - 1 - $1) }, { ($0, height - 1 - $1) },
            { ($1, $0) }, { ($1, height - 1 - $0) }, { (width - 1 - $1, height - 1 - $0) }, { (width - 1 - $1, $0) },
        ]
        for (number, place) in places.enumerated() {
            let bytes = try ImageGoldens.file("jpeg turned \(number + 1)")
            let stored = try Image.decode(bytes: bytes, name: "", decoding: .init(orientation: .ignore))
            #expect(stored == upright)
            let seen = try Image.decode(bytes: bytes, name: "")
            #expect((seen.width, seen.height) == (number < 4 ? (width, height) : (height, width)))
            for y in 0..<seen.height {
                for x in 0..<seen.width {
                    let from = place(x, y)
                    let (a, b) = ((y * seen.width + x) * 3, (from.y * width + from.x) * 3)
                    guard Array(seen.pixels[a..<a + 3]) == Array(upright.pixels[b..<b + 3]) else {
                        Issue.record("orientation \(number + 1) at \(x), \(y)")
                        return
                    }
                }
            }
        }
    }

    @Test func bothByteOrdersAndAllNumberTypesAreRead() throws {
        #expect(try isTurned(jpeg(exif())))
        #expect(try isTurned(jpeg(exif(big: true))))
        #expect(try isTurned(jpeg(exif(type: 4, value: [6, 0, 0, 0]))))
        #expect(try isTurned(jpeg(exif(type: 1, value: [6, 0, 0, 0]))))
        // Stray bytes and a segment of something else before it.
        let plain = try jpeg(exif())
        #expect(try isTurned(plain[..<2] + [0xFF, 0xFF, 0xFF, 0xE1, 0, 4, 65, 66] + plain[2...]))
        // A PNG's may stand behind its pixels; one whose checksum is wrong says nothing.
        let png = try ImageGoldens.file("png turned 6")
        let start = try #require(png.indices.first { png[$0...].starts(with: Array("eXIf".utf8)) }) - 4
        let length = 12 + Int(png[start + 3]) + Int(png[start + 2]) * 256
        let chunk = png[start..<start + length]
        let without = png[..<start] + png[(start + length)...]
        #expect(try isTurned(Array(png)) && isTurned(without.dropLast(12) + chunk + without.suffix(12)))
        var damaged = png
        damaged[start + 8] ^= 1
        #expect(try !isTurned(damaged))
    }

    @Test func damagedEXIFTurnsNothing() throws {
        let whole = exif()
        for count in 0..<whole.count - 4 where count < 20 { #expect(try !isTurned(jpeg(Array(whole[..<count])))) }
        for block in [
            exif(tag: 0x0113), exif(type: 2), exif(count: 2), exif(count: 0), exif(value: [9, 0, 0, 0]),
            exif(value: [0, 0, 0, 0]), exif(type: 4, value: [6, 0, 0, 1]), exif(offset: 9), exif(offset: .max),
            exif(offset: 30), exif(entries: 0), Array("XX".utf8) + whole.dropFirst(2), [],
        ] {
            #expect(try !isTurned(jpeg(block)))
        }
        // As many entries as can be counted, of which few are there.
        #expect(try isTurned(jpeg(exif(entries: .max))))
        #expect(try !isTurned(jpeg(exif(tag: 1, entries: .max))))
        #expect(try !isTurned(jpeg(whole, name: "XMP\0\0\0")))
    }

    @Test func turnedJPEGsAreReducedAsOthers() throws {
        let bytes = try ImageGoldens.file("large jpeg turned 6")
        let image = try Image.decode(bytes: bytes, name: "", decoding: .init(minimumShortSide: 20))
        #expect((image.width, image.height) == (20, 30))
        let limits = DecodingLimits(maximumSide: 119)
        expectError(.tooLarge, "120x80") { _ = try Image.decode(bytes: bytes, name: "", limits: limits) }
    }

    @Test func aLoaderTurnsImagesWhenTold() throws {
        let folder = try TemporaryFolder()
        try folder.write(ImageGoldens.file("png turned 6"), to: "a/1.png")
        try folder.write(ImageGoldens.file("png turned 6"), to: "b/1.png")
        let images = try ImageFolderDataset(at: folder.path)
        for (orientation, shape) in [(ImageOrientation.exif, [3, 25, 17]), (.ignore, [3, 17, 25])] {
            let options = BatchLoaderOptions(batchSize: 2, orientation: orientation)
            let loader = try BatchLoader(
                dataset: images, augmentation: Augmentation([.normalize(mean: [0], std: [1])]), options: options)
            #expect(loader.imageShape == shape)
        }
    }

    @Test func turnedImagesAreCountedFromHeaders() throws {
        let folder = try TemporaryFolder()
        for (number, name) in ["jpeg turned 1", "jpeg turned 6", "png turned 7", "webp turned 6", "bmp 24"].enumerated()
        {
            // The pixels are not looked at, and so may be missing, where EXIF stands before them.
            let bytes = try ImageGoldens.file(name)
            try folder.write(name.hasPrefix("webp") ? bytes : Array(bytes.dropLast(20)), to: "a/\(number).png")
        }
        let images = try ImageFolderDataset(at: folder.path)
        let all = ImageOrientations(of: images)
        #expect((all.lookedAt, all.turned) == (5, 3))
        let some = ImageOrientations(of: images, limit: 2) + all
        #expect(some.lookedAt == 7)
        #expect(ImageOrientations(of: LabelsOnly([0, 1])) == .none)
    }
}
