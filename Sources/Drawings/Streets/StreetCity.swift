import Support

/// What the streets of a city have in common: light, weather, materials and how densely it is built.
struct StreetCity: Sendable {
    /// What a camera and the weather do to all of its pictures.
    let exposure: Exposure
    /// The sky above, and near the horizon.
    let zenith, horizon: Tint
    /// How much of the sky is clouds, 0 to 1.
    let clouds: Float
    /// How soon distance fades into the colour of the horizon, for each metre.
    let haze: Double
    /// The direction that the light comes from: -1 left, 1 right.
    let light: Float
    let asphalt, pavement, kerb: Tint
    /// Colours of walls, of which buildings take one each.
    let facades: [Tint]
    let shutters: [Tint]
    let leaves, grass: Tint
    /// Storeys of a building, least and most.
    let storeys: ClosedRange<Int>
    /// The share of the roadside that is trees and lawns rather than buildings.
    let greenness: Double
    /// Metres from the middle of the road to the kerb, and of the pavement behind it.
    let roadHalf, pavementWidth: Double
    /// Whether trams run.
    let hasTram: Bool
    /// Vehicles and people for each hundred metres.
    let traffic, people: Double

    /// The city of a number; those before 1,000 and after are for different parts of a set.
    init(_ number: Int, seed: UInt64) {
        var generator = SeededGenerator(seed: seed, RandomStream.syntheticCity, UInt64(number))
        func pick(_ hexes: [UInt32], _ count: Int) -> [Tint] {
            generator.permutation(hexes.count).prefix(count).map { Tint(hexes[$0]) }
        }
        let weather = generator.below(4)
        var exposure = Exposure()
        let warmth = Float(generator.uniform(-0.08, 0.08))
        let bright = Float([1.08, 0.92, 0.84, 0.98][weather] * generator.uniform(0.94, 1.06))
        exposure.gain = Tint(bright * (1 + warmth), bright, bright * (1 - warmth))
        exposure.saturation = Float([1.1, 0.75, 0.85, 0.95][weather] * generator.uniform(0.9, 1.1))
        exposure.contrast = Float(generator.uniform(0.88, 1.12))
        exposure.offset = Float(generator.uniform(-0.02, 0.03))
        exposure.noise = Float(generator.uniform(0.008, 0.022))
        exposure.blur = generator.uniform(0.15, 0.45)
        self.exposure = exposure
        zenith = Tint(([0x5C93D1, 0xA7AFB7, 0x6F7FA0, 0xB9C9D6] as [UInt32])[weather])
        horizon = Tint(([0xD5E4F0, 0xCBCED1, 0xE9C49E, 0xEDEBE2] as [UInt32])[weather])
        clouds = Float([0.35, 0.9, 0.55, 0.2][weather])
        haze = [0.004, 0.009, 0.006, 0.007][weather]
        light = Float(generator.chance(0.5) ? generator.uniform(0.4, 1) : generator.uniform(-1, -0.4))
        asphalt = pick([0x5B5C60, 0x6C6A66, 0x4C4E54, 0x77736C], 1)[0]
        pavement = pick([0xA49E94, 0x8F8D8A, 0xB5A68F, 0x9A8C86], 1)[0]
        kerb = pavement.lit(1.2)
        facades = pick(
            [
                0xC9B79C, 0xB5654A, 0xD8C9A8, 0x9A9C9E, 0xE2DCCB, 0x8C4F3F, 0xC2A46F, 0x7D8A96, 0xD9B7A0, 0xA8B39A,
                0xE6CF8E, 0x6E6862,
            ], 5)
        shutters = pick([0x3E5A46, 0x5A3A2C, 0x34506E, 0x7A2E2E, 0x2E2E30, 0xB8862B], 3)
        leaves = pick([0x49692F, 0x5F7A33, 0x3C5A35, 0x7C7A34, 0x8A6A2C], 1)[0]
        grass = pick([0x6F8F45, 0x86924F, 0x5D7B43], 1)[0]
        let low = 2 + generator.below(3)
        storeys = low...low + 1 + generator.below(4)
        greenness = generator.uniform(0.1, 0.5)
        roadHalf = generator.uniform(4.2, 7.2)
        pavementWidth = generator.uniform(2.2, 4.2)
        hasTram = generator.chance(0.5)
        traffic = generator.uniform(5, 12)
        people = generator.uniform(4, 14)
    }
}
