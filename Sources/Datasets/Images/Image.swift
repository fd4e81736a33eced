import CImageIO

/// A decoded image: 8 bits a channel, interleaved, row by row from the top left.
public struct Image: Sendable, Hashable {
    /// The width in pixels.
    public let width: Int
    /// The height in pixels.
    public let height: Int
    /// The number of channels: 1 (grey) or 3 (red, green, blue).
    public let channels: Int
    /// `height * width * channels` values, [height, width, channels].
    public var pixels: [UInt8]

    /// Makes an image of its pixels.
    ///
    /// - Precondition: `pixels.count == width * height * channels` and `channels` is 1 or 3. Readers check before
    ///   they come here, so a file cannot reach this.
    public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
        precondition(channels == 1 || channels == 3, "an image has 1 or 3 channels, not \(channels)")
        precondition(
            pixels.count == width * height * channels,
            "\(width)x\(height)x\(channels) image given \(pixels.count) values")
        self.width = width
        self.height = height
        self.channels = channels
        self.pixels = pixels
    }
}

extension Image {
    /// The image as the bytes of a PNG file.
    ///
    /// - Parameter compression: zlib's level, 0 (none) to 9 (slowest).
    /// - Throws: `DatasetError` when the image is empty, the level out of range or memory short.
    public func pngData(compression: Int = 6) throws(DatasetError) -> [UInt8] {
        try pngData(compression: compression, palette: [])
    }

    /// The image as the bytes of a PNG file; with colours, those that its values stand for.
    func pngData(compression: Int, palette: [PixelColour]) throws(DatasetError) -> [UInt8] {
        guard let width = UInt32(exactly: width), let height = UInt32(exactly: height),
            let level = Int32(exactly: compression)
        else {
            throw DatasetError(
                .invalidArgument, "a \(self.width)x\(self.height) image at compression \(compression)",
                advice: "Give a size that PNG can hold and a compression of 0 to 9.")
        }
        var output: UnsafeMutablePointer<UInt8>?
        var count = 0
        var message = CMessage()
        let colours = palette.flatMap { [$0.red, $0.green, $0.blue] }
        let status = pixels.withUnsafeBufferPointer { buffer in
            colours.withUnsafeBufferPointer { colours in
                message.filled {
                    cimageio_encode_png(
                        buffer.baseAddress, width, height, UInt32(channels),
                        palette.isEmpty ? nil : colours.baseAddress, UInt32(palette.count), level, &output, &count, $0,
                        $1)
                }
            }
        }
        defer { cimageio_free(output) }
        if let kind = DatasetError.Kind(status) {
            throw DatasetError(
                kind, "the image cannot be encoded: \(message.text)",
                advice: "Give an image of at least one pixel and a compression of 0 to 9.")
        }
        return [UInt8](UnsafeBufferPointer(start: output, count: count))
    }

    /// Writes the image as a PNG file, atomically: whoever looks finds the old file or the whole new one.
    ///
    /// - Throws: `DatasetError` of kind `.unwritable`, or as `pngData` does.
    public func writePNG(to path: String, compression: Int = 6) throws(DatasetError) {
        try FileBytes.writeAtomically(pngData(compression: compression), to: path)
    }
}
