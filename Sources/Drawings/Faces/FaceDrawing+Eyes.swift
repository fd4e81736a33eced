import Foundation

extension FaceDrawing {
    func paintEyes(on painting: inout Painting) {
        let size = traits.eyeSize
        let open = 0.62 + 0.2 * traits.childlike - 0.2 * traits.wear
        for (index, eye) in eyes.enumerated() {
            let outer = index == 0 ? -1.0 : 1.0
            // Lids hang with age, most at the outer corner.
            let droop = 0.05 * traits.wear
            let almond = Outline.smooth([
                Point(eye.x - outer * size, eye.y + 0.02), Point(eye.x - outer * size * 0.2, eye.y - size * open),
                Point(eye.x + outer * size * 0.7, eye.y - size * open * 0.6 + droop),
                Point(eye.x + outer * size * 1.05, eye.y + droop),
                Point(eye.x + outer * size * 0.2, eye.y + size * open * 0.75),
            ])
            painting.fill(almond, Tint(0xF3EFEA).lit(Float(1 - 0.1 * traits.wear)))
            let iris = size * (0.56 + 0.12 * traits.childlike)
            let look = Point(eye.x + turn * 0.15, eye.y - 0.01)
            painting.fill(.ellipse(look, iris, min(iris, size * open * 0.9)), traits.eyeTint)
            painting.fill(.ellipse(look, iris * 0.5, iris * 0.5), Tint(0x0C0A09))
            painting.fill(
                .ellipse(Point(look.x - iris * 0.35, look.y - iris * 0.35), 0.035, 0.035), Tint(1, 1, 1), opacity: 0.9)
            let lash = traits.isFemale ? 0.055 + 0.025 * traits.ripeness : 0.045
            painting.fill(
                .stroke(
                    [
                        Point(eye.x - outer * size, eye.y), Point(eye.x - outer * size * 0.2, eye.y - size * open),
                        Point(eye.x + outer * size * (traits.isFemale ? 1.2 : 1.05), eye.y - 0.03 + droop),
                    ], lash, taper: 0.3), Tint(0x1C1310), opacity: traits.isFemale ? 0.95 : 0.75)
        }
    }

    func paintBrows(on painting: inout Painting) {
        let thick = max(0.025, traits.browThickness)
        let lift = 0.15 + traits.eyeSize * (traits.isFemale ? 0.75 : 0.5)
        let arch = traits.isFemale ? 0.1 : 0.045
        let tint = traits.hairTint.mixed(Tint(0x2A1C14), traits.age > 55 ? 0.15 : 0.5)
        for (index, eye) in eyes.enumerated() {
            let outer = index == 0 ? -1.0 : 1.0
            let y = eye.y - lift
            painting.fill(
                .stroke(
                    [
                        Point(eye.x - outer * 0.22, y + 0.03), Point(eye.x + outer * 0.06, y - arch),
                        Point(eye.x + outer * 0.3, y + 0.03 + 0.03 * traits.wear),
                    ], thick * 1.7, taper: 0.55), tint,
                opacity: Float(0.55 + 0.4 * traits.ripeness))
        }
    }

    func paintGlasses(on painting: inout Painting) {
        guard traits.hasGlasses else { return }
        let wide = traits.eyeDistance * 0.72
        for eye in eyes {
            let lens = Point(eye.x, eye.y + 0.04)
            painting.fill(.ellipse(lens, wide, 0.25), Tint(0.85, 0.9, 0.95), opacity: 0.1)
            painting.fill(.ring(lens, wide, 0.25, 0.07), traits.glassesTint, opacity: 0.92)
        }
        let bridge = eyes[0].x + wide
        painting.fill(
            .stroke([Point(bridge, eyeLine), Point(turn, eyeLine - 0.04), Point(eyes[1].x - wide, eyeLine)], 0.065),
            traits.glassesTint)
        for (eye, side) in zip(eyes, [-1.0, 1.0]) {
            painting.fill(
                .stroke(
                    [Point(eye.x + side * wide, eyeLine), Point(side * (traits.cheek + 0.03), eyeLine - 0.03)], 0.06),
                traits.glassesTint)
        }
    }
}
