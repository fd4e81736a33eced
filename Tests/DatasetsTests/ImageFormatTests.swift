import TestImages
import Testing

@testable import Datasets

@Suite struct ImageFormatTests {
    /// Exact but for JPEG, whose decoders differ in how they round and enlarge chroma.
    @Test(arguments: try ImageGoldens.shared.get().cases)
    func pixelsAreThoseOfThePlainProgram(_ golden: ImageGoldens.Case) throws {
        let bytes = try ImageGoldens.file(golden.name)
        let image = try Image.decode(bytes: bytes, name: golden.name, decoding: golden.decoding)
        try #require((image.width, image.height, image.channels) == (golden.width, golden.height, golden.channels))
        let (maximum, mean) = difference(image.pixels, try golden.expected())
        #expect(maximum <= (golden.isJPEG ? 3 : 0) && mean <= (golden.isJPEG ? 0.06 : 0))
    }

    @Test func allKindsAreCovered() throws {
        let names = try Set(ImageGoldens.shared.get().cases.map(\.name))
        #expect(names.count { $0.hasPrefix("webp") } == 9 && names.count { $0.hasPrefix("bmp") } == 20)
        #expect(
            names.isSuperset(of: [
                "readers, grey 16", "readers, rgb 16 interlaced", "readers, grey 2 with a clear shade",
            ]))
        #expect(names.isSuperset(of: ["jpegs, ycck", "webp lossy alpha", "bmp runs 4", "bmp alpha, header 124"]))
    }

    @Test func storedChannelsOfBMPAndWebP() throws {
        for (name, channels) in [("bmp grey", 1), ("bmp white and black", 1), ("bmp 8", 3), ("webp grey", 3)] {
            #expect(try Image.decode(bytes: ImageGoldens.file(name), name: name).channels == channels)
        }
    }

    @Test(
        arguments: [
            "webp lossy", "webp lossless alpha", "webp animated", "webp turned 6", "bmp 24", "bmp 4", "bmp runs 8",
            "bmp runs 4", "bmp 16 masks", "bmp 4 of OS/2",
        ])
    func truncatedFilesAreErrors(_ name: String) throws {
        let bytes = try ImageGoldens.file(name)
        // Of a BMP, a last byte or two may be padding, and the mark of its end.
        let needed = name.hasPrefix("bmp") ? bytes.count - 3 : bytes.count
        for count in 0..<needed {
            let error = #expect(throws: DatasetError.self, "\(count) of \(bytes.count) bytes") {
                try Image.decode(bytes: Array(bytes[..<count]), name: "cut")
            }
            if count >= 18 { #expect(error?.kind == .corrupt) }
        }
    }

    @Test(arguments: ["webp lossy", "webp animated", "bmp 24"])
    func imagesBeyondTheLimitsAreRefused(_ name: String) throws {
        let bytes = try ImageGoldens.file(name)
        let image = try Image.decode(bytes: bytes, name: name)
        let side = max(image.width, image.height)
        expectError(.tooLarge, "at most \(side - 1)") {
            _ = try Image.decode(bytes: bytes, name: name, limits: DecodingLimits(maximumSide: side - 1))
        }
        let pixels = image.width * image.height
        expectError(.tooLarge, "at most \(pixels - 1)") {
            _ = try Image.decode(bytes: bytes, name: name, limits: DecodingLimits(maximumPixels: pixels - 1))
        }
    }

    @Test func formatIsKnownByTheFirstBytes() throws {
        let folder = try TemporaryFolder()
        let bytes = try ImageGoldens.file("webp lossless")
        let path = try folder.write(bytes, to: "cat/photo.jpg")
        #expect(try Image.decode(contentsOf: path) == Image.decode(bytes: bytes, name: ""))
        for (kind, start) in [
            ("GIF", Array("GIF89a".utf8)), ("TIFF", [0x4D, 0x4D, 0, 0x2A]),
            ("HEIC", [0, 0, 0, 24] + Array("ftypheic".utf8)),
            ("AVIF", [0, 0, 0, 32] + Array("ftypavif".utf8)), ("JPEG XL", [0xFF, 0x0A]),
        ] {
            expectError(.unsupported, "a.jpg", "of the kind \(kind), which is not read", "ordinary JPEG or PNG") {
                _ = try Image.decode(bytes: start + [UInt8](repeating: 0, count: 40), name: "a.jpg")
            }
        }
    }
}

@Suite struct BMPTests {
    /// Of 4 x 2 pixels with a palette of two colours, black and (1, 2, 3).
    private func runs(_ data: [UInt8], compression: UInt8 = 1, bits: UInt8 = 8) -> [UInt8] {
        bmp(bits: bits, compression: compression, colours: 2, palette: [0, 0, 0, 0, 3, 2, 1, 0], data)
    }

    private func bmp(
        width: Int32 = 4, height: Int32 = 2, planes: UInt8 = 1, bits: UInt8, compression: UInt8 = 0, colours: UInt8 = 0,
        palette: [UInt8] = [], start: UInt32? = nil, _ data: [UInt8]
    ) -> [UInt8] {
        func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        let begin = start ?? UInt32(54 + palette.count)
        var bytes = Array("BM".utf8) + word(0) + word(0) + word(begin) + word(40)
        bytes +=
            word(UInt32(bitPattern: width)) + word(UInt32(bitPattern: height)) + [
                planes, 0, bits, 0, compression, 0, 0, 0,
            ]
        bytes += word(0) + word(0) + word(0) + word(UInt32(colours)) + word(0)
        return bytes + palette + data
    }

    private func grey(_ bytes: [UInt8]) throws -> [Bool] {
        try Image.decode(bytes: bytes, name: "a.bmp", decoding: .init(channels: .grey)).pixels.map { $0 > 0 }
    }

    @Test func skippedPixelsHaveTheFirstColourAndLongRunsEndWithTheirRow() throws {
        // Rows come from below. A run of two, the end of the image at once.
        #expect(try grey(runs([2, 1, 0, 1])) == [false, false, false, false, true, true, false, false])
        // An empty row, a move by two, a run far too long.
        #expect(
            try grey(runs([0, 0, 0, 2, 2, 0, 200, 1, 0, 1])) == [false, false, true, true, false, false, false, false])
        // Nothing after the last row is needed, not even its mark; a move out of the image ends it.
        #expect(try grey(runs([4, 1, 0, 0, 4, 1])) == Array(repeating: true, count: 8))
        #expect(try grey(runs([0, 2, 0, 200])) == Array(repeating: false, count: 8))
        #expect(try grey(runs([3, 0x10, 0, 1], compression: 2, bits: 4)).suffix(4) == [true, false, true, false])
    }

    @Test func badPalettesEarlyEndsAndHeadersAreDamage() throws {
        for bytes in [runs([2, 2, 0, 1]), runs([4, 1]), runs([0, 4, 1, 1]), runs([0, 2, 1])] {
            expectError(.corrupt, "a.bmp") { _ = try grey(bytes) }
        }
        let palette: [UInt8] = [0, 0, 0, 0, 3, 2, 1, 0]
        expectError(.corrupt, "palette") {
            _ = try grey(bmp(bits: 8, colours: 2, palette: palette, [0, 1, 2, 1, 0, 0, 0, 0]))
        }
        expectError(.corrupt) { _ = try grey(bmp(bits: 8, start: 54, [])) }
        expectError(.corrupt, "too early") {
            _ = try grey(bmp(bits: 24, start: 4_000_000_000, [UInt8](repeating: 0, count: 24)))
        }
        expectError(.corrupt, "masks") {
            _ = try grey(bmp(bits: 32, compression: 3, start: 66, [0xFF, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0, 1, 0]))
        }
        expectError(.corrupt, "empty") { _ = try grey(bmp(width: 0, bits: 24, [])) }
        for (width, height) in [(-4, 2), (4, Int32.min), (Int32.max, Int32.max)] as [(Int32, Int32)] {
            expectError(.tooLarge) { _ = try grey(bmp(width: width, height: height, bits: 24, [])) }
        }
        let kinds: [(bits: UInt8, compression: UInt8)] = [(2, 0), (64, 0), (8, 2), (4, 1), (24, 4), (0, 5), (8, 3)]
        for kind in kinds {
            expectError(.unsupported, "compression \(kind.compression)") {
                _ = try grey(bmp(bits: kind.bits, compression: kind.compression, [UInt8](repeating: 0, count: 64)))
            }
        }
        expectError(.unsupported, "2 planes") {
            _ = try grey(bmp(planes: 2, bits: 24, [UInt8](repeating: 0, count: 24)))
        }
    }

    @Test func pixelsWithoutAPlaceStandBehindThePalette() throws {
        let palette: [UInt8] = [0, 0, 0, 0, 3, 2, 1, 0]
        let data: [UInt8] = [0b0101_0000, 0, 0, 0, 0b1100_0000, 0, 0, 0]
        for start in [62, 54, 0] as [UInt32] {
            let bytes = bmp(bits: 1, palette: palette, start: start, data)
            #expect(try grey(bytes) == [true, true, false, false, false, true, false, true])
        }
    }
}
