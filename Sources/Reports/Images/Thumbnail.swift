import Datasets

extension Image {
    /// The image for a place of `side` pixels in a page: small ones enlarged by a whole factor, pixel by pixel, so
    /// that what the network saw can be told; large ones reduced by one, each pixel a block's mean, yet kept fine
    /// enough for a screen of double density.
    func thumbnail(side: Int) -> Image {
        let longer = max(width, height)
        guard longer > 0, side > 0 else { return self }
        return longer <= side ? enlarged(by: side / longer) : averaged(by: (longer - 1) / (2 * side) + 1)
    }

    private func enlarged(by factor: Int) -> Image {
        guard factor > 1 else { return self }
        var result: [UInt8] = []
        result.reserveCapacity(pixels.count * factor * factor)
        for row in 0..<height {
            var line: [UInt8] = []
            line.reserveCapacity(width * factor * channels)
            for column in 0..<width {
                let place = (row * width + column) * channels
                for _ in 0..<factor { line += pixels[place..<place + channels] }
            }
            for _ in 0..<factor { result += line }
        }
        return Image(width: width * factor, height: height * factor, channels: channels, pixels: result)
    }

    /// Blocks at the right and lower edges may be smaller than `factor` squared.
    private func averaged(by factor: Int) -> Image {
        guard factor > 1 else { return self }
        let (newWidth, newHeight) = ((width - 1) / factor + 1, (height - 1) / factor + 1)
        var result: [UInt8] = []
        result.reserveCapacity(newWidth * newHeight * channels)
        for row in 0..<newHeight {
            let rows = row * factor..<min(height, (row + 1) * factor)
            for column in 0..<newWidth {
                let columns = column * factor..<min(width, (column + 1) * factor)
                let area = rows.count * columns.count
                for channel in 0..<channels {
                    var sum = 0
                    for y in rows {
                        for x in columns { sum += Int(pixels[(y * width + x) * channels + channel]) }
                    }
                    result.append(UInt8((sum + area / 2) / area))
                }
            }
        }
        return Image(width: newWidth, height: newHeight, channels: channels, pixels: result)
    }
}
