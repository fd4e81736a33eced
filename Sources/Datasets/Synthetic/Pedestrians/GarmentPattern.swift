import Foundation

/// The weave of a top: where its second colour stands.
enum GarmentPattern: Int, CaseIterable, Sendable {
    case plain, hoops, stripes, checks, dots, twoTone, chestBand

    /// How much of the second colour there is, 0 to 1, softly from one to the other.
    ///
    /// - Parameters:
    ///   - u: around the body, in hundredths of its height.
    ///   - v: from the shoulders down, in the same unit.
    func secondColour(_ u: Double, _ v: Double) -> Float {
        switch self {
        case .plain: 0
        case .hoops: Self.wave(v, 6.5)
        case .stripes: Self.wave(u, 5.5)
        case .checks: max(Self.wave(u, 9), Self.wave(v, 9)) * 0.6 + Self.wave(u, 9) * Self.wave(v, 9) * 0.4
        case .dots: Self.dot(u, v, 6.5)
        case .twoTone: Self.edge(v - 15)
        case .chestBand: Self.edge(v - 8) * Self.edge(16 - v)
        }
    }

    /// On sleeves, where `v` runs from the shoulder along the arm; blocks and bands belong to the body.
    func secondColourOfSleeve(_ u: Double, _ v: Double) -> Float {
        switch self {
        case .twoTone, .chestBand: 0
        default: secondColour(u, v)
        }
    }

    private static func wave(_ place: Double, _ period: Double) -> Float {
        edge(2.2 * sin(2 * .pi * place / period))
    }

    private static func dot(_ u: Double, _ v: Double, _ period: Double) -> Float {
        let row = (v / (period * 0.8)).rounded()
        let shift = row.truncatingRemainder(dividingBy: 2) == 0 ? 0 : period / 2
        let du = (u + shift) - ((u + shift) / period).rounded() * period
        let dv = v - row * period * 0.8
        return edge(1.8 - (du * du + dv * dv).squareRoot())
    }

    private static func edge(_ distance: Double) -> Float {
        Float(max(0, min(1, distance * 0.8 + 0.5)))
    }
}
