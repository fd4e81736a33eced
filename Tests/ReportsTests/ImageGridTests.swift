import Datasets
import Foundation
import Testing

@testable import Reports

struct ImageGridTests {
    private func gradient(_ width: Int, _ height: Int, channels: Int) -> Image {
        Image(
            width: width, height: height, channels: channels,
            pixels: (0..<width * height * channels).map { UInt8($0 * 7 % 256) })
    }

    @Test(arguments: [1, 3]) func smallImagesAreEnlargedPixelByPixel(_ channels: Int) {
        let image = gradient(28, 20, channels: channels)
        let large = image.thumbnail(side: 112)
        #expect(large.width == 112 && large.height == 80 && large.channels == channels)
        for row in 0..<large.height {
            for column in 0..<large.width {
                for channel in 0..<channels {
                    let source = image.pixels[((row / 4) * 28 + column / 4) * channels + channel]
                    #expect(large.pixels[(row * 112 + column) * channels + channel] == source)
                }
            }
        }
    }

    @Test func largeImagesAreAveraged() {
        let image = gradient(500, 3, channels: 1)
        let small = image.thumbnail(side: 100)
        #expect(small.width == 167 && small.height == 1)
        let first = [0, 1, 2].flatMap { row in (0..<3).map { Int(image.pixels[row * 500 + $0]) } }
        #expect(Int(small.pixels[0]) == (first.reduce(0, +) + 4) / 9)
        // Blocks at the edge are smaller: two columns of three rows.
        let last = [0, 1, 2].flatMap { row in (498..<500).map { Int(image.pixels[row * 500 + $0]) } }
        #expect(Int(small.pixels[166]) == (last.reduce(0, +) + 3) / 6)
        let flat = Image(width: 999, height: 999, channels: 1, pixels: [UInt8](repeating: 77, count: 999 * 999))
        #expect(flat.thumbnail(side: 100).pixels.allSatisfy { $0 == 77 })
        #expect(gradient(150, 150, channels: 3).thumbnail(side: 100) == gradient(150, 150, channels: 3))
    }

    @Test func aGridHoldsEachPictureAsAPNG() throws {
        let images = [gradient(28, 28, channels: 1), gradient(400, 200, channels: 3)]
        let entries = images.map {
            ImageGrid.Entry($0, caption: [.text("a < b")], label: "\"x\"", isMarked: $0.width == 28)
        }
        let content = try #require(XMLContent(ImageGrid(entries).markup().rendered()))
        let pictures = zip(content.elements, content.attributes).filter { $0.0 == "img" }.map(\.1)
        #expect(pictures.count == 2 && pictures[0]["alt"] == "\"x\"")
        for (picture, image) in zip(pictures, images) {
            let source = try #require(picture["src"])
            #expect(source.hasPrefix("data:image/png;base64,"))
            let bytes = try #require(Data(base64Encoded: String(source.dropFirst("data:image/png;base64,".count))))
            let decoded = try Image.decode(
                bytes: [UInt8](bytes), name: "picture", decoding: ImageDecoding(channels: .asStored))
            #expect(decoded == image.thumbnail(side: ImageGrid.side))
        }
        #expect(pictures[0]["width"] == "112" && pictures[0]["height"] == "112")
        #expect(pictures[1]["width"] == "112" && pictures[1]["height"] == "56")
        #expect(content.attributes.count { $0["class"] == "picture marked" } == 1)
    }

    @Test func anImageOfNoPixelsIsRefused() {
        let empty = Image(width: 0, height: 0, channels: 1, pixels: [])
        #expect(throws: ReportError.self) { try ImageGrid([.init(empty, caption: [], label: "")]).markup() }
    }
}
