import Foundation
import Support

/// What a rendered person keeps from picture to picture: clothes, hair, build and what is carried.
struct PedestrianLook: Sendable, Hashable {
    enum Legs: Int, CaseIterable, Sendable { case trousers, shorts, skirt, longSkirt }
    enum Hair: Int, CaseIterable, Sendable { case short, bob, long, bun, bald }
    enum Headwear: Int, CaseIterable, Sendable { case none, cap, beanie }
    enum Carrying: Int, CaseIterable, Sendable { case nothing, backpack, shoulderBag, handbag }

    let top: Int
    let topSecond: Int
    let pattern: GarmentPattern
    let hasLongSleeves: Bool
    let isCoat: Bool
    let legs: Legs
    let legsColour: Int
    let shoes: Int
    let hair: Hair
    let hairColour: Int
    let skin: Int
    let headwear: Headwear
    let headwearColour: Int
    let carrying: Carrying
    let carryingColour: Int
    /// Steps of a scale from slim to broad.
    let build: Int
    /// Steps of a scale from small to tall.
    let stature: Int

    init(_ generator: inout SeededGenerator) {
        let clothes = Self.clothes.count
        top = generator.below(clothes)
        topSecond = (top + 1 + generator.below(clothes - 1)) % clothes
        pattern =
            generator.chance(0.3) ? .plain : GarmentPattern.allCases[generator.below(GarmentPattern.allCases.count)]
        isCoat = generator.chance(0.18)
        hasLongSleeves = isCoat || generator.chance(0.55)
        legs =
            [.trousers, .trousers, .trousers, .trousers, .shorts, .shorts, .skirt, .skirt, .longSkirt][
                generator.below(9)]
        legsColour = generator.below(Self.legwear.count)
        shoes = generator.below(Self.footwear.count)
        hair = [.short, .short, .short, .bob, .bob, .long, .long, .bun, .bald][generator.below(9)]
        hairColour = generator.below(Self.hairColours.count)
        skin = generator.below(Self.skins.count)
        headwear = generator.chance(0.75) ? .none : generator.chance(0.5) ? .cap : .beanie
        headwearColour = generator.below(clothes)
        carrying = generator.chance(0.4) ? .nothing : Carrying.allCases[1 + generator.below(3)]
        carryingColour = generator.below(clothes)
        build = generator.below(5)
        stature = generator.below(5)
    }

    /// What tells persons apart at a glance; no two persons of a set share it.
    var signature: [Int] {
        [
            top, pattern == .plain ? -1 : topSecond, GarmentPattern.allCases.firstIndex(of: pattern) ?? 0,
            legs.rawValue,
            legsColour, hair.rawValue, carrying.rawValue,
        ]
    }

    static let clothes: [Tint] = [
        0x26282D, 0xE8E8E4, 0x8C9096, 0xC8322F, 0x2C4FA3, 0x2E8B57, 0xE3B935, 0xE07B2E, 0x7A3E93, 0xDE85AA, 0x59B5CF,
        0x6B4A32, 0x9BC24B, 0x22335C, 0x8C2340,
    ].map { Tint($0) }
    static let legwear: [Tint] = [
        0x24262B, 0x2B4272, 0x5E7FB0, 0x77797D, 0xBDAA84, 0xDAD8D2, 0x5A4130, 0x4E5A38, 0x8A2B33,
    ].map { Tint($0) }
    static let footwear: [Tint] = [0x1D1D1F, 0xECECEA, 0x7B4E2D, 0xB8312E, 0x3460AE].map { Tint($0) }
    static let hairColours: [Tint] = [0x1A1614, 0x47301F, 0x8A5A2E, 0xD2AE68, 0x9C4A22, 0xB9B6B0].map { Tint($0) }
    static let skins: [Tint] = [0xF0C9AC, 0xE0AC85, 0xBE8459, 0x8C5A3A, 0x5D3A27].map { Tint($0) }
}

/// The weave of a top: where its second colour stands.
enum GarmentPattern: Int, CaseIterable, Sendable {
    case plain, hoops, stripes, checks, dots, twoTone, chestBand

    /// The share of the second colour, 0 to 1, softly from one to the other.
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

    /// Gives the second colour's share on sleeves, where `v` runs from the shoulder along the arm; blocks and bands
    /// belong to the body.
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
