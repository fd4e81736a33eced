/// A range of bytes of a mapped file that one or more tensors view: what PyTorch calls a storage.
///
/// Two tensors share memory exactly if their regions are equal and not empty.
public struct StorageRegion: Sendable, Hashable {
    /// The file that holds the bytes and keeps them mapped.
    public let file: MappedFile

    /// The offset at which the region begins in the file, in bytes.
    public let offset: Int

    /// The length of the region in bytes.
    public let byteCount: Int

    /// The expected checksum of the bytes; nil where the file does not give one.
    let checksum: RegionChecksum?

    /// The bytes `offset ..< offset + byteCount` of `file`.
    ///
    /// - Throws: ``TensorFileError`` with ``TensorFileFault/unexpectedEnd(offset:needed:)`` if they do not lie within
    ///   the file.
    public init(file: MappedFile, offset: Int, byteCount: Int) throws {
        try self.init(file: file, offset: offset, byteCount: byteCount, checksum: nil)
    }

    /// Creates a region of bytes of which the file gives a checksum.
    init(file: MappedFile, offset: Int, byteCount: Int, checksum: RegionChecksum?) throws {
        guard offset >= 0, byteCount >= 0, offset <= file.byteCount, byteCount <= file.byteCount - offset else {
            throw file.error(.unexpectedEnd(offset: offset, needed: byteCount))
        }
        self.file = file
        self.offset = offset
        self.byteCount = byteCount
        self.checksum = checksum
    }

    /// Holds the bytes against the checksum that the file gives of them, once for all tensors that view them.
    ///
    /// - Throws: ``TensorFileError`` with ``TensorFileFault/checksumMismatch(expected:actual:)``.
    public func verify() throws {
        guard let checksum else { return }
        try withUnsafeBytes { try checksum.verify($0, in: file) }
    }

    /// Lends the bytes of the region. The buffer must not be used after `body` returns.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try file.withUnsafeBytes { bytes in
            try body(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + byteCount]))
        }
    }

    /// Whether both are the same bytes of the same mapping. A file that was mapped twice gives regions that differ.
    public static func == (left: Self, right: Self) -> Bool {
        left.file === right.file && left.offset == right.offset && left.byteCount == right.byteCount
    }

    /// Hashes the identity of the mapping and the range, not the bytes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(file))
        hasher.combine(offset)
        hasher.combine(byteCount)
    }
}
