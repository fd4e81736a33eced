import Foundation

/// Where on a line of the drawing a value stands.
public struct Scale: Sendable, Equatable {
    /// How equal steps on the drawing change the value.
    public enum Kind: Sendable, Equatable {
        /// By equal differences.
        case linear
        /// By equal factors; values must be positive.
        case logarithmic
    }

    /// What equal steps mean.
    public let kind: Kind
    /// The value at `start`; below `upper`.
    public let lower: Double
    /// The value at `end`.
    public let upper: Double
    /// In pixels of the drawing; may lie beyond `end`, as it does for an axis that points up.
    public let start: Double
    /// Where the upper value stands.
    public let end: Double

    /// A scale over a range of values. One that is empty, not finite, or not positive for a logarithmic scale,
    /// becomes 0 to 1, or 1 to 10.
    public init(_ kind: Kind, from lower: Double, to upper: Double, start: Double, end: Double) {
        let isUsable = lower < upper && (upper - lower).isFinite && (kind == .linear || lower > 0)
        self.kind = kind
        self.lower = isUsable ? lower : kind == .linear ? 0 : 1
        self.upper = isUsable ? upper : kind == .linear ? 1 : 10
        self.start = start
        self.end = end
    }

    /// The place of a value, in pixels; beyond the ends for a value beyond the range.
    public func position(of value: Double) -> Double {
        let share =
            switch kind {
            case .linear: (value - lower) / (upper - lower)
            case .logarithmic: (log(value) - log(lower)) / (log(upper) - log(lower))
            }
        return start + share * (end - start)
    }

    /// The value at a place: the inverse of ``position(of:)``.
    public func value(at position: Double) -> Double {
        let share = (position - start) / (end - start)
        return
            switch kind
        {
        case .linear: lower + share * (upper - lower)
        case .logarithmic: exp(log(lower) + share * (log(upper) - log(lower)))
        }
    }

    /// Whether such a scale has a place for the value: finite, not so large that differences overflow, and positive
    /// where logarithms are taken.
    public static func isDrawable(_ value: Double, _ kind: Kind) -> Bool {
        abs(value) <= 1e300 && (kind == .linear || value >= 1e-300)
    }
}
