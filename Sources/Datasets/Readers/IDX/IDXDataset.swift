import Support

/// Grey images and labels in a pair of IDX files, such as MNIST's and Fashion-MNIST's, held in memory.
public struct IDXDataset: ImageDataset {
    /// The class names that were given, or the numbers from 0 to the highest label.
    public let classNames: [String]
    /// The width in pixels, the same for every image.
    public let width: Int
    /// The height in pixels, the same for every image.
    public let height: Int

    private let images: IDXArray
    private let labels: IDXArray
    private let imagesPath: String

    /// Reads both files, each gzipped or plain.
    ///
    /// - Parameters:
    ///   - images: path of the images: unsigned bytes, [count, height, width].
    ///   - labels: path of the labels: unsigned bytes, [count].
    ///   - classNames: one name a label. Nil: the numbers from 0 to the highest label.
    /// - Throws: `DatasetError` that names the file: not IDX, another type or rank, a size that differs from the
    ///   header's, counts that differ, a label without a class name. Inflated, a file may have 2 GiB.
    public init(images: String, labels: String, classNames: [String]? = nil) throws(DatasetError) {
        let labelArray = try IDXArray(contentsOf: labels, dimensions: 1)
        let imageArray = try IDXArray(contentsOf: images, dimensions: 3)
        guard imageArray.shape[0] == labelArray.shape[0] else {
            throw DatasetError(
                .malformed, file: images,
                "holds \(imageArray.shape[0]) images, but \(labels) holds \(labelArray.shape[0]) labels",
                advice: "Give the images and the labels of the same split.")
        }
        guard imageArray.count > 0 else {
            throw DatasetError(.empty, file: images, "holds no pixels", advice: "Give a file with images.")
        }
        let highest = Int(labelArray.elements(from: 0, count: labelArray.count).max() ?? 0)
        let names = classNames ?? (0...highest).map(String.init)
        guard highest < names.count else {
            let index = labelArray.elements(from: 0, count: labelArray.count).firstIndex { $0 >= names.count } ?? 0
            let first = labelArray.elements(from: 0, count: labelArray.count)
            throw DatasetError(
                .malformed, file: labels,
                "holds label \(first[index]) at \(index - first.startIndex), but there are \(names.count) class names",
                advice: "Give a name for each label from 0 to \(highest).")
        }
        self.classNames = names
        self.images = imageArray
        self.labels = labelArray
        height = imageArray.shape[1]
        width = imageArray.shape[2]
        imagesPath = images
    }

    /// The number of images, which is that of the labels.
    public var count: Int { labels.count }

    /// The byte of the labels file at `index`.
    ///
    /// - Precondition: `index` is in 0..<count.
    public func label(at index: Int) -> Int {
        precondition(index >= 0 && index < count, "sample \(index) of \(count)")
        return labels.elements(from: index, count: 1).first.map(Int.init) ?? 0
    }

    /// The image at `index`: grey, or with grey repeated for `.rgb`.
    public func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        try checkIndex(index)
        let size = width * height
        let grey = images.elements(from: index * size, count: size)
        guard decoding.channels == .rgb else {
            return Image(width: width, height: height, channels: 1, pixels: Array(grey))
        }
        let pixels = [UInt8](unsafeUninitializedCapacity: size * 3) { buffer, count in
            for (position, value) in grey.enumerated() {
                for channel in 0..<3 { buffer[position * 3 + channel] = value }
            }
            count = size * 3
        }
        return Image(width: width, height: height, channels: 3, pixels: pixels)
    }

    /// The path of the images and the position in it, counted from 0.
    public func source(at index: Int) -> String {
        "\(imagesPath), image \(index)"
    }

    /// A digest of the pixels.
    public func mark(at index: Int) -> String {
        let size = width * height
        return FileDigest.text(of: Array(images.elements(from: index * size, count: size)))
    }
}
