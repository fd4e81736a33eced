/// A point of a series, in the units of the axes, or of a drawing, in its pixels.
public struct PlotPoint: Sendable, Equatable {
    /// From left to right.
    public var x: Double
    /// A series' value, which grows upwards; in a drawing, the distance from its top.
    public var y: Double

    /// A point by its two coordinates.
    public init(_ x: Double, _ y: Double) {
        self.x = x
        self.y = y
    }
}
