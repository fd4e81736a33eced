import Foundation
import Support

/// Leads from the units of a drawing to those of a picture: turned, enlarged and moved.
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
    /// The colours, [height, width, 3].
    var values: [Float]
    /// What each pixel shows, a number for each, [height, width]; empty where nobody asks.
    var labels: [UInt8] = []
    /// The number that the following shapes leave on each pixel of which they cover at least half; nil where they leave
    /// what is there, as shadows do.
    var label: UInt8?

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
                if part >= 0.5, let label, !labels.isEmpty { labels[row * width + column] = label }
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

/// A colour as three intensities, 0 to 1, in the code values of the picture (sRGB). Beyond 1 it is cut when the picture
/// is taken.
struct Tint: Sendable, Hashable {
    var red: Float
    var green: Float
    var blue: Float

    init(_ red: Float, _ green: Float, _ blue: Float) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// Reads six hexadecimal digits, as in `0x336699`.
    init(_ hex: UInt32) {
        self.init(Float(hex >> 16 & 255) / 255, Float(hex >> 8 & 255) / 255, Float(hex & 255) / 255)
    }

    /// Brighter or darker by a factor.
    func lit(_ factor: Float) -> Tint {
        Tint(red * factor, green * factor, blue * factor)
    }

    /// A part of the way, 0 to 1, to another colour.
    func mixed(_ other: Tint, _ part: Float) -> Tint {
        Tint(red + (other.red - red) * part, green + (other.green - green) * part, blue + (other.blue - blue) * part)
    }

    /// The brightness by the ITU-R 601 weights.
    var luma: Float { 0.299 * red + 0.587 * green + 0.114 * blue }
}

/// A random field in the plane that varies smoothly over about one unit, between -1 and 1: random values on the points
/// of a lattice, smoothly interpolated.
struct SmoothNoise: Sendable {
    private static let side = 32
    private let lattice: [Float]

    /// The field of a generator; it repeats after 32 units.
    init(_ generator: inout SeededGenerator) {
        lattice = (0..<Self.side * Self.side).map { _ in Float(generator.uniform(-1, 1)) }
    }

    /// The value at a place.
    func at(_ x: Double, _ y: Double) -> Float {
        let (column, row) = (x.rounded(.down), y.rounded(.down))
        let (u, v) = (Self.eased(Float(x - column)), Self.eased(Float(y - row)))
        let mask = Self.side - 1
        let (left, upper) = (Int(column) & mask, Int(row) & mask)
        let (right, lower) = ((left + 1) & mask, (upper + 1) & mask)
        let above = lattice[upper * Self.side + left] * (1 - u) + lattice[upper * Self.side + right] * u
        let below = lattice[lower * Self.side + left] * (1 - u) + lattice[lower * Self.side + right] * u
        return above * (1 - v) + below * v
    }

    private static func eased(_ t: Float) -> Float { t * t * (3 - 2 * t) }
}
