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
