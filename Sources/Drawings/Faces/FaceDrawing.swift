import Foundation
import Support

/// Paints one face. The unit is half the width of the head, the origin its middle.
struct FaceDrawing {
    let traits: FaceTraits
    /// The turn of the face to the right, in units by which its middle moves.
    let turn: Double
    /// The direction that the light comes from: -1 left, 1 right.
    let light: Float
    /// The strength of the smile: 0 serious, 1 a broad smile.
    let smile: Double
    let texture: SmoothNoise
    let grain: SmoothNoise

    /// The height of the eyes: low in a child's face.
    var eyeLine: Double { -0.08 + 0.22 * traits.childlike }
    var eyes: [Point] { [-1.0, 1.0].map { Point($0 * traits.eyeDistance + turn, eyeLine) } }
    var noseTip: Point { Point(turn * 1.35, eyeLine + 0.1 + traits.noseLength) }
    var mouth: Point {
        let gap = 0.25 - 0.07 * traits.childlike
        return Point(turn * 1.1, noseTip.y + gap)
    }
    /// The height at which the hair ends above the forehead.
    var hairline: Double { -0.74 - 0.34 * traits.recession }
    var dark: Tint { traits.skin.mixed(Tint(0x3A1A10), 0.55).lit(0.8) }

    func paint(on painting: inout Painting, _ generator: inout SeededGenerator) {
        paintHairBehind(on: &painting)
        paintBody(on: &painting)
        paintEars(on: &painting)
        paintSkull(on: &painting)
        paintSkinMarks(on: &painting, &generator)
        paintWrinkles(on: &painting)
        paintNose(on: &painting)
        paintMouth(on: &painting)
        paintBeard(on: &painting)
        paintEyes(on: &painting)
        paintBrows(on: &painting)
        paintHair(on: &painting)
        paintGlasses(on: &painting)
    }

    /// The face with its jaw; heavier below with age.
    var faceOutline: Outline {
        let (cheek, jaw, chin) = (traits.cheek, traits.jaw, traits.chin)
        let sag = 0.025 * traits.wear
        let half = [
            Point(0.52, -1.12), Point(0.86, -0.72), Point(cheek + 0.02, -0.2), Point(cheek, 0.22),
            Point(jaw + 0.1 + sag, 0.22 + (chin - 0.22) * 0.48), Point(jaw * 0.78 + sag, 0.22 + (chin - 0.22) * 0.78),
            Point(jaw * 0.42, chin - 0.02),
        ]
        return .smooth(
            [Point(0, -1.22)] + half + [Point(turn * 0.5, chin + 0.03)] + half.reversed().map { Point(-$0.x, $0.y) })
    }

    func lit(_ point: Point) -> Float {
        let (x, y) = (Float(point.x), Float(point.y))
        return 1.06 - 0.2 * x * x - 0.07 * y * y + 0.16 * x * light - 0.03 * y
    }

    private func paintBody(on painting: inout Painting) {
        let neck = 0.5 - 0.14 * traits.childlike + (traits.isFemale ? -0.06 : 0.06) * traits.ripeness
        let top = traits.chin - 0.35
        painting.fill(.box(-neck, top, neck * 2, 1.2)) {
            traits.skin.lit(lit($0) * ($0.y < traits.chin + 0.12 ? 0.72 : 0.88))
        }
        let shoulder = 1.25 + 0.4 * traits.ripeness + (traits.isFemale ? 0 : 0.2) * traits.ripeness
        let y = traits.chin + 0.28
        painting.fill(
            .smooth([
                Point(-neck - 0.05, y - 0.02), Point(0, y + 0.22), Point(neck + 0.05, y - 0.02),
                Point(shoulder, y + 0.38), Point(shoulder + 0.3, y + 1.6), Point(-shoulder - 0.3, y + 1.6),
                Point(-shoulder, y + 0.38),
            ])
        ) { traits.clothes.lit(0.95 - 0.12 * Float(abs($0.x)) + 0.1 * Float($0.x) * light) }
    }

    private func paintEars(on painting: inout Painting) {
        let size = 0.2 + 0.03 * traits.wear
        for side in [-1.0, 1.0] {
            let ear = Point(side * (traits.cheek + 0.04) - turn * 0.3, eyeLine + 0.16)
            painting.fill(.ellipse(ear, 0.13, size)) { traits.skin.lit(lit($0) * 0.9) }
            painting.fill(.ellipse(Point(ear.x, ear.y), 0.05, size * 0.55), dark, opacity: 0.4)
        }
    }

    private func paintSkull(on painting: inout Painting) {
        let rough = Float(0.015 + 0.05 * traits.wear)
        let blush = Tint(0xE0705F)
        let rosy = Float(0.12 + 0.22 * traits.childlike + (traits.isFemale ? 0.08 : 0))
        painting.fill(faceOutline) { point in
            var tint = traits.skin
            for side in [-1.0, 1.0] {
                let (dx, dy) = (point.x - side * 0.52, point.y - eyeLine - 0.42)
                let near = Float(max(0, 1 - (dx * dx + dy * dy) / 0.09))
                tint = tint.mixed(blush, near * rosy)
            }
            return tint.lit(lit(point) + rough * grain.at(point.x * 7, point.y * 7))
        }
    }

    /// Freckles of some young, spots of the old.
    private func paintSkinMarks(on painting: inout Painting, _ generator: inout SeededGenerator) {
        if traits.freckles {
            for _ in 0..<16 {
                let place = Point(generator.uniform(-0.6, 0.6) + turn, eyeLine + generator.uniform(0.2, 0.5))
                painting.fill(.ellipse(place, 0.025, 0.025), dark, opacity: 0.55)
            }
        }
        for _ in 0..<traits.spots {
            let place = Point(generator.uniform(-0.7, 0.7), generator.uniform(-0.85, 0.75))
            let size = generator.uniform(0.03, 0.06)
            painting.fill(.ellipse(place, size, size * 0.8), Tint(0x7A4A2C), opacity: 0.38)
        }
    }

    private func paintNose(on painting: inout Painting) {
        let (tip, wide) = (noseTip, traits.noseWidth)
        painting.fill(
            .smooth([
                Point(turn + 0.04, eyeLine + 0.05), Point(tip.x + wide, tip.y - 0.03), Point(tip.x, tip.y + 0.07),
                Point(tip.x - wide * 0.2, tip.y - 0.1),
            ]), dark, opacity: 0.16 + 0.1 * Float(traits.ripeness))
        painting.fill(
            .stroke(
                [Point(tip.x - wide, tip.y), Point(tip.x, tip.y + 0.06), Point(tip.x + wide, tip.y)], 0.07, taper: 0.4),
            dark, opacity: 0.6)
        painting.fill(.ellipse(Point(tip.x - 0.02, tip.y - 0.09), 0.06, 0.07), traits.skin.lit(1.25), opacity: 0.5)
    }

    func paintMouth(on painting: inout Painting) {
        let (wide, lips) = (traits.mouthWidth + 0.06 * smile, traits.lipThickness)
        let corner = mouth.y - 0.09 * smile + 0.03 * traits.wear
        let natural = traits.skin.mixed(Tint(0xB0504A), traits.isFemale ? 0.55 : 0.42).lit(0.9)
        let tint = traits.hasLipstick ? Tint(0xB8242F).mixed(traits.skin, 0.15) : natural
        let left = Point(mouth.x - wide, corner)
        let right = Point(mouth.x + wide, corner)
        painting.fill(
            .smooth([
                left, Point(mouth.x - 0.09, mouth.y - lips * 0.8), Point(mouth.x, mouth.y - lips * 0.6),
                Point(mouth.x + 0.09, mouth.y - lips * 0.8), right, Point(mouth.x, mouth.y + lips * 1.25),
            ]), tint)
        let parted = smile > 0.6
        painting.fill(
            .stroke([left, Point(mouth.x, mouth.y + 0.02), right], parted ? 0.1 : 0.045, taper: 0.8),
            parted ? Tint(0xF1EBE2) : dark.lit(0.7), opacity: 0.85)
    }
}
