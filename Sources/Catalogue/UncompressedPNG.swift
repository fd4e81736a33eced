import Datasets

/// PNG files whose bytes follow from their pixels alone. What compresses well differs from one version of zlib to the next, and
/// sets that are made here are known by their checksums.
enum UncompressedPNG {
    /// The bytes of an image of 8 bits, in blocks that are stored as they are (RFC 1951, 3.2.4).
    ///
    /// - Parameters:
    ///   - width: in pixels.
    ///   - height: in pixels.
    ///   - channels: 1 for grey, 3 for colours.
    ///   - pixels: the values, row by row.
    /// - Precondition: `pixels` has width times height times channels values, and at least one.
    static func encoded(width: Int, height: Int, channels: Int = 1, _ pixels: [UInt8]) -> [UInt8] {
        precondition(
            width > 0 && height > 0 && [1, 3].contains(channels) && pixels.count == width * height * channels,
            "a \(width)x\(height) PNG")
        var rows: [UInt8] = []
        let line = width * channels
        rows.reserveCapacity((line + 1) * height)
        // Before each row stands the number of its filter: none.
        for row in 0..<height { rows += [0] + pixels[row * line..<(row + 1) * line] }
        var stream: [UInt8] = [0x78, 0x01]
        let largest = 65_535
        for first in stride(from: 0, to: rows.count, by: largest) {
            let block = rows[first..<min(rows.count, first + largest)]
            let (low, high) = (UInt8(block.count & 255), UInt8(block.count >> 8))
            stream += [block.endIndex == rows.count ? 1 : 0, low, high, ~low, ~high] + block
        }
        stream += bigEndian(adler32(rows))
        let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, channels == 1 ? 0 : 2, 0, 0, 0]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header) + chunk("IDAT", stream)
            + chunk("IEND", [])
    }

    private static func chunk(_ kind: String, _ body: [UInt8]) -> [UInt8] {
        let content = Array(kind.utf8) + body
        return bigEndian(UInt32(body.count)) + content + bigEndian(crc32(content))
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }

    /// The checksum of a zlib stream (RFC 1950).
    private static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return high << 16 | low
    }

    /// The checksum of a chunk (ISO 3309).
    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
