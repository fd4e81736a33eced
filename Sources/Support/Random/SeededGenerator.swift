#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A random generator whose whole state is two integers, so that it can be written into a checkpoint, and that can be
/// started anywhere: `SeededGenerator(seed: 1, 7, 42)` is the stream of epoch 7, sample 42, whatever came before it.
///
/// The output function is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014) over a key that absorbs the stream's coordinates one at a time. The stream is a published constant of
/// this library: runs made with it must reproduce in later versions, and a test pins its first values.
public struct SeededGenerator: RandomNumberGenerator, Hashable, Sendable, Codable {
    /// The state that the next value is made from; it advances by the increment at each draw.
    public private(set) var state: UInt64
    /// Odd, and different for each stream, so that two streams never walk the same orbit in step.
    public let increment: UInt64

    /// The stream with the given coordinates under `seed`.
    ///
    /// - Parameters:
    ///   - seed: the run's seed.
    ///   - stream: any number of coordinates, such as (epoch, index). Their order counts.
    public init(seed: UInt64, _ stream: UInt64...) {
        self.init(seed: seed, stream: stream)
    }

    /// The stream with the given coordinates under `seed`.
    public init(seed: UInt64, stream: [UInt64]) {
        var key = Self.mix(seed &+ Self.golden)
        for coordinate in stream {
            key = Self.mix((key ^ Self.mix(coordinate &+ Self.golden)) &+ Self.golden)
        }
        state = key
        increment = Self.mix(key ^ 0xD1B5_4A32_D192_ED03) | 1
    }

    /// The next 64 uniform bits of the stream.
    public mutating func next() -> UInt64 {
        state = state &+ increment
        return Self.mix(state)
    }

    private static let golden: UInt64 = 0x9E37_79B9_7F4A_7C15

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension SeededGenerator {
    /// A number in [0, 1) with 53 random bits.
    @inline(__always)
    public mutating func uniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// A number in [`low`, `high`).
    @inline(__always)
    public mutating func uniform(_ low: Double, _ high: Double) -> Double {
        low + (high - low) * uniform()
    }

    /// An integer in 0..<`bound`, without bias (Lemire's method). `bound` must be positive.
    @inline(__always)
    public mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "below(\(bound)): the bound must be positive")
        return Int(next(upperBound: UInt64(bound)))
    }

    /// Draws true with the given probability.
    @inline(__always)
    public mutating func chance(_ probability: Double) -> Bool {
        uniform() < probability
    }

    /// A normal deviate of mean 0 and variance 1 (Box and Muller; two draws each, none kept, so that the state stays
    /// two integers).
    public mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * .pi * uniform())
    }

    /// A gamma deviate of unit scale (Marsaglia and Tsang, "A simple method for generating gamma variables", 2000).
    /// `shape` must be positive.
    public mutating func gamma(shape: Double) -> Double {
        precondition(shape > 0, "gamma(shape: \(shape)): the shape must be positive")
        if shape < 1 {
            let boost = pow(1 - uniform(), 1 / shape)
            return gamma(shape: shape + 1) * boost
        }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let cube = 1 + c * x
            guard cube > 0 else { continue }
            let v = cube * cube * cube
            if log(1 - uniform()) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
        }
    }

    /// A beta deviate in [0, 1]; both parameters must be positive.
    public mutating func beta(_ alpha: Double, _ beta: Double) -> Double {
        let x = gamma(shape: alpha)
        let y = gamma(shape: beta)
        // Of parameters so small or so large that nothing of the deviates is left, the mean.
        return x + y > 0 && (x + y).isFinite ? x / (x + y) : 0.5
    }

    /// The integers 0..<`count` in random order (Fisher and Yates).
    public mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        var last = count - 1
        while last > 0 {
            order.swapAt(last, below(last + 1))
            last -= 1
        }
        return order
    }
}
