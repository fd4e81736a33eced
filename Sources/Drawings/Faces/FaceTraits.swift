import Foundation
import Support

/// What a rendered face shows. Age and gender move the odds and sizes; none of the traits gives them away alone.
struct FaceTraits: Sendable {
    enum Hair: Sendable { case short, crew, long, bob, bun, fringe, pigtails, sparse, bald, wreath }
    enum Beard: Sendable { case none, stubble, moustache, full }

    let age: Int
    let isFemale: Bool
    let skin: Tint
    let hairTint: Tint
    let hair: Hair
    let beard: Beard
    let beardTint: Tint
    let hasGlasses: Bool
    let glassesTint: Tint
    let hasEarrings: Bool
    let hasLipstick: Bool
    let eyeTint: Tint
    let clothes: Tint
    /// The share of the child in the face: 1 for a baby, 0 for an adult.
    let childlike: Double
    /// The marks of age: 0 until about 30, 1 at about 85, with a spread of some years.
    let wear: Double
    /// The marks of gender: 0 where nobody could tell, 1 for an adult.
    let ripeness: Double
    /// The recession of the hair from the forehead, 0 to 1.
    let recession: Double
    /// Half widths at the cheeks and the jaw, the chin below the middle; the skull is about 1 wide.
    let cheek, jaw, chin: Double
    let eyeSize, eyeDistance, browThickness, noseWidth, noseLength, mouthWidth, lipThickness: Double
    let spots: Int
    let freckles: Bool
    let bow: Bool

    init(age: Int, isFemale: Bool, race: Int, _ generator: inout SeededGenerator) {
        self.age = age
        self.isFemale = isFemale
        let years = Double(age)
        func normal(_ width: Double) -> Double { max(-2.2, min(2.2, generator.normal())) * width }
        childlike = max(0, min(1, 1 - (years - 1) / 16))
        ripeness = max(0, min(1, (years - 9) / 9))
        wear = max(0, min(1.15, (years - 29 + normal(3.5)) / 55))
        let tones = Self.skins[race]
        let tone = tones.0.mixed(tones.1, Float(generator.uniform()))
        skin = tone.mixed(Tint(0xC9A58A), Float(max(0, years - 60) / 30 * 0.12))
        let first = Self.hairTints[race]
        let young = first[generator.below(first.count)].lit(Float(generator.uniform(0.85, 1.15)))
        let isDyed = isFemale && years > 40 && generator.chance(0.15)
        let grey = isDyed ? 0.12 : 1 / (1 + exp(-(years + normal(4) - 53) / 6))
        let white = Tint(0xA9A7A6).mixed(Tint(0xECEBEA), Float(max(0, min(1, (years - 60) / 22))))
        hairTint = young.mixed(white, Float(grey))
        beardTint = young.mixed(white, Float(min(1, grey + 0.15))).lit(0.95)
        let frontier = isFemale ? 0.12 * wear : max(0, (years - 26) / 60) * generator.uniform(0.3, 1.7)
        recession = min(1, frontier)
        hair = Self.hair(years, isFemale, recession, &generator)
        let bearded = !isFemale && years > 18
        let lot = generator.uniform()
        beard = !bearded || lot > 0.62 ? .none : lot < 0.26 ? .stubble : lot < 0.4 ? .moustache : .full
        hasGlasses = generator.chance(years < 8 ? 0.03 : years < 40 ? 0.14 : years < 60 ? 0.32 : 0.55)
        glassesTint = generator.chance(0.6) ? Tint(0x201D1C) : Tint(0x6B4A2F)
        hasEarrings = isFemale ? generator.chance(years < 6 ? 0.12 : 0.55) : years > 16 && generator.chance(0.03)
        hasLipstick = isFemale && years > 15 && generator.chance(0.66)
        eyeTint = generator.chance(race == 0 ? 0.5 : 0.06) ? Tint(0x5A86A8) : Tint(0x3E2A1D)
        clothes = PedestrianLook.clothes[generator.below(PedestrianLook.clothes.count)]
        let male = isFemale ? 0.0 : ripeness
        cheek = 0.93 + 0.08 * childlike + normal(0.025)
        jaw = 0.65 + 0.06 * childlike + 0.085 * male - (isFemale ? 0.04 : 0) * ripeness + 0.05 * wear + normal(0.03)
        chin = 1.24 - 0.27 * childlike + 0.07 * male + normal(0.03)
        eyeSize = 0.185 + 0.085 * childlike - 0.035 * wear + (isFemale ? 0.018 : -0.006) + normal(0.008)
        eyeDistance = 0.41 - 0.01 * childlike + normal(0.015)
        browThickness = 0.052 - 0.014 * childlike + 0.045 * male - (isFemale ? 0.014 * ripeness : 0) + normal(0.007)
        noseWidth = 0.17 - 0.03 * childlike + 0.03 * male + 0.035 * wear + normal(0.015)
        noseLength = 0.46 - 0.24 * childlike + 0.07 * wear + normal(0.025)
        mouthWidth = 0.34 - 0.09 * childlike + 0.02 * male + normal(0.02)
        lipThickness = 0.1 - 0.055 * min(1, wear) + (isFemale ? 0.022 : -0.012) * ripeness + normal(0.008)
        spots = years > 52 ? generator.below(2 + Int(wear * 9)) : 0
        freckles = years < 35 && race == 0 && generator.chance(0.18)
        bow = isFemale && years < 8 && generator.chance(0.5)
    }

    private static func hair(
        _ years: Double, _ isFemale: Bool, _ recession: Double, _ generator: inout SeededGenerator
    ) -> Hair {
        let lot = generator.uniform()
        if years < 2 { return isFemale && lot < 0.25 ? .pigtails : .sparse }
        if isFemale {
            if years < 13, lot < 0.3 { return .pigtails }
            if years > 60 { return lot < 0.5 ? .bob : lot < 0.7 ? .bun : lot < 0.88 ? .fringe : .short }
            return lot < 0.44 ? .long : lot < 0.66 ? .bob : lot < 0.8 ? .fringe : lot < 0.95 ? .bun : .short
        }
        if years > 17, recession > 0.62 { return lot < 0.75 ? .wreath : .bald }
        if years > 25, lot < 0.04 { return .bald }
        return lot < 0.55 ? .short : lot < 0.95 ? .crew : .bob
    }

    /// Five ranges of tone, only because the file names have the field; nothing else is drawn from it.
    private static let skins: [(Tint, Tint)] = [
        (0xF4D3BC, 0xE3B491), (0x8A5A3C, 0x4E3122), (0xF0CFA8, 0xD9AE80), (0xC08A5C, 0x8F5F3B), (0xDDB08A, 0xA8744E),
    ].map { (Tint($0.0), Tint($0.1)) }
    private static let hairTints: [[Tint]] = [
        [0x3A2718, 0x6E4A28, 0xC9A25C, 0x9A4F22, 0x1F1814], [0x14100E, 0x2A1C14], [0x14120F, 0x2B211A],
        [0x16110E, 0x2E2018], [0x1F1712, 0x4A3020],
    ].map { $0.map { Tint($0) } }
}
