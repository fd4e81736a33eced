import Support

/// Pascal VOC's layout:
///
///     JPEGImages/2007_000032.jpg      SegmentationClass/2007_000032.png      ImageSets/Segmentation/train.txt, val.txt
///
/// Masks have a palette, whose indices are the classes; 255, the borders of things, is ignored. Other files of the data set
/// are passed over.
struct VOCLayout: SegmentationLayout {
    private let path: String
    private static let folders = ["JPEGImages", "SegmentationClass"]

    init?(at path: String) {
        guard Self.folders.allSatisfy({ FileBytes.isFolder(FilePath.join(path, $0)) }) else { return nil }
        self.path = path
    }

    func open() throws(DatasetError) -> SegmentationContent {
        let (images, masks) = (FilePath.join(path, Self.folders[0]), FilePath.join(path, Self.folders[1]))
        let lists = FilePath.join(path, "ImageSets/Segmentation")
        let advice =
            "Pascal VOC lists the names of its images, without endings, in ImageSets/Segmentation/train.txt and val.txt."
        guard FileBytes.isFile(FilePath.join(lists, "train.txt")) else {
            throw DatasetError(.unrecognised, file: lists, "there is no train.txt", advice: advice)
        }
        let imageFiles = Self.byStem(try Folder.list(images).files.filter(ImageFolderDataset.isImage))
        let maskFiles = Self.byStem(try Folder.list(masks).files.filter(MaskPairing.isMask))
        var parts: [SplitRole: MaskPairing] = [:]
        for (role, name) in [(SplitRole.train, "train.txt"), (.validation, "val.txt"), (.test, "test.txt")] {
            let list = FilePath.join(lists, name)
            guard FileBytes.isFile(list) else { continue }
            parts[role] = try Self.pairing(list, images, imageFiles, masks, maskFiles, advice)
        }
        let classes = try PixelClassFile.beside(path)
        return SegmentationContent(
            classes: classes?.classes ?? .pascalVOC,
            coding: classes.map(MaskCoding.listed) ?? .countingFromZero(.pascalVOC), parts: parts, advice: advice)
    }

    private static func byStem(_ files: [String]) -> [String: String] {
        Dictionary(files.map { (Folder.stem($0), $0) }) { first, _ in first }
    }

    /// The images that a list names. One without an image and a mask is left out.
    private static func pairing(
        _ list: String, _ images: String, _ imageFiles: [String: String], _ masks: String,
        _ maskFiles: [String: String],
        _ advice: String
    ) throws(DatasetError) -> MaskPairing {
        let text = try DatasetText.read(list, limit: ListDataset.maximumBytes)
        var problems: [DatasetError.Problem] = []
        var seen: Set<String> = []
        var named: (images: [(String, String)], masks: [(String, String)]) = ([], [])
        for record in ListText(text, format: .lines).records {
            let name = record.fields[0]
            guard seen.insert(name).inserted else {
                problems.append(.init(line: record.line, "\(name) stands twice"))
                continue
            }
            let (image, mask) = (imageFiles[name], maskFiles[name])
            if image == nil, mask == nil {
                problems.append(.init(line: record.line, "there is neither an image nor a mask \(name)"))
            }
            if let image { named.images.append((name, image)) }
            if let mask { named.masks.append((name, mask)) }
        }
        guard problems.isEmpty else { throw DatasetError(.malformed, file: list, problems: problems, advice: advice) }
        return try MaskPairing(images: named.images, in: images, masks: named.masks, in: masks)
    }
}

/// Cityscapes' layout:
///
///     leftImg8bit/train/aachen/aachen_000000_000019_leftImg8bit.png
///     gtFine/train/aachen/aachen_000000_000019_gtFine_labelIds.png
///
/// Of the numbers in masks 19 are classes, and all others ignored. The masks of `test` are withheld: what lies in their place
/// holds no labels, so that the part is left out.
struct CityscapesLayout: SegmentationLayout {
    private let path: String
    private static let (images, masks) = ("leftImg8bit", "gtFine")
    private static let (imageEnd, maskEnd) = ("_leftImg8bit", "_gtFine_labelIds")

    init?(at path: String) {
        guard [Self.images, Self.masks].allSatisfy({ FileBytes.isFolder(FilePath.join(path, $0)) }) else { return nil }
        self.path = path
    }

    func open() throws(DatasetError) -> SegmentationContent {
        var parts: [SplitRole: MaskPairing] = [:]
        var notes: [String] = []
        for (role, name) in [(SplitRole.train, "train"), (.validation, "val"), (.test, "test")] {
            let images = FilePath.join(path, "\(Self.images)/\(name)")
            let masks = FilePath.join(path, "\(Self.masks)/\(name)")
            let found =
                FileBytes.isFolder(images) ? try Folder.files(below: images, where: ImageFolderDataset.isImage) : []
            let named = Self.keyed(found, Self.imageEnd)
            if role == .test {
                if !named.isEmpty {
                    notes.append("left out: the \(named.count) images of test, whose labels are withheld")
                }
                continue
            }
            let labels = FileBytes.isFolder(masks) ? try Folder.files(below: masks, where: MaskPairing.isMask) : []
            let pairing = try MaskPairing(
                images: named, in: images, masks: Self.keyed(labels, Self.maskEnd), in: masks)
            if !pairing.pairs.isEmpty || pairing.unpaired.count > 0 { parts[role] = pairing }
        }
        return SegmentationContent(
            classes: .cityscapes, coding: .numbered(.cityscapes, PixelClasses.cityscapesIDs), parts: parts,
            notes: notes,
            advice: "Cityscapes lies in leftImg8bit/train/CITY/..._leftImg8bit.png and "
                + "gtFine/train/CITY/..._gtFine_labelIds.png.")
    }

    /// The files whose stems end so, by what stands before it, city and all.
    private static func keyed(_ files: [String], _ end: String) -> [(key: String, file: String)] {
        files.compactMap { file in
            let stem = Folder.stem(file)
            return stem.hasSuffix(end) ? (String(stem.dropLast(end.count)), file) : nil
        }
    }
}

/// ADE20K's layout:
///
///     images/training/ADE_train_00000001.jpg      annotations/training/ADE_train_00000001.png
///     images/validation/ADE_val_00000001.jpg      annotations/validation/ADE_val_00000001.png
///
/// A mask's 0 is ignored, and a class is one less than its value. A file `classes.txt` names the classes of a data set that
/// is not ADE20K itself, the first line for the value 1.
struct ADE20KLayout: SegmentationLayout {
    private let path: String
    private let folders: TwinFolders

    init?(at path: String) {
        guard let folders = TwinFolders(path, "images", "annotations"), let train = folders.masks(.train),
            FolderLook.holds(below: train, depth: 1, MaskPairing.isMask)
        else { return nil }
        (self.path, self.folders) = (path, folders)
    }

    func open() throws(DatasetError) -> SegmentationContent {
        let classes = try PixelClassFile.beside(path)?.classes ?? .ade20k
        return SegmentationContent(
            classes: classes, coding: .countingFromOne(classes), parts: try folders.pairings(),
            advice: "ADE20K lies in images/training/NAME.jpg and annotations/training/NAME.png.")
    }
}

/// Two folders of files that have the same names but for the endings, and a file of classes:
///
///     images/train/1.jpg      masks/train/1.png      classes.txt
///     images/val/2.jpg        masks/val/2.png
///
/// or without parts. `PixelClassFile` says what the masks' values or colours mean.
struct MaskFolderLayout: SegmentationLayout {
    private let path: String
    private let folders: TwinFolders

    init?(at path: String) {
        guard let folders = TwinFolders(path, "images", "masks"),
            FileBytes.isFile(FilePath.join(path, PixelClassFile.name))
        else { return nil }
        (self.path, self.folders) = (path, folders)
    }

    func open() throws(DatasetError) -> SegmentationContent {
        let file = try PixelClassFile(at: FilePath.join(path, PixelClassFile.name))
        return SegmentationContent(
            classes: file.classes, coding: .listed(file), parts: try folders.pairings(),
            advice:
                "Give images and masks the same names but for their endings: images/1.jpg and masks/1.png. Masks are PNG."
        )
    }
}

extension PixelClassFile {
    /// The file that lies in a folder; nil for none.
    static func beside(_ path: String) throws(DatasetError) -> PixelClassFile? {
        let file = FilePath.join(path, name)
        return FileBytes.isFile(file) ? try PixelClassFile(at: file) : nil
    }
}

/// A folder of images and a folder of masks beside each other, which both have parts, or neither.
struct TwinFolders {
    private let images: String
    private let masks: String
    /// The folders of parts in either.
    private let imageParts: [SplitRole: String]
    private let maskParts: [SplitRole: String]

    /// Nil where one of the two is not there.
    init?(_ path: String, _ images: String, _ masks: String) {
        (self.images, self.masks) = (FilePath.join(path, images), FilePath.join(path, masks))
        guard FileBytes.isFolder(self.images), FileBytes.isFolder(self.masks) else { return nil }
        func parts(_ path: String) -> [SplitRole: String] {
            let folders = FolderLook.listing(path).folders
            return Dictionary(
                folders.compactMap { name in SplitRole(named: name).map { ($0, FilePath.join(path, name)) } }
            ) {
                first, _ in first
            }
        }
        (imageParts, maskParts) = (parts(self.images), parts(self.masks))
    }

    /// The folder of the masks of a part.
    func masks(_ role: SplitRole) -> String? { maskParts[role] }

    /// Images with their masks, of each part, or of all for training where there are none.
    ///
    /// - Throws: `DatasetError` where one folder has parts and the other none, or as pairing does.
    func pairings() throws(DatasetError) -> [SplitRole: MaskPairing] {
        guard !imageParts.isEmpty || !maskParts.isEmpty else {
            return [.train: try MaskPairing.byStem(images: images, masks: masks)]
        }
        var found: [SplitRole: MaskPairing] = [:]
        for role in SplitRole.allCases {
            guard let images = imageParts[role], let masks = maskParts[role] else {
                guard imageParts[role] == nil, maskParts[role] == nil else {
                    let (has, lacks) = imageParts[role] != nil ? (self.images, self.masks) : (self.masks, self.images)
                    // Images whose labels are withheld are no mistake.
                    if role == .test, has == self.images { continue }
                    throw DatasetError(
                        .unrecognised, file: lacks, "has no part for \(role.rawValue), and \(has) has one",
                        advice: "Divide both folders alike, such as into train and val.")
                }
                continue
            }
            found[role] = try MaskPairing.byStem(images: images, masks: masks)
        }
        return found
    }
}
