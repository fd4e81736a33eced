import CImageIO

/// What a decoder refuses before it takes memory, against files that are small on the disk and huge as pixels.
public struct DecodingLimits: Sendable, Hashable {
    /// The longest side, in pixels.
    public var maximumSide: Int
    /// The largest width times height. More than 4 Gi is taken as 4 Gi.
    public var maximumPixels: Int

    /// Limits on the stored size of an image; either alone refuses it.
    public init(maximumSide: Int = 32_767, maximumPixels: Int = 256 << 20) {
        self.maximumSide = maximumSide
        self.maximumPixels = maximumPixels
    }

    /// 32,767 pixels a side and 256 Mi pixels in all.
    public static let standard = DecodingLimits()
}

extension Image {
    /// Decodes the JPEG, PNG, WebP or BMP file at `path`, which is recognised by its content, not by its name.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - decoding: channels and size wanted.
    ///   - limits: what to refuse. They hold for the stored size.
    /// - Throws: `DatasetError` that names the file: `.unreadable`, `.unsupported`, `.corrupt` or `.tooLarge`.
    public static func decode(
        contentsOf path: String, decoding: ImageDecoding = ImageDecoding(), limits: DecodingLimits = .standard
    ) throws(DatasetError) -> Image {
        try decode(bytes: FileBytes.read(path), name: path, decoding: decoding, limits: limits)
    }

    /// Decodes a JPEG, PNG, WebP or BMP.
    ///
    /// JPEG: grey, YCbCr, RGB, CMYK and YCCK, sequential and progressive. PNG: every colour type, bit depth and
    /// interlacing; 16 bits are rounded to 8. WebP: lossy and lossless; of an animation the first picture. BMP: 1, 4, 8,
    /// 16, 24 and 32 bits, run lengths and masks of colours. Transparency is composited on white. The EXIF of a JPEG, PNG
    /// or WebP turns the image where the decoding says so; colour profiles are not applied. A file that is cut short or
    /// damaged is an error, never a picture that is grey from some row on.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - name: what to call it in errors.
    ///   - decoding: channels and size wanted.
    ///   - limits: what to refuse. They hold for the stored size.
    /// - Throws: `DatasetError` that carries `name`: `.unsupported`, `.corrupt` or `.tooLarge`.
    public static func decode(
        bytes: [UInt8], name: String, decoding: ImageDecoding = ImageDecoding(), limits: DecodingLimits = .standard
    ) throws(DatasetError) -> Image {
        let result = bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(DatasetError) in
                try decode(buffer, name: name, decoding: decoding, limits: limits)
            }
        }
        return try result.get()
    }

    private static func decode(
        _ bytes: UnsafeBufferPointer<UInt8>, name: String, decoding: ImageDecoding, limits: DecodingLimits
    ) throws(DatasetError) -> Image {
        var options = cimageio_options(
            channels: decoding.channels.count,
            minimum_short_side: UInt32(clamping: decoding.minimumShortSide ?? 0),
            maximum_side: UInt32(clamping: limits.maximumSide),
            maximum_pixels: UInt64(clamping: min(limits.maximumPixels, 1 << 32)),
            turned: decoding.orientation == .exif ? 1 : 0)
        var decoder: OpaquePointer?
        var shape = cimageio_shape()
        var message = CMessage()
        let opened = message.filled {
            cimageio_open(bytes.baseAddress, bytes.count, &options, &decoder, &shape, $0, $1)
        }
        if opened == .CIMAGEIO_STATUS_UNSUPPORTED, let kind = ImageKind.named(by: bytes.prefix(ImageKind.lookedAt)),
            cimageio_format_of(bytes.baseAddress, bytes.count) == .CIMAGEIO_FORMAT_NONE
        {
            throw DatasetError(
                .unsupported, file: name,
                "cannot be decoded: by its first bytes it is of the kind \(kind), which is not read",
                advice: advice(for: .unsupported))
        }
        try check(opened, message, name)
        defer { cimageio_close(decoder) }

        // The limits keep the product far below Int's range.
        let count = Int(shape.width) * Int(shape.height) * Int(shape.channels)
        var status = cimageio_status.CIMAGEIO_STATUS_OK
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            status = message.filled { cimageio_read(decoder, buffer.baseAddress, count, $0, $1) }
            initialized = status == .CIMAGEIO_STATUS_OK ? count : 0
        }
        try check(status, message, name)
        return Image(
            width: Int(shape.width), height: Int(shape.height), channels: Int(shape.channels), pixels: pixels)
    }

    private static func check(
        _ status: cimageio_status, _ message: CMessage, _ name: String
    ) throws(DatasetError) {
        if let kind = DatasetError.Kind(status) {
            throw DatasetError(kind, file: name, "cannot be decoded: \(message.text)", advice: advice(for: kind))
        }
    }

    private static func advice(for kind: DatasetError.Kind) -> String {
        switch kind {
        case .corrupt: "Fetch the file again, or take it out of the data set."
        case .tooLarge: "Scale the image down, or take it out of the data set."
        default:
            "Convert the image to an ordinary JPEG or PNG, take it out of the data set, or have what cannot be read left out "
                + "(--skip-bad-images)."
        }
    }
}

extension ImageDecoding.Channels {
    /// The channels as the decoder counts them; 0 is for as many as the file has.
    fileprivate var count: UInt32 {
        switch self {
        case .grey: 1
        case .rgb: 3
        case .asStored: 0
        }
    }
}

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
    /// Gives the kind of a status of the decoders; nil for success.
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
