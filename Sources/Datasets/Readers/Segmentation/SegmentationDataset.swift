import Support

/// Images whose every pixel has a class, which a file of its own, the mask, tells.
public struct SegmentationDataset: FileDataset {
    /// The classes that pixels may have.
    public let classes: PixelClasses
    /// The paths of image and mask, one pair an image.
    let pairs: [MaskedImage]
    private let coding: MaskCoding

    init(_ pairs: [MaskedImage], classes: PixelClasses, coding: MaskCoding) {
        (self.pairs, self.classes, self.coding) = (pairs, classes, coding)
    }

    /// The names of the classes.
    public var classNames: [String] { classes.names }

    /// The number of images.
    public var count: Int { pairs.count }

    /// 0, as an image has no class of its own.
    public func label(at index: Int) -> Int { 0 }

    /// Label maps.
    public var annotationKind: AnnotationKind { .map }

    /// Reads the mask of the image at `index`. Whether it has the image's size is known where both are used.
    ///
    /// - Throws: `DatasetError` that names the mask: when it cannot be read, or holds a value or a colour that no class has; or
    ///   of kind `.invalidArgument` when there is no sample at `index`.
    public func annotation(at index: Int) throws -> Annotation {
        try checkIndex(index)
        let path = pairs[index].mask
        return .map(try coding.map(of: StoredPNG(contentsOf: path), file: path))
    }

    /// The path of the image.
    public func source(at index: Int) -> String { pairs[index].image }

    /// The path of the mask.
    public func mask(at index: Int) -> String { pairs[index].mask }

    /// The sizes of both files, in bytes.
    public func mark(at index: Int) -> String {
        let pair = pairs[index]
        return [pair.image, pair.mask].map { FileBytes.size(of: $0).map(String.init) ?? "missing" }
            .joined(separator: "+")
    }
}

/// An image and its mask, by their paths.
struct MaskedImage: Hashable {
    let image: String
    let mask: String
}

/// Files that have no partner, and so are left out.
public struct UnpairedFiles: Sendable, Hashable {
    /// Images without a mask, by their paths.
    public internal(set) var images: [String] = []
    /// Masks without an image, by their paths.
    public internal(set) var masks: [String] = []

    /// The number of files.
    public var count: Int { images.count + masks.count }

    /// What was left out, in words; nil where nothing was.
    public var words: String? {
        func of(_ files: [String], _ noun: String, _ lack: String) -> String? {
            files.first.map { "\(files.count) \(noun)\(files.count == 1 ? "" : "s") without \(lack), such as \($0)" }
        }
        let all = [of(images, "image", "a mask"), of(masks, "mask", "an image")].compactMap { $0 }
        return all.isEmpty ? nil : all.joined(separator: "; ")
    }
}

/// Finds the mask of each image by its name.
struct MaskPairing {
    private(set) var pairs: [MaskedImage] = []
    private(set) var unpaired = UnpairedFiles()

    /// Pairs files of the same name but for the ending, at any depth below two folders.
    ///
    /// - Throws: `DatasetError` where two images would share a mask; or as listing does.
    static func byStem(images: String, masks: String) throws(DatasetError) -> MaskPairing {
        try MaskPairing(
            images: Folder.files(below: images, where: ImageFolderDataset.isImage).map { (Folder.stem($0), $0) },
            in: images, masks: Folder.files(below: masks, where: isMask).map { (Folder.stem($0), $0) }, in: masks)
    }

    /// Pairs files whose keys are equal, in the order of the images.
    ///
    /// - Throws: `DatasetError` that lists the images which would share a mask.
    init(
        images: [(key: String, file: String)], in imageFolder: String, masks: [(key: String, file: String)],
        in maskFolder: String
    ) throws(DatasetError) {
        var found: [String: String] = [:]
        for mask in masks { found[mask.key] = mask.file }
        var taken: [String: String] = [:]
        var problems: [DatasetError.Problem] = []
        for image in images {
            let path = FilePath.join(imageFolder, image.file)
            guard let mask = found[image.key] else {
                unpaired.images.append(path)
                continue
            }
            if let other = taken.updateValue(image.file, forKey: image.key) {
                problems.append(.init("\(other) and \(image.file) share the mask \(mask)"))
            }
            pairs.append(MaskedImage(image: path, mask: FilePath.join(maskFolder, mask)))
        }
        unpaired.masks = masks.filter { taken[$0.key] == nil }.map { FilePath.join(maskFolder, $0.file) }
        guard problems.isEmpty else {
            throw DatasetError(
                .malformed, file: imageFolder, problems: problems,
                advice: "Names but for their endings tell which mask is whose: rename one image of each two.")
        }
    }

    /// Whether a file's name is that of a mask: masks are PNG, as pixels of others do not come back as they were.
    static func isMask(_ name: String) -> Bool { ImageKind.nameExtension(name) == "png" }
}
