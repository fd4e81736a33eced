import Foundation
import Support

/// One of the six places from which rendered pedestrians are seen: its scene, its colours and its point of view.
struct SurveillanceCamera: Sendable {
    static let count = 6

    enum Scene: Int, Sendable { case bricks, hedge, shop, plaza, hall, road }

    let scene: Scene
    /// The camera's exposure before each picture's own changes.
    let exposure: Exposure
    /// The directions from which persons are mostly seen; see `PedestrianPose.azimuth`.
    let azimuths: [Double]
    /// The direction that the light comes from: -1 left, 1 right.
    let light: Float
    /// The height of a person in a picture 128 high, before stature and distance.
    let bodyHeight: Double
    private let texture: SmoothNoise
    private let grain: SmoothNoise

    /// Camera 0..<`count`. All follow one table; details depend on the seed.
    init(_ index: Int, seed: UInt64) {
        var generator = SeededGenerator(seed: seed, RandomStream.syntheticCamera, UInt64(index))
        let half = Double.pi / 2
        let (scene, gain, saturation, contrast, offset, blur, height):
            (Scene, Tint, Float, Float, Float, Double, Double)
        switch index {
        case 0:
            azimuths = [0, 0, half]
            (scene, gain, saturation, contrast, offset, blur, height) =
                (.bricks, Tint(1.08, 1.0, 0.88), 1.0, 1.05, 0, 0.45, 104)
        case 1:
            azimuths = [2 * half, 2 * half, -half]
            (scene, gain, saturation, contrast, offset, blur, height) =
                (.hedge, Tint(0.92, 1.0, 1.02), 0.95, 0.95, 0.03, 0.7, 98)
        case 2:
            azimuths = [half, -half, 0]
            (scene, gain, saturation, contrast, offset, blur, height) =
                (.shop, Tint(0.76, 0.8, 0.88), 0.85, 1.0, -0.02, 0.6, 107)
        case 3:
            azimuths = [0, half, 2 * half]
            (scene, gain, saturation, contrast, offset, blur, height) =
                (.plaza, Tint(1.18, 1.15, 1.1), 0.85, 0.85, 0.07, 0.5, 95)
        case 4:
            azimuths = [2 * half, 0, -half]
            (scene, gain, saturation, contrast, offset, blur, height) =
                (.hall, Tint(1.1, 0.95, 0.74), 1.05, 1.0, -0.01, 0.8, 106)
        default:
            azimuths = [-half, half, 2 * half]
            (scene, gain, saturation, contrast, offset, blur, height) =
                (.road, Tint(0.82, 0.9, 1.1), 0.9, 1.1, 0, 0.4, 101)
        }
        self.scene = scene
        bodyHeight = height
        let jitter = { (width: Double, generator: inout SeededGenerator) in
            Float(generator.uniform(1 - width, 1 + width))
        }
        exposure = Exposure(
            blur: blur,
            gain: Tint(
                gain.red * jitter(0.04, &generator), gain.green * jitter(0.04, &generator),
                gain.blue * jitter(0.04, &generator)),
            saturation: saturation, contrast: contrast, offset: offset, noise: Float(generator.uniform(0.012, 0.028)))
        light = generator.chance(0.5) ? 1 : -1
        texture = SmoothNoise(&generator)
        grain = SmoothNoise(&generator)
    }

    /// The scene's colour at a place of a picture 64 by 128, moved sideways by `shift` along the scene.
    func background(_ place: Point, shift: Double, floor: Double) -> Tint {
        let x = place.x + shift
        let y = place.y
        let rough = grain.at(x * 0.45, y * 0.45)
        let broad = texture.at(x * 0.06, y * 0.06)
        // Rows of the ground lie closer together towards the horizon.
        let depth = 260 / max(4, y - floor + 14)
        switch scene {
        case .bricks:
            if y > floor { return paving(x, depth, rough, Tint(0x8E8B86)) }
            let row = (y / 5).rounded(.down)
            let along = x + (Int(row) & 1 == 0 ? 0 : 5.5)
            let joint = along - (along / 11).rounded(.down) * 11 < 1.1 || y - row * 5 < 0.9
            let tone = texture.at(row * 1.7, (along / 11).rounded(.down) * 3.1)
            return joint ? Tint(0xB5A593).lit(0.95 + 0.05 * rough) : Tint(0x8F4E3C).lit(1 + 0.13 * tone + 0.06 * rough)
        case .hedge:
            if y > floor + 8 { return Tint(0xA69C86).lit(1 + 0.06 * rough + 0.05 * broad) }
            if y > floor { return Tint(0x6F8C4A).lit(1 + 0.18 * rough) }
            return Tint(0x3F5E33).lit(1 + 0.34 * rough + 0.22 * texture.at(x * 0.2, y * 0.2))
        case .shop:
            if y > floor { return paving(x, depth, rough, Tint(0xB9B2A6)) }
            let pane = x - (x / 34).rounded(.down) * 34
            if pane < 3 || y < 10 { return Tint(0x5B5148).lit(1 + 0.05 * rough) }
            if y > floor - 9 { return Tint(0x77705F).lit(1 + 0.05 * rough) }
            return Tint(0x46586A).mixed(Tint(0xB7C2C6), max(0, 0.35 + 0.5 * texture.at(x * 0.09, y * 0.05)))
        case .plaza:
            if y > floor { return paving(x * 0.8, depth * 0.7, rough, Tint(0xBDBAB2)) }
            if y < 26 { return Tint(0xC9D3DB).lit(1 + 0.04 * broad) }
            let column = x - (x / 9).rounded(.down) * 9
            let storey = y - (y / 12).rounded(.down) * 12
            return (column < 5 && storey > 4 ? Tint(0x7E8891) : Tint(0xB0A593)).lit(1 + 0.06 * broad)
        case .hall:
            if y > floor { return Tint(0x9C8F7C).lit(1 + 0.1 * broad + 0.03 * rough) }
            if y > floor - 4 { return Tint(0x4A3F36) }
            return Tint(0xCFC4AC).lit(1 + 0.06 * broad + 0.02 * rough)
        case .road:
            if y > floor + 22, y < floor + 26 { return Tint(0xD8D8D2).lit(1 + 0.05 * rough) }
            if y > floor { return Tint(0x5C5F63).lit(1 + 0.12 * rough) }
            if y > floor - 5 { return Tint(0x9A9A96).lit(1 + 0.06 * rough) }
            return Tint(0x8A8F83).mixed(Tint(0x5D6B50), max(0, min(1, 0.5 + 1.2 * broad))).lit(1 + 0.1 * rough)
        }
    }

    private func paving(_ x: Double, _ depth: Double, _ rough: Float, _ tint: Tint) -> Tint {
        let across = (x - 32) * depth / 9
        let isJoint =
            abs(across / 9 - (across / 9).rounded()) < 0.05 || abs(depth - depth.rounded()) < 0.08
        return isJoint ? tint.lit(0.78) : tint.lit(1 + 0.05 * rough)
    }
}
