/// The estimated time and memory of training a study's supernet, from a few steps that are measured on this machine.
///
/// Steps at two small batch sizes are extrapolated linearly: the intercept is what every step needs (weights,
/// gradients, averages, the teacher, the keys), and the slope what every image adds (activations).
public struct SupernetEstimate: Sendable, Equatable {
    /// The number of steps of the whole phase.
    public let steps: Int
    /// The number of images in a step.
    public let batchSize: Int
    /// The floating-point operations of one step, two for each multiply-add; a backward pass counts as two forward
    /// passes.
    public let operations: Double
    /// The measurements at each batch size.
    public let measurements: [Measurement]

    /// The measurement at one batch size.
    public struct Measurement: Sendable, Equatable {
        /// The number of images in a step.
        public let images: Int
        /// The median seconds of a step without loading.
        public let seconds: Double
        /// The seconds of decoding and augmenting a batch with one thread.
        public let loading: Double
        /// The peak memory of tensors, in bytes.
        public let bytes: Int
    }

    /// The seconds of a step at the full batch size on this machine, without loading, which runs beside it.
    public var secondsPerStep: Double { line(\.seconds).at(batchSize) }
    /// The seconds of loading a full batch with one thread on this machine.
    public var loadingPerStep: Double {
        // In proportion to the images, by the larger measurement: there is nothing that every batch takes alike.
        measurements.last.map { $0.loading / Double($0.images) * Double(batchSize) } ?? 0
    }
    /// The bytes of tensors at the full batch size. On a GPU the same tensors are in its memory, beside some hundred
    /// megabytes of its libraries.
    public var bytes: Double { line { Double($0.bytes) }.at(batchSize) }
    /// The bytes that every step needs, whatever its batch size.
    public var fixedBytes: Double { max(0, line { Double($0.bytes) }.at(0)) }

    /// The seconds of the whole phase on a device with a known rate.
    ///
    /// - Parameters:
    ///   - rate: the peak floating-point operations in a second.
    ///   - utilisation: the share of the peak that training reaches, 0...1.
    public func seconds(rate: Double, utilisation: Double) -> Double {
        Double(steps) * operations / (rate * utilisation)
    }

    private func line(_ value: (Measurement) -> Double) -> Line {
        Line(measurements.map { (Double($0.images), value($0)) })
    }

    /// A line through two points, or through the origin and one point.
    private struct Line {
        let start: Double
        let slope: Double

        init(_ points: [(Double, Double)]) {
            guard let first = points.first, let last = points.last, last.0 > first.0 else {
                (start, slope) = (0, (points.first?.1 ?? 0) / max(points.first?.0 ?? 1, 1))
                return
            }
            // More images never take less; a slope below zero is noise.
            slope = max(0, (last.1 - first.1) / (last.0 - first.0))
            start = last.1 - slope * last.0
        }

        func at(_ x: Int) -> Double { start + slope * Double(x) }
    }
}
