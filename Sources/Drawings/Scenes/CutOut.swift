import Datasets
import Foundation
import Support

/// A photograph of a thing without its background: colours and how much of each pixel the thing covers, at several sizes.
struct CutOut: Sendable {
    /// One size of it.
    struct Level: Sendable {
        let width: Int
        let height: Int
        /// Red, green and blue, each times alpha, and alpha, 0 to 255; [height, width, 4].
        let values: [UInt8]
    }

    /// The sizes from the largest to the smallest, each half of the one before.
    let levels: [Level]

    /// The size of the largest level in pixels.
    var width: Int { levels[0].width }
    /// The size of the largest level in pixels.
    var height: Int { levels[0].height }

    /// Takes the thing out of its transparent border; nil where the picture has no transparency to speak of, so that nothing
    /// says where the thing ends, or where there is next to nothing.
    ///
    /// - Parameters:
    ///   - picture: with alpha.
    ///   - longest: the longer side is halved until it is at most this long.
    init?(_ picture: StoredPNG, longest: Int) {
        guard picture.channels == 4 else { return nil }
        var (top, bottom, left, right) = (picture.height, -1, picture.width, -1)
        var clear = 0
        for row in 0..<picture.height {
            for column in 0..<picture.width {
                guard picture.values[4 * (row * picture.width + column) + 3] >= 128 else {
                    clear += 1
                    continue
                }
                (top, bottom) = (min(top, row), max(bottom, row))
                (left, right) = (min(left, column), max(right, column))
            }
        }
        let (width, height) = (right - left + 1, bottom - top + 1)
        guard clear * 50 > picture.width * picture.height, min(width, height) >= 12 else { return nil }
        var values = [UInt8](repeating: 0, count: 4 * width * height)
        for row in 0..<height {
            for column in 0..<width {
                let from = 4 * ((row + top) * picture.width + column + left)
                let to = 4 * (row * width + column)
                let alpha = Int(picture.values[from + 3])
                for channel in 0..<3 {
                    values[to + channel] = UInt8((Int(picture.values[from + channel]) * alpha + 127) / 255)
                }
                values[to + 3] = UInt8(alpha)
            }
        }
        var level = Level(width: width, height: height, values: values)
        while max(level.width, level.height) > longest, let half = Self.halved(level) { level = half }
        var levels = [level]
        while let half = Self.halved(level), min(half.width, half.height) >= 4 {
            levels.append(half)
            level = half
        }
        self.levels = levels
    }

    /// Each pixel is the mean of four; an odd last row or column joins its neighbours.
    private static func halved(_ level: Level) -> Level? {
        let (width, height) = (level.width / 2, level.height / 2)
        guard width > 0, height > 0 else { return nil }
        var values = [UInt8](repeating: 0, count: 4 * width * height)
        for row in 0..<height {
            for column in 0..<width {
                let first = 4 * (2 * row * level.width + 2 * column)
                let below = first + 4 * level.width
                for channel in 0..<4 {
                    let sum =
                        Int(level.values[first + channel]) + Int(level.values[first + 4 + channel])
                        + Int(level.values[below + channel]) + Int(level.values[below + 4 + channel])
                    values[4 * (row * width + column) + channel] = UInt8((sum + 2) / 4)
                }
            }
        }
        return Level(width: width, height: height, values: values)
    }
}

/// Where a cut-out stands in a picture.
struct CutOutPlace: Sendable {
    /// The middle of the thing's lower edge, in pixels of the picture.
    var base: Point
    /// Pixels of the picture to one of the largest level.
    var scale: Double
    /// Clockwise, in radians, about `base`.
    var turn: Double
    /// Whether left and right change places.
    var isMirrored: Bool
}

extension Painting {
    /// Lays a cut-out over the picture.
    ///
    /// - Parameters:
    ///   - cutOut: what to show.
    ///   - place: where, in pixels.
    ///   - tint: the factors of the colours; nil for its shadow, black and soft.
    ///   - opacity: 0 to 1.
    ///   - covered: is told each pixel of which the thing covers half or more.
    mutating func paint(
        _ cutOut: CutOut, at place: CutOutPlace, tint: Tint?, opacity: Float = 1, covered: (Int) -> Void = { _ in }
    ) {
        // The level with one to two of its pixels for one of the picture, or for shadows a far coarser one.
        let depth = max(0, -log2(max(place.scale, 1e-6))) + (tint == nil ? 2.5 : 0)
        let number = min(cutOut.levels.count - 1, Int(depth))
        let level = cutOut.levels[number]
        let (fullWidth, fullHeight) = (Double(cutOut.width), Double(cutOut.height))
        let frame = Frame(origin: place.base, scale: place.scale, turn: place.turn)
        let corners = [(-0.5, -1.0), (0.5, -1.0), (0.5, 0.0), (-0.5, 0.0)].map {
            frame.placed(Point($0.0 * fullWidth, $0.1 * fullHeight))
        }
        func range(_ values: [Double], _ limit: Int) -> Range<Int> {
            let low = max(0, min(Double(limit), (values.min() ?? 0) - 1))
            let high = max(0, min(Double(limit), (values.max() ?? 0) + 2))
            return Int(low)..<max(Int(low), Int(high))
        }
        let columns = range(corners.map(\.x), width)
        let factors = tint.map { SIMD4($0.red, $0.green, $0.blue, 0) * opacity } ?? .zero
        for row in range(corners.map(\.y), height) {
            for column in columns {
                let point = frame.original(Point(Double(column) + 0.5, Double(row) + 0.5))
                let across = place.isMirrored ? 0.5 - point.x / fullWidth : 0.5 + point.x / fullWidth
                let x = across * Double(level.width) - 0.5
                let y = (1 + point.y / fullHeight) * Double(level.height) - 0.5
                let seen = level.bilinear(x, y)
                guard seen.w > 0.004 else { continue }
                let pixel = row * width + column
                let rest: Float = 1 - seen.w * opacity
                let shown: SIMD4<Float> = seen * factors
                values[3 * pixel] = values[3 * pixel] * rest + shown.x
                values[3 * pixel + 1] = values[3 * pixel + 1] * rest + shown.y
                values[3 * pixel + 2] = values[3 * pixel + 2] * rest + shown.z
                if seen.w >= 0.5 { covered(pixel) }
            }
        }
    }
}

extension CutOut.Level {
    /// The value between four pixels, each 0 to 1; nothing outside.
    @inline(__always)
    func bilinear(_ x: Double, _ y: Double) -> SIMD4<Float> {
        guard x > -1, y > -1, x < Double(width), y < Double(height) else { return .zero }
        let (left, top) = (Int((x + 1)) - 1, Int((y + 1)) - 1)
        let (u, v) = (Float(x - Double(left)), Float(y - Double(top)))
        let above = at(left, top) * (1 - u) + at(left + 1, top) * u
        let below = at(left, top + 1) * (1 - u) + at(left + 1, top + 1) * u
        return (above * (1 - v) + below * v) * (1 / 255)
    }

    @inline(__always)
    private func at(_ column: Int, _ row: Int) -> SIMD4<Float> {
        guard column >= 0, row >= 0, column < width, row < height else { return .zero }
        let place = 4 * (row * width + column)
        return SIMD4(
            Float(values[place]), Float(values[place + 1]), Float(values[place + 2]), Float(values[place + 3]))
    }
}
