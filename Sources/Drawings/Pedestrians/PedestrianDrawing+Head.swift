import Foundation

extension PedestrianDrawing {
    private var headCentre: Point { Point(1.5 * pose.heading, -(92.5 - pose.drop)) }

    /// Hair that falls over the back; behind the body from the front, before it from behind.
    func paintLongHair(on painting: inout Painting) {
        guard look.hair == .long || look.hair == .bob else { return }
        let length = look.hair == .long ? 19.0 : 9.5
        let back = Point(headCentre.x - 2.6 * pose.heading, headCentre.y)
        let wide = 5.9 + 0.5 * abs(pose.frontality)
        let narrow = abs(pose.heading) > 0.6 ? 3.2 : 5.6
        painting.fill(
            .smooth([
                Point(back.x - wide * 0.8, back.y - 4), Point(back.x + wide * 0.8, back.y - 4),
                Point(back.x + wide, back.y + 3), Point(back.x + narrow, back.y + length),
                Point(back.x - narrow, back.y + length), Point(back.x - wide, back.y + 3),
            ])
        ) { point in hairTint.lit(shade((point.x - back.x) / wide) + 0.06 * Float(sin(point.x * 2.4))) }
    }

    func paintHead(on painting: inout Painting) {
        let head = headCentre
        let heading = pose.heading
        paintLimb(
            Point(head.x * 0.4, head.y + 5), Point(0, head.y + (pose.frontality > 0 ? 9.6 : 8)), 2.7, 2.6, on: &painting
        ) { _, _ in
            skin.lit(0.86)
        }
        let isBald = look.hair == .bald
        painting.fill(.ellipse(head, 5.3, 6.9)) { point in
            (isBald ? skin : hairTint).lit(shade((point.x - head.x) / 5.6))
        }
        if look.hair == .bun {
            let bun = Point(head.x - 4.8 * heading, head.y - 5.6 * max(0.4, abs(pose.frontality)))
            painting.fill(.ellipse(bun, 3, 2.8)) { hairTint.lit(shade(($0.x - bun.x) / 3)) }
        }
        if pose.frontality > -0.35 { paintFace(on: &painting, head) }
    }

    private func paintFace(on painting: inout Painting, _ head: Point) {
        let turned = pose.heading
        let wide = 2.6 + 2.0 * max(0, pose.frontality)
        let face = Point(head.x + turned * 2.5, head.y + 1.4)
        painting.fill(.ellipse(face, wide, 5.2)) { skin.lit(shade(($0.x - head.x) / 6)) }
        guard pose.frontality > -0.1 else { return }
        let dark = skin.lit(0.3)
        let eyes = pose.frontality > 0.35 ? [-1.9, 1.9] : [1.2 * (turned > 0 ? 1 : -1)]
        for eye in eyes {
            painting.fill(.ellipse(Point(face.x + eye, face.y - 0.6), 0.75, 0.7), dark, opacity: 0.8)
        }
        painting.fill(.ellipse(Point(face.x + turned * 0.8, face.y + 2.9), 1.3, 0.5), Tint(0x9A4038), opacity: 0.6)
    }

    func paintHeadwear(on painting: inout Painting) {
        let head = headCentre
        let tint = PedestrianLook.clothes[look.headwearColour]
        switch look.headwear {
        case .none: break
        case .cap:
            painting.fill(dome(head, 5.7, -2.2)) { tint.lit(shade(($0.x - head.x) / 5.7)) }
            guard pose.frontality > -0.5 else { return }
            let brim = Point(head.x + pose.heading * 5.5, head.y - 2.2)
            painting.fill(.ellipse(brim, 3 + 1.6 * abs(pose.frontality), 1.2), tint.lit(0.7))
        case .beanie:
            painting.fill(dome(head, 5.8, -1.2)) { tint.lit(shade(($0.x - head.x) / 5.8)) }
            painting.fill(.box(head.x - 5.7, head.y - 3, 11.4, 2.2), tint.lit(0.78))
        }
    }

    private func dome(_ head: Point, _ radius: Double, _ rim: Double) -> Outline {
        .polygon(
            (0...14).map { step in
                let angle = .pi * Double(step) / 14
                return Point(head.x - radius * cos(angle), head.y + rim - 5.6 * sin(angle))
            })
    }
}
