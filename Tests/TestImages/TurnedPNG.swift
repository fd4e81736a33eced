import Datasets

extension Image {
    /// A PNG whose EXIF states an orientation, 1 to 8.
    public func pngData(orientation: UInt8) throws -> [UInt8] {
        let directory: [UInt8] = [0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
        let body = Array("eXIfMM\0*".utf8) + [0, 0, 0, 8] + directory
        var sum = UInt32.max
        for byte in body {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        func bytes(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
        let plain = try pngData()
        // Behind the header, which is the first chunk and has always the same length.
        return plain[..<33] + bytes(UInt32(body.count - 4)) + body + bytes(~sum) + plain[33...]
    }
}
