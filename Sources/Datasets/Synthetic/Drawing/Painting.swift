import Foundation

/// From the units of a drawing to those of a picture: turned, enlarged and moved.
struct Frame: Sendable {
    private let a: Double
    private let b: Double
    private let origin: Point

    /// The drawing's origin comes to `origin`, its unit becomes `scale`, turned clockwise by `turn` radians.
    init(origin: Point = Point(0, 0), scale: Double = 1, turn: Double = 0) {
        a = scale * cos(turn)
        b = scale * sin(turn)
        self.origin = origin
    }

    func placed(_ point: Point) -> Point {
        Point(a * point.x - b * point.y + origin.x, b * point.x + a * point.y + origin.y)
    }

    func original(_ point: Point) -> Point {
        let (x, y) = (point.x - origin.x, point.y - origin.y)
        let squared = a * a + b * b
        return Point((a * x + b * y) / squared, (a * y - b * x) / squared)
    }
}

/// A picture in the making, of colours in floating point, painted shape over shape.
struct Painting {
    let width: Int
    let height: Int
    /// Pixels to one unit of the picture.
    let resolution: Double
    /// What the following shapes are drawn in.
    var frame = Frame()
    /// [height, width, 3].
    var values: [Float]

    /// An unpainted (black) picture of whole pixels, `resolution` of them to a unit.
    init(width: Int, height: Int, resolution: Double) {
        self.width = width
        self.height = height
        self.resolution = resolution
        values = [Float](repeating: 0, count: width * height * 3)
    }

    /// Paints every pixel with the colour at its place, in the picture's units.
    mutating func fillAll(_ paint: (Point) -> Tint) {
        for row in 0..<height {
            for column in 0..<width {
                let tint = paint(Point((Double(column) + 0.5) / resolution, (Double(row) + 0.5) / resolution))
                let place = (row * width + column) * 3
                values[place] = tint.red
                values[place + 1] = tint.green
                values[place + 2] = tint.blue
            }
        }
    }

    /// Paints a shape with one colour.
    mutating func fill(_ outline: Outline, _ tint: Tint, opacity: Float = 1) {
        fill(outline, opacity: opacity) { _ in tint }
    }

    /// Paints a shape with the colour at each place, in the units of `frame`.
    mutating func fill(_ outline: Outline, opacity: Float = 1, _ paint: (Point) -> Tint) {
        let pixels = outline.contours.map { contour in
            contour.map { point in
                let placed = frame.placed(point)
                return Point(placed.x * resolution, placed.y * resolution)
            }
        }
        let mask = CoverageMask(pixels, width: width, height: height)
        var index = 0
        for row in mask.rows {
            for column in mask.columns {
                let part = mask.values[index] * opacity
                index += 1
                guard part > 0.002 else { continue }
                let place = Point((Double(column) + 0.5) / resolution, (Double(row) + 0.5) / resolution)
                let tint = paint(frame.original(place))
                let pixel = (row * width + column) * 3
                values[pixel] += (tint.red - values[pixel]) * part
                values[pixel + 1] += (tint.green - values[pixel + 1]) * part
                values[pixel + 2] += (tint.blue - values[pixel + 2]) * part
            }
        }
    }
}
