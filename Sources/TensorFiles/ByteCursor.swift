/// A position in a mapped file that moves forward and never leaves a given range.
struct ByteCursor {
    let file: MappedFile
    private(set) var offset: Int
    let end: Int

    /// A cursor at the start of `range`, which is cut to the file.
    init(file: MappedFile, range: Range<Int>) {
        self.file = file
        let clamped = range.clamped(to: 0..<file.byteCount)
        offset = clamped.lowerBound
        end = clamped.upperBound
    }

    init(_ region: StorageRegion) {
        self.init(file: region.file, range: region.offset..<region.offset + region.byteCount)
    }

    var remaining: Int { end - offset }

    /// The next byte, left in place; nil at the end.
    var next: UInt8? {
        guard offset < end else { return nil }
        return file.withUnsafeBytes { $0[offset] }
    }

    /// Moves past `count` bytes and returns where they began.
    @discardableResult
    mutating func skip(_ count: Int) throws -> Int {
        guard count >= 0, count <= remaining else {
            throw file.error(.unexpectedEnd(offset: offset, needed: count))
        }
        let start = offset
        offset += count
        return start
    }

    mutating func byte() throws -> UInt8 {
        let start = try skip(1)
        return file.withUnsafeBytes { $0[start] }
    }

    /// Reads a little-endian integer.
    mutating func integer<Number: FixedWidthInteger & BitwiseCopyable>(as type: Number.Type) throws -> Number {
        let start = try skip(Number.bitWidth / 8)
        return file.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: Number.self)) }
    }

    /// A little-endian number of 16 or 32 bits, unsigned.
    mutating func uint16() throws -> Int { Int(try integer(as: UInt16.self)) }
    mutating func uint32() throws -> Int { Int(try integer(as: UInt32.self)) }

    /// A little-endian unsigned 64-bit count of bytes; one beyond `Int` can only be a lie about what follows.
    mutating func byteCount64() throws -> Int {
        let start = offset
        let count = try integer(as: UInt64.self)
        guard let count = Int(exactly: count) else {
            throw file.error(.unexpectedEnd(offset: start, needed: Int.max))
        }
        return count
    }

    mutating func bytes(_ count: Int) throws -> [UInt8] {
        let start = try skip(count)
        return file.withUnsafeBytes { [UInt8]($0[start..<start + count]) }
    }

    /// Reads `count` bytes as UTF-8; nil where they are not UTF-8.
    mutating func utf8(_ count: Int) throws -> String? {
        let start = try skip(count)
        return file.withUnsafeBytes { String(validating: $0[start..<start + count], as: UTF8.self) }
    }

    /// The bytes up to the next line feed, which is skipped.
    mutating func line() throws -> [UInt8] {
        let start = offset
        let length = file.withUnsafeBytes { $0[start..<end].firstIndex(of: 0x0A) }.map { $0 - start }
        guard let length else { throw file.error(.unexpectedEnd(offset: end, needed: 1)) }
        let line = try bytes(length)
        try skip(1)
        return line
    }
}
