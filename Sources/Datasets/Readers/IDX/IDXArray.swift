import CImageIO

/// An array of unsigned bytes in the IDX format of the MNIST family of data sets: two zero bytes, the element type, the
/// number of dimensions, each dimension as a big-endian 32-bit integer, and the elements.
struct IDXArray {
    let shape: [Int]
    /// The product of the shape.
    let count: Int
    /// The whole inflated file.
    private let bytes: [UInt8]
    private let start: Int

    /// The most bytes that an array may inflate to: 2 GiB.
    static let maximumBytes = 2 << 30

    /// Reads a file that may be compressed with gzip, which its first bytes tell.
    ///
    /// - Throws: `DatasetError` that names the file when the header is not that of unsigned bytes with `dimensions`
    ///   dimensions or when the file's size is not what the header says.
    init(contentsOf path: String, dimensions: Int) throws(DatasetError) {
        var bytes = try FileBytes.read(path, limit: Self.maximumBytes)
        if Gzip.isCompressed(bytes) { bytes = try Gzip.inflate(bytes, name: path, limit: Self.maximumBytes) }
        try self.init(bytes: bytes, name: path, dimensions: dimensions)
    }

    init(bytes: [UInt8], name: String, dimensions: Int) throws(DatasetError) {
        func failure(_ kind: DatasetError.Kind, _ what: String) -> DatasetError {
            let advice = "Give the file as its publisher made it: idx3 for images, idx1 for labels, gzipped or not."
            return DatasetError(kind, file: name, what, advice: advice)
        }
        guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0 else {
            throw failure(.unsupported, "is not an IDX file: it does not begin with two zero bytes, a type and a rank")
        }
        guard bytes[2] == 0x08 else {
            let type = Self.typeNames[bytes[2]].map { "\($0) elements" } ?? "elements of unknown type \(bytes[2])"
            throw failure(.unsupported, "holds \(type); only unsigned bytes are read")
        }
        guard bytes[3] == dimensions else {
            throw failure(
                .unsupported, "has \(bytes[3]) dimensions where \(dimensions) were expected \(Self.meaning(dimensions))"
            )
        }
        let start = 4 + 4 * dimensions
        guard bytes.count >= start else {
            throw failure(.corrupt, "ends within its header, after \(bytes.count) of \(start) bytes")
        }
        let shape = (0..<dimensions).map { dimension in
            bytes[4 + 4 * dimension..<8 + 4 * dimension].reduce(0) { $0 << 8 | Int($1) }
        }
        var count = 1
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow, product <= Self.maximumBytes else {
                throw failure(.tooLarge, "claims \(Self.text(shape)) elements; at most \(Self.maximumBytes) are read")
            }
            count = product
        }
        guard bytes.count - start == count else {
            throw failure(
                .corrupt,
                "holds \(bytes.count - start) bytes of elements where its header says \(Self.text(shape)) = \(count)")
        }
        self.shape = shape
        self.count = count
        self.bytes = bytes
        self.start = start
    }

    /// The elements from `offset` on. The range must lie within the array.
    func elements(from offset: Int, count: Int) -> ArraySlice<UInt8> {
        bytes[start + offset..<start + offset + count]
    }

    private static func text(_ shape: [Int]) -> String {
        shape.map(String.init).joined(separator: " x ")
    }

    private static func meaning(_ dimensions: Int) -> String {
        switch dimensions {
        case 1: "(labels)"
        case 3: "(images, rows, columns)"
        default: ""
        }
    }

    private static let typeNames: [UInt8: String] = [
        0x09: "signed 8-bit", 0x0B: "16-bit", 0x0C: "32-bit integer", 0x0D: "32-bit float", 0x0E: "64-bit float",
    ]
}

/// The IDX format of the MNIST family of data sets, for unsigned bytes; `IDXArray` says how it is laid out.
package enum IDXFile {
    /// The bytes of a file that holds an array.
    ///
    /// - Parameters:
    ///   - shape: at most 255 sizes, each below 2^32.
    ///   - elements: as many as the product of the shape, the last dimension running fastest.
    /// - Throws: `DatasetError` of kind `.invalidArgument` when they do not fit together.
    package static func bytes(shape: [Int], elements: [UInt8]) throws(DatasetError) -> [UInt8] {
        var product = 1
        for size in shape {
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            product = size < 0 || size > UInt32.max || overflow ? -1 : next
            if product < 0 { break }
        }
        guard shape.count <= 255, product == elements.count else {
            throw DatasetError(
                .invalidArgument,
                "\(elements.count) elements in the shape \(shape.map(String.init).joined(separator: " x "))",
                advice: "Give as many elements as the shape has.")
        }
        let header: [UInt8] = [0, 0, 0x08, UInt8(shape.count)]
        let sizes = shape.flatMap { size in (0..<4).map { UInt8(truncatingIfNeeded: size >> (24 - 8 * $0)) } }
        return header + sizes + elements
    }
}

/// gzip files (RFC 1952).
package enum Gzip {
    /// Whether the bytes begin as a gzip file does.
    static func isCompressed(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x1F, 0x8B])
    }

    /// The content of a gzip file of one or several members, with lengths and CRC-32 checked.
    ///
    /// - Parameters:
    ///   - name: what to call the file in errors.
    ///   - limit: the most bytes of content to give.
    /// - Throws: `DatasetError` of kind `.corrupt`, `.tooLarge` or `.unsupported`.
    package static func inflate(_ bytes: [UInt8], name: String, limit: Int) throws(DatasetError) -> [UInt8] {
        var output: UnsafeMutablePointer<UInt8>?
        var count = 0
        var message = CMessage()
        let status = bytes.withUnsafeBufferPointer { buffer in
            message.filled { cimageio_gunzip(buffer.baseAddress, buffer.count, max(0, limit), &output, &count, $0, $1) }
        }
        defer { cimageio_free(output) }
        if let kind = DatasetError.Kind(status) {
            throw DatasetError(
                kind, file: name, "cannot be inflated: \(message.text)",
                advice: kind == .tooLarge ? "Check that this is the file that was meant." : "Fetch the file again.")
        }
        return [UInt8](UnsafeBufferPointer(start: output, count: count))
    }
}
