import TestImages
import Testing

@testable import Datasets

@Suite struct ImageDecodingTests {
    @Test(arguments: try ReaderGoldens.shared.get().png)
    func everyKindOfPNGGivesItsPixels(_ golden: ReaderGoldens.Picture) throws {
        let image = try Image.decode(bytes: golden.bytes, name: golden.name)
        #expect((image.width, image.height, image.channels) == (golden.width, golden.height, golden.channels))
        #expect(image.pixels == Array(golden.pixels))
    }

    /// Exact where this system's libjpeg does what Pillow's does; a build may differ in rounding.
    @Test(arguments: try ReaderGoldens.shared.get().jpeg)
    func jpegAgreesWithPillow(_ golden: ReaderGoldens.Picture) throws {
        let image = try Image.decode(bytes: golden.bytes, name: golden.name, decoding: golden.decoding)
        try #require((image.width, image.height, image.channels) == (golden.width, golden.height, golden.channels))
        let differences = zip(image.pixels, golden.pixels).map { abs(Int($0) - Int($1)) }
        #expect(differences.max() ?? 0 <= 1)
    }

    @Test(arguments: ["rgb 8", "palette 8 interlaced"])
    func greyIsTheLumaOfColour(_ name: String) throws {
        let bytes = try ReaderGoldens.picture(name).bytes
        let colour = try Image.decode(bytes: bytes, name: name, decoding: .init(channels: .rgb))
        let grey = try Image.decode(bytes: bytes, name: name, decoding: .init(channels: .grey))
        #expect(grey.channels == 1)
        for (place, value) in grey.pixels.enumerated() {
            let pixel = colour.pixels[place * 3..<place * 3 + 3].map(Double.init)
            let luma = 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]
            #expect(abs(luma - Double(value)) <= 0.51)
        }
        for kind in ["grey 4 interlaced", "grey alpha 8"] {
            let bytes = try ReaderGoldens.picture(kind).bytes
            let grey = try Image.decode(bytes: bytes, name: kind)
            let colour = try Image.decode(bytes: bytes, name: kind, decoding: .init(channels: .rgb))
            #expect(colour.channels == 3)
            #expect(colour.pixels == grey.pixels.flatMap { [$0, $0, $0] })
        }
    }

    @Test func reducedJPEGsKeepTheShortSide() throws {
        let golden = try ReaderGoldens.picture("4:2:0")
        let short = min(golden.width, golden.height)
        for minimum in 1...short + 3 {
            let decoding = ImageDecoding(minimumShortSide: minimum)
            let image = try Image.decode(bytes: golden.bytes, name: golden.name, decoding: decoding)
            let side = min(image.width, image.height)
            #expect(side >= min(minimum, short))
            let divisors = [1, 2, 4, 8].filter { (short + $0 - 1) / $0 >= minimum }
            let divisor = divisors.max() ?? 1
            #expect(image.width == (golden.width + divisor - 1) / divisor)
            #expect(image.height == (golden.height + divisor - 1) / divisor)
        }
        for decoding in [ImageDecoding(minimumShortSide: 0), ImageDecoding(minimumShortSide: -3)] {
            #expect(try Image.decode(bytes: golden.bytes, name: "", decoding: decoding).width == golden.width)
        }
    }

    @Test func pngsAreNeverReduced() throws {
        let golden = try ReaderGoldens.picture("rgb 8")
        let image = try Image.decode(bytes: golden.bytes, name: "", decoding: .init(minimumShortSide: 1))
        #expect(image.width == golden.width)
    }

    @Test(arguments: ["4:2:0", "progressive", "cmyk", "grey", "rgb 8", "palette 4 interlaced", "grey 16"])
    func truncatedFilesAreErrors(_ name: String) throws {
        let bytes = try ReaderGoldens.picture(name).bytes
        for count in 0..<bytes.count {
            let error = #expect(throws: DatasetError.self, "\(count) of \(bytes.count) bytes") {
                try Image.decode(bytes: Array(bytes[..<count]), name: "cut.jpg")
            }
            #expect(error?.file == "cut.jpg")
            if count >= 8 { #expect(error?.kind == .corrupt) }
        }
    }

    @Test func strayBytesArePassedOver() throws {
        let golden = try ReaderGoldens.picture("4:2:0")
        let whole = try Image.decode(bytes: golden.bytes, name: "")
        #expect(try Image.decode(bytes: golden.bytes + [1, 2, 3], name: "") == whole)
        let start = golden.bytes[..<2]
        #expect(try Image.decode(bytes: start + [0xFF, 0xFF] + golden.bytes[2...], name: "") == whole)
    }

    @Test func otherKindsAreRefusedByTheirFirstBytes() throws {
        expectError(.unsupported, "a.gif", "none of JPEG, PNG, WebP and BMP") {
            _ = try Image.decode(bytes: Array("BMW and other cars".utf8), name: "a.gif")
        }
        expectError(.unsupported, "empty") { _ = try Image.decode(bytes: [], name: "a.png") }
    }

    @Test func imagesBeyondTheLimitsAreRefused() throws {
        for name in ["4:2:0", "rgb 8"] {
            let golden = try ReaderGoldens.picture(name)
            let pixels = golden.width * golden.height
            let side = max(golden.width, golden.height)
            func decode(_ limits: DecodingLimits) throws {
                _ = try Image.decode(bytes: golden.bytes, name: name, limits: limits)
            }
            try decode(DecodingLimits(maximumSide: side, maximumPixels: pixels))
            expectError(.tooLarge, "at most \(side - 1)") { try decode(DecodingLimits(maximumSide: side - 1)) }
            expectError(.tooLarge, "at most \(pixels - 1)") { try decode(DecodingLimits(maximumPixels: pixels - 1)) }
            expectError(.tooLarge) { try decode(DecodingLimits(maximumSide: -1)) }
        }
    }

    @Test func hugeHeadersTakeNoMemory() throws {
        var jpeg = try ReaderGoldens.picture("progressive").bytes
        let frame = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC2 })
        jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0x7F, 0xFF, 0x7F, 0xFF])
        expectError(.tooLarge, "32767x32767") { _ = try Image.decode(bytes: jpeg, name: "bomb.jpg") }
        jpeg.replaceSubrange(frame + 5..<frame + 7, with: [0x80, 0x00])
        expectError(.tooLarge, "a side may have at most 32767") { _ = try Image.decode(bytes: jpeg, name: "bomb.jpg") }
    }

    @Test func aJPEGOfHundredsOfScansIsRefused() throws {
        let golden = try ReaderGoldens.picture("progressive")
        let bytes = golden.bytes
        let start = try #require(bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA })
        let end = try #require(
            bytes.indices.dropLast().first { $0 > start && bytes[$0] == 0xFF && bytes[$0 + 1] != 0 })
        // The first scan may come again: it tells what is known already, and costs a pass.
        func repeated(_ count: Int) -> [UInt8] {
            var many = Array(bytes[..<end])
            for _ in 0..<count { many += bytes[start..<end] }
            return many + bytes[end...]
        }
        #expect(try Image.decode(bytes: repeated(3), name: "").width == golden.width)
        let many = repeated(600)
        expectError(.tooLarge, "500 scans") { _ = try Image.decode(bytes: many, name: "scans.jpg") }
    }

    @Test func filesAreReadByPath() throws {
        let folder = try TemporaryFolder()
        let golden = try ReaderGoldens.picture("rgb 8")
        // The content decides, not the name.
        let path = try folder.write(golden.bytes, to: "picture.jpg")
        #expect(try Image.decode(contentsOf: path).pixels == Array(golden.pixels))
        expectError(.unreadable, "nothing.png", "No such file") {
            _ = try Image.decode(contentsOf: folder.path + "/nothing.png")
        }
        expectError(.unreadable, "folder") { _ = try Image.decode(contentsOf: folder.path) }
        expectError(.unreadable, "regular") { _ = try Image.decode(contentsOf: "/dev/zero") }
    }
}
