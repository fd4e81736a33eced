/// The IDX format of the MNIST family of data sets, for unsigned bytes; `IDXArray` says how it is laid out.
enum IDXFile {
    /// The bytes of a file that holds an array.
    ///
    /// - Parameters:
    ///   - shape: at most 255 sizes, each below 2^32.
    ///   - elements: as many as the product of the shape, the last dimension running fastest.
    /// - Throws: `DatasetError` of kind `.invalidArgument` when they do not fit together.
    static func bytes(shape: [Int], elements: [UInt8]) throws(DatasetError) -> [UInt8] {
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
