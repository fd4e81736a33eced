#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The regularised incomplete beta function.
enum IncompleteBeta {
    /// I_x(a, b) for 0 <= x <= 1 and positive a, b, by the continued fraction of the NIST Digital Library of
    /// Mathematical Functions, 8.17.22, evaluated from the front (Lentz 1976).
    static func regularized(_ x: Double, _ a: Double, _ b: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        // The fraction converges fast below the mean; above it the symmetry I_x(a, b) = 1 - I_(1-x)(b, a) helps.
        if x > (a + 1) / (a + b + 2) { return 1 - regularized(1 - x, b, a) }
        let logBeta = logGamma(a) + logGamma(b) - logGamma(a + b)
        let front = exp(a * log(x) + b * log1p(-x) - logBeta) / a
        return front / fraction(x, a, b)
    }

    private static func logGamma(_ value: Double) -> Double {
        var sign: Int32 = 0
        return lgamma_r(value, &sign)
    }

    /// 1 + d1/(1 + d2/(1 + ...)).
    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        var (value, upper, lower) = (1.0, 1.0, 0.0)
        for term in 1...1000 {
            let m = Double(term / 2)
            let d =
                term.isMultiple(of: 2)
                ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            lower = 1 + d * lower
            lower = 1 / (lower == 0 ? tiny : lower)
            upper = 1 + d / upper
            if upper == 0 { upper = tiny }
            value *= upper * lower
            if abs(upper * lower - 1) < 1e-16 { break }
        }
        return value
    }
}
