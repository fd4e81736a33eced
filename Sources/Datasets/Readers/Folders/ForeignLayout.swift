import Support

/// Folders that would be read as classes and are something else: what was most likely meant, and what to do.
struct ForeignLayout {
    /// What was found, and what it most likely is.
    let what: String
    let advice: String

    /// The names of folders of images, in lower case, that are hardly classes.
    static let imageFolders: Set<String> = [
        "images", "image", "imgs", "img", "photos", "pictures", "jpegimages", "jpegs", "jpg", "png", "data", "files",
        "train_images", "test_images",
    ]
    private static let maskFolders: Set<String> = [
        "masks", "mask", "segmentation", "segmentations", "segmentationclass", "segmentationobject", "annotations",
        "annotation", "trimaps", "labels", "label", "groundtruth", "ground_truth", "gt", "bboxes",
    ]
    private static let classFolders =
        "Networks are trained on one class an image: give a folder with one folder for each "
        + "class, or a list of files and labels (path,label)."

    private let path: String
    private let folders: [String]

    /// Judges the folders of what would be a folder of class folders; nil where they may well be classes.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - folders: the names of the folders in it.
    ///   - isPart: whether it is one part of a data set, which may well be of one class.
    init?(at path: String, folders: [String], isPart: Bool) {
        (self.path, self.folders) = (path, folders)
        let found =
            Self.parts(path, folders) ?? Self.boxes(path, folders) ?? Self.masks(path, folders)
            ?? Self.numberedParts(path, folders) ?? Self.dates(path, folders) ?? Self.sameInside(path, folders)
            ?? (isPart ? nil : Self.oneClass(path, folders))
        guard let found else { return nil }
        (what, advice) = found
    }

    private typealias Finding = (what: String, advice: String)

    // MARK: - Kinds

    /// Train and test without class folders.
    private static func parts(_ path: String, _ folders: [String]) -> Finding? {
        guard !folders.isEmpty, folders.allSatisfy({ SplitRole(named: $0) != nil }) else { return nil }
        let names = FolderLook.listed(folders)
        guard let train = folders.first(where: { SplitRole(named: $0) == .train }) else {
            return (
                "holds \(names), which are parts of a data set, and none to train on",
                "Add a folder train with one folder for each class, or give the path of the folder that holds them all."
            )
        }
        let place = FilePath.join(path, train)
        if FolderLook.listing(place).files.contains(where: { $0.lowercased().hasSuffix(".json") }) {
            return boxes("of COCO", "\(names) hold images and a JSON file")
        }
        let count = FolderLook.images(in: place)
        return (
            "\(names) are parts of a data set, and the \(count) images in \(train) have no class",
            "Put the images of each part into one folder for each class; or name their labels in a list beside the folders (path,label)."
        )
    }

    /// Images with boxes: YOLO, Pascal VOC, COCO.
    private static func boxes(_ path: String, _ folders: [String]) -> Finding? {
        func place(_ names: Set<String>) -> String? {
            folders.first { names.contains($0.lowercased()) }.map { FilePath.join(path, $0) }
        }
        func ending(_ ending: String) -> (String) -> Bool { { $0.lowercased().hasSuffix(ending) } }
        let names = FolderLook.listed(folders)
        if place(imageFolders) != nil, let labels = place(["labels", "label"]), !FolderLook.holdsImages(below: labels),
            FolderLook.holds(below: labels, depth: 2, ending(".txt"))
        {
            return boxes("of YOLO", "\(names): images, and a text file of boxes for each")
        }
        if let labels = place(["annotations", "annotation"]), FolderLook.holds(below: labels, depth: 2, ending(".xml"))
        {
            return boxes("of Pascal VOC", "\(names): images, and an XML file of boxes for each")
        }
        if let labels = place(["annotations", "annotation"]), FolderLook.holds(below: labels, depth: 1, ending(".json"))
        {
            return boxes("of COCO", "\(names): images, and JSON files that describe what is on them")
        }
        if folders.allSatisfy({ $0.lowercased().wholeMatch(of: /(train|val|test|unlabeled)20\d\d/) != nil }) {
            return boxes("of COCO", names)
        }
        return nil
    }

    private static func boxes(_ whose: String, _ found: String) -> Finding {
        (
            "looks like the layout \(whose) (\(found)), which marks things on images and gives no image one class",
            classFolders + " Cut the marked things out, if they are what should be told apart."
        )
    }

    private static func masks(_ path: String, _ folders: [String]) -> Finding? {
        let names = folders.map { $0.lowercased() }
        guard names.contains(where: imageFolders.contains), names.contains(where: maskFolders.contains),
            names.allSatisfy({ imageFolders.contains($0) || maskFolders.contains($0) })
        else { return nil }
        return (
            "looks like images and their masks or labels (\(FolderLook.listed(folders))), as for segmentation, and not like classes",
            classFolders
                + " For segmentation, put images into images, their masks as PNG of the same names into masks, and a file "
                + "\(PixelClassFile.name) beside them, which names a class a line."
        )
    }

    /// Folds and other numbered parts.
    private static func numberedParts(_ path: String, _ folders: [String]) -> Finding? {
        let isPart =
            folders.count > 1
            && folders.allSatisfy {
                $0.lowercased().wholeMatch(of: /(.*[ _.-])?(fold|split|part|batch|chunk|partition)[ _.-]?\d+/) != nil
            }
        guard isPart else { return nil }
        let inside = FolderLook.folders(in: FilePath.join(path, folders[0]))
        let classes = inside.isEmpty ? "" : ", each perhaps with the classes in it (\(FolderLook.listed(inside)))"
        return (
            "\(FolderLook.listed(folders)) are parts of a data set by their names, and not classes\(classes)",
            "Put what is to be learned from into a folder train and the rest into test, each with one folder for each class; or give the path of a list of files and labels (path,label)."
        )
    }

    /// Folders that a camera or a photo program made.
    private static func dates(_ path: String, _ folders: [String]) -> Finding? {
        let isDate = folders.allSatisfy { name in
            name.wholeMatch(of: /(19|20)\d\d[-_. ]?[01]\d([-_. ]?[0-3]\d)?([ _T-].*)?/) != nil
                || name.wholeMatch(of: /[1-9]\d\d[A-Z_0-9]{5}/) != nil && name.contains { $0.isLetter }
        }
        guard folders.count > 1, isDate else { return nil }
        return (
            "\(FolderLook.listed(folders)) are dates, or folders of a camera, by their names, and not classes",
            classFolders
        )
    }

    /// Folders that all hold the same folders, which then are the classes, or the parts.
    private static func sameInside(_ path: String, _ folders: [String]) -> Finding? {
        guard folders.count > 1 else { return nil }
        var counts: [String: Int] = [:]
        for folder in folders {
            let place = FilePath.join(path, folder)
            guard FolderLook.images(in: place) == 0 else { return nil }
            let inside = FolderLook.folders(in: place)
            guard inside.count > 1 else { return nil }
            for name in Set(inside.map { $0.lowercased() }) { counts[name, default: 0] += 1 }
        }
        let shared = counts.filter { $0.value == folders.count }.map(\.key).sorted(by: Folder.precedes)
        guard shared.count > 1 else { return nil }
        let (outer, inner) = (FolderLook.listed(folders), FolderLook.listed(shared))
        if shared.allSatisfy({ SplitRole(named: $0) != nil }) {
            return (
                "each of the folders \(outer) is divided into \(inner), so that training images and test images would mix",
                "Put train and test outside and the classes inside: train/\(folders[0])/... and test/\(folders[0])/..."
            )
        }
        // Persons, cameras and days within classes are as they should be, and fewer.
        let isOther = folders.allSatisfy {
            $0.lowercased().wholeMatch(
                of:
                    /(cam|camera|person|subject|user|patient|participant|session|day|week|site|run|seq|scene|room|house|location|fold|set)[ _.-]?[0-9a-z]{1,3}/
            ) != nil
        }
        guard isOther || shared.count > folders.count else { return nil }
        return (
            "the folders \(outer) all hold the folders \(inner), which are more likely the classes",
            "Give one of them (\(FilePath.join(path, folders[0]))), or put the images of each class into one folder. For what was "
                + "learned on one of them to be used on another: supernet adapt --task domain-adaptation. If \(outer) are the "
                + "classes all the same, name the files and their labels in a list (path,label)."
        )
    }

    /// Judges a single folder, with the classes below it or nowhere.
    private static func oneClass(_ path: String, _ folders: [String]) -> Finding? {
        guard folders.count == 1 else { return nil }
        let place = FilePath.join(path, folders[0])
        guard let fork = FolderLook.fork(below: place) else {
            return (
                "all images are of the one class \(folders[0])",
                "Give a folder with at least two class folders: there is nothing to tell apart in one."
            )
        }
        let inside = FolderLook.listed(FolderLook.listing(fork).folders)
        return (
            "holds one folder, \(folders[0]), which would be the only class",
            "\(fork) may be meant: it holds \(inside)."
        )
    }
}
