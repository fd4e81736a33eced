/// What a training step takes on several devices, by a model that says what it assumes.
///
/// Each device computes its share of the batch, on the line that was measured, and is as fast as the one that was measured. Then
/// gradients are added up in a ring: each device sends 2 (N - 1) / N of their bytes to the next one, in 2 (N - 1) messages (Patarasuk
/// and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations", 2009). Nothing of that runs beside the
/// computation, all links are as fast as the one that was measured, and no device waits for a slower one or for images.
public struct ScalingModel: Sendable, Equatable {
    /// The bytes of gradients that are exchanged in a step.
    public var bytes: Double
    /// The bytes that a link carries in a second.
    public var bandwidth: Double
    /// The seconds of a message without content.
    public var latency: Double

    /// A model with these figures.
    public init(bytes: Double, bandwidth: Double, latency: Double) {
        (self.bytes, self.bandwidth, self.latency) = (bytes, bandwidth, latency)
    }

    /// The model in which two processes took so long to add up tensors of `bytes` bytes, and of nothing.
    ///
    /// - Parameters:
    ///   - bytes: of the gradients.
    ///   - seconds: to add them up.
    ///   - empty: seconds to add up a single number.
    public init(bytes: Int, seconds: Double, empty: Double) {
        // Of two, each sends as many bytes as there are, in two messages.
        self.init(
            bytes: Double(bytes), bandwidth: Double(bytes) / max(seconds - empty, 1e-9), latency: max(empty, 0) / 2)
    }

    /// The seconds of a reduction among devices.
    public func reduction(devices: Int) -> Double {
        guard devices > 1 else { return 0 }
        let others = Double(devices - 1)
        return 2 * others / Double(devices) * bytes / bandwidth + 2 * others * latency
    }
}
