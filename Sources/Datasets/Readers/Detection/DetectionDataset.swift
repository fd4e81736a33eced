import Support

/// Images with objects, each with a box, a class and perhaps a mask.
public struct DetectionDataset: FileDataset {
    /// The images.
    public let images: [DetectionImage]
    /// The names of the classes.
    public let classNames: [String]

    /// The number of images.
    public var count: Int { images.count }

    /// 0, as an image has no class of its own.
    public func label(at index: Int) -> Int { 0 }

    /// Boxes.
    public var annotationKind: AnnotationKind { .boxes }

    /// The objects of the image at `index`, in the order of the file.
    ///
    /// - Throws: `DatasetError` of kind `.invalidArgument` when there is no sample at `index`.
    public func annotation(at index: Int) throws -> Annotation {
        try checkIndex(index)
        return .boxes(images[index].objects.map(\.annotated))
    }

    /// The size that the file tells of the image.
    public func size(at index: Int) -> ImageSize? { images[index].size }

    /// The path of the image.
    public func source(at index: Int) -> String { images[index].path }

    /// Whether any object has a mask.
    public var hasMasks: Bool { images.contains { $0.objects.contains { $0.mask != nil } } }
}
