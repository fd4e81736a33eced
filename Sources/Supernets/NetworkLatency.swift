import Architectures
import Support

extension LatencyMeter {
    /// The time of one pass of a network on this machine with one thread, in milliseconds, up to its features: the median
    /// over rounds of the median of passes. The weights do not matter and are random.
    ///
    /// - Parameters:
    ///   - network: the network.
    ///   - imageSize: the size of the images, in pixels.
    ///   - options: the settings of the measurement.
    /// - Throws: what building or running the network throws.
    public static func latency(
        of network: NetworkDescription, imageSize: ImageSize, options: Options = Options()
    ) throws -> Double {
        let image = FeatureShape(network.channels, imageSize.height, imageSize.width)
        let pass = try prepare(network.backbone, image, image: image, options)
        return try withOneThread {
            let turns = try (0..<max(options.rounds, 1)).map { _ in
                for _ in 0..<max(options.warmUp, 0) { _ = try pass() }
                return median(try (0..<max(options.passes, 1)).map { _ in try pass() })
            }
            return median(turns)
        }
    }
}
