import CImageIO

/// The number of images of a data set whose EXIF orientation differs from the stored one.
public struct ImageOrientations: Sendable, Equatable {
    /// Images that were looked at.
    public private(set) var lookedAt = 0
    /// Images, of those that were looked at, that are to be turned or mirrored.
    public private(set) var turned = 0

    /// The most images of a set that are looked at.
    public static let limit = 20_000

    /// The counts of no images.
    public static let none = Self()

    private init() {}

    /// Looks at the headers of files, in a large set of some from all over it. Files that cannot be read do not count.
    ///
    /// - Parameters:
    ///   - dataset: the images; those that are not files have no EXIF.
    ///   - limit: how many are looked at, at most.
    public init(of dataset: any ImageDataset, limit: Int = Self.limit) {
        guard dataset is any FileDataset, limit > 0 else { return }
        let count = min(dataset.count, limit)
        for number in 0..<count {
            let path = dataset.source(at: number * dataset.count / count)
            guard let orientation = try? Self.orientation(of: path) else { continue }
            lookedAt += 1
            if orientation != 1 { turned += 1 }
        }
    }

    /// Adds the counts of two parts.
    public static func + (a: Self, b: Self) -> Self {
        var sum = a
        sum.lookedAt += b.lookedAt
        sum.turned += b.turned
        return sum
    }

    /// Cameras write EXIF before the pixels of a JPEG or PNG, and a preview with it; a WebP has it behind them.
    private static let header = 256 << 10

    /// Gives the orientation that a file's EXIF tells, as EXIF counts, 1 to 8.
    static func orientation(of path: String) throws(DatasetError) -> Int {
        let start = try FileBytes.start(of: path, count: header)
        func orientation(_ bytes: [UInt8]) -> (format: cimageio_format, orientation: UInt32) {
            bytes.withUnsafeBufferPointer {
                (cimageio_format_of($0.baseAddress, $0.count), cimageio_orientation($0.baseAddress, $0.count))
            }
        }
        let found = orientation(start)
        guard found.format == .CIMAGEIO_FORMAT_WEBP, start.count == header else { return Int(found.orientation) }
        return Int(orientation(try FileBytes.read(path)).orientation)
    }
}
