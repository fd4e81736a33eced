import Foundation

/// Paints one person, from the far parts to the near ones.
struct PedestrianDrawing {
    let look: PedestrianLook
    let pose: PedestrianPose
    /// The direction that the light comes from: -1 left, 1 right.
    let light: Float
    /// The noise of the folds of cloth.
    let folds: SmoothNoise

    var skin: Tint { PedestrianLook.skins[look.skin] }
    var hairTint: Tint { PedestrianLook.hairColours[look.hairColour] }
    var broad: Double { 0.94 + 0.05 * Double(look.build) }
    var shoulderHeight: Double { 82 - pose.drop }
    private var topTint: Tint { PedestrianLook.clothes[look.top] }
    private var secondTint: Tint { PedestrianLook.clothes[look.topSecond] }
    private var legsTint: Tint { PedestrianLook.legwear[look.legsColour] }

    func paint(on painting: inout Painting) {
        let order = pose.legs.indices.sorted { pose.nearness(pose.legs[$0].hip) < pose.nearness(pose.legs[$1].hip) }
        let arms = pose.arms.indices.sorted {
            pose.nearness(pose.arms[$0].shoulder) < pose.nearness(pose.arms[$1].shoulder)
        }
        let isSideways = abs(pose.heading) > 0.5
        if isSideways { paintArm(arms[0], on: &painting) }
        if pose.frontality > -0.15 {
            paintBackpack(on: &painting)
            paintLongHair(on: &painting)
        }
        paintHipBag(on: &painting, inFront: false)
        for leg in order { paintLeg(pose.legs[leg], on: &painting) }
        paintSkirt(on: &painting)
        paintTorso(on: &painting)
        paintStraps(on: &painting)
        paintHead(on: &painting)
        if pose.frontality <= -0.15 {
            paintLongHair(on: &painting)
            paintBackpack(on: &painting)
        }
        paintHeadwear(on: &painting)
        paintHipBag(on: &painting, inFront: true)
        if !isSideways { paintArm(arms[0], on: &painting) }
        paintArm(arms[1], on: &painting)
    }

    /// Gives the brightness as light falls on a round body: `place` is -1 at the left border, 1 at the right.
    func shade(_ place: Double) -> Float {
        let t = Float(max(-1, min(1, place)))
        return 1.05 - 0.34 * t * t + 0.13 * t * light
    }

    /// A limb whose colour may follow a pattern: (across, along) in hundredths of the height.
    func paintLimb(
        _ from: Point, _ to: Point, _ radiusFrom: Double, _ radiusTo: Double, on painting: inout Painting,
        _ tint: (Double, Double) -> Tint
    ) {
        let (dx, dy) = (to.x - from.x, to.y - from.y)
        let length = max(0.5, (dx * dx + dy * dy).squareRoot())
        painting.fill(.limb(from, to, radiusFrom, radiusTo)) { point in
            let (x, y) = (point.x - from.x, point.y - from.y)
            let across = (x * dy - y * dx) / length
            let along = (x * dx + y * dy) / length
            let radius = radiusFrom + (radiusTo - radiusFrom) * max(0, min(1, along / length))
            return tint(across, along).lit(shade(across / radius))
        }
    }

    private func paintLeg(_ leg: PedestrianPose.Leg, on painting: inout Painting) {
        let (hip, knee, ankle, toe) = (
            pose.seen(leg.hip), pose.seen(leg.knee), pose.seen(leg.ankle), pose.seen(leg.toe)
        )
        let farther: Float = pose.nearness(leg.hip) < -1 ? 0.82 : 1
        let wide = look.legs == .trousers ? 1.12 : look.legs == .shorts ? 1.0 : 0.92
        let thigh = look.legs == .trousers || look.legs == .shorts ? legsTint : skin
        let shin = look.legs == .trousers ? legsTint : skin
        let shoe = PedestrianLook.footwear[look.shoes].lit(farther)
        let heel = Point(ankle.x - 0.25 * (toe.x - ankle.x), ankle.y + 1.6)
        let tip = Point(toe.x, max(toe.y, heel.y + (pose.frontality > 0 ? 1.2 : 0.2)))
        paintLimb(heel, tip, 2.3, 1.8, on: &painting) { _, _ in shoe }
        paintLimb(knee, ankle, 3.7 * wide, 2.5 * wide, on: &painting) { _, _ in shin.lit(farther) }
        let hem = look.legs == .shorts ? 1.25 : 1.0
        paintLimb(hip, knee, 5.6 * broad, 3.9 * wide * hem, on: &painting) { _, _ in thigh.lit(farther) }
    }

    private func paintSkirt(on painting: inout Painting) {
        guard look.legs == .skirt || look.legs == .longSkirt else { return }
        let length = look.legs == .skirt ? 23.0 : 38.0
        let waist = 53 - pose.drop
        let narrow = pose.halfWidth(8.6 * broad, 6.5)
        let wide = pose.halfWidth(look.legs == .skirt ? 12.5 * broad : 14 * broad, 11.5)
        let tint = legsTint
        painting.fill(
            .smooth([
                Point(-narrow, -waist), Point(narrow, -waist), Point((narrow + wide) / 2 + 0.8, -waist + length * 0.5),
                Point(wide, -waist + length), Point(0, -waist + length + 1), Point(-wide, -waist + length),
                Point(-(narrow + wide) / 2 - 0.8, -waist + length * 0.5),
            ])
        ) { point in
            let pleat = 0.08 * Float(sin(point.x * 1.3 + 1))
            return tint.lit(shade(point.x / wide) + pleat)
        }
    }

    /// Half widths of the trunk by height, in hundredths: (height, to the side, to the front).
    private var trunk: [(height: Double, side: Double, front: Double)] {
        var profile = [
            (84, 3.6, 3.6), (81.8, 8.6 * broad, 5.2), (78, 11.8 * broad, 6.6), (73, 11.9 * broad, 7.2),
            (66, 10.8 * broad, 7.4),
            (58, 9.6 * broad, 6.8), (50, 10.2 * broad, 7.6),
        ]
        if look.isCoat { profile += [(40, 11.6 * broad, 8.8), (31, 12.4 * broad, 9.6)] }
        return profile.map { (height: $0.0, side: $0.1, front: $0.2) }
    }

    private func paintTorso(on painting: inout Painting) {
        let profile = trunk
        let right = profile.map { Point(pose.halfWidth($0.side, $0.front), pose.drop - $0.height) }
        let widest = right.map(\.x).max() ?? 1
        let top = -(profile.first?.height ?? 0) + pose.drop
        painting.fill(.smooth(right + right.reversed().map { Point(-$0.x, $0.y) })) { point in
            let place = max(-1, min(1, point.x / widest))
            // Around the body, so that a pattern turns with it.
            let around = (asin(place) + pose.azimuth) * 10
            let second = look.pattern.secondColour(around, point.y - top)
            let fold = 0.07 * folds.at(point.x * 0.16 + 7, point.y * 0.1)
            var tint = topTint.mixed(secondTint, second)
            if look.isCoat, pose.frontality > 0.3, abs(point.x - pose.heading * 8) < 0.5 { tint = tint.lit(0.6) }
            return tint.lit(shade(place) + fold)
        }
    }

    private func paintArm(_ index: Int, on painting: inout Painting) {
        let arm = pose.arms[index]
        let (shoulder, elbow, hand) = (pose.seen(arm.shoulder), pose.seen(arm.elbow), pose.seen(arm.hand))
        let dark: Float = pose.nearness(arm.shoulder) < -2 ? 0.8 : 0.95
        let (bare, cloth, second) = (skin, topTint, secondTint)
        let sleeve: (Double, Double) -> Tint = { across, along in
            cloth.mixed(second, look.pattern.secondColourOfSleeve(across, along)).lit(dark)
        }
        paintLimb(hand, Point(hand.x, hand.y + 2), 2.1, 1.7, on: &painting) { _, _ in bare.lit(dark) }
        if look.carrying == .handbag, index == 0 { paintHandbag(below: hand, on: &painting) }
        if look.hasLongSleeves {
            paintLimb(elbow, hand, 3.1, 2.4, on: &painting) { sleeve($0, $1 + 16) }
        } else {
            paintLimb(elbow, hand, 2.5, 1.9, on: &painting) { _, _ in bare.lit(dark) }
            paintLimb(shoulder, elbow, 2.8, 2.5, on: &painting) { _, _ in bare.lit(dark) }
        }
        let end = look.hasLongSleeves ? 1.0 : 0.65
        let hem = Point(shoulder.x + (elbow.x - shoulder.x) * end, shoulder.y + (elbow.y - shoulder.y) * end)
        paintLimb(shoulder, hem, 3.3, look.hasLongSleeves ? 3.2 : 3.6, on: &painting, sleeve)
    }
}
