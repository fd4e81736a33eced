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

    /// The number of samples chosen; one chosen twice counts twice.
    public var count: Int { indices.count }

    /// All classes of `base`, those without a sample in the subset among them, so that labels keep their meaning.
    public var classNames: [String] { base.classNames }

    /// The label in `base` of the sample at `index` of the subset.
    ///
    /// - Precondition: `index` is in 0..<count.
    public func label(at index: Int) -> Int {
        base.label(at: indices[index])
    }

    /// Decodes the sample at `index` of the subset.
    ///
    /// - Throws: as `base` does, or `DatasetError` of kind `.invalidArgument` when there is no sample at `index`.
    public func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        try checkIndex(index)
        return try base.image(at: indices[index], decoding: decoding)
    }

    /// Where the sample at `index` of the subset comes from, as `base` tells it.
    public func source(at index: Int) -> String {
        base.source(at: indices[index])
    }

    /// That of the same sample in `base`.
    public func mark(at index: Int) -> String { base.mark(at: indices[index]) }
}
