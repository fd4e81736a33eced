import Datasets
import TestFolders
import TestImages
import Testing

@testable import Catalogue

@Suite struct NucleiTests {
    /// A TIFF of 16 bits in two strips.
    private func tiff(
        width: Int, height: Int, littleEndian: Bool = true, changing changed: [Int: Int] = [:], _ value: (Int) -> UInt16
    ) -> [UInt8] {
        func bytes(_ number: Int, _ count: Int) -> [UInt8] {
            let little = (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
            return littleEndian ? little : little.reversed()
        }
        let half = width * height / 2
        var tags: [(tag: Int, kind: Int, values: [Int])] = [
            (256, 4, [width]), (257, 3, [height]), (258, 3, [16]), (259, 3, [1]), (262, 3, [1]), (273, 4, [0, 0]),
            (277, 3, [1]), (279, 4, [2 * half, 2 * (width * height - half)]),
        ]
        for place in tags.indices {
            if let value = changed[tags[place].tag] { tags[place].values[0] = value }
        }
        let directory = 8
        var extra: [UInt8] = []
        let extraStart = directory + 2 + 12 * tags.count + 4
        let data = extraStart + 16
        tags[5].values = [data + (changed[273] ?? 0), data + 2 * half]
        var file =
            (littleEndian ? [0x49, 0x49] : [0x4D, 0x4D]) + bytes(42, 2) + bytes(directory, 4) + bytes(tags.count, 2)
        for (tag, kind, values) in tags {
            file += bytes(tag, 2) + bytes(kind, 2) + bytes(values.count, 4)
            if values.count > 1 {
                file += bytes(extraStart + extra.count, 4)
                extra += values.flatMap { bytes($0, 4) }
            } else {
                // A short number stands at the beginning of its four bytes.
                file += kind == 3 ? bytes(values[0], 2) + [0, 0] : bytes(values[0], 4)
            }
        }
        file += [0, 0, 0, 0] + extra
        for place in 0..<width * height { file += bytes(Int(value(place)), 2) }
        return file
    }

    @Test func tiffIsReadInEitherOrderOfBytes() throws {
        for littleEndian in [true, false] {
            let image = try GreyTIFF(
                tiff(width: 5, height: 3, littleEndian: littleEndian) { UInt16($0 * 4_000) }, name: "a.tif")
            #expect(image.width == 5 && image.height == 3)
            #expect(image.values == (0..<15).map { UInt16($0 * 4_000) })
        }
    }

    @Test func whatIsNoSuchTIFFIsRefused() throws {
        func file(_ changed: [Int: Int]) -> [UInt8] { tiff(width: 5, height: 3, changing: changed) { UInt16($0) } }
        expectError(.unsupported, "bits [8]") { _ = try GreyTIFF(file([258: 8]), name: "a.tif") }
        expectError(.unsupported, "compression [8]") { _ = try GreyTIFF(file([259: 8]), name: "a.tif") }
        expectError(.unsupported, "a size of") { _ = try GreyTIFF(file([256: 0]), name: "a.tif") }
        expectError(.corrupt, "do not fill") { _ = try GreyTIFF(file([256: 6]), name: "a.tif") }
        expectError(.corrupt, "beyond its end") { _ = try GreyTIFF(file([273: 1_000]), name: "a.tif") }
        expectError(.unsupported, "a.tif", "first bytes") { _ = try GreyTIFF([1, 2, 3], name: "a.tif") }
        let whole = file([:])
        for count in 0..<whole.count {
            #expect(throws: DatasetError.self) { try GreyTIFF(Array(whole.prefix(count)), name: "cut") }
        }
        for place in whole.indices {
            var changed = whole
            changed[place] ^= 0xFF
            _ = try? GreyTIFF(changed, name: "changed")
        }
    }

    @Test func tilesAreTwoPartsOfImagesAndMasks() throws {
        let side = 3 * Nuclei.tile
        let image = try GreyTIFF(tiff(width: side, height: side) { UInt16($0 % 1_000) }, name: "image")
        let map = try GreyTIFF(tiff(width: side, height: side) { UInt16($0 % side < 10 ? $0 / side : 0) }, name: "map")
        let folder = try TemporaryFolder()
        try Nuclei.write(image: image, nuclei: map, into: folder.path)
        let parts = try SegmentationParts.open(folder.path)
        #expect(parts.classes.names == ["background", "nucleus"] && parts.test == nil && parts.leftOut.count == 0)
        #expect(parts.train.count == 5 && parts.validation?.count == 4)
        let counts = PixelCounts(of: parts.train)
        #expect(counts.problems.isEmpty && counts.classes == [5 * 16_384 - (10 * side - 10), 10 * side - 10])
        expectError(.malformed, "3x3") {
            let small = try GreyTIFF(tiff(width: 3, height: 3) { _ in 0 }, name: "small")
            try Nuclei.write(image: small, nuclei: small, into: folder.path)
        }
    }

    @Test func pixelsSurviveAPNGThatIsNotCompressed() throws {
        for (width, height) in [(1, 1), (7, 3), (300, 400)] {
            let pixels = (0..<width * height).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            let image = try Image.decode(
                bytes: UncompressedPNG.encoded(width: width, height: height, pixels), name: "plain.png")
            #expect(image == Image(width: width, height: height, channels: 1, pixels: pixels))
        }
    }

    @Test func brightnessIsSpreadBetweenTheExtremes() {
        let values = (0..<1_000).map { UInt16($0 * 10) }
        let grey = Nuclei.eightBits(values)
        #expect(grey.first == 0 && grey[10] == 0 && grey[11] == 0 && grey[14] == 1 && grey.last == 255)
        #expect(zip(grey, grey.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(Nuclei.eightBits([7, 7]) == [0, 0] && Nuclei.eightBits([]).isEmpty)
    }
}
