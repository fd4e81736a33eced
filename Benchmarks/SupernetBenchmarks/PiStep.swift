import Architectures
import ArgumentParser
import Datasets
import Foundation
import Methods
import NN
import Networks
import Support
import Torch

/// One step of Pi-NAS: four embeddings along two paths, two moving averages, the loss, backward, update, new keys.
struct PiStep: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pi-step",
        abstract: "A whole step of Pi-NAS against the same step in plain PyTorch: same space, paths, batch, threads.")

    @Option(help: "Sides of the square images, in pixels: 224 (8 images), 64 (64 images), 32 (128 images).")
    var size = 64
    @Option(help: "Times that each side is measured, in turn.") var rounds = 3
    @Option(help: "Steps of each measurement.") var iterations = 4
    @Option(help: "Threads of each side.") var threads = 2
    @Option(help: "SGD of PyTorch's side: default, as most programs have it, foreach or fused.")
    var peerOptimizer = "default"
    @Flag(help: "Only this library's own bfloat16, for profiling.") var alone = false

    private var batch: Int { size >= 224 ? 8 : size >= 64 ? 64 : 128 }
    private static let warmUp = 2
    private static let queue = 49_152

    /// The pairs of paths of the steps, the same for every side, since what a step costs depends on its paths.
    private func pairs(_ space: SearchSpace) -> [(Architecture, Architecture)] {
        var generator = SeededGenerator(seed: 1, 0x91)
        return (0..<Self.warmUp + iterations).map { _ in space.disjointPair(using: &generator) }
    }

    func run() throws {
        try Runtime.setThreadCount(threads)
        let description = try ResNeStSpace.resnest50.description()
        let pairs = pairs(description.space)
        if alone {
            for _ in 0..<rounds { print(try own(description, pairs, .channelsLast, .bfloat16)) }
            return
        }
        var times: [String: [Double]] = [:]
        let names = [
            "PyTorch float32, contiguous", "this     float32, channels_last", "this     bfloat16, channels_last",
        ]
        for round in 0..<rounds {
            FileHandle.standardError.write(Data("round \(round + 1) of \(rounds)\n".utf8))
            times[names[0], default: []].append(try peer(pairs))
            times[names[1], default: []].append(try own(description, pairs, .channelsLast, .float32))
            times[names[2], default: []].append(try own(description, pairs, .channelsLast, .bfloat16))
        }
        print(
            "\nOne Pi-NAS step, resnest50, batch \(batch), \(size)x\(size), \(threads) threads, queue \(Self.queue), "
                + "PyTorch's SGD: \(peerOptimizer)")
        let base = times[names[0]] ?? []
        for name in names {
            let own = times[name] ?? []
            let ratios = zip(base, own).map { $0 / $1 }
            print(
                String(
                    format: "  %@  median %8.1f ms   %.2f times PyTorch's speed (%.2f to %.2f)",
                    name.padding(toLength: 32, withPad: " ", startingAt: 0), median(own), median(ratios),
                    ratios.min() ?? 0, ratios.max() ?? 0))
        }
    }

    private func peer(_ pairs: [(Architecture, Architecture)]) throws -> Double {
        func digits(_ path: Architecture) -> String { path.choices.map(String.init).joined() }
        let arguments = [
            "--network", "resnest50", "--batch", "\(batch)", "--size", "\(size)", "--threads", "\(threads)",
            "--optimizer", peerOptimizer, "--queue", "\(Self.queue)", "--iterations", "\(iterations)", "--warmup",
            "\(Self.warmUp)", "--paths",
        ]
        return try Peer.number(
            "median_ms", in: Peer.run("pinas.py", arguments + pairs.map { "\(digits($0.0)):\(digits($0.1))" }))
    }

    private func own(
        _ description: SupernetDescription, _ pairs: [(Architecture, Architecture)], _ format: MemoryFormat,
        _ precision: Precision
    ) throws -> Double {
        func encoder(_ seed: UInt64) throws -> SupernetEncoder {
            try SupernetEncoder(
                description, dimension: PiMethod.Options().dimension, store: ParameterStore(seed: seed, format: format))
        }
        var settings = MethodSettings()
        settings.precision = precision
        var options = PiMethod.Options()
        options.queueLength = Self.queue
        let method = try PiMethod(encoder(1), options: options, settings: settings) { try encoder(0) }
        let optimizer = try SGD(
            [ParameterGroup(method.store.parameters.map { ($0.key, $0.tensor) })], momentum: 0.9, weightDecay: 1e-4)
        let generator = try Generator(seed: 2)
        let views = try (0..<4).map { _ in
            try Tensor.normal([batch, 3, size, size], using: generator).contiguous(format)
        }
        var times: [Double] = []
        for (step, pair) in pairs.enumerated() {
            let start = DispatchTime.now().uptimeNanoseconds
            try method.store.clearGradients()
            _ = try method.computeGradients(views, paths: [pair.0, pair.1], order: Array(0..<batch))
            try optimizer.step(learningRate: 0.03)
            try method.didUpdate(step: step)
            if step >= Self.warmUp { times.append(Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6) }
        }
        return median(times)
    }
}
