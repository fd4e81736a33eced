/// What training a study's supernet will take, from a few steps of it that are run and measured here.
///
/// Steps at two small batches give two points: the line through them parts what every step needs (weights, gradients,
/// their averages, the teacher, the keys) from what every image adds (activations).
public struct SupernetEstimate: Sendable, Equatable {
    /// Steps of the whole phase.
    public let steps: Int
    /// Images a step.
    public let batchSize: Int
    /// Floating-point operations of one step, two for each multiply-add: forward, and twice that backward.
    public let operations: Double
    /// The measured batches: images, seconds of a step, seconds of loading them with one thread, bytes.
    public let measurements: [Measurement]

    /// One measured batch size.
    public struct Measurement: Sendable, Equatable {
        /// Images of a step.
        public let images: Int
        /// Median seconds of a step without loading.
        public let seconds: Double
        /// Median seconds of decoding and augmenting its images with one thread.
        public let loading: Double
        /// The most that tensors had in use at once, in bytes.
        public let bytes: Int
    }

    /// Seconds of a step of the whole batch here; loading runs beside it.
    public var secondsPerStep: Double { line(\.seconds).at(batchSize) }
    /// Seconds of loading a batch here with one thread.
    public var loadingPerStep: Double {
        // In proportion to the images, by the larger measurement: there is nothing that every batch takes alike.
        measurements.last.map { $0.loading / Double($0.images) * Double(batchSize) } ?? 0
    }
    /// Bytes of tensors at the whole batch. On a GPU the same tensors lie in its memory, beside some hundred megabytes of
    /// its libraries.
    public var bytes: Double { line { Double($0.bytes) }.at(batchSize) }
    /// Bytes that every step needs, whatever its batch.
    public var fixedBytes: Double { max(0, line { Double($0.bytes) }.at(0)) }

    /// Seconds of the whole phase on a device of which a rate is known.
    ///
    /// - Parameters:
    ///   - rate: floating-point operations a second, as the maker says.
    ///   - utilisation: the share of it that training reaches, 0...1.
    public func seconds(rate: Double, utilisation: Double) -> Double {
        Double(steps) * operations / (rate * utilisation)
    }

    private func line(_ value: (Measurement) -> Double) -> Line {
        Line(measurements.map { (Double($0.images), value($0)) })
    }

    /// Through two points, or level through one.
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
