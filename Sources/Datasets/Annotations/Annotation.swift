import Support

/// What is known of an image: its label, in whatever form its task needs one.
public enum Annotation: Sendable, Hashable {
    /// A number for the whole image: its class, the age of a face, or an identity.
    case number(Int)
    /// A class for each pixel, as semantic segmentation learns them.
    case map(LabelMap)
    /// The objects in the image, each with a box and perhaps a mask, as detection and instance segmentation learn them.
    case boxes([AnnotatedBox])

    /// Which form this annotation has.
    public var kind: AnnotationKind {
        switch self {
        case .number: .number
        case .map: .map
        case .boxes: .boxes
        }
    }
}

/// The form that all annotations of a data set have.
public enum AnnotationKind: String, Sendable, Codable, CaseIterable {
    /// One number for each image, which `ImageDataset.label(at:)` gives.
    case number
    /// One class for each pixel.
    case map
    /// A set of annotated boxes for each image.
    case boxes
}

/// Why an annotation cannot be read or does not belong to its image. The message names neither file nor image, which
/// whoever reads them adds.
public struct AnnotationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, with the value found, and what would be right.
    public let description: String

    /// An error with this message.
    public init(_ description: String) {
        self.description = description
    }
}

extension ImageDataset {
    /// A data set's annotations are numbers unless it says otherwise.
    public var annotationKind: AnnotationKind { .number }

    /// The number that `label(at:)` gives.
    public func annotation(at index: Int) throws -> Annotation { .number(label(at: index)) }
}

extension Subset {
    /// The form of the annotations in `base`.
    public var annotationKind: AnnotationKind { base.annotationKind }

    /// The size of the sample in the data set that it is from.
    public func size(at index: Int) -> ImageSize? { base.size(at: indices[index]) }

    /// The annotation in `base` of the sample at `index` of the subset.
    ///
    /// - Throws: as `base` does, or `DatasetError` of kind `.invalidArgument` when there is no sample at `index`.
    public func annotation(at index: Int) throws -> Annotation {
        try checkIndex(index)
        return try base.annotation(at: indices[index])
    }
}

extension JoinedDataset {
    /// The form of the annotations of the first part.
    public var annotationKind: AnnotationKind { parts.first?.annotationKind ?? .number }

    /// The annotation that its part gives the sample.
    ///
    /// - Throws: as the part does, or `DatasetError` of kind `.invalidArgument` when there is no sample at `index`.
    public func annotation(at index: Int) throws -> Annotation {
        try checkIndex(index)
        let (part, place) = find(index)
        return try part.annotation(at: place)
    }
}

extension RelabelledDataset {
    /// The form of the annotations in `base`.
    public var annotationKind: AnnotationKind { base.annotationKind }

    /// The size of the sample in the data set that it is from.
    public func size(at index: Int) -> ImageSize? { base.size(at: index) }

    /// The annotation in `base`, with its classes numbered as in `classNames`. Pixels of a class that is not among them
    /// are ignored, and boxes of such a class are left out.
    ///
    /// - Throws: as `base` does.
    public func annotation(at index: Int) throws -> Annotation {
        let found = try base.annotation(at: index)
        let places = Dictionary(classNames.enumerated().map { ($1, $0) }) { first, _ in first }
        func place(_ label: Int) -> Int? {
            base.classNames.indices.contains(label) ? places[base.classNames[label]] : nil
        }
        switch found {
        case .number: return .number(label(at: index))
        case .map(let map): return .map(map.relabelled(place))
        case .boxes(let boxes):
            return .boxes(
                boxes.compactMap { box in
                    guard let label = place(box.label) else { return nil }
                    var box = box
                    box.label = label
                    return box
                })
        }
    }
}
