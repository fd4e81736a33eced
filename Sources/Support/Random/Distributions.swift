#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

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
