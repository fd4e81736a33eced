/// An RGB picture to draw on. Everything is clipped to its edges.
struct Canvas {
    struct Colour {
        let red: UInt8
        let green: UInt8
        let blue: UInt8

        init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
            self.red = red
            self.green = green
            self.blue = blue
        }
    }

    let width: Int
    let height: Int
    private var pixels: [UInt8]

    init(width: Int, height: Int, background: Colour) {
        self.width = width
        self.height = height
        pixels = []
        pixels.reserveCapacity(width * height * 3)
        for _ in 0..<width * height {
            pixels.append(background.red)
            pixels.append(background.green)
            pixels.append(background.blue)
        }
    }

    var image: Image {
        Image(width: width, height: height, channels: 3, pixels: pixels)
    }

    mutating func fill(x: Int, y: Int, width: Int, height: Int, _ colour: Colour) {
        let columns = max(0, x)..<max(0, x, min(self.width, x + width))
        for row in max(0, y)..<max(0, y, min(self.height, y + height)) {
            for column in columns {
                let place = (row * self.width + column) * 3
                pixels[place] = colour.red
                pixels[place + 1] = colour.green
                pixels[place + 2] = colour.blue
            }
        }
    }

    /// Draws the text with the top of its capitals at `y`, each of the font's pixels `scale` pixels wide and high.
    mutating func draw(_ text: String, x: Int, y: Int, scale: Int, _ colour: Colour) {
        var left = x
        for scalar in text.unicodeScalars {
            let glyph = BitmapFont.glyph(for: scalar)
            for (row, bits) in glyph.rows.enumerated() {
                for column in 0..<glyph.width where bits >> UInt8(column) & 1 == 1 {
                    fill(x: left + column * scale, y: y + row * scale, width: scale, height: scale, colour)
                }
            }
            left += (glyph.width + BitmapFont.spacing) * scale
        }
    }

    mutating func draw(_ image: Image, x: Int, y: Int) {
        for row in 0..<image.height where (0..<height).contains(y + row) {
            for column in 0..<image.width where (0..<width).contains(x + column) {
                let source = (row * image.width + column) * image.channels
                let target = ((y + row) * width + x + column) * 3
                for channel in 0..<3 {
                    pixels[target + channel] = image.pixels[source + (image.channels == 1 ? 0 : channel)]
                }
            }
        }
    }
}

extension Image {
    /// The image in a square of `side` pixels: small ones are enlarged by a whole factor, pixel by pixel, so that what
    /// a network will see can be told; larger ones are reduced by averaging areas. The aspect ratio is kept.
    public func fitted(to side: Int) -> Image {
        let longer = max(width, height)
        guard longer > 0, side > 0 else { return self }
        if longer <= side { return enlarged(by: side / longer) }
        return reduced(width: max(1, width * side / longer), height: max(1, height * side / longer))
    }

    private func enlarged(by factor: Int) -> Image {
        guard factor > 1 else { return self }
        var result: [UInt8] = []
        result.reserveCapacity(pixels.count * factor * factor)
        for row in 0..<height * factor {
            for column in 0..<width * factor {
                let place = (row / factor * width + column / factor) * channels
                result.append(contentsOf: pixels[place..<place + channels])
            }
        }
        return Image(width: width * factor, height: height * factor, channels: channels, pixels: result)
    }

    /// Each new pixel is the mean of the old ones that it covers, at least one.
    private func reduced(width newWidth: Int, height newHeight: Int) -> Image {
        var result: [UInt8] = []
        result.reserveCapacity(newWidth * newHeight * channels)
        for row in 0..<newHeight {
            let rows = row * height / newHeight..<max(row * height / newHeight + 1, (row + 1) * height / newHeight)
            for column in 0..<newWidth {
                let first = column * width / newWidth
                let columns = first..<max(first + 1, (column + 1) * width / newWidth)
                for channel in 0..<channels {
                    var sum = 0
                    for y in rows {
                        for x in columns { sum += Int(pixels[(y * width + x) * channels + channel]) }
                    }
                    let area = rows.count * columns.count
                    result.append(UInt8((sum + area / 2) / area))
                }
            }
        }
        return Image(width: newWidth, height: newHeight, channels: channels, pixels: result)
    }
}
