import Foundation
import TestFolders
import Testing

@testable import Datasets

/// What `Tests/Goldens/readers.py` made.
struct ReaderGoldens: Decodable {
    struct Picture: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let file: Data
        let width: Int
        let height: Int
        let channels: Int
        let pixels: Data
        let wanted: ImageDecoding.Channels?
        let short: Int?

        var bytes: [UInt8] { Array(file) }
        var testDescription: String { name }

        var decoding: ImageDecoding {
            ImageDecoding(channels: wanted ?? .asStored, minimumShortSide: short)
        }
    }

    let png: [Picture]
    let jpeg: [Picture]
    let gzip: [String: Data]
    let idx: [String: Data]

    static let shared = Result {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Goldens/readers.json")
        return try JSONDecoder().decode(ReaderGoldens.self, from: Data(contentsOf: file))
    }

    static func picture(_ name: String) throws -> Picture {
        let goldens = try shared.get()
        return try #require((goldens.png + goldens.jpeg).first { $0.name == name })
    }
}

/// A folder of a test's own, deleted with it.
typealias TemporaryFolder = TestFolders.TemporaryFolder

/// Labels without images.
struct LabelsOnly: ImageDataset {
    let labels: [Int]
    let classNames: [String]

    init(_ labels: [Int]) {
        self.labels = labels
        classNames = (0...(labels.max() ?? 0)).map(String.init)
    }

    var count: Int { labels.count }
    func label(at index: Int) -> Int { labels[index] }
    func source(at index: Int) -> String { "sample \(index)" }
    func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        Image(width: 1, height: 1, channels: 1, pixels: [UInt8(labels[index])])
    }
}
