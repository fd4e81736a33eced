import Support

/// A data set for detection: its parts, and what was left out of them.
public struct DetectionParts: Sendable {
    /// The layout that was found.
    public let layout: DatasetLayout
    /// What networks learn from; of a data set without parts, all of it.
    public let train: DetectionDataset
    /// The validation part; nil where there is none.
    public let validation: DetectionDataset?
    /// The test part; nil where there is none.
    public let test: DetectionDataset?
    /// The number of each class in COCO's results; its place from 1 in other layouts.
    public let categories: [Int]
    /// Objects that are left out of all parts.
    public let unusable: UnusableObjects
    /// Images that files name and that are not there, by their paths.
    public let missing: [String]
    /// What a person should know of how the data was read.
    public let notes: [String]

    /// The names of the classes.
    public var classNames: [String] { train.classNames }

    /// Opens a data set for detection, if there is one at `path`:
    ///
    /// - COCO's layout, a folder with `annotations/instances_train2017.json` or files of such names, and the images in
    ///   `train2017`, `images/train2017` or `images`; or folders of parts that each have one JSON file beside their images;
    /// - Pascal VOC's, a folder with `JPEGImages`, `Annotations` of XML files and, if there are parts, lists in
    ///   `ImageSets/Main`; or images with an XML file of the same name beside each;
    /// - a list with the columns `path,xmin,ymin,xmax,ymax,label`, one box a line, or a folder with such a list.
    ///
    /// - Parameter path: a folder, or a list.
    /// - Returns: nil where none of them is there.
    /// - Throws: `DatasetError` that says what is missing or wrong in the layout that was found.
    public static func find(at path: String) throws(DatasetError) -> DetectionParts? {
        let layouts: [(DatasetLayout, any DetectionLayout.Type)] = [
            (.coco, COCOLayout.self), (.vocBoxes, VOCBoxLayout.self), (.boxList, BoxListLayout.self),
        ]
        for (kind, type) in layouts {
            guard let found = type.init(at: path) else { continue }
            return try DetectionParts(kind, found.open(), at: path)
        }
        return nil
    }

    /// Opens a data set for detection in one of the layouts of `find`.
    ///
    /// - Throws: `DatasetError` of kind `.unrecognised` where there is none, or as `find` does.
    public static func open(_ path: String) throws(DatasetError) -> DetectionParts {
        if let found = try find(at: path) { return found }
        if !FileBytes.isFolder(path) { try FileBytes.check(path) }
        throw DatasetError(
            .unrecognised, file: path, "holds no images and boxes in a known layout",
            advice:
                "Give a folder in the layout of COCO (annotations/instances_train.json beside the images) or of Pascal "
                + "VOC, or a list path,xmin,ymin,xmax,ymax,label with one box a line.")
    }

    private init(_ layout: DatasetLayout, _ content: DetectionContent, at path: String) throws(DatasetError) {
        var missing: [String] = []
        let parts = content.parts.mapValues { images in
            DetectionDataset(
                images: images.filter { image in
                    let isThere = FileBytes.isFile(image.path)
                    if !isThere { missing.append(image.path) }
                    return isThere
                }, classNames: content.classNames)
        }
        missing.sort(by: Folder.precedes)
        let left = missing.first.map {
            "\(missing.count) \(missing.count == 1 ? "image that is" : "images that are") not there, such as \($0)"
        }
        guard let train = parts[.train], train.count > 0 else {
            throw DatasetError(
                .empty, file: path, "holds no image to learn from" + (left.map { ": \($0)" } ?? ""),
                advice: content.advice)
        }
        func part(_ role: SplitRole) -> DetectionDataset? { parts[role].flatMap { $0.count > 0 ? $0 : nil } }
        (self.layout, self.train, self.missing, unusable) = (layout, train, missing, content.unusable)
        (validation, test, categories) = (part(.validation), part(.test), content.categories)
        let out = [left, content.unusable.words].compactMap(\.self)
        notes =
            content.notes + (out.isEmpty ? [] : ["left out: " + out.joined(separator: "; ")])
            + [NameVariants.note(content.classNames, "classes")].compactMap(\.self)
    }

    /// The data set as one of any kind.
    public var opened: OpenedDataset {
        OpenedDataset(layout: layout, train: train, validation: validation, test: test, notes: notes)
    }

    /// The parts with their names, training first.
    public var named: [(name: String, part: DetectionDataset)] {
        [("train", train as DetectionDataset?), ("validation", validation), ("test", test)].compactMap { name, part in
            part.map { (name, $0) }
        }
    }
}

/// What a layout holds, before it is a data set.
struct DetectionContent {
    var classNames: [String]
    var categories: [Int]
    var parts: [SplitRole: [DetectionImage]]
    var unusable = UnusableObjects()
    var notes: [String] = []
    /// What to do where there is no image to learn from.
    var advice: String
}

/// A way in which images and boxes lie on the disk.
protocol DetectionLayout {
    /// Nil where the names of files and folders tell that it is not this one.
    init?(at path: String)

    /// Finds the images, their objects and the classes.
    ///
    /// - Throws: `DatasetError` that says what is missing or wrong.
    func open() throws(DatasetError) -> DetectionContent
}
