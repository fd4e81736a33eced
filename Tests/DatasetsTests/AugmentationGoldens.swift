import Foundation

@testable import Datasets

/// Tests/Goldens/augmentation.json, which the script beside it made with torchvision.
struct AugmentationGoldens: Decodable {
    struct Picture: Decodable {
        let shape: [Int]
        let values: [UInt8]

        var image: Image { Image(width: shape[2], height: shape[1], channels: shape[0], pixels: values) }
    }

    struct Case: Decodable {
        let image: String
        let op: String
        let arguments: [Double]
        let shape: [Int]
        let values: [Float]
    }

    struct Magnitudes: Decodable {
        let signed: Bool
        let magnitudes: [Double]?
    }

    struct Operation: Decodable {
        let operation: String
        let magnitude: Double
        let values: [Float]
    }

    let images: [String: Picture]
    let cases: [Case]
    let tables: [String: [String: Magnitudes]]
    let operations: [Operation]

    static let shared: Result<AugmentationGoldens, any Error> = Result {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Goldens/augmentation.json").standardizedFileURL
        return try JSONDecoder().decode(AugmentationGoldens.self, from: Data(contentsOf: file))
    }
}

/// The result of applying `steps`, and its shape [C, H, W].
func applied(
    _ steps: [AppliedTransform], to image: Image, layout: PixelLayout = .nchw
) throws -> (shape: [Int], values: [Float]) {
    var (height, width) = (image.height, image.width)
    for step in steps { (height, width) = step.outputSize(height: height, width: width) }
    var values = [Float](repeating: .nan, count: max(0, image.channels * height * width))
    try values.withUnsafeMutableBufferPointer {
        try TransformExecutor().apply(steps, to: image, into: $0, layout: layout)
    }
    return ([image.channels, height, width], values)
}

/// An image of reproducible noise.
func noise(_ width: Int, _ height: Int, channels: Int = 3, seed: UInt64 = 1) -> Image {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    let pixels = (0..<(width * height * channels)).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(state >> 56)
    }
    return Image(width: width, height: height, channels: channels, pixels: pixels)
}
