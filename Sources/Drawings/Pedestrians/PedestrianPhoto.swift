import Datasets
import Foundation
import Support

/// One picture of one person under one camera, a function of the seed and its place in the set alone.
struct PedestrianPhoto: Sendable {
    /// What the detector that cut the picture out has got.
    enum Framing: Sendable {
        case whole
        /// A part of a person, or none at all.
        case failed
    }

    let look: PedestrianLook
    let camera: SurveillanceCamera
    let framing: Framing
    /// The height of the picture in pixels; it is half as wide.
    let height: Int

    func render(_ generator: inout SeededGenerator) -> Image {
        let resolution = Double(height) / 128
        var painting = Painting(width: height / 2, height: height, resolution: resolution)
        let azimuth = camera.azimuths[generator.below(camera.azimuths.count)] + 0.3 * generator.normal()
        let pose = PedestrianPose(azimuth: azimuth, build: look.build, &generator)
        let distance = generator.uniform(0.92, 1.07) * (0.94 + 0.025 * Double(look.stature))
        var scale = camera.bodyHeight * distance / 97
        var feet = Point(32 + generator.uniform(-4, 4), 0)
        feet.y = min(125, 64 + scale * 50 + generator.uniform(-5, 6))
        if framing == .failed {
            scale *= generator.uniform(0.9, 1.7)
            feet = Point(feet.x + generator.uniform(20, 48) * (generator.chance(0.5) ? 1 : -1), feet.y + 30)
        }
        let shift = generator.uniform(0, 400)
        let floor = feet.y - generator.uniform(14, 34)
        painting.fillAll { camera.background($0, shift: shift, floor: floor) }
        painting.frame = Frame(origin: feet, scale: scale, turn: 0.02 * generator.normal())
        let shadow = Outline.ellipse(Point(-6 * Double(camera.light), -1.5), 15, 3.2)
        painting.fill(shadow, Tint(0, 0, 0), opacity: 0.32)
        PedestrianDrawing(look: look, pose: pose, light: camera.light, folds: SmoothNoise(&generator))
            .paint(on: &painting)
        painting.frame = Frame()
        if generator.chance(0.2) { occlude(&painting, &generator) }
        return exposure(resolution, &generator).image(of: painting, &generator)
    }

    /// Something stands before the person at a border: a post, or a box on the ground.
    private func occlude(_ painting: inout Painting, _ generator: inout SeededGenerator) {
        let grey = Float(generator.uniform(0.2, 0.7))
        let hue = Float(generator.uniform(-0.12, 0.12))
        let tint = Tint(grey + hue, grey, grey - hue)
        let isLeft = generator.chance(0.5)
        if generator.chance(0.5) {
            let wide = generator.uniform(6, 11)
            let x = isLeft ? generator.uniform(4, 14) : generator.uniform(43, 54)
            painting.fill(.box(x, -1, wide, 130)) { tint.lit(0.75 + 0.5 * Float(($0.x - x) / wide)) }
        } else {
            let top = generator.uniform(84, 104)
            let edge = generator.uniform(22, 36)
            painting.fill(isLeft ? .box(-1, top, edge, 50) : .box(64 - edge, top, edge + 1, 50), tint)
            painting.fill(isLeft ? .box(-1, top, edge, 3) : .box(64 - edge, top, edge + 1, 3), tint.lit(1.25))
        }
    }

    private func exposure(_ resolution: Double, _ generator: inout SeededGenerator) -> Exposure {
        var exposure = camera.exposure
        exposure.gain = exposure.gain.lit(Float(generator.uniform(0.85, 1.15)))
        exposure.gain.red *= Float(generator.uniform(0.96, 1.04))
        exposure.gain.blue *= Float(generator.uniform(0.96, 1.04))
        exposure.blur = resolution * (exposure.blur + (generator.chance(0.15) ? generator.uniform(0.3, 0.9) : 0))
        return exposure
    }
}
