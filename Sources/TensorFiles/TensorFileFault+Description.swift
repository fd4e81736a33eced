import Foundation

extension TensorFileFault: CustomStringConvertible {
    /// What is wrong and, where there is something to do about it, what, in words. The file and the tensor are named by
    /// the ``TensorFileError`` around it.
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
