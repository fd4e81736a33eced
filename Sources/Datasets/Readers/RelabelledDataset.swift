/// A data set under the classes of another one.
public struct RelabelledDataset: ImageDataset {
    /// What the samples are taken from.
    public let base: any ImageDataset
    /// The classes of the other.
    public let classNames: [String]
    private let labels: [Int]

    /// - Parameters:
    ///   - base: its classes must be among `classNames`, those without a sample excepted.
    ///   - classNames: the classes of the other, in its order.
    ///   - name: of `base`, for messages.
    /// - Throws: `DatasetError` that names each class with samples that the other lacks.
    public init(_ base: any ImageDataset, classNames: [String], name: String) throws(DatasetError) {
        self.base = base
        self.classNames = classNames
        let places = Dictionary(classNames.enumerated().map { ($1, $0) }) { first, _ in first }
        let found = base.classNames.map { places[$0] }
        let used = Set((0..<base.count).map(base.label))
        let missing = used.filter { found[$0] == nil }.sorted()
        guard missing.isEmpty else {
            throw DatasetError(
                .malformed, file: name,
                problems: missing.map { .init("class \(base.classNames[$0]) is not in the source") },
                advice: "A network can only name classes that its source taught it, which are "
                    + "\(classNames.prefix(12).joined(separator: ", "))\(classNames.count > 12 ? " and others" : "").")
        }
        labels = found.map { $0 ?? 0 }
    }

    /// The number of samples.
    public var count: Int { base.count }

    /// The label among the other's classes.
    public func label(at index: Int) -> Int { labels[base.label(at: index)] }

    /// Decodes a sample.
    ///
    /// - Throws: as `base` does.
    public func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        try base.image(at: index, decoding: decoding)
    }

    /// Where a sample comes from, as `base` tells it.
    public func source(at index: Int) -> String { base.source(at: index) }

    /// That of the same sample in `base`.
    public func mark(at index: Int) -> String { base.mark(at: index) }
}
