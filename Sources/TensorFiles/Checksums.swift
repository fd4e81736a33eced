import CZip
import Synchronization

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

/// The expected checksum of a region of a file. The region is checked once, when the first of its bytes is taken, so
/// that little is read of a large file of which little is wanted.
final class RegionChecksum: Sendable {
    /// The record or the tensor, for errors.
    let key: String
    let expected: UInt32
    private let isVerified = Mutex(false)

    init(key: String, expected: UInt32) {
        self.key = key
        self.expected = expected
    }

    /// Checks the bytes of the region, the first time that it is called.
    ///
    /// - Throws: ``TensorFileError`` if the bytes do not add up to what is expected.
    func verify(_ bytes: UnsafeRawBufferPointer, in file: MappedFile) throws {
        try isVerified.withLock { isVerified in
            guard !isVerified else { return }
            var checksum = CRC32()
            checksum.update(bytes)
            guard checksum.value == expected else {
                throw file.error(key: key, .checksumMismatch(expected: expected, actual: checksum.value))
            }
            isVerified = true
        }
    }
}

/// The checksums that a safetensors file of this project's carries in its metadata, where other readers see a text: of
/// the header, then of each tensor in the order of their bytes, eight hexadecimal digits each. That of the header is
/// taken with zeros in its own place.
///
/// The format has none of its own, and a disk or a copy that lost a block gives zeros for it, which are numbers as good
/// as any.
///
/// The key has a space behind it, as JSON allows and no other program writes. So the checksums in a file that another
/// program wrote anew, with other tensors and the metadata that it found, are known to be those of the old one, and
/// play no part.
enum SafeTensorsChecksums {
    /// The key of the checksums in the metadata.
    static let key = "supernet.crc32"

    /// The text before the digits.
    static let start = "\"\(key)\" :\""

    private static let width = 8

    /// Zeros, to be written where the checksums will stand.
    static func placeholder(tensors: Int) -> String { String(repeating: "0", count: (1 + tensors) * width) }

    /// The position of the digits in a header, its eight bytes of length included; nil for a header without them.
    private static func place(in header: [UInt8]) -> Int? {
        let start = Array(Self.start.utf8)
        var rest = header[...]
        while let quote = rest.firstIndex(of: start[0]) {
            if header[quote...].starts(with: start) { return quote + start.count }
            rest = header[(quote + 1)...]
        }
        return nil
    }

    /// The checksum of a header whose own is zeros, where it stands.
    private static func checksum(of header: [UInt8], at offset: Int) -> CRC32 {
        var header = header
        header.replaceSubrange(offset..<offset + width, with: placeholder(tensors: 0).utf8)
        var checksum = CRC32()
        header.withUnsafeBytes { checksum.update($0) }
        return checksum
    }

    /// The digits that belong into a header that was written with the placeholder, and where.
    static func digits(of tensors: [CRC32], header: [UInt8]) -> (digits: [UInt8], offset: Int)? {
        guard let offset = place(in: header) else { return nil }
        let digits = tensors.flatMap { Array($0.digits.utf8) }
        var filled = header
        filled.replaceSubrange(offset + width..<offset + width + digits.count, with: digits)
        return (Array(checksum(of: filled, at: offset).digits.utf8) + digits, offset)
    }

    /// The checksums of the tensors, in the order of their bytes, once that of the header was held against it.
    ///
    /// - Parameters:
    ///   - text: the text of the metadata under ``key``.
    ///   - header: the header with its eight bytes of length.
    ///   - tensors: the number of tensors.
    /// - Returns: empty where another program wrote the header, nil where it is not what the checksums were taken of.
    static func read(_ text: String, header: [UInt8], tensors: Int) -> [UInt32]? {
        guard let offset = place(in: header) else { return [] }
        let digits = Array(text.utf8)
        guard digits.count == (1 + tensors) * width, offset + digits.count <= header.count else { return nil }
        var values: [UInt32] = []
        for start in stride(from: 0, to: digits.count, by: width) {
            let text = String(decoding: digits[start..<start + width], as: UTF8.self)
            guard let value = UInt32(text, radix: 16), CRC32.digits(value) == text else { return nil }
            values.append(value)
        }
        return checksum(of: header, at: offset).value == values[0] ? Array(values[1...]) : nil
    }
}
