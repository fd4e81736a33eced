import Foundation
import Support

extension StreetScene {
    /// Paints what stands along both sides of the street, from the far end to the near one.
    mutating func paintRoadsides() {
        var lots: [(side: Double, z: ClosedRange<Double>)] = []
        for side in [-1.0, 1.0] {
            var z = Self.near + generator.uniform(-1.2, 0)
            while z < Self.far {
                let long = generator.uniform(9, 22)
                lots.append((side, max(1.2, z)...min(Self.far, z + long)))
                z += long
            }
        }
        lots.sort { $0.z.lowerBound > $1.z.lowerBound }
        for lot in lots { paintLot(lot.side, lot.z) }
    }

    /// Where the pavement ends on a side: -1 left, 1 right.
    func border(_ side: Double) -> Double { roadMiddle + side * (city.roadHalf + city.pavementWidth) }

    private mutating func paintLot(_ side: Double, _ z: ClosedRange<Double>) {
        if !generator.chance(city.greenness) { return paintBuilding(side, z) }
        // A lawn with trees, open or behind something.
        let x = border(side)
        switch generator.below(4) {
        case 0: paintBarrier(x, z, height: generator.uniform(1.3, 2.4), isFence: false)
        case 1: paintBarrier(x, z, height: generator.uniform(1.1, 1.7), isFence: true)
        default: break
        }
        var place = z.upperBound - generator.uniform(0.5, 3)
        while place > z.lowerBound {
            paintTree(x + side * generator.uniform(1.6, 7), place, height: generator.uniform(4, 9))
            if generator.chance(0.5) { paintBush(x + side * generator.uniform(0.6, 1.6), place) }
            place -= generator.uniform(3, 6)
        }
    }

    private mutating func paintBarrier(_ x: Double, _ z: ClosedRange<Double>, height: Double, isFence: Bool) {
        let label = isFence ? StreetLabel.fence : StreetLabel.wall
        let z = max(z.lowerBound, 1.6)...max(z.upperBound, 1.7)
        if !isFence {
            let tint = city.facades[generator.below(city.facades.count)].lit(0.8)
            let (noises, middle) = (noises, (z.lowerBound + z.upperBound) / 2)
            let shown = faded(tint, middle)
            fill(side(x, 0...height, z), label) { shown.lit(1 + 0.1 * noises[2].at($0.x / 2.2, $0.y / 1.3)) }
            fill(side(x, height - 0.1...height, z), faded(tint.lit(1.25), middle), label)
            return
        }
        // Cityscapes labels a fence as a whole, with what shows through it.
        let tint = Tint([0x3B3F42, 0x6B5338, 0x9AA0A3][generator.below(3)])
        let middle = (z.lowerBound + z.upperBound) / 2
        fill(side(x, 0.05...height, z), faded(city.leaves.lit(0.6).mixed(tint, 0.35), middle), label)
        var bar = z.lowerBound
        while bar < min(z.upperBound, 40) {
            fill(side(x, 0.05...height, bar...bar + 0.12), faded(tint, bar), label)
            bar += bar < 12 ? 0.5 : 1.5
        }
        for y in [0.25, height - 0.12] { fill(side(x, y...y + 0.1, z), faded(tint.lit(0.9), middle), label) }
    }

    private mutating func paintBuilding(_ side: Double, _ z: ClosedRange<Double>) {
        let storeys = generator.below(city.storeys.count) + city.storeys.lowerBound
        let (storey, ground) = (generator.uniform(2.9, 3.4), generator.uniform(3.3, 4))
        let high = ground + storey * Double(storeys - 1)
        let x = border(side)
        let tint = city.facades[generator.below(city.facades.count)].lit(Float(generator.uniform(0.9, 1.1)))
        let isLit = Double(city.light) * side < 0
        let face = tint.lit(isLit ? 1.05 : 0.78)
        let label = StreetLabel.building
        // The wall that faces the camera, beside a lower neighbour.
        let outer = x + side * 14
        fill(front(min(x, outer)...max(x, outer), 0...high, z.lowerBound), faded(tint.lit(0.66), z.lowerBound), label)
        let (noises, haze) = (noises, (face: face, near: faded(face, z.lowerBound), far: faded(face, z.upperBound)))
        let (from, to) = (seen(x, 0, z.lowerBound).x, seen(x, 0, z.upperBound).x)
        fill(self.side(x, 0...high, z), label) { point in
            let part = Float(max(0, min(1, (point.x - from) / (to - from))))
            return haze.near.mixed(haze.far, part).lit(1 + 0.05 * noises[1].at(point.x / 6, point.y / 5))
        }
        // A ledge below the roof, and the shops.
        fill(self.side(x, high - 0.35...high, z), faded(face.lit(1.18), z.lowerBound + 4), label)
        let shop = city.shutters[generator.below(city.shutters.count)]
        let hasShops = generator.chance(0.6)
        if hasShops { fill(self.side(x, ground - 0.75...ground - 0.15, z), faded(shop, z.lowerBound + 4), label) }
        let step = generator.uniform(2, 3)
        let (wide, tall) = (step * generator.uniform(0.42, 0.62), storey * generator.uniform(0.45, 0.62))
        let glass = Tint(0.2, 0.24, 0.3).mixed(city.zenith, isLit ? 0.25 : 0.12)
        let frame = face.lit(1.22)
        let hasFrames = generator.chance(0.6)
        var place = z.lowerBound + (step - wide) / 2
        while place + wide < z.upperBound {
            // Windows too small to be seen are left to the wall.
            if scale(at: place) * wide * abs(x) / place > 0.5 {
                if hasShops {
                    let pane = generator.chance(0.25) ? shop.lit(0.75) : glass.lit(1.25)
                    fill(
                        self.side(x, 0.25...ground - 0.95, place - 0.2...place + wide + 0.2), faded(pane, place), label)
                } else {
                    fill(self.side(x, 1...ground - 0.9, place...place + wide), faded(glass, place), label)
                }
                for floor in 1..<max(2, storeys) {
                    let y = ground + storey * Double(floor - 1) + 0.8
                    guard floor < storeys, seen(x, y, place).y > -4 else { break }
                    if hasFrames {
                        fill(
                            self.side(x, y - 0.12...y + tall + 0.12, place - 0.1...place + wide + 0.1),
                            faded(frame, place), label)
                    }
                    let pane =
                        generator.chance(0.1) ? Tint(0.85, 0.75, 0.5) : glass.lit(Float(generator.uniform(0.75, 1.3)))
                    fill(self.side(x, y...y + tall, place...place + wide), faded(pane, place), label)
                }
            }
            place += step
        }
    }

    /// A tree with a crown of several rounds.
    mutating func paintTree(_ x: Double, _ z: Double, height: Double) {
        let scale = scale(at: z)
        let foot = seen(x, 0, z)
        guard foot.x > -60, foot.x < 316 else { return }
        let label = StreetLabel.vegetation
        let bole = height * 0.38
        let trunk = faded(Tint(0x5A4836), z)
        fill(
            .polygon([
                Point(foot.x - 0.16 * scale, foot.y), Point(foot.x + 0.16 * scale, foot.y),
                Point(foot.x + 0.1 * scale, foot.y - bole * scale * 1.3),
                Point(foot.x - 0.1 * scale, foot.y - bole * scale * 1.3),
            ]), trunk, label)
        let wide = height * generator.uniform(0.26, 0.36)
        for round in 0..<7 {
            let angle = Double(round) * 2.4
            let out = round == 6 ? 0 : 0.55 * wide
            let middle = Point(
                foot.x + cos(angle) * out * scale,
                foot.y - (height * 0.68 + sin(angle) * out * 0.9) * scale)
            paintLeaves(middle, wide * generator.uniform(0.55, 0.78) * scale, z)
        }
    }

    private mutating func paintBush(_ x: Double, _ z: Double) {
        let scale = scale(at: z)
        let size = generator.uniform(0.4, 0.8)
        let foot = seen(x, size * 0.7, z)
        guard foot.x > -60, foot.x < 316 else { return }
        for shift in [-0.7, 0.6, 0] {
            paintLeaves(Point(foot.x + shift * size * scale, foot.y), size * scale, z)
        }
    }

    private mutating func paintLeaves(_ middle: Point, _ radius: Double, _ z: Double) {
        guard radius > 0.2 else { return }
        let noises = noises
        let turn = generator.uniform(0, 6)
        let points = (0..<12).map { corner -> Point in
            let angle = 2 * .pi * Double(corner) / 12
            let reach = radius * (1 + 0.24 * sin(angle * 3 + turn) * cos(angle * 5 - turn))
            return Point(middle.x + reach * cos(angle), middle.y + reach * 0.92 * sin(angle))
        }
        let tint = faded(city.leaves.lit(Float(generator.uniform(0.85, 1.2))), z)
        let (light, grain) = (Double(city.light), max(0.5, radius * 0.16))
        painting.label = StreetLabel.vegetation
        painting.fill(.smooth(points)) { point in
            let (u, v) = ((point.x - middle.x) / radius, (point.y - middle.y) / radius)
            let shade = Float(0.92 - 0.28 * v + 0.16 * u * light)
            return tint.lit(shade + 0.26 * noises[2].at(point.x / grain, point.y / grain))
        }
    }
}
