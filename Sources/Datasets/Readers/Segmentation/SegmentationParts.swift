/// A data set for semantic segmentation: its parts, and what was left out of them.
public struct SegmentationParts: Sendable {
    /// The layout that was found.
    public let layout: DatasetLayout
    /// The classes of all parts.
    public let classes: PixelClasses
    /// What networks learn from; of a data set without parts, all of it.
    public let train: SegmentationDataset
    /// The validation part; nil where there is none.
    public let validation: SegmentationDataset?
    /// The test part; nil where there is none, or where its labels are withheld.
    public let test: SegmentationDataset?
    /// Images without a mask and masks without an image, of all parts.
    public let leftOut: UnpairedFiles
    /// What a person should know of how the data was read.
    public let notes: [String]

    /// Opens a data set for semantic segmentation, if there is one at `path`:
    ///
    /// - Pascal VOC's layout, a folder with `JPEGImages`, `SegmentationClass` and lists of names in `ImageSets/Segmentation`;
    /// - Cityscapes', a folder with `leftImg8bit` and `gtFine`;
    /// - ADE20K's, a folder with `images` and `annotations`, each with `training` and, if there is one, `validation`, and PNG
    ///   files in the latter; a file `classes.txt` names other classes than ADE20K's;
    /// - a folder with `images`, `masks` and `classes.txt`, with or without parts in the two folders.
    ///
    /// - Parameters:
    ///   - path: a folder.
    ///   - layout: the only layout to look for. Nil: all.
    /// - Returns: nil where none of them is there.
    /// - Throws: `DatasetError` that says what is missing or wrong in the layout that was found.
    public static func find(at path: String, layout: DatasetLayout? = nil) throws(DatasetError) -> SegmentationParts? {
        guard FileBytes.isFolder(path) else { return nil }
        let layouts: [(DatasetLayout, any SegmentationLayout.Type)] = [
            (.voc, VOCLayout.self), (.cityscapes, CityscapesLayout.self), (.ade20k, ADE20KLayout.self),
            (.imagesAndMasks, MaskFolderLayout.self),
        ]
        for (kind, type) in layouts where layout == nil || layout == kind {
            guard let found = type.init(at: path) else { continue }
            return try SegmentationParts(kind, found.open(), at: path)
        }
        return nil
    }

    /// Opens a data set for semantic segmentation in one of the layouts of `find`.
    ///
    /// - Throws: `DatasetError` of kind `.unrecognised` where there is none, or as `find` does.
    public static func open(_ path: String) throws(DatasetError) -> SegmentationParts {
        if !FileBytes.isFolder(path) { _ = try Folder.list(path) }
        if let found = try find(at: path) { return found }
        throw DatasetError(
            .unrecognised, file: path, "holds no images and masks in a known layout",
            advice:
                "Give a folder with images, masks (PNG of the same names) and \(PixelClassFile.name), or one in the layout of "
                + "ADE20K, Cityscapes or Pascal VOC.")
    }

    private init(_ layout: DatasetLayout, _ content: SegmentationContent, at path: String) throws(DatasetError) {
        var unpaired = UnpairedFiles()
        for pairing in content.parts.values {
            unpaired.images += pairing.unpaired.images
            unpaired.masks += pairing.unpaired.masks
        }
        unpaired.images.sort(by: Folder.precedes)
        unpaired.masks.sort(by: Folder.precedes)
        let made = content.parts.mapValues {
            SegmentationDataset($0.pairs, classes: content.classes, coding: content.coding)
        }
        guard let train = made[.train], train.count > 0 else {
            throw DatasetError(
                .empty, file: path,
                "holds no image to learn from that has a mask" + (unpaired.words.map { ": \($0)" } ?? ""),
                advice: content.advice)
        }
        func part(_ role: SplitRole) -> SegmentationDataset? { made[role].flatMap { $0.count > 0 ? $0 : nil } }
        (self.layout, classes, self.train, leftOut) = (layout, content.classes, train, unpaired)
        (validation, test) = (part(.validation), part(.test))
        notes =
            content.notes
            + [unpaired.words.map { "left out: \($0)" }, NameVariants.note(train.classNames, "classes")].compactMap {
                $0
            }
    }

    /// The data set as one of any kind.
    public var opened: OpenedDataset {
        OpenedDataset(layout: layout, train: train, validation: validation, test: test, notes: notes)
    }

    /// The parts with their names, training first.
    public var named: [(name: String, part: SegmentationDataset)] {
        [("train", train as SegmentationDataset?), ("validation", validation), ("test", test)].compactMap {
            name, part in
            part.map { (name, $0) }
        }
    }
}

/// What a layout holds, before it is a data set.
struct SegmentationContent {
    var classes: PixelClasses
    var coding: MaskCoding
    var parts: [SplitRole: MaskPairing]
    var notes: [String] = []
    /// What to do where there is no image to learn from.
    var advice: String
}

/// A way in which images and masks lie on the disk.
protocol SegmentationLayout {
    /// Nil where the names of files and folders tell that it is not this one.
    init?(at path: String)

    /// Finds the images, their masks and the classes.
    ///
    /// - Throws: `DatasetError` that says what is missing or wrong.
    func open() throws(DatasetError) -> SegmentationContent
}
