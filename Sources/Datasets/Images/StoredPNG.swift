import CImageIO

/// The values of a PNG as its file has them, which an image's colours are not: a palette's indices stay indices, and grey
/// of a few bits is not stretched to 255. So the classes of a mask can be read.
package struct StoredPNG: Sendable {
    /// The width in pixels.
    package let width: Int
    /// The height in pixels.
    package let height: Int
    /// 1 for grey or a palette's indices, 3 for colours, 4 for colours with alpha.
    package let channels: Int
    /// `height * width * channels` values, row by row.
    package let values: [UInt8]
    /// The colours that indices stand for; nil where the file has no palette.
    package let palette: [PixelColour]?

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - alpha: true for red, green, blue and alpha of whatever the file has.
    /// - Throws: `DatasetError` that names the file: `.unreadable`, `.unsupported` for what is no PNG or has values of 16 bits
    ///   that do not fit into 8, `.corrupt` or `.tooLarge`.
    package init(contentsOf path: String, alpha: Bool = false) throws(DatasetError) {
        try self.init(FileBytes.read(path), name: path, alpha: alpha)
    }

    /// Reads the bytes of a file, which errors call `name`.
    ///
    /// - Throws: as the other initialiser.
    package init(_ bytes: [UInt8], name: String, alpha: Bool = false) throws(DatasetError) {
        let limits = DecodingLimits.standard
        var options = cimageio_options(
            channels: 0, minimum_short_side: 0, maximum_side: UInt32(clamping: limits.maximumSide),
            maximum_pixels: UInt64(clamping: limits.maximumPixels), turned: 0)
        var stored = cimageio_stored()
        var message = CMessage()
        let status = bytes.withUnsafeBufferPointer { buffer in
            message.filled {
                cimageio_read_stored_png(buffer.baseAddress, buffer.count, &options, alpha ? 1 : 0, &stored, $0, $1)
            }
        }
        if let kind = DatasetError.Kind(status) {
            throw DatasetError(
                kind, file: name, "cannot be read: \(message.text)",
                advice: kind == .unsupported
                    ? "Give a PNG of 8 bits a value." : "Fetch the file again, or take it out of the data set.")
        }
        defer { cimageio_free(stored.values) }
        (width, height, channels) = (Int(stored.width), Int(stored.height), Int(stored.channels))
        values = [UInt8](UnsafeBufferPointer(start: stored.values, count: width * height * channels))
        let colours = withUnsafeBytes(of: &stored.palette) { Array($0) }
        palette =
            stored.palette_count == 0
            ? nil
            : (0..<Int(stored.palette_count)).map {
                PixelColour(colours[3 * $0], colours[3 * $0 + 1], colours[3 * $0 + 2])
            }
    }
}

/// A colour of 8 bits a channel, by which masks and drawings tell classes.
public struct PixelColour: Sendable, Hashable {
    /// The intensities, 0 to 255.
    public var red, green, blue: UInt8

    /// A colour of these intensities.
    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) { (self.red, self.green, self.blue) = (red, green, blue) }

    /// Reads `#rrggbb`, in either case; nil for anything else.
    public init?(hex text: some StringProtocol) {
        guard text.utf8.count == 7, text.first == "#", let value = UInt32(text.dropFirst(), radix: 16),
            text.dropFirst().first != "+"
        else { return nil }
        self.init(UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255))
    }

    /// The colour as `#rrggbb`.
    public var hex: String {
        let digits = String(UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue), radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }
}
