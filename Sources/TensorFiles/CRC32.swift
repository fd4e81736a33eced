import CZip

/// The cyclic redundancy check of zip archives (ISO 3309), as zlib computes it: some gigabytes a second.
struct CRC32 {
    /// The checksum of all bytes so far.
    private(set) var value: UInt32 = 0

    /// Takes in more bytes.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        value = czip_crc32(value, bytes.baseAddress, bytes.count)
    }

    /// The checksum as eight hexadecimal digits.
    var digits: String { Self.digits(value) }

    /// A checksum as eight hexadecimal digits.
    static func digits(_ value: UInt32) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: 8 - text.count) + text
    }
}
