/// A figure with its 95 % interval.
public struct Estimate: Sendable, Equatable {
    /// Of the whole sample.
    public var value: Double
    /// The interval's lower end.
    public var low: Double
    /// The interval's upper end.
    public var high: Double

    /// A figure as it was estimated; reports check that it is finite, and its interval's ends in order.
    public init(_ value: Double, low: Double, high: Double) {
        self.value = value
        self.low = low
        self.high = high
    }

    /// The figure alone, in hundredths of the unit.
    func figure(_ unit: FigureUnit) -> String { NumberText.fixed(value * unit.factor) }

    /// The interval alone, in brackets.
    func range(_ unit: FigureUnit) -> String {
        "(\(NumberText.fixed(low * unit.factor)) to \(NumberText.fixed(high * unit.factor)))"
    }

    /// `0.71 (0.60 to 0.79)`.
    func text(_ unit: FigureUnit) -> String { "\(figure(unit)) \(range(unit))" }

    /// What cannot be shown; nil if nothing.
    ///
    /// - Parameters:
    ///   - name: of the figure, to begin with.
    ///   - limits: what the figure cannot leave.
    func problem(_ name: String, within limits: ClosedRange<Double>) -> String? {
        if let end = [value, low, high].first(where: { !limits.contains($0) }) {
            return "\(name) is \(end), beyond \(NumberText.measured(limits.lowerBound)) to "
                + NumberText.measured(limits.upperBound)
        }
        return low <= high ? nil : "\(name) has an interval from \(low) down to \(high)"
    }
}

/// The unit in which a figure is read.
enum FigureUnit: Sendable {
    /// As it is, such as a correlation.
    case plain
    /// A difference of shares of one in points of per cent.
    case points

    /// What a value is multiplied with.
    var factor: Double { self == .points ? 100 : 1 }
}
