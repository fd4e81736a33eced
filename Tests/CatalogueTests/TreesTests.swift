import Datasets
import Foundation
import Support
import TestFolders
import TestImages
import Testing

@testable import Catalogue

/// Scenes of trees, cut into tiles.
@Suite struct TreesTests {
    @Test func crownsThatATileShowsLittleOfAreGroups() throws {
        let (width, height) = (2 * Trees.tile, Trees.tile)
        let pixels = (0..<3 * width * height).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let scene = Image(width: width, height: height, channels: 3, pixels: pixels)
        let crowns = [
            DetectionObject(id: 1, place: SIMD4(10, 20, 30, 40), label: 0),
            // A quarter of it lies in the left tile, the rest in the right one.
            DetectionObject(id: 2, place: SIMD4(390, 100, 40, 40), label: 0),
        ]
        let folder = try TemporaryFolder()
        for part in ["train", "test"] { try Trees.write(scene, crowns, part: part, into: folder.path) }
        let parts = try DetectionParts.open(folder.path)
        #expect(parts.classNames == ["tree"] && parts.test?.count == 2 && parts.validation == nil)
        let (left, right) = (parts.train.images[0].objects, parts.train.images[1].objects)
        #expect(left.map(\.isCrowd) == [false, true] && left[1].place == SIMD4(390, 100, 10, 40))
        #expect(right.map(\.isCrowd) == [false] && right[0].place == SIMD4(0, 100, 30, 40))
        // Every pixel is in one tile.
        let tiles = try parts.train.images.indices.map { try parts.train.image(at: $0, decoding: ImageDecoding()) }
        #expect(tiles.map(\.width).reduce(0, +) == width && tiles.allSatisfy { $0.height == height })
        #expect(Array(tiles[1].pixels.prefix(3)) == Array(pixels[3 * Trees.tile..<3 * Trees.tile + 3]))
    }

    @Test func coloursSurviveAPNGThatIsNotCompressed() throws {
        let pixels = (0..<3 * 150 * 200).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let bytes = UncompressedPNG.encoded(width: 150, height: 200, channels: 3, pixels)
        let image = try Image.decode(bytes: bytes, name: "plain.png")
        #expect(image == Image(width: 150, height: 200, channels: 3, pixels: pixels))
    }
}
