/// A short text by which a file's content is recognised: enough to notice that an input of a run was replaced, no
/// protection against forgery.
///
/// Records of runs and contexts of archives store these digests, so the function stays as it is. A cryptographic hash
/// would refuse to go on with all of them, and add a dependency for a protection that nobody asks for here.
public enum FileDigest {
    /// The digest of a file: sixteen hexadecimal digits of the 64-bit FNV-1a hash (Fowler, Noll and Vo) over words of
    /// eight bytes, and the size.
    ///
    /// - Throws: `FileError`.
    public static func text(of path: String) throws -> String {
        let file = try InputFile(path)
        var hash = start
        var offset = 0
        while offset < file.size {
            let bytes = try file.read(min(1 << 20, file.size - offset), at: offset)
            add(bytes, to: &hash)
            offset += bytes.count
        }
        return text(hash, size: file.size)
    }

    /// The digest of bytes in memory, equal to that of a file with the same bytes.
    public static func text(of bytes: [UInt8]) -> String {
        var hash = start
        // As much at a time as of a file, so that equal contents have equal digests.
        for first in stride(from: 0, to: bytes.count, by: 1 << 20) {
            add(Array(bytes[first..<min(first + (1 << 20), bytes.count)]), to: &hash)
        }
        return text(hash, size: bytes.count)
    }

    private static let start: UInt64 = 0xCBF2_9CE4_8422_2325

    private static func add(_ bytes: [UInt8], to hash: inout UInt64) {
        bytes.withUnsafeBytes { memory in
            var word = 0
            while word + 8 <= memory.count {
                hash = (hash ^ memory.loadUnaligned(fromByteOffset: word, as: UInt64.self)) &* 0x100_0000_01B3
                word += 8
            }
            for byte in memory[word...] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
    }

    private static func text(_ hash: UInt64, size: Int) -> String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits + "-\(size)"
    }
}
