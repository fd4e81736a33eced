extension LabelMap {
    /// The map as the bytes of a PNG file whose palette has the colours of the classes, and black for what is not labelled;
    /// its values are the classes, as readers of masks take them, or other numbers for them.
    ///
    /// - Parameters:
    ///   - colours: the colour of each class.
    ///   - numbers: the value of each class, no two alike and none 255; nil for the classes themselves.
    /// - Throws: `DatasetError` when memory is short.
    public func pngData(colours: [PixelColour], numbers: [UInt8]? = nil) throws(DatasetError) -> [UInt8] {
        var palette = [PixelColour](repeating: PixelColour(0, 0, 0), count: 256)
        for (place, colour) in colours.prefix(255).enumerated() {
            palette[numbers.map { Int($0[place]) } ?? place] = colour
        }
        let map = numbers.map { numbers in relabelled { $0 < numbers.count ? Int(numbers[$0]) : nil } } ?? self
        return try Image(width: width, height: height, channels: 1, pixels: map.classes)
            .pngData(compression: 9, palette: palette)
    }

    /// The map in the colours of its classes, black where it has no label.
    ///
    /// - Parameter colours: the colour of each class.
    public func drawn(_ colours: [PixelColour]) -> Image {
        let pixels = classes.flatMap { label -> [UInt8] in
            guard label != Self.ignored, Int(label) < colours.count else { return [0, 0, 0] }
            let colour = colours[Int(label)]
            return [colour.red, colour.green, colour.blue]
        }
        return Image(width: width, height: height, channels: 3, pixels: pixels)
    }

    /// The map at another size, each pixel that of the nearest; `image` is what it belongs to.
    ///
    /// - Throws: `AugmentationError` where the map does not have the image's size.
    func fitted(height: Int, width: Int, of image: Image) throws -> LabelMap {
        let annotation = try Annotation.map(self).applying(
            [.resize(height: height, width: width)], height: image.height, width: image.width)
        guard case .map(let map) = annotation else { return self }
        return map
    }
}

extension Image {
    /// The image with three channels; grey ones become three alike.
    public var inColours: Image {
        guard channels == 1 else { return self }
        return Image(width: width, height: height, channels: 3, pixels: pixels.flatMap { [$0, $0, $0] })
    }

    /// The image, in grey, under the colours of a map of its size; pixels that are not labelled stay grey, and classes are
    /// divided by dark lines.
    public func overlaid(with map: LabelMap, _ colours: [PixelColour]) -> Image {
        guard channels == 3, map.height == height, map.width == width else { return self }
        var result = pixels
        for place in 0..<width * height {
            let (red, green, blue) = (Int(pixels[3 * place]), Int(pixels[3 * place + 1]), Int(pixels[3 * place + 2]))
            let grey = (299 * red + 587 * green + 114 * blue) / 1000
            let label = map.classes[place]
            let isBorder =
                place % width + 1 < width && map.classes[place + 1] != label
                || place + width < map.classes.count && map.classes[place + width] != label
            for channel in 0..<3 {
                var value = grey
                if label != LabelMap.ignored, Int(label) < colours.count {
                    let colour = colours[Int(label)]
                    value = (2 * grey + 3 * Int([colour.red, colour.green, colour.blue][channel])) / 5
                }
                result[3 * place + channel] = UInt8(isBorder ? value / 3 : value)
            }
        }
        return Image(width: width, height: height, channels: 3, pixels: result)
    }
}
