import Architectures
import ArgumentParser
import Foundation
import Metrics
import Supernets
import Support
import Torch

/// How well a table of measured blocks predicts the latency of whole networks.
struct Latency: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Latencies of random networks, predicted from a table of blocks, against those measured.")

    @Option(help: "Sides of the square images, each with a table of its own.") var size = [64, 96]
    @Option(help: "Networks that the table was not made from.") var networks = 50
    @Option(help: "Tables that are made for each size, each judged by all networks.") var repeats = 3

    func run() throws {
        let layer = try MobileNetV2().backbone().elastic(inputs: 3).layer
        let description = try SupernetDescription("mobilenet-v2", channels: 3, backbone: layer)
        print("\nLatency of elastic MobileNetV2, one image, one thread, float32")
        for side in size {
            let meter = try LatencyMeter(description, imageSize: ImageSize(side))
            for number in 0..<repeats {
                let start = DispatchTime.now().uptimeNanoseconds
                // The networks are measured in turns with the blocks, as the machine may be faster a minute later; they
                // are none of those that the table is fitted to.
                let times = try meter.blockTimes(checks: networks, seed: UInt64(number))
                let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
                let table = times.table
                let predicted = times.checks.map { table.latency(of: $0.architecture) }
                let measured = times.checks.map(\.milliseconds)
                let later = try meter.measure(times.checks.map(\.architecture))
                func errors(_ measured: [Double]) -> [Double] { zip(predicted, measured).map { ($0 - $1) / $1 } }
                func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }
                let (now, then) = (errors(measured), errors(later))
                print(
                    String(
                        format:
                            "  %3d pixels, table %d: %d blocks in %.0f s; %d networks of %.2f to %.2f ms off by %.1f %% "
                            + "in the mean, %.1f %% at worst, tau %.3f; measured again later %.1f %%, bias %+.1f %%",
                        side, number + 1, times.blocks.blocks.count, seconds, measured.count, measured.min() ?? 0,
                        measured.max() ?? 0, 100 * mean(now.map(abs)), 100 * (now.map(abs).max() ?? 0),
                        KendallTau.b(predicted, measured) ?? .nan, 100 * mean(then.map(abs)), 100 * mean(then)))
            }
        }
    }
}
