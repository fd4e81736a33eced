import Foundation

/// The faults of a tensor file. Offsets are in bytes from the start of the file unless said otherwise.
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
    /// The file needs a Python object that is not understood here: for a storage, or because there is no tensor beside
    /// it.
    case unsupportedGlobal(String)
    /// A tensor is stored in a way that this reader does not restore.
    case unsupportedTensor(String)
    /// Two tensors have the same name once nested names are joined with dots.
    case ambiguousName
    /// No tensor stands under the prefix that the caller asked for.
    case unknownPrefix(available: [String])
}

extension TensorFileFault: CustomStringConvertible {
    /// The fault and, where there is one, its remedy. The ``TensorFileError`` around it names the file and the tensor.
    public var description: String {
        switch self {
        case .system, .notARegularFile, .unexpectedEnd, .bigEndian:
            describeFile
        case .negativeExtent, .tooManyDimensions, .rankMismatch, .sizeOverflow, .outsideStorage, .expansionTooLarge,
            .byteCountMismatch, .elementTypeMismatch:
            describeTensor
        case .headerBeyondFile, .headerTooLong, .headerNotUTF8, .malformedHeader, .duplicateKey, .unknownField,
            .missingField, .unknownElementType, .invalidOffsets, .offsetsBeyondData, .overlap, .hole, .trailingBytes,
            .damagedHeader, .reservedName, .duplicateName, .unwritableElementType:
            describeSafeTensors
        case .notAPyTorchFile, .tarContainer, .torchScript, .malformedArchive, .compressedRecord, .missingRecord,
            .checksumMismatch, .malformedPickle, .unsupportedGlobal, .unsupportedTensor, .ambiguousName,
            .unknownPrefix:
            describePyTorch
        }
    }

    private var describeFile: String {
        switch self {
        case .system(let call, let code):
            "\(call) failed: \(String(cString: strerror(code)))"
        case .notARegularFile:
            "is not a regular file"
        case .unexpectedEnd(let offset, let needed):
            "ends too early: \(needed) bytes were expected at byte \(offset); the file is truncated or damaged"
        case .bigEndian:
            "was written on a big-endian machine; save it again on a little-endian one"
        default: ""
        }
    }

    private var describeTensor: String {
        switch self {
        case .negativeExtent(let extents):
            "has a negative number among its extents, strides and offset: \(extents)"
        case .tooManyDimensions(let rank):
            "has \(rank) dimensions; at most \(StoredTensor.maximumRank) are supported"
        case .rankMismatch(let shape, let strides):
            "has shape \(shape) but strides \(strides)"
        case .sizeOverflow(let shape):
            "is too large for 64 bits: \(shape)"
        case .outsideStorage(let shape, let strides, let offset, let storageBytes):
            "reaches outside its storage of \(storageBytes) bytes: shape \(shape), strides \(strides), offset \(offset)"
        case .expansionTooLarge(let bytes):
            "is a view that would expand to \(bytes) bytes; save the tensor itself, not an expanded view of it"
        case .byteCountMismatch(let expected, let actual):
            "needs \(expected) bytes for its shape and dtype, but has \(actual)"
        case .elementTypeMismatch(let expected, let actual):
            "holds \(actual.torchName), not \(expected.map(\.torchName).joined(separator: " or "))"
        default: ""
        }
    }

    private var describeSafeTensors: String {
        switch self {
        case .headerBeyondFile(let length, let available):
            "the header is said to be \(length) bytes long, but only \(available) bytes follow; "
                + "this is not a safetensors file, or it is truncated"
        case .headerTooLong(let length):
            "the header is said to be \(length) bytes long; "
                + "the format allows \(SafeTensorsFile.maximumHeaderLength)"
        case .headerNotUTF8(let offset):
            "the header is not UTF-8 at byte \(offset)"
        case .malformedHeader(let offset, let expected):
            "malformed header at byte \(offset): expected \(expected); the file is damaged, or no safetensors file"
        case .duplicateKey(let offset):
            "occurs a second time at byte \(offset) of the header's object"
        case .unknownField(let field):
            "has the unknown field \(quoted(field)); only dtype, shape and data_offsets are allowed"
        case .missingField(let field):
            "lacks the field \(quoted(field))"
        case .unknownElementType(let name):
            "has the unsupported dtype \(quoted(name)); supported are "
                + ElementType.allCases.compactMap(\.safeTensorsName).joined(separator: ", ")
        case .invalidOffsets(let begin, let end):
            "has data_offsets [\(begin), \(end)], which are negative or run backwards"
        case .offsetsBeyondData(let begin, let end, let dataBytes):
            "has data_offsets [\(begin), \(end)], but only \(dataBytes) bytes follow the header"
        case .overlap(let begin, let other, let otherEnd):
            "begins at data byte \(begin), inside \(quoted(other)), which ends at \(otherEnd)"
        case .hole(let gap):
            "leaves the data bytes \(gap.lowerBound)..<\(gap.upperBound) before it unused"
        case .trailingBytes(let count):
            "\(count) bytes follow the last tensor"
        case .damagedHeader:
            "the header does not match its checksum; the file is damaged"
        case .reservedName:
            "is reserved by safetensors and cannot name a tensor"
        case .duplicateName:
            "is the name of more than one tensor to be written"
        case .unwritableElementType(let type):
            "has dtype \(type.torchName), which safetensors cannot store"
        default: ""
        }
    }

    private var describePyTorch: String {
        switch self {
        case .notAPyTorchFile(let reason):
            "is not a file that torch.save writes: \(reason)"
        case .tarContainer:
            "is in the tar format of PyTorch before 0.1.10; load it with Python's PyTorch and save it again"
        case .torchScript:
            "is a TorchScript archive, a program; save its state_dict() with torch.save instead"
        case .malformedArchive(let offset, let reason):
            "malformed zip archive at byte \(offset): \(reason)"
        case .compressedRecord(let method):
            "is compressed in a way that is not read here (zip method \(method)): repack with `zip -0`"
        case .missingRecord:
            "is missing from the archive"
        case .checksumMismatch(let expected, let actual):
            "has CRC-32 \(CRC32.digits(actual)) but should have \(CRC32.digits(expected)); the file is damaged"
        case .malformedPickle(let offset, let reason):
            "malformed pickle at byte \(offset): \(reason)"
        case .unsupportedGlobal(let name):
            "needs the Python object \(quoted(name)), which is not executed here; save a plain state_dict()"
        case .unsupportedTensor(let reason):
            "cannot be restored: \(reason)"
        case .ambiguousName:
            "is the name of more than one tensor once nested names are joined with dots"
        case .unknownPrefix(let available):
            "holds no tensor; the file's top-level keys are "
                + available.prefix(20).map(quoted).joined(separator: ", ")
        default: ""
        }
    }
}
