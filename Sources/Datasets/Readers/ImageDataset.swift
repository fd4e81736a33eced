import Support

/// A labelled set of images that can be read in any order and from several threads at once.
public protocol ImageDataset: Sendable {
    /// The number of samples.
    var count: Int { get }
    /// Class names; a label is an index into them.
    var classNames: [String] { get }
    /// The label of the sample at `index`, in 0..<classNames.count; 0 where annotations are more than a number.
    func label(at index: Int) -> Int
    /// The form that the annotations of all samples have. Numbers unless a data set says otherwise.
    var annotationKind: AnnotationKind { get }
    /// What is known of the sample at `index`, with all places in pixels of the image as it is at full size, turned as its
    /// EXIF says. The number of `label(at:)` unless a data set says otherwise.
    ///
    /// - Throws: `DatasetError` that names the file when it cannot be read, or `AnnotationError`.
    func annotation(at index: Int) throws -> Annotation
    /// Decodes the sample at `index`.
    ///
    /// - Throws: `DatasetError` that names the file when it cannot be read or decoded.
    func image(at index: Int, decoding: ImageDecoding) throws -> Image
    /// Tells where the sample at `index` comes from, for messages: a file's path, or the file and the position in it.
    func source(at index: Int) -> String
    /// The height and width of the sample at `index`, turned as its EXIF says, where they are known without decoding it; nil
    /// unless a data set says otherwise.
    func size(at index: Int) -> ImageSize?
    /// What tells the content of the sample at `index` from another's, cheaply and without decoding it: of a file its size
    /// in bytes. Empty unless a data set says otherwise.
    func mark(at index: Int) -> String
}

extension ImageDataset {
    /// Knows no size.
    public func size(at index: Int) -> ImageSize? { nil }

    /// Gives no mark.
    public func mark(at index: Int) -> String { "" }

    /// Refuses an index that is out of range.
    ///
    /// - Throws: `DatasetError` of kind `.invalidArgument` when there is no sample at `index`.
    func checkIndex(_ index: Int) throws(DatasetError) {
        guard index >= 0, index < count else {
            throw DatasetError(
                .invalidArgument, "there is no sample \(index) in a data set of \(count)",
                advice: count > 0 ? "Give an index from 0 to \(count - 1)." : "Give a data set with images.")
        }
    }
}

/// A data set whose samples are files: `source(at:)` is the path of each.
public protocol FileDataset: ImageDataset {}

extension FileDataset {
    /// The size of the file, in bytes; `missing` where there is none.
    public func mark(at index: Int) -> String {
        FileBytes.size(of: source(at: index)).map { "\($0)" } ?? "missing"
    }

    /// Reads and decodes the file at `index`.
    ///
    /// - Throws: `DatasetError` that names the file, or of kind `.invalidArgument` when there is no sample at `index`.
    public func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        try checkIndex(index)
        return try Image.decode(contentsOf: source(at: index), decoding: decoding)
    }
}

/// The settings by which an image is decoded.
public struct ImageDecoding: Sendable, Hashable {
    /// The channels that an image is decoded to.
    public enum Channels: String, Sendable, Codable, CaseIterable {
        /// 1 channel; colour is converted with the ITU-R 601 luma weights (0.299, 0.587, 0.114).
        case grey
        /// 3 channels; grey is repeated.
        case rgb
        /// As many as the file has: 1 for grey, 3 otherwise. Transparency is composited on white.
        case asStored = "as-stored"
    }

    /// The channels wanted, whatever the file has.
    public var channels: Channels
    /// A decoder that can decode at a fraction of the size (JPEG: 1/2, 1/4, 1/8) may do so as long as the shorter
    /// side keeps at least this many pixels. Nil: full size.
    public var minimumShortSide: Int?
    /// Whether the image is turned as its EXIF says.
    public var orientation: ImageOrientation

    /// Decodes, without arguments, the channels of the file, at full size, as a person sees it.
    public init(
        channels: Channels = .asStored, minimumShortSide: Int? = nil, orientation: ImageOrientation = .exif
    ) {
        self.channels = channels
        self.minimumShortSide = minimumShortSide
        self.orientation = orientation
    }
}
