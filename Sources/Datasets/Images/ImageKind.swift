import CImageIO
import Support

/// What a file is as an image: by its name, which is what folders are searched by, and by its first bytes, which is what
/// it is decoded by.
enum ImageKind {
    /// What the name of a file must end with to be taken for an image, in upper or lower case.
    static let readExtensions: Set<String> = ["apng", "bmp", "dib", "jfif", "jpe", "jpeg", "jpg", "png", "webp"]

    /// The ends of names of images that are not read.
    static let unreadExtensions: Set<String> = [
        "3fr", "arw", "avif", "avifs", "cr2", "cr3", "crw", "dcm", "dcr", "dds", "dng", "emf", "eps", "erf", "exr",
        "fff", "fits", "gif", "heic", "heics", "heif", "hif", "icns", "ico", "iiq", "j2c", "j2k", "jp2", "jpf", "jpx",
        "jxl", "jxr", "kdc", "mef", "mng", "mos", "mrw", "nef", "nrw", "orf", "pam", "pbm", "pcx", "pef", "pfm", "pgm",
        "pnm", "ppm", "psb", "psd", "qoi", "raf", "raw", "rw2", "sr2", "srw", "svg", "svgz", "tga", "tif", "tiff",
        "wdp",
        "wmf", "x3f", "xbm", "xcf", "xpm",
    ]

    /// The ends of names of files that often lie beside images, in numbers, and are known to be none.
    static let otherExtensions: Set<String> = [
        "csv", "db", "gz", "html", "ini", "json", "jsonl", "log", "mat", "md", "npy", "npz", "py", "safetensors", "sh",
        "tar", "tsv", "txt", "xml", "xmp", "yaml", "yml", "zip",
    ]

    /// As many first bytes of a file as are looked at.
    static let lookedAt = 32

    /// What stands after the last dot of a name, in lower case; nil where there is none.
    static func nameExtension(_ name: String) -> String? {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        return name[name.index(after: dot)...].lowercased()
    }

    /// What a file is by its first bytes, of all kinds that are known, read or not; nil for anything else.
    static func named(by bytes: some Collection<UInt8>) -> String? {
        let bytes = [UInt8](bytes.prefix(lookedAt))
        switch bytes.withUnsafeBufferPointer({ cimageio_format_of($0.baseAddress, $0.count) }) {
        case .CIMAGEIO_FORMAT_JPEG: return "JPEG"
        case .CIMAGEIO_FORMAT_PNG: return "PNG"
        case .CIMAGEIO_FORMAT_WEBP: return "WebP"
        case .CIMAGEIO_FORMAT_BMP: return "BMP"
        case .CIMAGEIO_FORMAT_NONE: break
        }
        if bytes.dropFirst(4).starts(with: Array("ftyp".utf8)) {
            return brands[String(decoding: bytes.dropFirst(8).prefix(4), as: UTF8.self)]
        }
        return signatures.first { bytes.starts(with: $0.bytes) }?.name
    }

    /// Kinds of the ISO's media files by their main brand, of those that hold images.
    private static let brands = [
        "heic": "HEIC", "heix": "HEIC", "heim": "HEIC", "heis": "HEIC", "hevc": "HEIC", "hevx": "HEIC", "mif1": "HEIF",
        "msf1": "HEIF", "avif": "AVIF", "avis": "AVIF", "crx ": "Canon raw",
    ]

    private static let signatures: [(name: String, bytes: [UInt8])] = [
        ("GIF", Array("GIF8".utf8)), ("TIFF", [0x49, 0x49, 0x2A, 0]), ("TIFF", [0x4D, 0x4D, 0, 0x2A]),
        ("TIFF", [0x49, 0x49, 0x2B, 0]), ("TIFF", [0x4D, 0x4D, 0, 0x2B]), ("Photoshop", Array("8BPS".utf8)),
        ("JPEG XL", [0xFF, 0x0A]), ("JPEG XL", [0, 0, 0, 0x0C] + Array("JXL ".utf8)),
        ("JPEG 2000", [0, 0, 0, 0x0C] + Array("jP  ".utf8)), ("JPEG 2000", [0xFF, 0x4F, 0xFF, 0x51]),
        ("OpenEXR", [0x76, 0x2F, 0x31, 0x01]), ("DDS", Array("DDS ".utf8)), ("QOI", Array("qoif".utf8)),
        ("Fujifilm raw", Array("FUJIFILMCCD-RAW".utf8)),
    ]
}

/// Files that are images but are passed over where a folder is searched: those of kinds that are not read, and those
/// whose names do not say that they are images.
public struct PassedOverImages: Sendable, Equatable {
    /// Files of one kind.
    public struct Kind: Sendable, Equatable {
        /// The end of their names, such as `.tiff`, or what they are by their first bytes.
        public let name: String
        /// The number of files.
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

    /// The number of all files.
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
        guard let start = try? FileBytes.start(of: FilePath.join(folder, file), count: ImageKind.lookedAt) else {
            return nil
        }
        return ImageKind.named(by: start).map { "\($0) by the first bytes alone" }
    }
}
