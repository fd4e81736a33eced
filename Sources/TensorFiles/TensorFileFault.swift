/// What can be wrong with a tensor file. Offsets are in bytes from the start of the file unless said otherwise.
public enum TensorFileFault: Error, Sendable, Equatable {
    // The file itself

    /// A system call failed with `code` (an `errno`).
    case system(call: String, code: Int32)
    /// The path leads to a folder, a device or a pipe.
    case notARegularFile
    /// The file ends before what stands at `offset` is complete.
    case unexpectedEnd(offset: Int, needed: Int)
    /// Numbers in the file are stored with the most significant byte first.
    case bigEndian

    // One tensor

    /// An extent of the shape, or a stride, or the storage offset is negative.
    case negativeExtent([Int])
    /// The shape has more dimensions than ``StoredTensor/maximumRank``.
    case tooManyDimensions(Int)
    /// The shape and the strides differ in length.
    case rankMismatch(shape: [Int], strides: [Int])
    /// A size computed from the shape or the strides does not fit into 64 bits.
    case sizeOverflow([Int])
    /// The tensor reaches past the end of its storage. `offset` and `strides` are in elements.
    case outsideStorage(shape: [Int], strides: [Int], offset: Int, storageBytes: Int)
    /// A view of a small storage would become this large when copied out.
    case expansionTooLarge(bytes: Int)
    /// The caller's buffer or the given bytes have another size than the tensor.
    case byteCountMismatch(expected: Int, actual: Int)
    /// The caller asked for elements of another type.
    case elementTypeMismatch(expected: [ElementType], actual: ElementType)

    // safetensors

    /// The header is said to be longer than the rest of the file.
    case headerBeyondFile(length: UInt64, available: Int)
    /// The header is longer than the 100 MB that the format allows.
    case headerTooLong(length: UInt64)
    /// The header's bytes at `offset` are not UTF-8.
    case headerNotUTF8(offset: Int)
    /// The header is not the JSON that the format prescribes.
    case malformedHeader(offset: Int, expected: String)
    /// The name of a tensor, a field of its entry or a key of the metadata occurs twice.
    case duplicateKey(offset: Int)
    /// An entry has a field besides `dtype`, `shape` and `data_offsets`.
    case unknownField(String)
    /// An entry lacks a field.
    case missingField(String)
    /// The `dtype` is none that this reader knows.
    case unknownElementType(String)
    /// `data_offsets` run backwards or are negative.
    case invalidOffsets(begin: Int, end: Int)
    /// `data_offsets` end past the data. `dataBytes` is what follows the header.
    case offsetsBeyondData(begin: Int, end: Int, dataBytes: Int)
    /// The tensor begins inside the tensor `other`.
    case overlap(begin: Int, other: String, otherEnd: Int)
    /// No tensor owns the bytes before this one. `gap` counts from the end of the header.
    case hole(gap: Range<Int>)
    /// Bytes follow the last tensor.
    case trailingBytes(count: Int)
    /// The header does not match the CRC-32 that its metadata gives of it, or gives none that can be read.
    case damagedHeader

    // safetensors, writing

    /// `__metadata__` cannot be the name of a tensor.
    case reservedName
    /// Two tensors to be written have the same name.
    case duplicateName
    /// safetensors has no such type.
    case unwritableElementType(ElementType)

    // PyTorch

    /// The file is none that `torch.save` writes; the text says what it looks like.
    case notAPyTorchFile(String)
    /// The tar container of PyTorch before 0.1.10.
    case tarContainer
    /// An archive of `torch.jit.save`: a program, not a checkpoint.
    case torchScript
    /// The zip container is damaged or of an unsupported kind.
    case malformedArchive(offset: Int, String)
    /// A record of the archive is compressed otherwise than by deflate; `torch.save` compresses none.
    case compressedRecord(method: Int)
    /// The archive lacks a record.
    case missingRecord
    /// The contents of a record or a tensor do not match their CRC-32.
    case checksumMismatch(expected: UInt32, actual: UInt32)
    /// The pickle is damaged, or does what no `torch.save` does.
    case malformedPickle(offset: Int, String)
    /// The file needs a Python object that is not understood here: for a storage, or because there is no tensor beside it.
    case unsupportedGlobal(String)
    /// A tensor is stored in a way that this reader does not restore.
    case unsupportedTensor(String)
    /// Two tensors have the same name once nested names are joined with dots.
    case ambiguousName
    /// No tensor stands under the prefix that the caller asked for.
    case unknownPrefix(available: [String])
}
