import CImageIO

/// The buffer into which the C decoders write their reasons.
struct CMessage {
    private var bytes = [CChar](repeating: 0, count: Int(CIMAGEIO_MESSAGE_CAPACITY))

    /// Calls `body` with the buffer and its capacity.
    mutating func filled(_ body: (UnsafeMutablePointer<CChar>?, Int) -> cimageio_status) -> cimageio_status {
        bytes.withUnsafeMutableBufferPointer { body($0.baseAddress, $0.count) }
    }

    /// What was written. Bytes that are not UTF-8, which a damaged file can bring into a message, are replaced.
    var text: String {
        String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension DatasetError.Kind {
    /// Nil for success.
    init?(_ status: cimageio_status) {
        switch status {
        case .CIMAGEIO_STATUS_OK: return nil
        case .CIMAGEIO_STATUS_CORRUPT: self = .corrupt
        case .CIMAGEIO_STATUS_TOO_LARGE, .CIMAGEIO_STATUS_OUT_OF_MEMORY: self = .tooLarge
        case .CIMAGEIO_STATUS_MISUSE: self = .invalidArgument
        case .CIMAGEIO_STATUS_UNSUPPORTED: self = .unsupported
        }
    }
}
