/// Some of a data set's samples, in an order of their own.
public struct Subset: ImageDataset {
    /// What the samples are taken from.
    public let base: any ImageDataset
    /// The place in `base` of each sample.
    public let indices: [Int]

    /// Chooses samples of a data set.
    ///
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

    /// Tells where the sample at `index` of the subset comes from, as `base` does.
    public func source(at index: Int) -> String {
        base.source(at: indices[index])
    }

    /// Gives the mark of the sample at `index` in `base`.
    public func mark(at index: Int) -> String { base.mark(at: indices[index]) }
}

/// A data set under the classes of another one.
public struct RelabelledDataset: ImageDataset {
    /// What the samples are taken from.
    public let base: any ImageDataset
    /// The classes of the other.
    public let classNames: [String]
    private let labels: [Int]

    /// Puts a data set under the classes of another one.
    ///
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

    /// Tells where a sample comes from, as `base` does.
    public func source(at index: Int) -> String { base.source(at: index) }

    /// Gives the mark of the sample in `base`.
    public func mark(at index: Int) -> String { base.mark(at: index) }
}

/// Data sets of the same classes, one after the other.
public struct JoinedDataset: ImageDataset {
    /// What the samples are taken from.
    public let parts: [any ImageDataset]
    /// The number of samples.
    public let count: Int

    /// Puts data sets one after the other.
    ///
    /// - Parameter parts: at least one; labelled alike, by the class names of the first, and annotated alike, which is
    ///   not checked.
    public init(_ parts: [any ImageDataset]) {
        self.parts = parts
        count = parts.reduce(0) { $0 + $1.count }
    }

    /// The classes of the first part.
    public var classNames: [String] { parts.first?.classNames ?? [] }

    /// The label that its part gives the sample.
    ///
    /// - Precondition: `index` is in 0..<count.
    public func label(at index: Int) -> Int {
        let (part, place) = find(index)
        return part.label(at: place)
    }

    /// Decodes a sample.
    ///
    /// - Throws: as its part does, or `DatasetError` of kind `.invalidArgument` when there is no sample at `index`.
    public func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        try checkIndex(index)
        let (part, place) = find(index)
        return try part.image(at: place, decoding: decoding)
    }

    /// Tells where the sample comes from, as its part does.
    public func source(at index: Int) -> String {
        let (part, place) = find(index)
        return part.source(at: place)
    }

    /// The mark that its part gives it.
    public func mark(at index: Int) -> String {
        let (part, place) = find(index)
        return part.mark(at: place)
    }

    /// The part that holds a sample, and the sample's place in it.
    func find(_ index: Int) -> (any ImageDataset, Int) {
        var place = index
        for part in parts.dropLast() {
            if place < part.count { return (part, place) }
            place -= part.count
        }
        return (parts[parts.count - 1], place)
    }
}

/// Images whose labels are their own places, for a score that must know which image an output belongs to.
public struct NumberedImages: ImageDataset {
    private let joined: JoinedDataset

    /// Puts data sets one after the other.
    ///
    /// - Parameter parts: one after the other; their labels are not read.
    public init(_ parts: [any ImageDataset]) { joined = JoinedDataset(parts) }

    /// What the images are taken from, one after the other.
    public var parts: [any ImageDataset] { joined.parts }

    /// The number of images.
    public var count: Int { joined.count }

    /// The classes, one an image: its place.
    public var classNames: [String] { (0..<count).map(String.init) }

    /// Gives the place itself as the label.
    public func label(at index: Int) -> Int { index }

    /// Decodes an image.
    ///
    /// - Throws: as its part does, or `DatasetError` of kind `.invalidArgument` when there is no image at `index`.
    public func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        try joined.image(at: index, decoding: decoding)
    }

    /// Tells where the image comes from, as its part does.
    public func source(at index: Int) -> String { joined.source(at: index) }

    /// The mark that its part gives it.
    public func mark(at index: Int) -> String { joined.mark(at: index) }
}

/// A source whose labels are known and, after it, a target whose labels are not: one data set, in which every sample of
/// the target is of the class `unlabelled`, whatever it shows. Labels of the target are never read.
public struct DomainPair: ImageDataset {
    /// The domain whose labels are known.
    public let source: any ImageDataset
    /// The domain whose labels are not.
    public let target: any ImageDataset
    /// The source's classes, and `unlabelled` as the last.
    public let classNames: [String]

    /// Puts a target after a source.
    ///
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

    /// Tells where a sample of either comes from.
    public func source(at index: Int) -> String {
        index < source.count ? source.source(at: index) : target.source(at: index - source.count)
    }

    /// The mark of a sample of either.
    public func mark(at index: Int) -> String {
        index < source.count ? source.mark(at: index) : target.mark(at: index - source.count)
    }
}
