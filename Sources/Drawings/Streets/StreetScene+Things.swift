import Foundation
import Support

extension StreetScene {
    /// What stands or moves on the street.
    private enum Thing {
        case car(isOncoming: Bool)
        case van(StreetVehicle)
        case person, cyclist, bicycle, motorcycle, lamp, sign, light, tree
    }

    /// Paints everything on road and pavements, from the far end to the near one.
    mutating func paintThings() {
        var things: [(z: Double, x: Double, thing: Thing)] = []
        let half = city.roadHalf
        func hundred(_ count: Double) -> Int { Int((count * generator.uniform(0.5, 1.5)).rounded()) }
        // Along the kerbs cars park; in the lanes they move.
        for side in [-1.0, 1.0] where half > 5 || generator.chance(0.4) {
            var z = generator.uniform(3, 12)
            while z < 60 {
                if generator.chance(0.62) {
                    things.append((z, roadMiddle + side * (half - 1.15), .car(isOncoming: side < 0)))
                }
                z += generator.uniform(5.4, 7.5)
            }
        }
        for _ in 0..<hundred(city.traffic * 0.5) {
            let isOncoming = generator.chance(0.5)
            let lane = roadMiddle + (isOncoming ? -1.0 : 1.0) * min(half - 3.1, 1.9)
            let z = generator.uniform(7, 75)
            let kind = generator.uniform()
            let thing: Thing =
                kind < 0.72
                ? .car(isOncoming: isOncoming)
                : .van(kind < 0.82 ? .truck : kind < 0.9 || !city.hasTram ? .bus : .tram)
            if things.allSatisfy({ abs($0.x - lane) > 2.2 || abs($0.z - z) > 11 }) { things.append((z, lane, thing)) }
        }
        for _ in 0..<hundred(city.people) {
            let side = generator.chance(0.5) ? -1.0 : 1.0
            let crosses = generator.chance(0.12)
            let x =
                crosses
                ? roadMiddle + generator.uniform(-half, half)
                : roadMiddle + side * (half + generator.uniform(0.5, city.pavementWidth - 0.3))
            things.append((generator.uniform(4.5, 45), x, .person))
        }
        for _ in 0..<hundred(3.4) {
            let side = generator.chance(0.5) ? -1.0 : 1.0
            let (z, kind) = (generator.uniform(5, 40), generator.uniform())
            let edge = roadMiddle + side * (half + 0.7)
            if kind < 0.45 {
                things.append((z, roadMiddle + side * (half - 2.4), .cyclist))
            } else {
                things.append((z, edge + side * generator.uniform(0, 0.8), kind < 0.75 ? .bicycle : .motorcycle))
            }
        }
        for side in [-1.0, 1.0] {
            var z = generator.uniform(4, 14)
            while z < 80 {
                let x = roadMiddle + side * (half + 0.45)
                let kind = generator.uniform()
                things.append((z, x, kind < 0.4 ? .lamp : kind < 0.68 ? .sign : kind < 0.82 ? .light : .tree))
                z += generator.uniform(7, 16)
            }
        }
        things.sort { $0.z > $1.z }
        for thing in things where thing.z > Self.near { paint(thing.thing, thing.x, thing.z) }
    }

    private mutating func paint(_ thing: Thing, _ x: Double, _ z: Double) {
        switch thing {
        case .car(let isOncoming): paintCar(x, z, isOncoming: isOncoming)
        case .van(let vehicle): paintVehicle(vehicle, x, z)
        case .person: paintPerson(x, z, label: StreetLabel.person)
        case .cyclist: paintCyclist(x, z)
        case .bicycle: paintBicycle(x, z, isMotor: false)
        case .motorcycle: paintBicycle(x, z, isMotor: true)
        case .lamp: paintLamp(x, z)
        case .sign: paintSign(x, z)
        case .light: paintLight(x, z)
        case .tree: paintTree(x, z, height: generator.uniform(3.5, 6.5))
        }
    }

    // MARK: - People

    private mutating func paintPerson(_ x: Double, _ z: Double, label: UInt8, raised: Double = 0, height: Double? = nil)
    {
        let look = PedestrianLook(&generator)
        let azimuth = label == StreetLabel.rider ? .pi : generator.uniform(0, 2 * .pi)
        let pose = PedestrianPose(azimuth: azimuth, build: look.build, &generator)
        let tall = height ?? generator.uniform(1.55, 1.9)
        let feet = seen(x, raised, z)
        let unit = scale(at: z)
        if raised == 0 {
            fill(.ellipse(seen(x, 0, z), 0.32 * unit, 0.07 * unit), Tint(0, 0, 0), nil, opacity: 0.35)
        }
        painting.label = label
        painting.frame = Frame(origin: feet, scale: unit * tall / 97)
        PedestrianDrawing(look: look, pose: pose, light: city.light, folds: SmoothNoise(&generator)).paint(
            on: &painting)
        painting.frame = Frame()
    }

    private mutating func paintCyclist(_ x: Double, _ z: Double) {
        let unit = scale(at: z)
        fill(.ellipse(seen(x, 0, z), 0.3 * unit, 0.07 * unit), Tint(0, 0, 0), nil, opacity: 0.35)
        let dark = Tint(0.09, 0.09, 0.1)
        let wheel = seen(x, 0.34, z)
        fill(.ellipse(wheel, 0.07 * unit, 0.34 * unit), dark, StreetLabel.bicycle)
        let tint = PedestrianLook.clothes[generator.below(PedestrianLook.clothes.count)]
        fill(.polygon(front(x - 0.05...x + 0.05, 0.3...0.95, z)), tint, StreetLabel.bicycle)
        paintPerson(x, z, label: StreetLabel.rider, raised: 0.2, height: generator.uniform(1.5, 1.75))
        fill(.polygon(front(x - 0.3...x + 0.3, 1.0...1.06, z)), dark, StreetLabel.bicycle)
    }

    private mutating func paintBicycle(_ x: Double, _ z: Double, isMotor: Bool) {
        let unit = scale(at: z)
        let label = isMotor ? StreetLabel.motorcycle : StreetLabel.bicycle
        let dark = Tint(0.08, 0.08, 0.09)
        let tint = PedestrianLook.clothes[generator.below(PedestrianLook.clothes.count)]
        let (radius, reach) = isMotor ? (0.3, 0.68) : (0.34, 0.54)
        fill(.ellipse(seen(x, 0, z), (reach + radius) * unit, 0.06 * unit), Tint(0, 0, 0), nil, opacity: 0.35)
        let hubs = [seen(x - reach, radius, z), seen(x + reach, radius, z)]
        for hub in hubs {
            fill(.ring(hub, radius * unit, radius * unit, (isMotor ? 0.17 : 0.06) * unit), dark, label)
        }
        let (saddle, bar, crank) = (seen(x - 0.22, 0.92, z), seen(x + 0.4, 1.0, z), seen(x - 0.02, 0.32, z))
        let wide = 0.055 * unit
        if isMotor {
            let body = Outline.smooth([
                seen(x - 0.62, 0.62, z), seen(x - 0.3, 0.86, z), seen(x + 0.1, 0.8, z), seen(x + 0.42, 1.0, z),
                seen(x + 0.5, 0.6, z), seen(x + 0.1, 0.3, z), seen(x - 0.3, 0.34, z),
            ])
            fill(body, tint, label)
            fill(.limb(seen(x - 0.5, 0.82, z), seen(x, 0.84, z), 0.07 * unit, 0.06 * unit), dark, label)
            fill(.limb(seen(x + 0.42, 0.9, z), hubs[1], 0.05 * unit, 0.05 * unit), dark.lit(2.5), label)
        } else {
            for (from, to) in [
                (hubs[0], crank), (hubs[0], saddle), (saddle, crank), (crank, bar), (saddle, bar), (bar, hubs[1]),
            ] {
                fill(.limb(from, to, wide / 2, wide / 2), tint, label)
            }
            fill(.limb(seen(x - 0.32, 0.97, z), seen(x - 0.1, 0.97, z), wide, wide * 0.7), dark, label)
        }
        fill(.limb(seen(x + 0.3, 1.04, z), seen(x + 0.46, 1.02, z), wide * 0.7, wide * 0.7), dark, label)
    }

    // MARK: - Poles

    private mutating func paintPole(_ x: Double, _ z: Double, height: Double, _ tint: Tint, radius: Double = 0.055) {
        fill(front(x - radius...x + radius, 0...height, z), faded(tint, z), StreetLabel.pole)
    }

    private mutating func paintLamp(_ x: Double, _ z: Double) {
        let grey = Tint(0.36, 0.38, 0.4)
        let high = generator.uniform(5.5, 8)
        paintPole(x, z, height: high, grey, radius: 0.07)
        let inward = x < roadMiddle ? 1.0 : -1.0
        let unit = scale(at: z)
        let (top, end) = (seen(x, high, z), seen(x + inward * 1.4, high + 0.2, z))
        fill(.limb(top, end, 0.05 * unit, 0.05 * unit), faded(grey, z), StreetLabel.pole)
        fill(.ellipse(end, 0.28 * unit, 0.09 * unit), faded(Tint(0.8, 0.8, 0.76), z), StreetLabel.pole)
    }

    private mutating func paintSign(_ x: Double, _ z: Double) {
        let high = generator.uniform(2.3, 3)
        paintPole(x, z, height: high, Tint(0.55, 0.56, 0.58))
        let unit = scale(at: z)
        let middle = seen(x, high + 0.1, z)
        let label = StreetLabel.trafficSign
        let (red, blue, white) = (Tint(0.78, 0.12, 0.13), Tint(0.12, 0.3, 0.66), Tint(0.93, 0.93, 0.91))
        let size = 0.36 * unit
        func triangle(_ size: Double) -> [Point] {
            [
                Point(middle.x, middle.y - size), Point(middle.x + size, middle.y + 0.75 * size),
                Point(middle.x - size, middle.y + 0.75 * size),
            ]
        }
        switch generator.below(4) {
        case 0:
            fill(.ellipse(middle, size, size), faded(red, z), label)
            fill(.ellipse(middle, size * 0.72, size * 0.72), faded(white, z), label)
        case 1:
            fill(triangle(size * 1.1), faded(red, z), label)
            fill(triangle(size * 0.66), faded(white, z), label)
        case 2:
            fill(.box(middle.x - size, middle.y - size, 2 * size, 2 * size), faded(blue, z), label)
            fill(.box(middle.x - size * 0.3, middle.y - size * 0.55, size * 0.6, size * 1.1), faded(white, z), label)
        default:
            fill(.ellipse(middle, size, size), faded(blue, z), label)
            fill(
                .limb(
                    Point(middle.x, middle.y + size * 0.5), Point(middle.x, middle.y - size * 0.5), size * 0.14,
                    size * 0.14), faded(white, z), label)
        }
    }

    private mutating func paintLight(_ x: Double, _ z: Double) {
        paintPole(x, z, height: 3.1, Tint(0.3, 0.31, 0.33), radius: 0.06)
        let label = StreetLabel.trafficLight
        fill(front(x - 0.2...x + 0.2, 2.5...3.55, z), Tint(0.07, 0.08, 0.08), label)
        let lit = generator.below(3)
        let lamps: [(Double, Tint)] = [
            (3.35, Tint(0.95, 0.15, 0.1)), (3.02, Tint(0.98, 0.72, 0.15)), (2.7, Tint(0.2, 0.85, 0.45)),
        ]
        for (number, lamp) in lamps.enumerated() {
            let unit = scale(at: z)
            let tint = number == lit ? lamp.1 : lamp.1.lit(0.22)
            fill(.ellipse(seen(x, lamp.0, z), 0.12 * unit, 0.12 * unit), tint, label)
        }
    }
}
