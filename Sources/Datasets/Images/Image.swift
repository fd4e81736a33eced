/// A decoded image: 8 bits a channel, interleaved, row by row from the top left.
public struct Image: Sendable, Hashable {
    /// In pixels.
    public let width: Int
    /// In pixels.
    public let height: Int
    /// 1 (grey) or 3 (red, green, blue).
    public let channels: Int
    /// `height * width * channels` values, [height, width, channels].
    public var pixels: [UInt8]

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
