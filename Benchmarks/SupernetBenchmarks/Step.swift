import Architectures
import ArgumentParser
import Foundation
import NN
import Networks
import Support
import Torch

/// A full training step: forward, loss, backward, update.
struct Step: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A full training step against PyTorch, eager and compiled: same network, batch, threads, optimiser.")

    enum Network: String, ExpressibleByArgument { case tiny, resnest50 }

    @Option(help: "tiny: batch 128 at 28x28. resnest50: batch 8 at 224x224.") var network = Network.tiny
    @Option(help: "Times that each side is measured, in turn.") var rounds = 5
    @Option(help: "Steps of each measurement.") var iterations: Int?
    @Option(help: "Threads of each side.") var threads = 2
    @Flag(help: "Only this library's own, for profiling.") var alone = false
    @Option(help: "With --alone: float32 or bfloat16.") var precision = "bfloat16"

    private var batch: Int { network == .tiny ? 128 : 8 }
    private var size: Int { network == .tiny ? 28 : 224 }
    private var steps: Int { iterations ?? (network == .tiny ? 10 : 3) }

    private static let code = [1, 0, 3, 2, 1, 3]

    private func description() throws -> NetworkDescription {
        switch network {
        case .resnest50:
            return try ResNeStSpace.resnest50.network(code: ResNeStSpace.classificationCode, classes: 1000)
        case .tiny:
            return try ResNeStSpace(channels: 1, stem: .small, planes: [32, 64, 128], depths: [2, 2, 2])
                .network(code: Architecture(Self.code), classes: 10)
        }
    }

    private struct Side {
        let name: String
        let measure: () throws -> Double
    }

    func run() throws {
        try Runtime.setThreadCount(threads)
        let description = try description()
        if alone {
            let precision = Precision(rawValue: precision) ?? .bfloat16
            let stepper = try Stepper(
                description, batch: batch, size: size, format: .channelsLast, precision: precision)
            for _ in 0..<rounds { print(try stepper.milliseconds(steps)) }
            return
        }
        let own = [
            ("contiguous float32", MemoryFormat.contiguous, Precision.float32),
            ("channels_last float32", .channelsLast, .float32), ("channels_last bfloat16", .channelsLast, .bfloat16),
        ]
        var sides: [Side] = []
        for (name, format, precision) in own {
            sides.append(
                Side(name: "this     \(name)") {
                    try Stepper(description, batch: batch, size: size, format: format, precision: precision)
                        .milliseconds(steps)
                })
            sides.append(Side(name: "PyTorch  \(name)") { try peer(name.split(separator: " ").map(String.init)) })
        }
        sides.append(
            Side(name: "PyTorch  compiled bfloat16") { try peer(["channels_last", "bfloat16"], compiled: true) })
        var times = [[Double]](repeating: [], count: sides.count)
        for round in 0..<rounds {
            FileHandle.standardError.write(Data("round \(round + 1) of \(rounds)\n".utf8))
            for (index, side) in sides.enumerated() { times[index].append(try side.measure()) }
        }
        let multiplyAdds = Double(try description.cost(imageSize: ImageSize(size)).multiplyAdds * batch)
        print("\nOne training step, \(network), batch \(batch), \(size)x\(size), \(threads) threads")
        for (side, values) in zip(sides, times) {
            // Backward costs twice the forward pass.
            let rate = 6 * multiplyAdds / (median(values) / 1e3) / 1e9
            print(
                String(
                    format: "  %@  median %8.1f ms   %6.1f GFLOP/s",
                    side.name.padding(
                        toLength: 32, withPad: " ", startingAt: 0), median(values), rate))
        }
        func ratio(_ own: Int, _ peer: Int, _ label: String) {
            let ratios = zip(times[own], times[peer]).map { $0 / $1 }
            print(
                String(
                    format: "  ratio %@  median %.3f (%.3f to %.3f)",
                    label.padding(
                        toLength: 58, withPad: " ", startingAt: 0), median(ratios), ratios.min() ?? 0, ratios.max() ?? 0
                ))
        }
        ratio(0, 1, "float32, contiguous on both sides")
        ratio(2, 3, "float32, channels_last on both sides")
        ratio(4, 5, "bfloat16, channels_last on both sides")
        ratio(4, 1, "bfloat16 here / PyTorch float32 contiguous (its default)")
        ratio(4, 3, "bfloat16 here / PyTorch float32 channels_last")
        ratio(4, 6, "bfloat16 here / PyTorch bfloat16, torch.compile")
        // Of whatever forms PyTorch has here, the one that is fastest in the median over all rounds.
        let forms = sides.indices.filter { sides[$0].name.hasPrefix("PyTorch") }
        if let best = forms.min(by: { median(times[$0]) < median(times[$1]) }) {
            let form = sides[best].name.drop { $0 != " " }.trimmingCharacters(in: .whitespaces)
            ratio(4, best, "bfloat16 here / PyTorch's fastest form (\(form))")
        }
        try printPeak(bfloat16: 6 * multiplyAdds / (median(times[4]) / 1e3) / 1e9)
    }

    private func peer(_ form: [String], compiled: Bool = false) throws -> Double {
        var arguments = [
            "--network", network.rawValue, "--batch", "\(batch)", "--image-size", "\(size)", "--threads", "\(threads)",
            "--iterations", "\(steps)", "--warmup", "2", "--layout", form[0], "--dtype", form[1],
        ]
        if compiled { arguments.append("--compile") }
        if network == .tiny {
            arguments += [
                "--code", Self.code.map(String.init).joined(separator: ","), "--planes", "32,64,128", "--depths",
                "2,2,2", "--channels", "1",
            ]
        }
        return try Peer.number("median_ms", in: Peer.run("train_step.py", arguments))
    }

    /// The machine's own matrix-product rate, and what share of it the step reaches.
    private func printPeak(bfloat16 reached: Double) throws {
        try withoutGradients {
            for (dtype, name) in [(DType.float32, "float32"), (.bfloat16, "bfloat16")] {
                let matrix = try Tensor.normal([3072, 3072], dtype: dtype, using: Generator(seed: 1))
                var best = 0.0
                for _ in 0..<5 {
                    let start = DispatchTime.now().uptimeNanoseconds
                    _ = try matrix.matrixProduct(matrix)
                    let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
                    best = max(best, 2 * 3072.0 * 3072 * 3072 / seconds / 1e9)
                }
                print(String(format: "  matrix product of 3072, %@: %.0f GFLOP/s", name, best))
                if dtype == .bfloat16 {
                    print(String(format: "  the bfloat16 step reaches %.0f %% of that", 100 * reached / best))
                }
            }
        }
    }
}

/// One network with everything a step needs.
final class Stepper {
    private let network: ImageNetwork
    private let optimizer: SGD
    private let images: Tensor
    private let labels: Tensor
    private let precision: Precision

    init(
        _ description: NetworkDescription, batch: Int, size: Int, format: MemoryFormat, precision: Precision
    ) throws {
        network = try ImageNetwork(description, store: ParameterStore(seed: 1, format: format))
        optimizer = try SGD(
            [ParameterGroup(network.store.parameters.map { ($0.key, $0.tensor) })], momentum: 0.9, weightDecay: 1e-4)
        let generator = try Generator(seed: 2)
        images = try Tensor.normal([batch, description.channels, size, size], using: generator).contiguous(format)
        labels = try Tensor.integers([batch], in: 0..<description.classes, using: generator)
        self.precision = precision
        for _ in 0..<2 { try step() }
    }

    private func step() throws {
        try network.store.clearGradients()
        let logits = try withPrecision(precision) { try network(images, .training(nil)) }
        try logits.crossEntropy(labels).backward()
        try optimizer.step(learningRate: 1e-3)
    }

    /// The median over some steps.
    func milliseconds(_ steps: Int) throws -> Double {
        median(
            try (0..<steps).map { _ in
                let start = DispatchTime.now().uptimeNanoseconds
                try step()
                return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
            })
    }
}
