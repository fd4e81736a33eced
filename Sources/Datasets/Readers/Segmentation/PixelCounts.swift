import CImageIO
import Foundation
import Support
import Synchronization

/// What the label maps of a data set hold: the number of pixels of each class, and what is wrong with any.
public struct PixelCounts: Sendable {
    /// The number of pixels of each class.
    public private(set) var classes: [Int]
    /// The number of pixels without a label.
    public private(set) var ignored = 0
    /// The number of maps that each class occurs in.
    public private(set) var images: [Int]
    /// The maps that were looked at.
    public private(set) var lookedAt = 0
    /// Why maps cannot be used, a sentence each, in the order of the data set: they cannot be read, hold what is no class, or
    /// have another size than their image.
    public private(set) var problems: [String] = []

    /// The most maps that are looked at unless another number is given.
    public static let limit = 2_000

    /// The number of pixels that were looked at.
    public var total: Int { classes.reduce(ignored, +) }

    private init(classCount: Int) {
        classes = [Int](repeating: 0, count: classCount)
        images = classes
    }

    /// Looks at the maps of a data set, in a large one at some from all over it, and at the sizes of their images.
    ///
    /// - Parameters:
    ///   - dataset: the images and their maps.
    ///   - limit: how many are looked at, at most.
    public init(of dataset: SegmentationDataset, limit: Int = Self.limit) {
        self.init(classCount: dataset.classNames.count)
        let count = min(dataset.count, max(0, limit))
        guard count > 0 else { return }
        let found = Mutex<[Int: Result<Self, DatasetError>]>([:])
        let empty = self
        DispatchQueue.concurrentPerform(iterations: count) { number in
            let result = Result { () throws(DatasetError) in
                try empty.counting(dataset, number * dataset.count / count)
            }
            found.withLock { $0[number] = result }
        }
        for (_, result) in found.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            switch result {
            case .success(let counts): add(counts)
            case .failure(let error):
                lookedAt += 1
                problems.append([error.file, error.problems.first?.what].compactMap { $0 }.joined(separator: ": "))
            }
        }
    }

    /// The counts of one map.
    private func counting(_ dataset: SegmentationDataset, _ index: Int) throws(DatasetError) -> Self {
        let map: LabelMap
        do {
            guard case .map(let found) = try dataset.annotation(at: index) else { return self }
            map = found
        } catch let error as DatasetError {
            throw error
        } catch {
            throw DatasetError(.malformed, file: dataset.mask(at: index), "\(error)", advice: "Correct the mask.")
        }
        let image = try Image.size(contentsOf: dataset.source(at: index))
        guard image.height == map.height, image.width == map.width else {
            throw DatasetError(
                .malformed, file: dataset.mask(at: index),
                "the mask has \(map.width)x\(map.height) pixels and its image \(image.width)x\(image.height)",
                advice: "Both must be of one size.")
        }
        var table = [Int](repeating: 0, count: 256)
        for label in map.classes { table[Int(label)] += 1 }
        var counts = self
        counts.lookedAt = 1
        counts.ignored = table[Int(LabelMap.ignored)]
        for label in classes.indices {
            counts.classes[label] = table[label]
            counts.images[label] = table[label] > 0 ? 1 : 0
        }
        return counts
    }

    private mutating func add(_ other: Self) {
        for label in classes.indices {
            classes[label] += other.classes[label]
            images[label] += other.images[label]
        }
        ignored += other.ignored
        lookedAt += other.lookedAt
    }

    /// Adds the counts of another part of the same classes.
    ///
    /// - Precondition: both have as many classes.
    public static func + (a: Self, b: Self) -> Self {
        precondition(a.classes.count == b.classes.count, "counts of \(a.classes.count) and \(b.classes.count) classes")
        var sum = a
        sum.add(b)
        sum.problems += b.problems
        return sum
    }
}

extension Image {
    /// The size of an image without decoding it, turned as its EXIF says unless `orientation` has it ignored.
    ///
    /// - Throws: `DatasetError` that names the file, as decoding does for what is wrong with a header.
    static func size(
        contentsOf path: String, orientation: ImageOrientation = .exif, limits: DecodingLimits = .standard
    ) throws(DatasetError) -> ImageSize {
        let bytes = try FileBytes.read(path)
        var options = cimageio_options(
            channels: 0, minimum_short_side: 0, maximum_side: UInt32(clamping: limits.maximumSide),
            maximum_pixels: UInt64(clamping: limits.maximumPixels), turned: orientation == .exif ? 1 : 0)
        var decoder: OpaquePointer?
        var shape = cimageio_shape()
        var message = CMessage()
        let status = bytes.withUnsafeBufferPointer { buffer in
            let status = message.filled {
                cimageio_open(buffer.baseAddress, buffer.count, &options, &decoder, &shape, $0, $1)
            }
            cimageio_close(decoder)
            return status
        }
        if let kind = DatasetError.Kind(status) {
            throw DatasetError(
                kind, file: path, "cannot be decoded: \(message.text)",
                advice: "Convert the image to an ordinary JPEG or PNG, or take it out of the data set.")
        }
        return ImageSize(height: Int(shape.height), width: Int(shape.width))
    }
}
