import Foundation
import Support

/// A place on a person, in hundredths of the body's height: to the person's left, up from the ground, forward.
struct BodyPoint: Sendable {
    var left: Double
    var up: Double
    var forward: Double

    init(_ left: Double, _ up: Double, _ forward: Double) {
        self.left = left
        self.up = up
        self.forward = forward
    }
}

/// A moment of a person who walks or stands, and the side from which the person is seen.
struct PedestrianPose: Sendable {
    struct Leg: Sendable {
        var hip, knee, ankle, toe: BodyPoint
    }

    struct Arm: Sendable {
        var shoulder, elbow, hand: BodyPoint
    }

    /// The left and the right leg.
    let legs: [Leg]
    let arms: [Arm]
    /// The direction of view: 0 from the front, pi / 2 from the side with the person heading right, pi from behind.
    let azimuth: Double

    init(azimuth: Double, build: Int, _ generator: inout SeededGenerator) {
        self.azimuth = azimuth
        let broad = 0.94 + 0.05 * Double(build)
        let isWalking = generator.chance(0.75)
        let stride = isWalking ? generator.uniform(0.28, 0.5) : generator.uniform(0, 0.08)
        let phase = generator.uniform(0, 2 * .pi)
        var legs: [Leg] = []
        var arms: [Arm] = []
        for side in 0..<2 {
            let sign = side == 0 ? 1.0 : -1.0
            let swing = stride * sin(phase + .pi * Double(side))
            let bend = 0.06 + max(0, 1.3 * stride * cos(phase + .pi * Double(side) - 0.4))
            let hip = BodyPoint(sign * 4.6 * broad, 50, 0)
            let knee = BodyPoint(hip.left, 50 - 23.5 * cos(swing), 23.5 * sin(swing))
            let low = swing - bend
            let ankle = BodyPoint(hip.left, knee.up - 22.5 * cos(low), knee.forward + 22.5 * sin(low))
            let toe = BodyPoint(hip.left + sign * 1.2, ankle.up - 2.2 + 3 * min(0, low), ankle.forward + 7)
            legs.append(Leg(hip: hip, knee: knee, ankle: ankle, toe: toe))

            let shoulder = BodyPoint(sign * 10.6 * broad, 77.4, 0)
            let lift = -0.85 * swing + generator.uniform(-0.08, 0.08)
            let spread = generator.uniform(1.5, 3.6)
            let elbow = BodyPoint(shoulder.left + sign * spread, 77.4 - 15.4 * cos(lift), 15.4 * sin(lift))
            let fold = lift + generator.uniform(0.15, 0.5)
            let hand = BodyPoint(elbow.left + sign * 0.4, elbow.up - 15.5 * cos(fold), elbow.forward + 15.5 * sin(fold))
            arms.append(Arm(shoulder: shoulder, elbow: elbow, hand: hand))
        }
        // The lower foot stands on the ground.
        let lowest = legs.map { min($0.ankle.up, $0.toe.up + 1) }.min() ?? 0
        let drop = lowest - 3.2
        self.legs = legs.map { leg in
            Leg(
                hip: Self.lowered(leg.hip, drop), knee: Self.lowered(leg.knee, drop),
                ankle: Self.lowered(leg.ankle, drop), toe: Self.lowered(leg.toe, drop))
        }
        self.arms = arms.map { arm in
            Arm(
                shoulder: Self.lowered(arm.shoulder, drop), elbow: Self.lowered(arm.elbow, drop),
                hand: Self.lowered(arm.hand, drop))
        }
        self.drop = drop
    }

    /// The distance by which the body is lower than upright, in hundredths of its height.
    let drop: Double

    private static func lowered(_ point: BodyPoint, _ drop: Double) -> BodyPoint {
        BodyPoint(point.left, point.up - drop, point.forward)
    }

    /// Gives the place of a point of the body on the drawing, whose origin is the ground below the body and whose unit
    /// is a hundredth of the body's height.
    func seen(_ point: BodyPoint) -> Point {
        Point(point.left * cos(azimuth) + point.forward * sin(azimuth), -point.up)
    }

    /// The depth of a place, larger towards the viewer.
    func nearness(_ point: BodyPoint) -> Double {
        point.forward * cos(azimuth) - point.left * sin(azimuth)
    }

    /// Half the width on the drawing of a body of elliptic section.
    func halfWidth(_ left: Double, _ forward: Double) -> Double {
        let (x, z) = (left * cos(azimuth), forward * sin(azimuth))
        return (x * x + z * z).squareRoot()
    }

    /// The share of the front in the view: 1 from the front, -1 from behind.
    var frontality: Double { cos(azimuth) }
    /// The direction of the walk: 1 heading right, -1 heading left.
    var heading: Double { sin(azimuth) }
}
