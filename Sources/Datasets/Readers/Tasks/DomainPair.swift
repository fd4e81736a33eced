/// A source whose labels are known and, after it, a target whose labels are not: one data set, in which every sample of
/// the target is of the class `unlabelled`, whatever it shows. Labels of the target are never read.
public struct DomainPair: ImageDataset {
    /// The labelled domain.
    public let source: any ImageDataset
    /// The other.
    public let target: any ImageDataset
    /// The source's classes, and `unlabelled` as the last.
    public let classNames: [String]

    /// - Parameters:
    ///   - source: the labelled domain.
    ///   - target: the other; only its images are used.
    public init(source: any ImageDataset, target: any ImageDataset) {
        (self.source, self.target) = (source, target)
        classNames = source.classNames + ["unlabelled"]
    }

    /// The samples of both.
    public var count: Int { source.count + target.count }

    /// The source's label, or that of `unlabelled`.
    ///
    /// - Precondition: `index` is in 0..<count.
    public func label(at index: Int) -> Int {
        index < source.count ? source.label(at: index) : classNames.count - 1
    }

    /// Decodes a sample of either.
    ///
    /// - Throws: as the domain does.
    public func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        try index < source.count
            ? source.image(at: index, decoding: decoding)
            : target.image(at: index - source.count, decoding: decoding)
    }

    /// Where a sample of either comes from.
    public func source(at index: Int) -> String {
        index < source.count ? source.source(at: index) : target.source(at: index - source.count)
    }

    /// The mark of a sample of either.
    public func mark(at index: Int) -> String {
        index < source.count ? source.mark(at: index) : target.mark(at: index - source.count)
    }
}
