import Support

/// A random field in the plane that varies smoothly over about one unit, between -1 and 1: random values on the points
/// of a lattice, smoothly interpolated.
struct SmoothNoise: Sendable {
    private static let side = 32
    private let lattice: [Float]

    /// The field of a generator; it repeats after 32 units.
    init(_ generator: inout SeededGenerator) {
        lattice = (0..<Self.side * Self.side).map { _ in Float(generator.uniform(-1, 1)) }
    }

    /// The value at a place.
    func at(_ x: Double, _ y: Double) -> Float {
        let (column, row) = (x.rounded(.down), y.rounded(.down))
        let (u, v) = (Self.eased(Float(x - column)), Self.eased(Float(y - row)))
        let mask = Self.side - 1
        let (left, upper) = (Int(column) & mask, Int(row) & mask)
        let (right, lower) = ((left + 1) & mask, (upper + 1) & mask)
        let above = lattice[upper * Self.side + left] * (1 - u) + lattice[upper * Self.side + right] * u
        let below = lattice[lower * Self.side + left] * (1 - u) + lattice[lower * Self.side + right] * u
        return above * (1 - v) + below * v
    }

    private static func eased(_ t: Float) -> Float { t * t * (3 - 2 * t) }
}
