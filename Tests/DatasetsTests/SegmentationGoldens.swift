import Foundation

@testable import Datasets

/// What `Tests/Goldens/segmentation.py` made with Pillow, as far as images go.
struct SegmentationGoldens: Decodable {
    struct Mask: Decodable {
        let name: String
        let file: Data
        let width: Int
        let height: Int
        let values: [UInt8]
        let palette: [UInt8]?
    }

    struct Chain: Decodable {
        let height: Int
        let width: Int
        let pixels: Data
        let classes: Data
        let long: Int
        let crop: Int
        let flip: Bool
        let top: Int
        let left: Int
        let size: [Int]
        let outPixels: Data
        let outClasses: Data
    }

    let masks: [Mask]
    let chains: [Chain]

    static let shared: Result<SegmentationGoldens, any Error> = Result {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Goldens/segmentation.json").standardizedFileURL
        return try JSONDecoder().decode(SegmentationGoldens.self, from: Data(contentsOf: file))
    }
}
