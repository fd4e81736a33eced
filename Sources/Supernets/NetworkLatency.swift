import Architectures
import Foundation
import NN
import Networks
import Support
import Torch

extension LatencyMeter {
    /// The time of one pass of a network on this machine with one thread, in milliseconds, its head included: the median
    /// over several rounds of the median of passes. The weights do not matter and are random.
    ///
    /// - Parameters:
    ///   - network: the network.
    ///   - imageSize: the size of the images, in pixels.
    ///   - options: the settings of the measurement.
    ///   - rounds: the number of rounds.
    /// - Throws: what building or running the network throws.
    public static func latency(
        of network: NetworkDescription, imageSize: ImageSize, options: Options = Options(), rounds: Int = 3
    ) throws -> Double {
        let built = try ImageNetwork(network, store: ParameterStore(seed: 0, format: .channelsLast))
        let images = try Tensor.normal(
            [options.batchSize, network.channels, imageSize.height, imageSize.width], using: Generator(seed: 0)
        ).contiguous(.channelsLast)
        return try withOneThread {
            let times = try (0..<max(rounds, 1)).map { _ in
                try median(ofPasses: options) { _ = try built.outputs(images, precision: options.precision) }
            }.sorted()
            return times[times.count / 2]
        }
    }
}
