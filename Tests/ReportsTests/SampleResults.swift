import Architectures
import Datasets
import Experiments
import Results

@testable import Reports

/// Results that runs may leave behind, with names that must be escaped.
enum SampleResults {
    static let names = ["T-shirt <&> \"top\"", "it's", "</script><script>alert(1)</script>"]

    /// Grey images of a size, which tell themselves apart by their value.
    struct Images: ImageDataset {
        var count = 8
        var size = (width: 8, height: 8)
        let classNames = ["a"]

        func label(at index: Int) -> Int { 0 }
        func source(at index: Int) -> String { "image \(index)" }
        func image(at index: Int, decoding: ImageDecoding) throws -> Image {
            let pixels = [UInt8](repeating: UInt8(truncatingIfNeeded: index * 16), count: size.width * size.height)
            return Image(width: size.width, height: size.height, channels: 1, pixels: pixels)
        }
    }

    static func images(_ count: Int = 8) -> ExampleImages { ExampleImages(Images(count: count), decoding: .init()) }

    /// A network of these scores, which took some steps.
    static func result(
        validation: Score = Score(0.9, standardError: nil, metrics: ["accuracy": 0.9]), test: Score? = nil,
        architecture: Architecture? = nil, epochs: Double = 2, seconds: Double = 30
    ) -> NetworkResult {
        NetworkResult(
            architecture: architecture, cost: Cost(parameters: 24_158, multiplyAdds: 1_234_567), steps: 20,
            epochs: epochs, seconds: seconds, validation: validation, test: test)
    }

    /// Classes of images, of which some are wrong.
    static func classes(
        _ actual: [Int], _ predicted: [Int], _ confidence: [Double], names: [String] = names
    ) -> Examples {
        Examples(
            images: Array(actual.indices),
            .classes(names: names, actual: actual, predicted: predicted, confidence: confidence))
    }

    /// A network of three classes, of which one image in five is wrong.
    static var network: TrainedNetwork {
        TrainedNetwork(
            result(test: Score(0.9119, standardError: nil, metrics: ["accuracy": 0.9119], count: 10_000)),
            metrics: [.accuracy],
            examples: [classes([0, 0, 2, 1, 0], [0, 2, 0, 1, 1], [0.9, 0.61, 0.7, 0.99, 0.9999])], images: images(),
            log: [
                MetricsRow(step: 10, values: ["train/loss": 2, "train/accuracy": 0.3, "train/learning-rate": 0.1]),
                MetricsRow(step: 20, values: ["train/loss": 1, "train/accuracy": 0.6, "train/learning-rate": 0.05]),
                MetricsRow(step: 20, values: ["validation/loss": 1.2, "validation/accuracy": 0.5]),
            ], epochs: 2)
    }
}
