/// Images whose labels are their own places, for a score that must know which image an output belongs to.
public struct NumberedImages: ImageDataset {
    /// What the images are taken from, one after the other.
    public let parts: [any ImageDataset]
    /// The number of images.
    public let count: Int

    /// - Parameter parts: one after the other; their labels are not read.
    public init(_ parts: [any ImageDataset]) {
        self.parts = parts
        count = parts.reduce(0) { $0 + $1.count }
    }

    /// One an image: its place.
    public var classNames: [String] { (0..<count).map(String.init) }

    /// The place itself.
    public func label(at index: Int) -> Int { index }

    /// Decodes an image.
    ///
    /// - Throws: as its part does, or `DatasetError` of kind `.invalidArgument` when there is no image at `index`.
    public func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        try checkIndex(index)
        let (part, place) = find(index)
        return try part.image(at: place, decoding: decoding)
    }

    /// Where the image comes from, as its part tells it.
    public func source(at index: Int) -> String {
        let (part, place) = find(index)
        return part.source(at: place)
    }

    /// The mark that its part gives it.
    public func mark(at index: Int) -> String {
        let (part, place) = find(index)
        return part.mark(at: place)
    }

    private func find(_ index: Int) -> (any ImageDataset, Int) {
        var place = index
        for part in parts.dropLast() {
            if place < part.count { return (part, place) }
            place -= part.count
        }
        return (parts[parts.count - 1], place)
    }
}
