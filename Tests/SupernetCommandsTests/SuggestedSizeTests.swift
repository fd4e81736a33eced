import Datasets
import Foundation
import Support
import TestFolders
import Testing

@testable import Training

@Suite struct SuggestedSizeTests {
    private func size(_ images: [(Int, Int)]) -> ImageSize {
        SuggestedSize.size(for: images.map { (height: $0.0, width: $0.1) })
    }

    @Test func smallImagesKeepTheirSize() {
        #expect(size([(28, 28)]) == 28)
        #expect(size([(32, 64), (32, 64)]) == ImageSize(height: 32, width: 64))
        #expect(size([(5, 7)]) == 8)
    }

    @Test func largerOnesAreReducedInTheirAspect() {
        #expect(size([(512, 512), (1000, 1010)]) == 64)
        #expect(size([(90, 130)]) == ImageSize(height: 56, width: 80))
        #expect(size([(4000, 3000)]) == ImageSize(height: 72, width: 56))
        // At most eight times as long as wide, and never too small to be halved twice.
        #expect(size([(20, 100_000)]) == ImageSize(height: 16, width: 512))
    }

    @Test func tallAndWideOnesTogetherAreSquares() {
        #expect(size([(300, 400), (400, 300), (400, 300)]) == 64)
        #expect(size([]) == 64)
    }

    @Test func allThatAreLookedAtMustBeGrey() throws {
        let folder = try TemporaryFolder()
        for (name, channels) in [("a", 1), ("b", 1)] {
            try folder.makeFolder(name)
            for index in 0..<2 {
                let pixels = [UInt8](repeating: 9, count: 20 * 10 * channels)
                try Image(width: 20, height: 10, channels: channels, pixels: pixels)
                    .writePNG(to: folder.file("\(name)/\(index).png"))
            }
        }
        func look() throws -> SuggestedSize { SuggestedSize(of: try ImageFolderDataset(at: folder.path)) }
        #expect(try look().isGrey && look().size == ImageSize(height: 10, width: 20))
        try Image(width: 20, height: 10, channels: 3, pixels: [UInt8](repeating: 9, count: 600))
            .writePNG(to: folder.file("b/colour.png"))
        try folder.write("no image", to: "a/broken.png")
        #expect(try !look().isGrey && look().size == ImageSize(height: 10, width: 20))
    }
}
