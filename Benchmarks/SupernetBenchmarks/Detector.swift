import Architectures
import ArgumentParser
import Datasets
import Detectors
import Foundation
import NN
import Networks
import Support
import Tasks
import Torch

/// Mask R-CNN on a ResNet-50: a training step of two images, and the findings in one.
struct Detector: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Mask R-CNN against torchvision's, with its settings: a training step at 2 x 320 x 320, and an image."
    )

    @Option(help: "Times that each side is measured, in turn.") var rounds = 3
    @Option(help: "Steps, or images, of each measurement.") var iterations = 2
    @Option(help: "Threads of each side.") var threads = 2
    @Option(help: "float32 or bfloat16.") var precision = Precision.float32.rawValue
    @Flag(help: "Only the training step.") var stepOnly = false
    @Flag(help: "Only the image.") var imageOnly = false

    private static let (classes, size, batch) = (90, 320, 2)

    func validate() throws {
        guard Precision(rawValue: precision) != nil else {
            throw ValidationError("--precision must be float32 or bfloat16, not \(precision)")
        }
    }

    func run() throws {
        try Runtime.setThreadCount(threads)
        let precision = Precision(rawValue: precision) ?? .float32
        if !imageOnly {
            try compare("a training step, 2 x 320 x 320", "step") { try Self.steps(iterations, precision) }
        }
        if !stepOnly { try compare("an image, 320 x 320", "image") { try Self.images(iterations, precision) } }
    }

    private func compare(_ title: String, _ what: String, own: () throws -> Double) throws {
        let root = try Peer.repository()
        _ = try Peer.output(root.appendingPathComponent("Scripts/torchvision-operators"), [])
        let stubs = root.appendingPathComponent(".deps/torchvision-stubs").path
        try Peer.compare(
            "Mask R-CNN, ResNet-50, \(Self.classes) classes, \(precision), \(threads) threads: \(title)",
            with: "torchvision", what,
            rounds: rounds, own: own
        ) {
            try Peer.run(
                "maskrcnn.py",
                [
                    "--what", what, "--dtype", precision, "--threads", "\(threads)", "--iterations", "\(iterations)",
                ], libraries: stubs)
        }
    }

    // MARK: The network

    /// torchvision's ResNet-50.
    private static func resnet() -> Layer {
        func convolution(_ key: String, _ outputs: Int, _ kernel: Int, _ stride: Int = 1) -> Layer.Part {
            .init(key, .convolution(.init(outputs, kernel: kernel, stride: stride, padding: kernel / 2)))
        }
        func norm(_ key: String) -> Layer.Part { .init(key, .batchNorm(scale: 1)) }
        let relu = Layer.Part("", .relu)
        func block(_ planes: Int, _ stride: Int, isFirst: Bool) -> Layer {
            let body = Layer.sequence([
                convolution("conv1", planes, 1), norm("bn1"), relu, convolution("conv2", planes, 3, stride),
                norm("bn2"),
                relu, convolution("conv3", 4 * planes, 1), norm("bn3"),
            ])
            let shortcut = Layer.Part(
                "downsample", .sequence([convolution("0", 4 * planes, 1, stride), norm("1")]))
            return .residual(body: body, shortcut: isFirst ? shortcut : nil, relu: true)
        }
        var parts = [
            convolution("conv1", 64, 7, 2), norm("bn1"), relu,
            .init("", .pool(.init(.max, kernel: 3, stride: 2, padding: 1))),
        ]
        for (stage, (planes, depth)) in zip([64, 128, 256, 512], [3, 4, 6, 3]).enumerated() {
            for number in 0..<depth {
                let stride = number == 0 && stage > 0 ? 2 : 1
                parts.append(
                    .init("layer\(stage + 1).\(number)", block(planes, stride, isFirst: number == 0)))
            }
        }
        return .sequence(parts + [.init("", .globalPool)])
    }

    private static func description() -> DetectorDescription {
        var description = DetectorDescription(classes: classes, hasMasks: true, options: .torchvision)
        description.options.regions.leastScore = 0
        return description
    }

    /// Twelve objects of an image, the same on both sides.
    private static func rectangles(_ image: Int) -> [AnnotatedBox] {
        (0..<12).map { number in
            let side = size / 10 + number * size / 40
            let (x, y) = ((37 * number + 11 * image) % (size - side), (53 * number + 29 * image) % (size - side))
            var pixels = [UInt8](repeating: 0, count: size * size)
            for row in y..<y + side { for column in x..<x + side { pixels[row * size + column] = 1 } }
            return AnnotatedBox(
                BoundingBox(x0: Float(x), y0: Float(y), x1: Float(x + side), y1: Float(y + side)),
                label: (number * 7 + image) % 90,
                mask: .runLengths(RunLengths(height: size, width: size, pixels: pixels)))
        }
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
        let network = try Backbone(resnet().dense(outputStride: 32).layer, channels: 3, store: store)
        let head = DetectionHead(
            try NetworkHead.detector(description()).makeDetector(maps: network.mapChannels, store.root / "fc"))
        let optimizer = try SGD(
            [ParameterGroup(store.parameters.map { ($0.key, $0.tensor) })], momentum: 0.9, weightDecay: 1e-4)
        let generator = try Generator(seed: 2)
        let images = try Tensor.normal([batch, 3, size, size], using: generator).contiguous(.channelsLast)
        var targets = Targets(numbers: try Tensor([Int64](repeating: 0, count: batch)))
        targets.boxes = (0..<batch).map(rectangles)
        return try milliseconds(count) {
            try store.clearGradients()
            targets.seed += 1
            let mode = Mode.training(generator)
            let maps = try withPrecision(precision) { try network.maps(images, mode) }
            try head.loss(of: maps, auxiliary: nil, targets, mode, progress: 0).loss.backward()
            try optimizer.step(learningRate: 0.0001)
        }
    }

    private static func images(_ count: Int, _ precision: Precision) throws -> Double {
        let network = try ImageNetwork(
            NetworkDescription(channels: 3, classes: 0, backbone: resnet().dense(outputStride: 32).layer),
            head: .detector(description()), store: ParameterStore(seed: 1, format: .channelsLast))
        let images = try Tensor.normal([1, 3, size, size], using: Generator(seed: 2)).contiguous(.channelsLast)
        let sizes = ImageSizes(padded: ImageSize(size), images: [ImageSize(size)])
        return try milliseconds(count) {
            let found = try network.findings(images, sizes, precision: precision)
            guard found[0].count == 100 else { throw Peer.Failure(description: "\(found[0].count) findings, not 100") }
        }
    }
}
