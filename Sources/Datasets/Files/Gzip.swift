import CImageIO

/// gzip files (RFC 1952).
enum Gzip {
    /// Whether the bytes begin as a gzip file does.
    static func isCompressed(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x1F, 0x8B])
    }

    /// The content of a gzip file of one or several members, with lengths and CRC-32 checked.
    ///
    /// - Parameters:
    ///   - name: what to call the file in errors.
    ///   - limit: the most bytes of content to give.
    /// - Throws: `DatasetError` of kind `.corrupt`, `.tooLarge` or `.unsupported`.
    static func inflate(_ bytes: [UInt8], name: String, limit: Int) throws(DatasetError) -> [UInt8] {
        var output: UnsafeMutablePointer<UInt8>?
        var count = 0
        var message = CMessage()
        let status = bytes.withUnsafeBufferPointer { buffer in
            message.filled { cimageio_gunzip(buffer.baseAddress, buffer.count, max(0, limit), &output, &count, $0, $1) }
        }
        defer { cimageio_free(output) }
        if let kind = DatasetError.Kind(status) {
            throw DatasetError(
                kind, file: name, "cannot be inflated: \(message.text)",
                advice: kind == .tooLarge ? "Check that this is the file that was meant." : "Fetch the file again.")
        }
        return [UInt8](UnsafeBufferPointer(start: output, count: count))
    }
}
