import Foundation
import Support

/// Vehicles that are boxes on wheels.
enum StreetVehicle: Sendable {
    case truck, bus, tram

    var label: UInt8 {
        switch self {
        case .truck: StreetLabel.truck
        case .bus: StreetLabel.bus
        case .tram: StreetLabel.train
        }
    }

    /// Width, height and length in metres.
    var size: (width: Double, height: Double, length: Double) {
        switch self {
        case .truck: (2.4, 3.3, 7.5)
        case .bus: (2.5, 3.0, 11)
        case .tram: (2.4, 3.4, 24)
        }
    }
}

extension StreetScene {
    private static let paints: [UInt32] = [
        0xC9CCD0, 0x1F2226, 0x8D9299, 0x9B2226, 0x23427A, 0xE8E8E6, 0x4D5358, 0x2F5D50, 0xB9A47C, 0x5E1F2A, 0x3A6EA5,
        0xD07A2D,
    ]

    /// The side of a vehicle that the camera sees, or nil where it is right ahead.
    private func visibleSide(_ x: Double, _ width: Double) -> Double? {
        x - width / 2 > 0.15 ? x - width / 2 : x + width / 2 < -0.15 ? x + width / 2 : nil
    }

    private mutating func paintWheel(_ x: Double, _ z: Double, radius: Double, _ label: UInt8) {
        let middle = seen(x, radius, z)
        let half = abs(seen(x, radius, z - radius).x - seen(x, radius, z + radius).x) / 2
        let tall = radius * scale(at: z)
        fill(.ellipse(middle, half, tall), Tint(0.05, 0.05, 0.06), label)
        fill(.ellipse(middle, half * 0.55, tall * 0.55), Tint(0.5, 0.51, 0.53), label)
    }

    /// A car, seen from behind or, on the other side of the road, from the front.
    mutating func paintCar(_ x: Double, _ z: Double, isOncoming: Bool) {
        let label = StreetLabel.car
        let tint = Tint(Self.paints[generator.below(Self.paints.count)]).lit(Float(generator.uniform(0.9, 1.1)))
        let (width, waist) = (generator.uniform(1.7, 1.85), generator.uniform(0.84, 0.98))
        let (roof, length) = (generator.uniform(1.42, 1.72), generator.uniform(3.8, 4.7))
        let unit = scale(at: z)
        let shine: Float = Double(city.light) * x < 0 ? 0.92 : 0.72
        let body = faded(tint, z)
        let glass = faded(Tint(0.13, 0.16, 0.19).mixed(city.zenith, 0.14), z)
        let dark = Tint(0.06, 0.06, 0.07)
        fill(flat(x - width / 2 - 0.1...x + width / 2 + 0.1, z - 0.25...z + length), Tint(0, 0, 0), nil, opacity: 0.42)
        // The bonnet lies ahead, so behind the cabin as the camera sees it, and before it on an oncoming car.
        let (cabinNear, cabinFar) = isOncoming ? (1.1, length - 0.35) : (0.25, length - 1.2)
        if let edge = visibleSide(x, width) {
            fill(side(edge, 0.24...waist, z + 0.06...z + length), body.lit(shine), label)
            let inner = edge + (x > 0 ? 0.12 : -0.12)
            fill(
                [
                    seen(edge, waist, z + cabinNear), seen(edge, waist, z + cabinFar),
                    seen(inner, roof, z + cabinFar - 0.55), seen(inner, roof, z + cabinNear + 0.5),
                ], body.lit(shine), label)
            fill(
                [
                    seen(edge, waist + 0.05, z + cabinNear + 0.25), seen(edge, waist + 0.05, z + cabinFar - 0.25),
                    seen(inner, roof - 0.08, z + cabinFar - 0.65), seen(inner, roof - 0.08, z + cabinNear + 0.6),
                ], glass.lit(1.1), label)
            for wheel in [0.85, length - 0.85] { paintWheel(edge, z + wheel, radius: 0.33, label) }
        }
        for foot in [x - width * 0.38, x + width * 0.38] {
            fill(front(foot - 0.12...foot + 0.12, 0...0.35, z + 0.05), dark, label)
        }
        // The cabin, then the lower part before it.
        func cabin(_ inset: Double, _ low: Double, _ top: Double) -> Outline {
            let (near, back) = (z + cabinNear, z + cabinNear + 0.5)
            return .smooth([
                seen(x - width / 2 + 0.06 + inset, low, near), seen(x - width * 0.36 + inset, top, back),
                seen(x, top + 0.03, back), seen(x + width * 0.36 - inset, top, back),
                seen(x + width / 2 - 0.06 - inset, low, near), seen(x, low - 0.02, near),
            ])
        }
        fill(cabin(0, waist - 0.1, roof), body.lit(0.96), label)
        fill(cabin(0.12, waist + 0.02, roof - 0.1), glass, label)
        let lower = Outline.smooth([
            seen(x - width / 2, 0.3, z), seen(x - width / 2, waist - 0.18, z), seen(x - width * 0.42, waist, z),
            seen(x, waist + 0.02, z), seen(x + width * 0.42, waist, z), seen(x + width / 2, waist - 0.18, z),
            seen(x + width / 2, 0.3, z), seen(x + width * 0.4, 0.22, z), seen(x, 0.22, z),
            seen(x - width * 0.4, 0.22, z),
        ])
        let top = seen(x, waist, z).y
        painting.label = label
        painting.fill(lower) { body.lit(1.08 - 0.3 * Float(max(0, ($0.y - top) / (0.75 * unit)))) }
        fill(front(x - width * 0.44...x + width * 0.44, 0.25...0.4, z), dark.lit(2), label)
        if isOncoming {
            fill(front(x - 0.42...x + 0.42, 0.45...0.62, z), dark.lit(1.4), label)
        } else {
            fill(front(x - 0.26...x + 0.26, 0.5...0.62, z), Tint(0.85, 0.85, 0.82), label)
        }
        let lamp = isOncoming ? Tint(0.95, 0.94, 0.86) : Tint(0.72, 0.08, 0.08)
        for place in [x - width * 0.4, x + width * 0.4] {
            fill(.ellipse(seen(place, waist - 0.24, z), 0.13 * unit, 0.09 * unit), lamp, label)
        }
    }

    /// A truck, a bus or a tram.
    mutating func paintVehicle(_ vehicle: StreetVehicle, _ x: Double, _ z: Double) {
        let size = vehicle.size
        let label = vehicle.label
        let isTruck = vehicle == .truck
        let tints: [UInt32] =
            isTruck
            ? [0xD9DADB, 0xB7BDC2, 0x2E5C8A, 0xA33B2A, 0x4C6B4F] : [0xC8A21F, 0xA8322B, 0x2D5E8C, 0xDADAD6, 0x3E7A5A]
        let tint = faded(Tint(tints[generator.below(tints.count)]), z)
        let glass = faded(Tint(0.14, 0.17, 0.2).mixed(city.zenith, 0.12), z)
        let dark = Tint(0.08, 0.08, 0.09)
        let shine: Float = Double(city.light) * x < 0 ? 0.95 : 0.75
        let (low, high, half) = (vehicle == .tram ? 0.15 : 0.45, size.height, size.width / 2)
        fill(flat(x - half - 0.1...x + half + 0.1, z - 0.3...z + size.length), Tint(0, 0, 0), nil, opacity: 0.42)
        if let edge = visibleSide(x, size.width) {
            fill(side(edge, low...high, z...z + size.length), tint.lit(shine), label)
            if isTruck {
                // The cab ahead of the load.
                fill(side(edge, low...2.5, z + size.length - 1.9...z + size.length), tint.lit(0.55), label)
            } else {
                var place = z + 0.5
                while place + 1.3 < z + size.length {
                    fill(side(edge, high * 0.5...high * 0.82, place...place + 1.2), glass, label)
                    place += 1.5
                }
            }
            if vehicle != .tram {
                for wheel in [1.3, size.length - 1.6] { paintWheel(edge, z + wheel, radius: 0.48, label) }
            }
        }
        if vehicle != .tram {
            for foot in [x - half + 0.3, x + half - 0.3] {
                fill(front(foot - 0.2...foot + 0.2, 0...0.6, z + 0.1), dark, label)
            }
        }
        let back = front(x - half...x + half, low...high, z)
        let (top, bottom) = (back[2].y, back[0].y)
        fill(back, label) { tint.lit(1.05 - 0.25 * Float(($0.y - top) / max(1, bottom - top))) }
        if isTruck {
            fill(front(x - 0.03...x + 0.03, low + 0.1...high - 0.1, z), tint.lit(0.6), label)
            fill(front(x - half...x + half, low...low + 0.18, z), dark.lit(2), label)
        } else {
            fill(front(x - half + 0.2...x + half - 0.2, high * 0.48...high * 0.83, z), glass, label)
            fill(front(x - half * 0.6...x + half * 0.6, high * 0.88...high * 0.95, z), Tint(0.12, 0.11, 0.09), label)
            fill(front(x - half...x + half, low...low + 0.22, z), dark.lit(2), label)
        }
        let unit = scale(at: z)
        let lamp = x < roadMiddle ? Tint(0.95, 0.94, 0.86) : Tint(0.75, 0.1, 0.08)
        for place in [x - half + 0.25, x + half - 0.25] {
            fill(.ellipse(seen(place, low + 0.42, z), 0.13 * unit, 0.1 * unit), lamp, label)
        }
    }
}
