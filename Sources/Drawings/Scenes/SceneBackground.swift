import Foundation
import Support

/// What things stand before: ground and sky, a room, or a surface seen from above.
struct SceneBackground: Sendable {
    /// Where things may be.
    enum Ground: Sendable {
        /// They stand on the ground below a horizon, which lies at this part of the height; far ones are small.
        case receding(horizon: Double)
        /// They lie anywhere.
        case flat
    }

    /// The kinds of backgrounds.
    enum Kind: Int, CaseIterable, Sendable {
        case meadow, desert, lake, room, street, planks, cloth, gravel, blur
    }

    let kind: Kind
    let ground: Ground
    private let colours: [Tint]
    private let noises: [SmoothNoise]
    private let sun: Float
    private let pattern: Double

    /// A background with colours of its own.
    init(_ generator: inout SeededGenerator) {
        let kind = Kind.allCases[generator.below(Kind.allCases.count)]
        self.kind = kind
        noises = (0..<3).map { _ in SmoothNoise(&generator) }
        sun = Float(generator.uniform(-0.5, 0.5))
        pattern = generator.uniform(0.6, 1.6)
        ground =
            switch kind {
            case .meadow, .desert, .lake: .receding(horizon: generator.uniform(0.24, 0.5))
            case .room, .street: .receding(horizon: generator.uniform(0.38, 0.58))
            case .planks, .cloth, .gravel, .blur: .flat
            }
        func varied(_ hex: UInt32) -> Tint {
            let base = Tint(hex).lit(Float(generator.uniform(0.8, 1.15)))
            func shift() -> Float { Float(generator.uniform(-0.05, 0.05)) }
            return Tint(base.red + shift(), base.green + shift(), base.blue + shift())
        }
        func one(_ hexes: [UInt32]) -> Tint { varied(hexes[generator.below(hexes.count)]) }
        colours =
            switch kind {
            case .meadow:
                [
                    one([0x5D93CF, 0x8DB4D8, 0xA9B4BD]), one([0xDCE8F0, 0xF1E3CF, 0xC9D0D4]),
                    one([0x5B7C43, 0x7C9A4C, 0x8A8B3E]), varied(0x4A5F47),
                ]
            case .desert:
                [
                    one([0x4E8FD3, 0x7FB2DF]), one([0xE8E4D8, 0xF4D9B5]), one([0xC9A66B, 0xD9BC88, 0xB98A5A]),
                    varied(0x9A7350),
                ]
            case .lake:
                [
                    one([0x6FA0CF, 0x93A9BD, 0xE0B690]), one([0xE4EBEF, 0xF3D7B9]),
                    one([0x35607C, 0x4E7C84, 0x566B78]), varied(0x3F5546),
                ]
            case .room:
                [
                    one([0xD9CDB8, 0xB9C6C3, 0xC9A9A0, 0x9FB1C4, 0xE3E0D9]), one([0xB89A73, 0xE7DDCB]),
                    one([0x8A5E3B, 0xA9794B, 0x6E6A66]), varied(0xF0EDE6),
                ]
            case .street:
                [
                    one([0x9C5B45, 0xB89C7C, 0x8F8F8B, 0xC2B8A6]), one([0xCFC6B8, 0x7B736A]),
                    one([0x9A9A98, 0x7E7C78, 0xB0A898]), varied(0x5C5852),
                ]
            case .planks: [one([0xA47148, 0xC19A6B, 0x6F4B33, 0xCFB997, 0x8C8478]), varied(0x4A3323)]
            case .cloth:
                [
                    one([0xC94A45, 0x3F6EA8, 0x4E8B5A, 0xE5C453, 0x8C5A99, 0xE9E6DF]),
                    one([0xF2EEE6, 0xE8DCC5, 0x2F3440]),
                ]
            case .gravel: [one([0x8E8A82, 0xA59883, 0x6F6A5E, 0xC4B79E]), varied(0x4D4A44)]
            case .blur:
                [
                    one([0x35513C, 0x4A3B52, 0x2D4256, 0x6A5A3D, 0x7E8C94]),
                    one([0x8FA968, 0xD9A05B, 0x7FA3BF, 0xC9BFAE]), varied(0xE9D9B0),
                ]
            }
    }

    /// The colour at a place, in parts of the picture's height; `aspect` is its width by its height.
    func tint(_ x: Double, _ y: Double, aspect: Double) -> Tint {
        let light = 1 + sun * Float(x / aspect - 0.5) * 0.35
        switch ground {
        case .receding(let horizon):
            if kind == .room || kind == .street {
                return (y < horizon ? wall(x, y, horizon) : floor(x, y, horizon, aspect)).lit(light)
            }
            let ridge =
                horizon - 0.05 - 0.05 * Double(noises[1].at(x * 2.3, 0.5)) - 0.012 * Double(noises[2].at(x * 14, 3.5))
            if y < ridge { return sky(x, y, horizon) }
            if y < horizon {
                let haze = Float(min(1, max(0, (horizon - y) * 6)))
                return colours[3].lit(0.9 + 0.16 * noises[2].at(x * 22, y * 40)).mixed(colours[1], 0.25 + 0.2 * haze)
            }
            return land(x, y, horizon).lit(light)
        case .flat:
            return surface(x, y).lit(light * Float(1.06 - 0.22 * pow(hypot(x / aspect - 0.5, y - 0.5), 2)))
        }
    }

    private func sky(_ x: Double, _ y: Double, _ horizon: Double) -> Tint {
        let clear = colours[0].mixed(colours[1], Float(pow(y / max(0.1, horizon), 1.4)))
        let cloud =
            noises[0].at(x * 2.6, y * 6 + 3) + 0.5 * noises[1].at(x * 6, y * 14) + 0.25 * noises[2].at(x * 13, y * 30)
        return clear.mixed(Tint(0.97, 0.97, 0.98), max(0, min(0.85, (cloud - 0.1) * 0.9)))
    }

    private func land(_ x: Double, _ y: Double, _ horizon: Double) -> Tint {
        // Distances on the ground: the nearer to the horizon, the finer everything.
        let depth = 0.12 / (y - horizon + 0.015)
        let across = (x - 0.5) * depth * 5
        switch kind {
        case .lake:
            let wave = noises[0].at(across * 0.9, depth * 16) * 0.6 + noises[2].at(across * 3, depth * 50) * 0.4
            let mirror = colours[2].mixed(colours[1], Float(max(0, 0.62 - (y - horizon) * 1.3)))
            return mirror.lit(1 + 0.16 * wave)
        case .desert:
            let dune = noises[0].at(across * 0.7, depth * 3)
            let ripple = Float(sin(depth * 34 + 5 * Double(dune))) * 0.05
            return colours[2].lit(1 + 0.12 * dune + ripple + 0.05 * noises[2].at(x * 90, y * 90))
        default:
            let patch = noises[0].at(across * 0.8, depth * 3)
            let blades = noises[2].at(x * 80, y * 34) * 0.5 + noises[1].at(across * 9, depth * 24) * 0.5
            return colours[2].mixed(colours[3], 0.25 + 0.25 * patch).lit(1 + 0.2 * blades)
        }
    }

    private func wall(_ x: Double, _ y: Double, _ horizon: Double) -> Tint {
        if kind == .street { return bricks(x, y) }
        if y > horizon - 0.03 { return colours[3].lit(y > horizon - 0.005 ? 0.7 : 0.95) }
        let stripe = sin(x * 40 * pattern) > 0.2 && pattern > 1 ? Float(0.1) : 0
        return colours[0].mixed(colours[1], stripe * 3).lit(
            0.94 + 0.05 * noises[0].at(x * 1.4, y * 1.4) + 0.12 * Float(y))
    }

    private func bricks(_ x: Double, _ y: Double) -> Tint {
        let (tall, wide) = (0.035 * pattern, 0.09 * pattern)
        let row = (y / tall).rounded(.down)
        let shifted = x + (row.truncatingRemainder(dividingBy: 2) == 0 ? 0 : wide / 2)
        let column = (shifted / wide).rounded(.down)
        let (u, v) = (shifted / wide - column, y / tall - row)
        if u < 0.06 || v < 0.12 { return colours[1].lit(0.85) }
        return colours[0].lit(
            1 + 0.22 * noises[0].at(column * 3.7 + 0.5, row * 5.3 + 0.5) + 0.08 * noises[2].at(x * 60, y * 60))
    }

    private func floor(_ x: Double, _ y: Double, _ horizon: Double, _ aspect: Double) -> Tint {
        let depth = 0.3 / (y - horizon + 0.12)
        let across = (x - aspect / 2) * depth * 3
        if kind == .street {
            let (u, v) = (across * 1.4, depth * 4)
            let isGap = u - u.rounded(.down) < 0.04 || v - v.rounded(.down) < 0.04
            let slab = noises[0].at(u.rounded(.down) * 2.3, v.rounded(.down) * 3.1)
            return colours[2].lit((isGap ? 0.72 : 1) + 0.08 * slab + 0.07 * noises[2].at(x * 70, y * 70))
        }
        let board = (across * 2.2).rounded(.down)
        let isGap = across * 2.2 - board < 0.03
        let grain = noises[1].at(across * 16, depth * 3 + board * 7.7)
        return colours[2].lit((isGap ? 0.7 : 1) + 0.1 * grain + 0.12 * noises[0].at(board * 4.1 + 0.5, 0.5))
    }

    private func surface(_ x: Double, _ y: Double) -> Tint {
        switch kind {
        case .planks:
            let board = (y * 6 * pattern).rounded(.down)
            let isGap = y * 6 * pattern - board < 0.03
            let swirl = noises[0].at(x * 2 + board * 5.3, y * 9)
            let grain = noises[1].at(x * 5 + board * 3.1, y * 120 + 6 * Double(swirl))
            return colours[0].mixed(colours[1], 0.12 + 0.16 * swirl + 0.12 * grain)
                .lit(isGap ? 0.55 : 1 + 0.1 * noises[2].at(board * 2.7 + 0.5, 0.5))
        case .cloth:
            let step = 14 * pattern
            let (u, v) = (x * step, y * step)
            let one: Float = u - u.rounded(.down) < 0.5 ? 0.5 : 0
            let other: Float = v - v.rounded(.down) < 0.5 ? 0.5 : 0
            let weave = Float(sin(x * 700) * sin(y * 700)) * 0.025
            let fold = noises[0].at(x * 2.2, y * 2.2) * 0.14
            return colours[0].mixed(colours[1], one + other).lit(0.95 + weave + fold)
        case .gravel:
            let stone = noises[0].at(x * 26, y * 26) + 0.6 * noises[1].at(x * 57, y * 57)
            return colours[0].mixed(colours[1], max(0, -stone * 0.6)).lit(
                1 + 0.24 * stone + 0.06 * noises[2].at(x * 110, y * 110))
        default:
            let mist = noises[0].at(x * 1.9, y * 1.9) * 0.5 + 0.5
            let spot = max(0, noises[1].at(x * 4.2, y * 4.2) - 0.35) * 1.5
            return colours[0].mixed(colours[1], mist * 0.7).mixed(colours[2], spot * 0.7)
        }
    }
}
