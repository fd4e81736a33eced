/// Images without labels: files, and all images in and below folders.
public struct ImageFiles: FileDataset {
    /// As they were given, or below a given folder; in the order given, a folder's sorted by folder and name.
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
                all += found.map { Folder.join(path, $0) }
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
    /// One class, as nothing is known.
    public var classNames: [String] { ["unlabelled"] }

    /// 0.
    public func label(at index: Int) -> Int { 0 }

    /// The file's path.
    public func source(at index: Int) -> String { paths[index] }
}
