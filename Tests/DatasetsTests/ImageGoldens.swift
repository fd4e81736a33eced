import Foundation
import Support
import Testing

@testable import Datasets

/// What `Tests/Goldens/images.py` made: files, and what `supernet.images` of `Python/` reads of them and of all other files.
struct ImageGoldens: Decodable {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let height: Int
        let width: Int
        let channels: Int
        let upright: Bool
        let short: Int?
        /// Compressed with gzip.
        let pixels: Data

        var testDescription: String { "\(name), \(channels) channels" + (upright ? ", upright" : "") }
        var isJPEG: Bool { name.contains("jpeg") || name.hasPrefix("jpegs, ") && !name.contains("png") }

        var decoding: ImageDecoding {
            ImageDecoding(
                channels: channels == 1 ? .grey : .rgb, minimumShortSide: short, orientation: upright ? .exif : .ignore)
        }

        func expected() throws -> [UInt8] { try Gzip.inflate(Array(pixels), name: name, limit: 1 << 20) }
    }

    let files: [String: Data]
    let cases: [Case]

    static let shared = Result {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Goldens/images.json").standardizedFileURL
        return try JSONDecoder().decode(ImageGoldens.self, from: Data(contentsOf: file))
    }

    /// A file, of this script or of the others.
    static func file(_ name: String) throws -> [UInt8] {
        if name.hasPrefix("readers, ") { return try ReaderGoldens.picture(String(name.dropFirst(9))).bytes }
        if name.hasPrefix("jpegs, ") { return try PillowPicture.named(String(name.dropFirst(7))).bytes }
        return Array(try #require(shared.get().files[name]))
    }
}
