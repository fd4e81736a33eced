import Foundation

extension PedestrianDrawing {
    private var bagTint: Tint { PedestrianLook.clothes[look.carryingColour] }

    func paintBackpack(on painting: inout Painting) {
        guard look.carrying == .backpack else { return }
        let centre = pose.seen(BodyPoint(0, shoulderHeight - 14, -9.5))
        let wide = pose.halfWidth(9, 5.5)
        painting.fill(
            .smooth([
                Point(centre.x - wide * 0.7, centre.y - 13), Point(centre.x + wide * 0.7, centre.y - 13),
                Point(centre.x + wide, centre.y - 5), Point(centre.x + wide, centre.y + 11),
                Point(centre.x - wide, centre.y + 11), Point(centre.x - wide, centre.y - 5),
            ])
        ) { bagTint.lit(shade(($0.x - centre.x) / wide)) }
        if pose.frontality < -0.3 {
            painting.fill(.box(centre.x - wide * 0.65, centre.y + 2, wide * 1.3, 0.9), bagTint.lit(0.55))
            painting.fill(.box(centre.x - wide * 0.65, centre.y - 6, wide * 1.3, 0.8), bagTint.lit(0.65))
        }
    }

    /// Paints the straps of a backpack from the front, of a shoulder bag from everywhere.
    func paintStraps(on painting: inout Painting) {
        switch look.carrying {
        case .backpack where pose.frontality > -0.2:
            for side in [-6.5, 6.5] {
                let upper = pose.seen(BodyPoint(side, shoulderHeight + 0.5, 3))
                let lower = pose.seen(BodyPoint(side * 1.15, shoulderHeight - 18, 6))
                painting.fill(.stroke([upper, lower], 2.4), bagTint.lit(0.92))
            }
        case .shoulderBag:
            let forward = pose.frontality >= 0 ? 6.5 : -6.5
            let upper = pose.seen(BodyPoint(-6, shoulderHeight + 1, forward * 0.4))
            let lower = pose.seen(BodyPoint(11, shoulderHeight - 32, forward * 0.5))
            painting.fill(.stroke([upper, lower], 1.9), bagTint.lit(0.85))
        default: break
        }
    }

    /// The shoulder bag at the left hip, behind the body or before it.
    func paintHipBag(on painting: inout Painting, inFront: Bool) {
        guard look.carrying == .shoulderBag else { return }
        let place = BodyPoint(12.5, shoulderHeight - 35, 0)
        guard inFront == (pose.nearness(place) > -4) else { return }
        let centre = pose.seen(place)
        let wide = pose.halfWidth(3.8, 8)
        painting.fill(
            .polygon([
                Point(centre.x - wide, centre.y - 4.5), Point(centre.x + wide, centre.y - 4.5),
                Point(centre.x + wide * 1.05, centre.y + 6), Point(centre.x - wide * 1.05, centre.y + 6),
            ])
        ) { bagTint.lit(shade(($0.x - centre.x) / wide / 1.3)) }
        painting.fill(.box(centre.x - wide, centre.y - 4.5, wide * 2, 3.4), bagTint.lit(0.72))
    }

    func paintHandbag(below hand: Point, on painting: inout Painting) {
        let wide = pose.halfWidth(4, 7)
        painting.fill(.ring(Point(hand.x, hand.y + 4), wide * 0.55, 3.4, 1), bagTint.lit(0.7))
        painting.fill(
            .polygon([
                Point(hand.x - wide * 0.9, hand.y + 6), Point(hand.x + wide * 0.9, hand.y + 6),
                Point(hand.x + wide, hand.y + 15), Point(hand.x - wide, hand.y + 15),
            ])
        ) { bagTint.lit(shade(($0.x - hand.x) / wide / 1.3)) }
    }
}
