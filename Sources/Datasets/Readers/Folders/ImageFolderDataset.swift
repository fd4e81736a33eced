import Support

/// Images in a folder of class folders:
///
///     root/cat/001.jpg
///     root/cat/more/002.png
///     root/dog/001.jpg
///
/// Classes are the folders directly under the root, sorted by name; a class's images may lie at any depth below its
/// folder. Folders whose names are one text in two Unicode forms, as a Mac and Linux write `café`, are one class.
/// Entries whose names begin with a dot are passed over, as are what systems leave behind (`__MACOSX`), files of other
/// kinds and files directly in the root. The order of the samples is by class, then folder, then name, each compared
/// byte by byte: the same on every machine, and that of torchvision's `ImageFolder`.
public struct ImageFolderDataset: FileDataset {
    /// The classes that were given, or the class folders, sorted byte by byte.
    public let classes: ClassIndex
    /// The path of the folder, absolute or relative to the working folder, as it was given.
    public let root: String

    /// A class folder as it lies on the disk, where its name may have another Unicode form than in `classes`.
    private struct ClassFolder {
        let name: String
        let label: Int
    }

    private let folders: [ClassFolder]
    /// The paths of the files, each relative to its class's folder.
    private let files: [String]
    /// The place in `folders` of each file's folder.
    private let places: [Int32]

    /// What a file's name must end with to count as an image, in upper or lower case.
    public static let extensions = ImageKind.readExtensions

    /// Lists the folder. Images are decoded only when they are asked for.
    ///
    /// - Parameters:
    ///   - root: the folder of class folders.
    ///   - classNames: the class folders of the training set, in its order, for a held-out set that must be labelled
    ///     alike. Classes without a folder are then allowed, folders without a class are not. Nil: the folders' names.
    /// - Throws: `DatasetError` that names the folder: unreadable, without class folders, with classes that hold no
    ///   image (all of them are named), or with unknown classes (likewise).
    public init(at root: String, classNames: [String]? = nil) throws(DatasetError) {
        try self.init(at: root, expected: classNames.map(ClassIndex.init(folders:)))
    }

    /// Lists the folder for classes that are known: those of the training set, or of a class index beside it.
    ///
    /// - Parameters:
    ///   - root: the folder of class folders.
    ///   - classes: the classes, by folder. Those without a folder are allowed, folders without a class are not.
    /// - Throws: as the other initialiser.
    public init(at root: String, classes: ClassIndex) throws(DatasetError) {
        try self.init(at: root, expected: classes)
    }

    private init(at root: String, expected: ClassIndex?) throws(DatasetError) {
        let listing = try Folder.list(root)
        guard !listing.folders.isEmpty else {
            let images = listing.files.count(where: Self.isImage)
            throw DatasetError(
                .empty, file: root,
                "has no class folders" + (images > 0 ? ", but \(images) images directly in it" : ""),
                advice: "Make a folder for each class and put its images there.")
        }
        if let expected {
            let known = Set(expected.folders)
            let unknown = listing.folders.filter { !known.contains($0) }
            guard unknown.isEmpty else {
                throw DatasetError(
                    .malformed, file: root,
                    problems: unknown.map { .init("folder \($0) is none of the \(known.count) classes") },
                    advice:
                        "The classes are \(FolderLook.listed(expected.folders, 12)): those of the training images. Name the "
                        + "folders alike, or move images of other classes away.")
            }
        }
        // Strings are equal whatever their Unicode form; the disk knows them by their bytes.
        let present = Dictionary(grouping: listing.folders) { $0 }
        let names = listing.folders.filter { present[$0]?.first?.utf8.elementsEqual($0.utf8) == true }
        let classes = expected ?? ClassIndex(folders: names)
        var folders: [ClassFolder] = []
        var files: [String] = []
        var places: [Int32] = []
        var empty: [DatasetError.Problem] = []
        for (label, name) in classes.folders.enumerated() {
            for folder in present[name] ?? [] {
                let path = FilePath.join(root, folder)
                let found = try Folder.files(below: path, where: Self.isImage)
                if found.isEmpty {
                    // What lies there instead tells more than that nothing does.
                    let others = try PassedOverImages(below: path).words.map { ", but \($0)" } ?? ""
                    let archives =
                        FolderLook.archives(FolderLook.listing(path).files).map { ", but \($0): unpack first" } ?? ""
                    empty.append(.init("class folder \(folder) holds no image" + others + archives))
                }
                files += found
                places += repeatElement(Int32(clamping: folders.count), count: found.count)
                folders.append(ClassFolder(name: folder, label: label))
            }
        }
        guard empty.isEmpty else {
            throw DatasetError(
                .empty, file: root, problems: empty,
                advice: "Put images (\(Self.extensions.sorted().joined(separator: ", "))) there, or remove the folder.")
        }
        self.root = root
        self.classes = classes
        self.folders = folders
        self.files = files
        self.places = places
    }

    /// A sentence about a class that has two folders; nil where none has.
    var note: String? {
        let counts = Dictionary(folders.map { ($0.label, 1) }, uniquingKeysWith: +)
        let shared = folders.filter { counts[$0.label] ?? 0 > 1 }
        return shared.first.map {
            "\(shared.count) folders are of classes such as \($0.name) whose names are one text in two Unicode forms: taken as one class each"
        }
    }

    /// The names of `classes`.
    public var classNames: [String] { classes.names }

    /// The number of images found when the folder was listed.
    public var count: Int { files.count }

    /// The position of the image's class folder in `classes`.
    ///
    /// - Precondition: `index` is in 0..<count.
    public func label(at index: Int) -> Int {
        folders[Int(places[index])].label
    }

    /// The path of the file.
    public func source(at index: Int) -> String {
        FilePath.join(FilePath.join(root, folders[Int(places[index])].name), files[index])
    }

    /// Whether a file's name is an image's.
    static func isImage(_ name: String) -> Bool {
        ImageKind.nameExtension(name).map(extensions.contains) ?? false
    }
}

/// Images without labels: files, and all images in and below folders.
public struct ImageFiles: FileDataset {
    /// The paths as they were given, or below a given folder; in the order given, a folder's sorted by folder and name.
    public let paths: [String]

    /// Lists the folders among the paths. Images are decoded only when they are asked for.
    ///
    /// - Throws: `DatasetError` that names a path that is not there, or a folder without images.
    public init(_ paths: [String]) throws(DatasetError) {
        var all: [String] = []
        for path in paths {
            if FileBytes.isFolder(path) {
                let found = try Folder.files(below: path, where: ImageFolderDataset.isImage)
                guard !found.isEmpty else {
                    let others = try PassedOverImages(below: path).words.map { ", but \($0)" } ?? ""
                    throw DatasetError(
                        .empty, file: path, "holds no image" + others,
                        advice: "Images end in \(ImageFolderDataset.extensions.sorted().joined(separator: ", ")).")
                }
                all += found.map { FilePath.join(path, $0) }
            } else if FileBytes.isFile(path) {
                all.append(path)
            } else {
                throw DatasetError(.unreadable, file: path, "is not there", advice: "Name an image or a folder.")
            }
        }
        self.paths = all
    }

    /// The number of images that were found.
    public var count: Int { paths.count }
    /// The one class of all images, as nothing is known.
    public var classNames: [String] { ["unlabelled"] }

    /// Gives 0, the label of every image.
    public func label(at index: Int) -> Int { 0 }

    /// Gives the path of the file.
    public func source(at index: Int) -> String { paths[index] }
}
