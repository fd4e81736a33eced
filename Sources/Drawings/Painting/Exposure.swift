import Datasets
import Foundation
import Support

/// What a camera makes of the light: sharpness, colours and noise.
struct Exposure: Sendable {
    /// Standard deviation of the blur in pixels; 0 for none.
    var blur = 0.0
    /// The factors of red, green and blue: the white balance and the brightness.
    var gain = Tint(1, 1, 1)
    /// The strength of the colours: 1 leaves them, 0 makes them grey.
    var saturation: Float = 1
    /// About middle grey; 1 leaves the picture.
    var contrast: Float = 1
    /// Added after all, as fog or dark.
    var offset: Float = 0
    /// Standard deviation of the noise of each value, where 1 is white.
    var noise: Float = 0

    /// The picture that the camera takes; the generator is that of the noise.
    func image(of painting: Painting, _ generator: inout SeededGenerator) -> Image {
        let values = blurred(painting)
        var pixels = [UInt8](repeating: 0, count: values.count)
        for place in stride(from: 0, to: values.count, by: 3) {
            let seen = Tint(
                values[place] * gain.red, values[place + 1] * gain.green, values[place + 2] * gain.blue)
            let grey = seen.luma
            // 21 random bits a channel: the sum of three 7-bit numbers, near enough to a normal deviate.
            let bits = noise > 0 ? generator.next() : 0
            pixels[place] = code(seen.red, grey, bits)
            pixels[place + 1] = code(seen.green, grey, bits >> 21)
            pixels[place + 2] = code(seen.blue, grey, bits >> 42)
        }
        return Image(width: painting.width, height: painting.height, channels: 3, pixels: pixels)
    }

    private func code(_ value: Float, _ grey: Float, _ bits: UInt64) -> UInt8 {
        let coloured = grey + (value - grey) * saturation
        let sum = bits & 127 + bits >> 7 & 127 + bits >> 14 & 127
        let deviate = noise > 0 ? (Float(sum) - 190.5) / 64 : 0
        let result = (coloured - 0.5) * contrast + 0.5 + offset + deviate * noise
        return UInt8(max(0, min(255, result * 255 + 0.5)))
    }

    private func blurred(_ painting: Painting) -> [Float] {
        guard blur > 0.2 else { return painting.values }
        let reach = max(1, Int((2 * blur).rounded(.up)))
        let raw = (-reach...reach).map { exp(-Double($0 * $0) / (2 * blur * blur)) }
        let total = raw.reduce(0, +)
        let weights = raw.map { Float($0 / total) }
        let (width, height) = (painting.width, painting.height)
        let once = Self.filtered(painting.values, lines: height, lineStep: width * 3, count: width, step: 3, weights)
        return Self.filtered(once, lines: width, lineStep: 3, count: height, step: width * 3, weights)
    }

    /// Filters each line of `count` colours, `step` values apart, by the weights; the border's colour goes on beyond
    /// it.
    private static func filtered(
        _ values: [Float], lines: Int, lineStep: Int, count: Int, step: Int, _ weights: [Float]
    ) -> [Float] {
        let reach = weights.count / 2
        var result = values
        for line in 0..<lines {
            for index in 0..<count {
                var (red, green, blue): (Float, Float, Float) = (0, 0, 0)
                for tap in 0..<weights.count {
                    let near = max(0, min(count - 1, index + tap - reach))
                    let place = line * lineStep + near * step
                    let weight = weights[tap]
                    red += weight * values[place]
                    green += weight * values[place + 1]
                    blue += weight * values[place + 2]
                }
                let place = line * lineStep + index * step
                result[place] = red
                result[place + 1] = green
                result[place + 2] = blue
            }
        }
        return result
    }
}
