import Foundation
import TestImages
import Testing

@testable import Datasets

/// What `Tests/Goldens/jpegs.py` made.
struct PillowPicture: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let file: Data
    let width: Int
    let height: Int
    let short: Int?
    /// Of each channel.
    let mean: [Double]
    /// Compressed with gzip.
    let pixels: Data

    var bytes: [UInt8] { Array(file) }
    var testDescription: String { name }
    var isPNG: Bool { name.hasPrefix("png") }
    var decoding: ImageDecoding { ImageDecoding(channels: .rgb, minimumShortSide: short, orientation: .ignore) }

    func expected() throws -> [UInt8] {
        try Gzip.inflate(Array(pixels), name: name, limit: 1 << 20)
    }

    static let all = Result {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Goldens/jpegs.json").standardizedFileURL
        return try JSONDecoder().decode([PillowPicture].self, from: Data(contentsOf: file))
    }

    static func named(_ name: String) throws -> PillowPicture {
        try #require(try all.get().first { $0.name == name })
    }
}

/// The greatest and the mean difference of two lists of as many values.
func difference(_ a: [UInt8], _ b: [UInt8]) -> (maximum: Int, mean: Double) {
    let differences = zip(a, b).map { abs(Int($0) - Int($1)) }
    return (differences.max() ?? 0, Double(differences.reduce(0, +)) / Double(max(1, differences.count)))
}

@Suite struct PillowParityTests {
    /// JPEG decoders may differ in how they round and enlarge chroma: 3 levels at most, a twentieth of one on average.
    /// PNG leaves nothing to choose.
    @Test(arguments: try PillowPicture.all.get())
    func rgbAgreesWithPillow(_ golden: PillowPicture) throws {
        let image = try Image.decode(bytes: golden.bytes, name: golden.name, decoding: golden.decoding)
        try #require((image.width, image.height, image.channels) == (golden.width, golden.height, 3))
        let (maximum, mean) = difference(image.pixels, try golden.expected())
        #expect(maximum <= (golden.isPNG ? 0 : 3))
        #expect(mean <= (golden.isPNG ? 0 : 0.05))
        for channel in 0..<3 {
            let values = stride(from: channel, to: image.pixels.count, by: 3).map { Double(image.pixels[$0]) }
            #expect(abs(values.reduce(0, +) / Double(values.count) - golden.mean[channel]) <= 0.051)
        }
    }

    @Test(arguments: ["rgb", "colour 4:4:4", "cmyk", "cmyk, progressive", "cmyk without Adobe's segment", "ycck"])
    func everyColourSpaceGivesTheSamePicture(name: String) throws {
        let plain = try PillowPicture.named("png")
        let golden = try PillowPicture.named(name)
        let image = try Image.decode(bytes: golden.bytes, name: name, decoding: .init(channels: .rgb))
        // Of loss by compression alone; inks that are not inverted, or inverted twice, would miss by a hundred.
        #expect(difference(image.pixels, try plain.expected()).mean < 6)
    }

    @Test(arguments: [("orientation 6", "colour"), ("png, orientation 6", "png")])
    func anIgnoredOrientationTurnsNothing(tagged: String, plain: String) throws {
        let image = try Image.decode(
            bytes: PillowPicture.named(tagged).bytes, name: tagged, decoding: .init(orientation: .ignore))
        #expect(try image == Image.decode(bytes: PillowPicture.named(plain).bytes, name: plain))
        #expect(image.width > image.height)
    }

    @Test func aFolderReadsMisnamedPNGAndCMYKFiles() throws {
        let folder = try TemporaryFolder()
        let (png, cmyk) = (try PillowPicture.named("png"), try PillowPicture.named("cmyk"))
        try folder.write(png.bytes, to: "train/n02105855/n02105855_2933.JPEG")
        try folder.write(cmyk.bytes, to: "train/n02105855/n02105855_3.JPEG")
        let dataset = try openDataset(at: folder.path).train
        #expect(try dataset.image(at: 0, decoding: .init(channels: .rgb)).pixels == png.expected())
        #expect(try difference(dataset.image(at: 1, decoding: .init(channels: .rgb)).pixels, cmyk.expected()).mean < 1)
    }

    @Test(arguments: ["cmyk", "cmyk, progressive", "ycck, subsampled"], [nil, 10] as [Int?])
    func truncatedCMYKFilesAreErrors(name: String, short: Int?) throws {
        let folder = try TemporaryFolder()
        let bytes = try PillowPicture.named(name).bytes
        let decoding = ImageDecoding(channels: .rgb, minimumShortSide: short)
        for count in stride(from: 4, to: bytes.count, by: 19) {
            expectError(.corrupt, "cut.JPEG") {
                _ = try Image.decode(bytes: Array(bytes[..<count]), name: "cut.JPEG", decoding: decoding)
            }
        }
        let path = try folder.write(bytes.dropLast(2), to: "n01440764/n01440764_1.JPEG")
        let error = expectError(.corrupt, path, "Fetch the file again") {
            _ = try Image.decode(contentsOf: path, decoding: decoding)
        }
        #expect(error?.file == path)
    }

    @Test(arguments: ["cmyk", "ycck"])
    func damagedCMYKFilesFailCleanly(name: String) throws {
        let golden = try PillowPicture.named(name)
        let bytes = golden.bytes
        let scan = try #require(bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA })
        var errors = 0
        for place in stride(from: scan + 20, to: bytes.count - 2, by: 11) {
            // A marker in the middle of the entropy-coded data.
            var damaged = bytes
            damaged.replaceSubrange(place..<place + 2, with: [0xFF, 0xD9])
            do {
                let image = try Image.decode(bytes: damaged, name: "bad.JPEG", decoding: .init(channels: .rgb))
                #expect((image.width, image.height) == (golden.width, golden.height))
            } catch {
                errors += 1
                #expect(error.kind == .corrupt && error.file == "bad.JPEG")
            }
        }
        #expect(errors > 50)
    }
}
