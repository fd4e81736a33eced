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
