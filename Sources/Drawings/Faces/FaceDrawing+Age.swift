import Foundation

extension FaceDrawing {
    /// Lines of the skin, each from its own age on.
    func paintWrinkles(on painting: inout Painting) {
        func strength(from start: Double, to full: Double) -> Float {
            Float(max(0, min(1, (traits.wear - start) / (full - start))))
        }
        let folds = strength(from: 0.05, to: 0.7)
        let forehead = strength(from: 0.15, to: 0.8)
        let corners = strength(from: 0.1, to: 0.7)
        let bags = strength(from: 0.2, to: 0.85)
        let mouthLines = strength(from: 0.4, to: 1)
        let lines = traits.wear < 0.4 ? 1 : traits.wear < 0.7 ? 2 : 3
        for line in 0..<lines {
            let y = -0.46 - 0.14 * Double(line)
            crease(
                [Point(-0.46 + turn, y + 0.03), Point(turn, y - 0.03), Point(0.46 + turn, y + 0.03)], 0.05,
                forehead * 0.65, &painting)
        }
        if traits.wear > 0.45 {
            for side in [-1.0, 1.0] {
                crease(
                    [Point(turn + side * 0.06, eyeLine - 0.3), Point(turn + side * 0.05, eyeLine - 0.12)], 0.045,
                    forehead * 0.6, &painting)
            }
        }
        for side in [-1.0, 1.0] {
            let wing = Point(noseTip.x + side * (traits.noseWidth + 0.06), noseTip.y - 0.04)
            let end = Point(mouth.x + side * (traits.mouthWidth + 0.1), mouth.y + 0.04)
            let bent = Point((wing.x + end.x) / 2 + side * 0.06, (wing.y + end.y) / 2)
            crease([wing, bent, end], 0.06, folds * 0.7, &painting)
            let corner = Point(side * (traits.eyeDistance + traits.eyeSize * 1.2) + turn, eyeLine)
            for ray in -1...1 {
                let tip = Point(corner.x + side * 0.2, corner.y + 0.11 * Double(ray))
                crease(
                    [Point(corner.x + side * 0.04, corner.y + 0.03 * Double(ray)), tip], 0.045, corners * 0.65,
                    &painting)
            }
            let eye = Point(side * traits.eyeDistance + turn, eyeLine + traits.eyeSize * 0.9)
            crease(
                [Point(eye.x - 0.19, eye.y + 0.02), Point(eye.x, eye.y + 0.12), Point(eye.x + 0.19, eye.y + 0.02)],
                0.055, bags * 0.6, &painting)
            painting.fill(.ellipse(Point(eye.x, eye.y + 0.05), 0.17, 0.06), dark, opacity: bags * 0.22)
            let chin = Point(mouth.x + side * (traits.mouthWidth + 0.05), mouth.y + 0.08)
            crease([chin, Point(chin.x + side * 0.05, chin.y + 0.24)], 0.055, mouthLines * 0.6, &painting)
            let cheek = Point(side * 0.66, eyeLine + 0.5)
            crease(
                [Point(cheek.x, cheek.y), Point(cheek.x - side * 0.06, cheek.y + 0.24)], 0.07, mouthLines * 0.35,
                &painting)
            crease(
                [Point(side * 0.2, traits.chin + 0.12), Point(side * 0.26, traits.chin + 0.4)], 0.06, mouthLines * 0.7,
                &painting)
        }
        if traits.wear > 0.6 {
            for line in -2...2 {
                let x = mouth.x + 0.1 * Double(line)
                crease([Point(x, mouth.y - 0.18), Point(x, mouth.y - 0.08)], 0.03, mouthLines * 0.5, &painting)
            }
        }
    }

    private func crease(_ points: [Point], _ width: Double, _ opacity: Float, _ painting: inout Painting) {
        guard opacity > 0.03 else { return }
        painting.fill(.stroke(points, width, taper: 0.7), dark, opacity: opacity)
    }
}
