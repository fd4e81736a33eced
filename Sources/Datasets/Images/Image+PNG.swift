import CImageIO

extension Image {
    /// The image as the bytes of a PNG file.
    ///
    /// - Parameter compression: zlib's level, 0 (none) to 9 (slowest).
    /// - Throws: `DatasetError` when the image is empty, the level out of range or memory short.
    public func pngData(compression: Int = 6) throws(DatasetError) -> [UInt8] {
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
        let status = pixels.withUnsafeBufferPointer { buffer in
            message.filled {
                cimageio_encode_png(
                    buffer.baseAddress, width, height, UInt32(channels), level, &output, &count, $0, $1)
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
