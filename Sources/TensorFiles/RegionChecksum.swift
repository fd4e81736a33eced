import Synchronization

/// What the bytes of a region must add up to. They are looked at once, when the first of them is taken; so of a large file
/// of which little is wanted, little is read.
final class RegionChecksum: Sendable {
    /// The record or the tensor, for errors.
    let key: String
    let expected: UInt32
    private let isVerified = Mutex(false)

    init(key: String, expected: UInt32) {
        self.key = key
        self.expected = expected
    }

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
