/// Some of a data set's samples, in an order of their own.
public struct Subset: ImageDataset {
    /// What the samples are taken from.
    public let base: any ImageDataset
    /// Where each sample stands in `base`.
    public let indices: [Int]

    /// - Throws: `DatasetError` of kind `.invalidArgument` that lists the indices which `base` does not have.
    public init(of base: any ImageDataset, indices: [Int]) throws(DatasetError) {
        let range = 0..<base.count
        let wrong = indices.filter { !range.contains($0) }
        guard wrong.isEmpty else {
            throw DatasetError(
                .invalidArgument,
                problems: wrong.map { .init("there is no sample \($0) in a data set of \(range.count)") },
                advice: "Give indices from 0 to \(max(0, range.count - 1)).")
        }
        self.base = base
        self.indices = indices
    }

    public var count: Int { indices.count }

    public var classNames: [String] { base.classNames }

    public func label(at index: Int) -> Int {
        base.label(at: indices[index])
    }

    public func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        try checkIndex(index)
        return try base.image(at: indices[index], decoding: decoding)
    }

    public func source(at index: Int) -> String {
        base.source(at: indices[index])
    }
}
