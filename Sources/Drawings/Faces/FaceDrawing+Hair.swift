import Foundation

extension FaceDrawing {
    private func strand(_ point: Point) -> Tint {
        let wave = 0.09 * texture.at(point.x * 9, point.y * 1.6)
        return traits.hairTint.lit(1 - 0.12 * Float(abs(point.x)) + 0.12 * Float(point.x) * light + wave)
    }

    /// What falls behind face and shoulders.
    func paintHairBehind(on painting: inout Painting) {
        switch traits.hair {
        case .long, .fringe:
            let low = traits.chin + (traits.hair == .long ? 0.75 : 0.35)
            painting.fill(
                .smooth([
                    Point(0, -1.42), Point(0.85, -1.15), Point(1.16, -0.4), Point(1.2, 0.5), Point(1.12, low),
                    Point(0.5, low + 0.05), Point(-0.5, low + 0.05), Point(-1.12, low), Point(-1.2, 0.5),
                    Point(-1.16, -0.4), Point(-0.85, -1.15),
                ])
            ) { strand($0).lit($0.y > 0 ? 0.85 : 1) }
        case .bob:
            painting.fill(
                .smooth([
                    Point(0, -1.42), Point(0.85, -1.15), Point(1.17, -0.4), Point(1.2, 0.4), Point(1.0, 0.8),
                    Point(-1.0, 0.8), Point(-1.2, 0.4), Point(-1.17, -0.4), Point(-0.85, -1.15),
                ])
            ) { strand($0).lit($0.y > 0 ? 0.85 : 1) }
        case .bun:
            painting.fill(.ellipse(Point(0.1, -1.45), 0.42, 0.34)) { strand($0) }
        case .pigtails:
            for side in [-1.0, 1.0] {
                painting.fill(.ellipse(Point(side * 1.24, 0.15), 0.26, 0.55, tilt: side * -0.3)) { strand($0) }
            }
        default: break
        }
    }

    /// What lies on the skull.
    func paintHair(on painting: inout Painting) {
        let line = hairline
        switch traits.hair {
        case .bald: break
        case .wreath:
            for side in [-1.0, 1.0] {
                painting.fill(
                    .smooth([
                        Point(side * 0.82, -0.78), Point(side * 1.04, -0.45), Point(side * 1.05, 0.05),
                        Point(side * 0.93, 0.12), Point(side * 0.88, -0.3),
                    ])
                ) { strand($0) }
            }
        case .sparse:
            let half = [Point(0.62, -1.13), Point(0.92, -0.68), Point(0.86, -0.6), Point(0.55, -0.88)]
            painting.fill(
                .smooth([Point(0, -1.28)] + half + [Point(0, -0.94)] + half.reversed().map { Point(-$0.x, $0.y) }),
                opacity: 0.45
            ) { strand($0) }
        case .crew:
            painting.fill(crown(top: -1.28, side: 0.97, line: line, temple: -0.3), opacity: 0.88) { strand($0) }
        case .short, .bun, .pigtails:
            let full = traits.hair == .short ? -1.42 : -1.33
            let temple = traits.hair == .short ? 0.02 : -0.12
            painting.fill(crown(top: full, side: 1.03, line: line, temple: temple)) { strand($0) }
        case .fringe:
            painting.fill(crown(top: -1.42, side: 1.1, line: -0.36 + 0.1 * traits.childlike, temple: 0.5)) {
                strand($0)
            }
        case .long, .bob:
            painting.fill(crown(top: -1.42, side: 1.1, line: line, temple: 0.45)) { strand($0) }
        }
        if traits.bow {
            for side in [-1.0, 1.0] {
                painting.fill(
                    .polygon([Point(0.45, -1.2), Point(0.45 + side * 0.32, -1.4), Point(0.45 + side * 0.32, -1.02)]),
                    Tint(0xD9447E))
            }
        }
        guard traits.hasEarrings else { return }
        for side in [-1.0, 1.0] {
            let place = Point(side * (traits.cheek + 0.07) - turn * 0.3, eyeLine + 0.43)
            painting.fill(.ellipse(place, 0.075, 0.1), Tint(0xF0D070))
        }
    }

    /// A cap of hair: its top, its half width, where it ends above the forehead and at the temples.
    private func crown(top: Double, side: Double, line: Double, temple: Double) -> Outline {
        // Where hair recedes, it goes at the temples first.
        let corner = line - 0.1 * traits.recession * 2
        let half = [
            Point(0.72, top + 0.2), Point(side, top + 0.75), Point(side + 0.01, temple - 0.15),
            Point(side - 0.1, temple),
            Point(side - 0.17, -0.45), Point(0.6, corner),
        ]
        return .smooth(
            [Point(0, top)] + half + [Point(turn, line + 0.04)] + half.reversed().map { Point(-$0.x, $0.y) })
    }

    func paintBeard(on painting: inout Painting) {
        guard traits.beard != .none else { return }
        let tint = traits.beardTint
        if traits.beard != .moustache {
            let (cheek, jaw, chin) = (traits.cheek, traits.jaw, traits.chin)
            let low = traits.beard == .full ? chin + 0.16 : chin
            let upper = mouth.y - 0.2
            let half = [
                Point(cheek - 0.06, 0.2), Point(jaw + 0.09, 0.22 + (chin - 0.22) * 0.5), Point(jaw * 0.75, chin - 0.14),
                Point(0.25, low),
            ]
            let inner = [
                Point(-0.5, upper + 0.2), Point(-0.26, upper + 0.02), Point(0, upper + 0.06), Point(0.26, upper + 0.02),
                Point(0.5, upper + 0.2),
            ]
            painting.fill(
                .smooth(half + half.reversed().map { Point(-$0.x, $0.y) } + inner),
                opacity: traits.beard == .full ? 0.9 : 0.38
            ) { point in
                tint.lit(1 + 0.2 * grain.at(point.x * 10, point.y * 6))
            }
        }
        if traits.beard != .stubble {
            let y = (noseTip.y + mouth.y) / 2
            painting.fill(
                .smooth([
                    Point(mouth.x - 0.42, y + 0.14), Point(mouth.x, y - 0.04), Point(mouth.x + 0.42, y + 0.14),
                    Point(mouth.x, y + 0.08),
                ]), tint, opacity: 0.95)
        }
        guard traits.beard != .moustache else { return }
        paintMouth(on: &painting)
    }
}
