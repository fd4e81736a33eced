import Datasets
import Foundation
import Support

/// The labels of a street, by the numbers that Cityscapes gives them.
enum StreetLabel {
    static let egoVehicle: UInt8 = 1
    static let road: UInt8 = 7
    static let sidewalk: UInt8 = 8
    static let building: UInt8 = 11
    static let wall: UInt8 = 12
    static let fence: UInt8 = 13
    static let pole: UInt8 = 17
    static let trafficLight: UInt8 = 19
    static let trafficSign: UInt8 = 20
    static let vegetation: UInt8 = 21
    static let terrain: UInt8 = 22
    static let sky: UInt8 = 23
    static let person: UInt8 = 24
    static let rider: UInt8 = 25
    static let car: UInt8 = 26
    static let truck: UInt8 = 27
    static let bus: UInt8 = 28
    static let train: UInt8 = 31
    static let motorcycle: UInt8 = 32
    static let bicycle: UInt8 = 33
}

/// One street of a city as a driver sees it, in a painting that keeps the label of each pixel.
///
/// The picture is 256 units wide and 128 high. Places on the street are metres: x to the right of the camera, y up from the
/// ground, z ahead.
struct StreetScene {
    let city: StreetCity
    var painting: Painting
    var generator: SeededGenerator
    /// Where parallel lines ahead meet, in units of the picture.
    private let vanishing: Point
    /// Units of the picture to the tangent of an angle.
    private let focus = 150.0
    private let cameraHeight = 1.5
    /// Where the middle of the road lies, in metres right of the camera.
    let roadMiddle: Double
    let noises: [SmoothNoise]

    /// Metres ahead of the camera at which things end before they leave the picture below.
    static let near = 2.4
    static let far = 110.0

    /// Draws the street.
    ///
    /// - Parameters:
    ///   - city: where it is.
    ///   - height: of the picture in pixels; it is twice as wide.
    ///   - generator: of all choices.
    init(_ city: StreetCity, height: Int, _ generator: SeededGenerator) {
        self.city = city
        var generator = generator
        painting = Painting(width: 2 * height, height: height, resolution: Double(height) / 128)
        painting.labels = [UInt8](repeating: 0, count: 2 * height * height)
        vanishing = Point(128 + generator.uniform(-26, 26), 54 + generator.uniform(-5, 5))
        roadMiddle = -city.roadHalf * generator.uniform(0.15, 0.5)
        noises = (0..<3).map { _ in SmoothNoise(&generator) }
        self.generator = generator
        paintSky()
        paintGround()
        paintRoadsides()
        paintThings()
        paintBonnet()
    }

    /// The picture as the city's camera takes it, and the labels.
    func pictures() -> (image: Image, labels: Image) {
        var exposure = city.exposure
        var generator = generator
        exposure.gain = exposure.gain.lit(Float(generator.uniform(0.92, 1.08)))
        exposure.blur *= painting.resolution
        let image = exposure.image(of: painting, &generator)
        return (image, Image(width: image.width, height: image.height, channels: 1, pixels: painting.labels))
    }

    // MARK: - Perspective

    /// Where a place is seen.
    func seen(_ x: Double, _ y: Double, _ z: Double) -> Point {
        Point(vanishing.x + focus * x / z, vanishing.y + focus * (cameraHeight - y) / z)
    }

    /// Units of the picture to a metre at a distance.
    func scale(at z: Double) -> Double { focus / z }

    /// A colour as it looks through the air.
    func faded(_ tint: Tint, _ z: Double) -> Tint {
        tint.mixed(city.horizon, Float(min(0.75, 1 - exp(-z * city.haze))))
    }

    mutating func fill(_ outline: Outline, _ tint: Tint, _ label: UInt8?, opacity: Float = 1) {
        painting.label = label
        painting.fill(outline, tint, opacity: opacity)
    }

    mutating func fill(_ points: [Point], _ tint: Tint, _ label: UInt8?, opacity: Float = 1) {
        fill(.polygon(points), tint, label, opacity: opacity)
    }

    mutating func fill(_ points: [Point], _ label: UInt8?, opacity: Float = 1, _ paint: (Point) -> Tint) {
        painting.label = label
        painting.fill(.polygon(points), opacity: opacity, paint)
    }

    /// An upright rectangle that faces the camera.
    func front(_ x: ClosedRange<Double>, _ y: ClosedRange<Double>, _ z: Double) -> [Point] {
        [
            seen(x.lowerBound, y.lowerBound, z), seen(x.upperBound, y.lowerBound, z),
            seen(x.upperBound, y.upperBound, z),
            seen(x.lowerBound, y.upperBound, z),
        ]
    }

    /// An upright rectangle along the street.
    func side(_ x: Double, _ y: ClosedRange<Double>, _ z: ClosedRange<Double>) -> [Point] {
        [
            seen(x, y.lowerBound, z.lowerBound), seen(x, y.lowerBound, z.upperBound),
            seen(x, y.upperBound, z.upperBound),
            seen(x, y.upperBound, z.lowerBound),
        ]
    }

    /// A rectangle on the ground.
    func flat(_ x: ClosedRange<Double>, _ z: ClosedRange<Double>) -> [Point] {
        [
            seen(x.lowerBound, 0, z.lowerBound), seen(x.upperBound, 0, z.lowerBound),
            seen(x.upperBound, 0, z.upperBound),
            seen(x.lowerBound, 0, z.upperBound),
        ]
    }

    // MARK: - Sky and ground

    private mutating func paintSky() {
        let (noises, city, bottom) = (noises, city, vanishing.y)
        painting.label = StreetLabel.sky
        painting.fill(.box(-2, -2, 260, 132)) { point in
            let clear = city.zenith.mixed(city.horizon, Float(pow(max(0, point.y) / bottom, 1.2)))
            let cloud =
                noises[0].at(point.x / 42, point.y / 15) + 0.5 * noises[1].at(point.x / 18, point.y / 7)
                + 0.25 * noises[2].at(point.x / 8, point.y / 4)
            let part = max(0, min(1, (cloud + city.clouds * 1.6 - 0.9) * 0.9))
            return clear.mixed(Tint(0.93, 0.94, 0.95), part * 0.75)
        }
        // What closes the street far away.
        let skyline = Self.far * 1.6
        var x = -190.0
        while x < 190 {
            let (wide, high) = (generator.uniform(9, 22), generator.uniform(6, 17))
            if generator.chance(city.greenness) {
                let crown = Outline.smooth(
                    (0..<7).map { place in
                        seen(
                            x + wide * Double(place) / 6,
                            place == 0 || place == 6 ? 0 : high * generator.uniform(0.5, 0.8), skyline)
                    })
                fill(crown, faded(city.leaves, skyline), StreetLabel.vegetation)
            } else {
                let tint = city.facades[generator.below(city.facades.count)]
                fill(front(x...x + wide, 0...high, skyline), faded(tint, skyline), StreetLabel.building)
            }
            x += wide * 0.9
        }
    }

    private mutating func paintGround() {
        let (noises, city, vanishing, focus, tall) = (noises, city, vanishing, focus, cameraHeight)
        let horizon = vanishing.y + 0.6
        func texture(_ point: Point, _ fine: Double) -> Float {
            let z = focus * tall / max(0.6, point.y - vanishing.y)
            let x = (point.x - vanishing.x) * z / focus
            return noises[0].at(x * 0.7, z * 0.25) * 0.05 + noises[2].at(x * fine, z * fine * 0.5) * 0.05
        }
        let ground = [Point(-2, horizon), Point(258, horizon), Point(258, 130), Point(-2, 130)]
        fill(ground, StreetLabel.terrain) { city.grass.lit(1 + 2.4 * texture($0, 5)) }
        let (left, right) = (roadMiddle - city.roadHalf, roadMiddle + city.roadHalf)
        let (begin, end) = (1.6, Self.far * 1.6)
        let pavement = flat(left - city.pavementWidth...right + city.pavementWidth, begin...end)
        fill(pavement, StreetLabel.sidewalk) { point in
            let z = focus * tall / max(0.6, point.y - vanishing.y)
            let x = (point.x - vanishing.x) * z / focus
            let isGap = z < 26 && (x - x.rounded(.down) < 0.05 || z - z.rounded(.down) < 0.05)
            return city.pavement.lit((isGap ? 0.86 : 1) + texture(point, 6))
        }
        for x in [left, right] { fill(flat(x - 0.16...x + 0.16, begin...end), city.kerb, StreetLabel.sidewalk) }
        let worn = roadMiddle
        fill(flat(left + 0.12...right - 0.12, begin...end), StreetLabel.road) { point in
            let z = focus * tall / max(0.6, point.y - vanishing.y)
            let x = (point.x - vanishing.x) * z / focus
            let track = Float(cos((x - worn) * 3.6)) * 0.025
            return city.asphalt.lit(1 + texture(point, 9) + track).mixed(
                city.horizon, Float(min(0.5, z * city.haze * 0.6)))
        }
        let white = Tint(0.87, 0.87, 0.85)
        if city.hasTram {
            for rail in [-2.6, -1.2] {
                fill(
                    flat(roadMiddle + rail - 0.05...roadMiddle + rail + 0.05, begin...end), city.asphalt.lit(0.55),
                    StreetLabel.road)
            }
        }
        var z = generator.uniform(1.8, 5)
        while z < 70 {
            fill(flat(roadMiddle - 0.07...roadMiddle + 0.07, z...z + 3), faded(white, z), StreetLabel.road)
            z += 7
        }
        if generator.chance(0.3) {
            let z = generator.uniform(8, 22)
            for stripe in stride(from: left + 0.4, to: right - 0.6, by: 1.0) {
                fill(flat(stripe...stripe + 0.5, z...z + 3), faded(white, z), StreetLabel.road)
            }
        }
        for _ in 0..<generator.below(4) {
            let (x, z) = (generator.uniform(left + 1, right - 1), generator.uniform(4, 20))
            let middle = seen(x, 0, z)
            fill(.ellipse(middle, 0.33 * scale(at: z), 0.09 * scale(at: z)), city.asphalt.lit(0.75), StreetLabel.road)
        }
    }

    /// The front of the car that the camera stands in.
    private mutating func paintBonnet() {
        let middle = 128 + generator.uniform(-10, 10)
        painting.label = StreetLabel.egoVehicle
        let high = generator.uniform(5, 10)
        painting.fill(.ellipse(Point(middle, 132), 118, high)) { point in
            Tint(0.1, 0.11, 0.13).lit(1 + Float(max(0, 132 - point.y) / high) * 1.4)
        }
    }
}
