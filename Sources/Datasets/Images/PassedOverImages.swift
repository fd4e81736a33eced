/// Files that are images but are passed over where a folder is searched: those of kinds that are not read, and those
/// whose names do not say that they are images.
public struct PassedOverImages: Sendable, Equatable {
    /// Files of one kind.
    public struct Kind: Sendable, Equatable {
        /// The end of their names, such as `.tiff`, or what they are by their first bytes.
        public let name: String
        /// How many there are.
        public let count: Int
    }

    /// The most numerous first; of as many, by name.
    public let kinds: [Kind]

    /// Looks for them in a folder and below it, where hidden files and folders do not count. Files whose names tell nothing
    /// are opened for their first bytes.
    ///
    /// - Parameter path: the folder; for anything else there are none.
    /// - Throws: `DatasetError` for a folder that cannot be read.
    public init(below path: String) throws(DatasetError) {
        guard FileBytes.isFolder(path) else {
            kinds = []
            return
        }
        var counts: [String: Int] = [:]
        for file in try Folder.files(below: path, where: { !ImageFolderDataset.isImage($0) }) {
            guard let name = Self.kind(of: file, in: path) else { continue }
            counts[name, default: 0] += 1
        }
        kinds = counts.map(Kind.init).sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    }

    /// How many files there are in all.
    public var count: Int { kinds.reduce(0) { $0 + $1.count } }

    /// `36 files of other kinds: 30 .tiff, 6 .gif`; nil where there is none.
    public var words: String? {
        guard count > 0 else { return nil }
        let list = kinds.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
        return "\(count) file\(count == 1 ? "" : "s") of other kinds: \(list)"
    }

    /// What to do about them.
    public static let advice =
        "Images are read as JPEG, PNG, WebP and BMP, from files whose names end so. Convert others to PNG."

    private static func kind(of file: String, in folder: String) -> String? {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        if let ending = ImageKind.nameExtension(name) {
            if ImageKind.unreadExtensions.contains(ending) { return ".\(ending)" }
            if ImageKind.otherExtensions.contains(ending) { return nil }
        }
        // One that cannot be opened is nothing that is known to be an image.
        guard let start = try? FileBytes.start(of: Folder.join(folder, file), count: ImageKind.lookedAt) else {
            return nil
        }
        return ImageKind.named(by: start).map { "\($0) by the first bytes alone" }
    }
}
