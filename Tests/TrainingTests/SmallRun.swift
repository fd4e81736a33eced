import Datasets
import Experiments
import Foundation
import Torch
import Training

/// Images that a tiny network can learn in seconds: each class is a bar at its own place, in noise.
struct BarImages: ImageDataset {
    let count: Int
    let classNames = ["top", "middle", "bottom", "none"]
    var broken: Set<Int> = []

    func label(at index: Int) -> Int { index % 4 }

    func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        if broken.contains(index) {
            throw DatasetError(.corrupt, file: source(at: index), "made to fail", advice: "leave it out")
        }
        var pixels = (0..<144).map { UInt8(truncatingIfNeeded: ($0 &* 7919 &+ index &* 104_729) % 64) }
        if label(at: index) < 3 {
            let row = label(at: index) * 4 + 1
            for place in row * 12..<(row + 2) * 12 { pixels[place] = 255 }
        }
        return Image(width: 12, height: 12, channels: 1, pixels: pixels)
    }

    func source(at index: Int) -> String { "bar \(index)" }
}

/// A run small enough for a test, in a folder of its own.
struct SmallRun {
    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "supernet-training-" + UUID().uuidString
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    static func options(epochs: Int = 3) throws -> NetworkTrainingConfiguration {
        var options = NetworkTrainingConfiguration()
        options.data.source = "bars"
        options.data.threads = 1
        options.data.augmentation = try Augmentation([
            .randomCrop(size: 12, padding: 1), .randomErasing(p: 0.5), .normalize(mean: [0.3], std: [0.3]),
        ])
        options.data.evaluation = try Augmentation([.centerCrop(12), .normalize(mean: [0.3], std: [0.3])])
        options.data.validationFraction = 0.25
        options.network.planes = [16, 16]
        options.network.depths = [1, 1]
        options.network.expansion = 1
        options.network.code = [3, 1]
        options.train.epochs = epochs
        options.train.batchSize = 8
        options.train.learningRate = 0.05
        options.train.cutmix = 1
        options.train.mixup = 0.2
        options.train.mixProbability = 0.5
        options.train.averageDecay = 0.9
        options.train.clipNorm = 5
        options.log.every = 3
        options.log.checkpointEvery = 4
        return options
    }

    func training(
        _ options: NetworkTrainingConfiguration, images: BarImages = BarImages(count: 80), fresh: Bool = false
    ) throws -> NetworkTraining {
        let run = try RunFolder(
            folder, configuration: Resolved(options), seed: options.seed, command: ["test"], fresh: fresh)
        let data = OpenedDataset(layout: .idx, train: images, test: BarImages(count: 16))
        return try NetworkTraining(
            options: options, data: data, run: run, progress: ProgressReporter(output: Silence()))
    }
}

/// Progress that nobody reads.
final class Silence: ProgressOutput {
    var columns: Int? { nil }
    func write(_ text: String) {}
}
