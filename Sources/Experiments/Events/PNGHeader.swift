/// The size and kind of a PNG image, from its header chunk (PNG specification, 11.2.2).
struct PNGHeader: Equatable {
    var width: Int
    var height: Int
    /// Channels when decoded: 1 grey, 2 grey with alpha, 3 RGB or palette, 4 RGB with alpha.
    var channels: Int

    /// Nil if `bytes` do not begin a PNG image.
    init?(_ bytes: [UInt8]) {
        let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        guard bytes.count >= 33, bytes.starts(with: signature), Array(bytes[12..<16]) == Array("IHDR".utf8),
            let channels = [0: 1, 2: 3, 3: 3, 4: 2, 6: 4][bytes[25]]
        else { return nil }
        width = bytes[16..<20].reduce(0) { $0 << 8 | Int($1) }
        height = bytes[20..<24].reduce(0) { $0 << 8 | Int($1) }
        self.channels = channels
        guard width > 0, height > 0 else { return nil }
    }
}
