import Architectures
import Foundation
import NN
import Networks
import Support
import Torch

/// Measures how long stand-alone networks take on this machine, with one thread, and makes a table from which the time
/// of any architecture of a space can be predicted. Nothing needs to be trained: times do not depend on weights.
///
/// What is measured are networks and blocks as they run alone, not the paths of a supernet, whose smaller candidates
/// take their weights from the largest one's: random weights, channels-last, batch norm with running statistics.
/// Networks are measured up to their features unless the options name classes.
public struct LatencyMeter {
    /// The settings of a measurement.
    public struct Options: Sendable, Hashable {
        /// The number of images of one pass.
        public var batchSize = 1
        /// The number of rounds. In each, everything that is measured has its turn, so that a disturbance of the machine
        /// falls on one round of many blocks; the median over the rounds is taken, of each one's share of the round.
        public var rounds = 15
        /// The number of passes at the beginning of each turn that are not counted.
        public var warmUp = 1
        /// The number of passes of each turn, of which the median is taken.
        public var passes = 3
        /// The precision of the computation.
        public var precision = Precision.float32
        /// The device that computes.
        public var device = Device.cpu
        /// The outputs of a linear classifier that is measured with the networks; 0 leaves it out.
        public var classes = 0
        /// The number of random whole networks that a table is fitted to, beside those with the least and the most
        /// multiply-adds.
        public var fitted = 12

        /// Creates the default settings: one image at a time in float32 on the CPU, up to the features.
        public init() {}
    }

    /// The space whose networks are timed.
    public let description: SupernetDescription
    /// The size of the images, in pixels.
    public let imageSize: ImageSize
    /// The settings of the measurement.
    public let options: Options
    private let prepare: Preparation

    /// Builds a layer for inputs of a shape. What is returned runs one pass and gives its milliseconds.
    typealias Preparation = (_ layer: Layer, _ input: FeatureShape) throws -> () throws -> Double

    /// Creates a meter.
    ///
    /// - Parameters:
    ///   - description: the space whose networks are timed.
    ///   - imageSize: the size of the images, in pixels.
    ///   - options: the settings of the measurement.
    /// - Throws: `SpaceError.layer` if the layers do not take images of this size.
    public init(_ description: SupernetDescription, imageSize: ImageSize, options: Options = Options()) throws {
        let image = FeatureShape(description.channels, imageSize.height, imageSize.width)
        try self.init(description, imageSize: imageSize, options: options) { layer, input in
            try Self.prepare(layer, input, image: image, options)
        }
    }

    /// Creates a meter whose passes are run in another way.
    init(
        _ description: SupernetDescription, imageSize: ImageSize, options: Options, prepare: @escaping Preparation
    ) throws {
        _ = try description.features(imageSize: imageSize)
        (self.description, self.imageSize, self.options) = (description, imageSize, options)
        self.prepare = prepare
    }

    /// The median time of one pass of the stand-alone network of an architecture, in milliseconds.
    ///
    /// - Throws: `SpaceError.notInSpace`; what the network throws.
    public func measure(_ architecture: Architecture) throws -> Double { try measure([architecture])[0] }

    /// The median times of the stand-alone networks of several architectures, in milliseconds, measured in turns.
    ///
    /// - Throws: `SpaceError.notInSpace`; what the networks throw.
    public func measure(_ architectures: [Architecture]) throws -> [Double] {
        let networks = try architectures.map {
            try LatencyPlan.network($0, of: description, imageSize: imageSize, classes: options.classes)
        }
        return try Self.withOneThread { try times(of: networks) }
    }

    /// Whether the stand-alone network of an architecture, measured on this machine, keeps the limit of a budget on the
    /// latency. It is measured several times, and the median counts, so that neither one lucky nor one disturbed
    /// measurement decides. Other limits of the budget are not looked at.
    ///
    /// - Parameters:
    ///   - budget: the budget; one without a limit on the latency is kept.
    ///   - architecture: the architecture.
    ///   - measurements: the number of measurements.
    /// - Throws: `SpaceError.notInSpace`; what the network throws.
    public func isWithin(_ budget: Budget, _ architecture: Architecture, measurements: Int = 3) throws -> Bool {
        try description.space.validate(architecture)
        guard let most = budget.latency else { return true }
        return Self.median(try (0..<max(measurements, 1)).map { _ in try measure(architecture) }) <= most
    }

    /// A table of the latencies of all architectures.
    ///
    /// - Parameters:
    ///   - checks: the number of random architectures that are measured as a whole and that the table is not fitted to;
    ///     their mean relative error becomes that of the table. Spaces of a few architectures have fewer.
    ///   - seed: the seed of the random architectures.
    ///   - progress: called with the share that is done.
    /// - Throws: `SpaceError.layer` for a space that has a part with too many combinations of candidates; what the
    ///   network throws.
    public func table(checks: Int = 8, seed: UInt64 = 0, progress: (Double) -> Void = { _ in }) throws -> LatencyTable {
        try blockTimes(checks: checks, seed: seed, progress: progress).table
    }

    /// Measures every block of the space and some whole networks, and scales the times of the blocks so that their sums
    /// are those of the networks: a + b * sum, where the squares of the errors are least (see `LatencyFit`).
    ///
    /// - Parameters:
    ///   - checks: as for `table`.
    ///   - seed: as for `table`.
    ///   - progress: called with the share that is done.
    /// - Throws: as `table`.
    public func blockTimes(
        checks: Int = 8, seed: UInt64 = 0, progress: (Double) -> Void = { _ in }
    ) throws -> BlockTimes {
        let plan = try LatencyPlan(
            description, imageSize: imageSize, classes: options.classes, fitted: options.fitted, checks: checks,
            seed: seed)
        // Blocks and networks in the same rounds, so that a machine that becomes slower is slower for both.
        let times = try Self.withOneThread { try self.times(of: plan.subjects, progress: progress) }
        let whole = times.suffix(plan.fitted.count + plan.checked.count)
        let raw = plan.blocks.sum(of: plan.places.map { times[$0] })
        let fit = LatencyFit(plan.fitted.map(raw.value(of:)), Array(whole.prefix(plan.fitted.count)))
        return BlockTimes(
            plan.blocks, milliseconds: plan.places.map { fit.factor * times[$0] }, constant: fit.constant,
            batchSize: options.batchSize,
            checks: zip(plan.checked, whole.dropFirst(plan.fitted.count)).map { .init($0, milliseconds: $1) })
    }

    /// The values of the weights that are held at a time.
    private static let mostParameters = 1 << 27

    /// The median times of layers, measured in turns.
    private func times(
        of subjects: [LatencyPlan.Subject], progress: (Double) -> Void = { _ in }
    ) throws -> [Double] {
        var times: [Double] = []
        let rounds = max(options.rounds, 1)
        while times.count < subjects.count {
            var group: [() throws -> Double] = []
            var parameters = 0
            for subject in subjects[times.count...] {
                parameters += subject.parameters
                guard group.isEmpty || parameters <= Self.mostParameters else { break }
                group.append(try prepare(subject.layer, subject.input))
            }
            var turns = [[Double]](repeating: [], count: group.count)
            for round in 0..<rounds {
                for (position, pass) in group.enumerated() {
                    for _ in 0..<max(options.warmUp, 0) { _ = try pass() }
                    turns[position].append(Self.median(try (0..<max(options.passes, 1)).map { _ in try pass() }))
                }
                let done = Double(times.count) + Double(group.count * (round + 1)) / Double(rounds)
                progress(done / Double(subjects.count))
            }
            // A machine that is slower for a whole round is slower for all: what counts is each one's share of the round.
            let totals = (0..<rounds).map { round in turns.reduce(0) { $0 + $1[round] } }
            let usual = Self.median(totals)
            times += turns.map { own in
                Self.median(zip(own, totals).map { $1 > 0 ? $0 / $1 * usual : $0 })
            }
        }
        return times
    }

    static func prepare(
        _ layer: Layer, _ input: FeatureShape, image: FeatureShape, _ options: Options
    ) throws -> () throws -> Double {
        let store = try ParameterStore(
            seed: 0, device: options.device, format: input.isVector ? .contiguous : .channelsLast)
        let network = try Backbone(layer, channels: input.channels, store: store)
        let positions = input.isVector ? [] : [input.height, input.width]
        // Within a network, blocks get what those before them give in its precision.
        let dtype = options.precision == .bfloat16 && input != image ? DType.bfloat16 : .float32
        let values = try Tensor.normal(
            [max(options.batchSize, 1), input.channels] + positions, using: Generator(seed: 0)
        ).to(options.device).to(dtype).contiguous(store.format)
        return {
            try withoutGradients {
                try withPrecision(options.precision, on: options.device) {
                    let start = milliseconds(on: options.device)
                    _ = try network(values, .evaluation)
                    // A device computes asynchronously.
                    if options.device.kind != .cpu { try Runtime.synchronize(options.device) }
                    return milliseconds(on: options.device) - start
                }
            }
        }
    }

    /// A clock in milliseconds: on the CPU that of the thread, which stands still while other processes have their turn,
    /// so that a machine that does other work gives the times of one that does not.
    private static func milliseconds(on device: Device) -> Double {
        var time = timespec()
        clock_gettime(device.kind == .cpu ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }

    static func withOneThread<Result>(_ body: () throws -> Result) throws -> Result {
        let threads = try Runtime.threadCount()
        try Runtime.setThreadCount(1)
        defer { try? Runtime.setThreadCount(threads) }
        return try body()
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}

/// The line a + b * x through points, of which neither a is negative, as no network takes less than its blocks, nor b
/// is 0 or less, as a larger sum must not be a shorter time. Errors count relative to what was measured.
struct LatencyFit {
    let constant: Double
    let factor: Double

    init(_ sums: [Double], _ measured: [Double]) {
        let points = zip(sums, measured).filter { $0.0 > 0 && $0.1 > 0 }
        // Weighted least squares, the weight of a point being 1 / measured^2.
        var (weight, x, y, xx, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for (sum, time) in points {
            let w = 1 / (time * time)
            (weight, x, y, xx, xy) = (weight + w, x + w * sum, y + w * time, xx + w * sum * sum, xy + w * sum * time)
        }
        let spread = weight * xx - x * x
        let slope = spread > 1e-12 * weight * xx ? (weight * xy - x * y) / spread : 0
        let start = weight > 0 ? (y - slope * x) / weight : 0
        if slope > 0, start >= 0 {
            (constant, factor) = (start, slope)
        } else {
            (constant, factor) = (0, xx > 0 ? xy / xx : 1)
        }
    }
}
