import Architectures
import Foundation
import Networks
import Support
import Torch

/// Measures how long paths take on this machine, with one thread, and makes a table from which any path's time can be
/// predicted.
public struct LatencyMeter {
    /// The settings of a measurement.
    public struct Options: Sendable {
        /// The number of images of one pass.
        public var batchSize = 1
        /// The number of warm-up passes, which are not counted.
        public var warmUp = 3
        /// The number of passes of which the median is taken.
        public var passes = 15
        /// The precision of the computation.
        public var precision = Precision.float32

        /// Creates the default settings: one image at a time in float32, the median of 15 passes after 3 that do not
        /// count.
        public init() {}
    }

    /// The supernet whose paths are timed.
    public let supernet: Supernet
    /// The settings of the measurement.
    public let options: Options
    private let images: Tensor

    /// Creates a meter.
    ///
    /// - Parameters:
    ///   - supernet: the supernet whose paths are timed.
    ///   - imageSize: the size of the images, in pixels.
    ///   - options: the settings of the measurement.
    public init(_ supernet: Supernet, imageSize: ImageSize, options: Options = Options()) throws {
        self.supernet = supernet
        self.options = options
        images = try Tensor.normal(
            [options.batchSize, supernet.description.channels, imageSize.height, imageSize.width],
            using: Generator(seed: 0)
        ).to(supernet.store.device).contiguous(supernet.store.format)
    }

    /// The median time of one pass of a path, in milliseconds, with one thread.
    ///
    /// - Throws: `SpaceError.notInSpace`; what the network throws.
    public func measure(_ architecture: Architecture) throws -> Double {
        try supernet.space.validate(architecture)
        return try Self.withOneThread {
            try Self.median(ofPasses: options) {
                try withPrecision(options.precision, on: supernet.store.device) {
                    try wait(for: supernet.features(images, architecture, .evaluation))
                }
            }
        }
    }

    /// Measures the time of every candidate and compares the sums with the times of whole paths.
    ///
    /// - Parameters:
    ///   - checks: the number of random architectures that are timed as a whole; their mean relative error becomes that
    ///     of the table.
    ///   - seed: the seed of these architectures.
    ///   - progress: called after each measurement with the share that is done.
    /// - Throws: what the network throws.
    public func table(checks: Int = 8, seed: UInt64 = 0, progress: (Double) -> Void = { _ in }) throws -> LatencyTable {
        let checks = max(checks, 0)
        let points = supernet.space.points
        var fixed = 0.0
        var candidates = points.map { [Double](repeating: 0, count: $0.candidates.count) }
        let total = Double(supernet.segments.count + checks)
        try withoutGradients {
            try Self.withOneThread {
                // Any path leads through: all candidates give the same shapes.
                var x = images
                let base = Architecture(points.map { _ in 0 })
                for (segment, piece) in supernet.segments.enumerated() {
                    func time(_ architecture: Architecture) throws -> Double {
                        try Self.median(ofPasses: options) {
                            try withPrecision(options.precision, on: supernet.store.device) {
                                try wait(for: supernet.run(segment, x, architecture, .evaluation))
                            }
                        }
                    }
                    let plain = try time(base)
                    fixed += plain
                    for point in piece.points {
                        for candidate in points[point].candidates.indices.dropFirst() {
                            candidates[point][candidate] = try time(base.replacing(point, with: candidate)) - plain
                        }
                    }
                    x = try withPrecision(options.precision, on: supernet.store.device) {
                        try supernet.run(segment, x, base, .evaluation)
                    }
                    progress(Double(segment + 1) / total)
                }
            }
        }
        var table = LatencyTable(
            fixed: fixed, candidates: candidates, batchSize: options.batchSize,
            imageSize: ImageSize(height: images.size(2), width: images.size(3)), error: 0,
            checked: checks)
        var generator = SeededGenerator(seed: seed, RandomStream.latencyChecks)
        var errors = 0.0
        for check in 0..<checks {
            let architecture = supernet.space.random(using: &generator)
            let measured = try measure(architecture)
            errors += abs(table.latency(of: architecture) - measured) / measured
            progress((Double(supernet.segments.count + check) + 1) / total)
        }
        table.error = checks > 0 ? errors / Double(checks) : 0
        return table
    }

    /// Waits until a result is computed, as a device computes asynchronously.
    private func wait(for _: Tensor) throws {
        if supernet.store.device.kind != .cpu { try Runtime.synchronize(supernet.store.device) }
    }

    static func withOneThread<Result>(_ body: () throws -> Result) throws -> Result {
        let threads = try Runtime.threadCount()
        try Runtime.setThreadCount(1)
        defer { try? Runtime.setThreadCount(threads) }
        return try withoutGradients(body)
    }

    static func median(ofPasses options: Options, _ pass: () throws -> Void) throws -> Double {
        for _ in 0..<max(options.warmUp, 0) { try pass() }
        let times = try (0..<max(options.passes, 1)).map { _ in
            let start = DispatchTime.now().uptimeNanoseconds
            try pass()
            return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
        }.sorted()
        let middle = times.count / 2
        return times.count.isMultiple(of: 2) ? (times[middle - 1] + times[middle]) / 2 : times[middle]
    }
}
