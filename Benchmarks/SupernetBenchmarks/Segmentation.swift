import Architectures
import ArgumentParser
import Datasets
import Foundation
import NN
import Networks
import Support
import Tasks
import Torch

/// DeepLabV3 on a dilated ResNeSt-50: a training step, and a whole image by windows and flips.
struct Segmentation: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "DeepLabV3 against PyTorch eager: a training step at 2 x 480 x 480, and a whole image.")

    @Option(help: "Times that each side is measured, in turn.") var rounds = 3
    @Option(help: "Steps, or images, of each measurement.") var iterations = 1
    @Option(help: "Threads of each side.") var threads = 2
    @Option(help: "float32 or bfloat16.") var precision = Precision.bfloat16.rawValue
    @Flag(help: "Only the training step.") var stepOnly = false

    private static let (classes, size, batch) = (150, 480, 2)

    func validate() throws {
        guard Precision(rawValue: precision) != nil else {
            throw ValidationError("--precision must be float32 or bfloat16, not \(precision)")
        }
    }

    func run() throws {
        try Runtime.setThreadCount(threads)
        let precision = Precision(rawValue: precision) ?? .bfloat16
        try compare("a training step, 2 x 480 x 480", "step") { try Self.steps(iterations, precision) }
        guard !stepOnly else { return }
        try compare("an image of 512 x 683 by windows and flips", "image") { try Self.images(iterations, precision) }
    }

    private func compare(_ title: String, _ what: String, own: () throws -> Double) throws {
        try Peer.compare(
            "DeepLabV3, ResNeSt-50 trans, \(Self.classes) classes, \(precision), \(threads) threads: \(title)",
            with: "PyTorch", what,
            rounds: rounds, own: own
        ) {
            try Peer.run(
                "deeplab.py",
                [
                    "--what", what, "--dtype", precision, "--threads", "\(threads)", "--iterations", "\(iterations)",
                ])
        }
    }

    /// The published network: its layers, and the channels of C4.
    private static func layers() throws -> Layer {
        let plain = try ResNeStSpace.resnest50.network(code: ResNeStSpace.transferCode, classes: 1).backbone
        return DeepLabV3.network(try plain.dense(outputStride: 8), classes: classes)
    }

    private static func milliseconds(_ count: Int, _ body: () throws -> Void) throws -> Double {
        try body()
        return median(
            try (0..<count).map { _ in
                let start = DispatchTime.now().uptimeNanoseconds
                try body()
                return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
            })
    }

    private static func steps(_ count: Int, _ precision: Precision) throws -> Double {
        let store = try ParameterStore(seed: 1, format: .channelsLast)
        let network = try Backbone(layers(), channels: 3, store: store)
        let auxiliary = try Backbone(
            DeepLabV3.auxiliary(classes: classes), channels: network.mapChannels["C4"] ?? 1024,
            at: store.root / "auxiliary")
        let head = SegmentationHead(auxiliaryWeight: 0.2, auxiliary: auxiliary)
        let optimizer = try SGD(
            [ParameterGroup(store.parameters.map { ($0.key, $0.tensor) })], momentum: 0.9, weightDecay: 1e-4)
        let generator = try Generator(seed: 2)
        let images = try Tensor.normal([batch, 3, size, size], using: generator).contiguous(.channelsLast)
        var targets = Targets(numbers: try Tensor([Int64](repeating: 0, count: batch)))
        targets.maps = try Tensor.integers([batch, size, size], in: 0..<classes, using: generator).to(.uint8)
        return try milliseconds(count) {
            try store.clearGradients()
            let mode = Mode.training(generator)
            let (features, other) = try withPrecision(precision) {
                let maps = try network.maps(images, mode)
                return (maps.output, try head.auxiliary(maps, mode))
            }
            try head.loss(features, auxiliary: other, targets, mode, progress: 0).loss.backward()
            try optimizer.step(learningRate: 0.01)
        }
    }

    private static func images(_ count: Int, _ precision: Precision) throws -> Double {
        let names = (0..<classes).map { "class \($0)" }
        let network = try ImageNetwork(
            NetworkDescription(channels: 3, classes: 0, backbone: layers()), head: .map(outputs: classes),
            store: ParameterStore(seed: 1, format: .channelsLast))
        let folder = NSTemporaryDirectory() + "supernet-benchmark-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/network.safetensors"
        try NetworkFile.write(
            network,
            NetworkFile.Card(
                task: SegmentationTask.name, network: network.description, head: .map(outputs: classes),
                classNames: names, imageSize: ImageSize(size), mean: Augmentation.imageNetMean,
                std: Augmentation.imageNetStd, base: 520), to: path)
        let segmenter = try ImageSegmenter(
            NetworkFile.read(path), options: .init(mirrors: true), precision: precision)
        let image = try NoiseImages(count: 1, classes: 1, width: 683, height: 512)
            .image(at: 0, decoding: ImageDecoding(channels: .rgb))
        return try milliseconds(count) { _ = try segmenter(image) }
    }
}
