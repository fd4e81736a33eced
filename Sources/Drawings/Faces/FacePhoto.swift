import Datasets
import Foundation
import Support

/// One picture of one rendered face.
struct FacePhoto: Sendable {
    let age: Int
    let isFemale: Bool
    let race: Int
    /// The side of the square picture, in pixels.
    let side: Int

    func render(_ generator: inout SeededGenerator) -> Image {
        let traits = FaceTraits(age: age, isFemale: isFemale, race: race, &generator)
        let resolution = Double(side) / 64
        var painting = Painting(width: side, height: side, resolution: resolution)
        let light: Float = generator.chance(0.5) ? 1 : -1
        let strength = Float(generator.uniform(0.2, 1.1))
        let texture = SmoothNoise(&generator)
        let grain = SmoothNoise(&generator)
        paintBackground(&painting, texture, &generator)
        let scale = 20.5 * generator.uniform(0.93, 1.07)
        let origin = Point(
            32 + generator.uniform(-2.5, 2.5), 33 - 1.5 * (traits.chin - 1.1) * 8 + generator.uniform(-2, 2))
        painting.frame = Frame(origin: origin, scale: scale, turn: max(-0.25, min(0.25, 0.09 * generator.normal())))
        let turn = max(-0.16, min(0.16, 0.07 * generator.normal()))
        let drawing = FaceDrawing(
            traits: traits, turn: turn, light: light * strength, smile: generator.uniform(), texture: texture,
            grain: grain)
        drawing.paint(on: &painting, &generator)
        let brightness = Float(generator.uniform(0.78, 1.16))
        let exposure = Exposure(
            blur: resolution * generator.uniform(0.15, 0.6),
            gain: Tint(
                brightness * Float(generator.uniform(0.92, 1.08)), brightness,
                brightness * Float(generator.uniform(0.9, 1.1))),
            saturation: Float(generator.uniform(0.75, 1.1)), contrast: Float(generator.uniform(0.88, 1.12)),
            noise: Float(generator.uniform(0.008, 0.028)))
        return exposure.image(of: painting, &generator)
    }

    private func paintBackground(
        _ painting: inout Painting, _ texture: SmoothNoise, _ generator: inout SeededGenerator
    ) {
        func tint() -> Tint {
            let grey = Float(generator.uniform(0.15, 0.85))
            return Tint(
                grey + Float(generator.uniform(-0.12, 0.12)), grey + Float(generator.uniform(-0.08, 0.08)),
                grey + Float(generator.uniform(-0.12, 0.12)))
        }
        let (upper, lower) = (tint(), tint())
        let rough = Float(generator.uniform(0, 0.5))
        let detail = generator.uniform(0.05, 0.2)
        painting.fillAll { point in
            let part = Float(point.y / 64) + rough * texture.at(point.x * detail, point.y * detail)
            return upper.mixed(lower, max(0, min(1, part)))
        }
    }
}
