import Datasets
import Detectors
import Metrics
import NN
import Networks
import Support
import Torch
import Training

/// Finds objects in whole images of any size, one image at a time, as published detectors are evaluated: at the size that the
/// network's card says, without its mirror image.
public struct ImageDetector {
    /// The network.
    public let file: NetworkFile
    /// The precision of the network.
    public let precision: Precision
    private let limits: (shorter: Int, longest: Int)

    /// Creates a detector.
    ///
    /// - Parameters:
    ///   - file: the network, on the device that is to compute.
    ///   - precision: the precision of the network.
    /// - Throws: `NetworkFileError.badCard` for a network that finds no objects.
    public init(_ file: NetworkFile, precision: Precision = .float32) throws {
        guard case .objects = try file.task().outputs, let limits = file.card.steps.limits else {
            throw NetworkFileError.badCard(
                file.path, "it is of the task `\(file.card.task)`, and finds no objects")
        }
        (self.file, self.precision, self.limits) = (file, precision, limits)
    }

    /// Finds the objects in an image.
    ///
    /// - Parameter image: the image at its full size, with as many channels as the network takes.
    /// - Returns: the objects, the surest first, in pixels of the image.
    /// - Throws: `AugmentationError` for an image that cannot be prepared; `TorchError`.
    public func callAsFunction(_ image: Image) throws -> [FoundObject] {
        let (batch, sizes) = try prepared(image)
        let found = try file.network.findings(batch, sizes, precision: precision).first ?? []
        let original = ImageSize(height: image.height, width: image.width)
        return found.compactMap { $0.scaled(from: sizes.images[0], to: original) }
    }

    /// An image as the network sees it, [1, C, H, W], with its size without padding.
    func prepared(_ image: Image) throws -> (batch: Tensor, sizes: ImageSizes) {
        let size = ImageSize(height: image.height, width: image.width)
            .scaled(shorter: limits.shorter, longest: limits.longest)
        var values = [Float](repeating: 0, count: size.pixels * image.channels)
        try values.withUnsafeMutableBufferPointer {
            try TransformExecutor().apply(
                [
                    .resize(height: size.height, width: size.width),
                    .normalize(mean: file.card.mean, std: file.card.std),
                ], to: image, into: $0, layout: .nchw)
        }
        func up(_ side: Int) -> Int {
            (side + Batch.paddingMultiple - 1) / Batch.paddingMultiple * Batch.paddingMultiple
        }
        let padded = ImageSize(height: up(size.height), width: up(size.width))
        let device = file.network.store.device
        let batch = try Tensor(values, device: device).reshaped([1, image.channels, size.height, size.width])
            .padded([0, padded.width - size.width, 0, padded.height - size.height])
        return (batch, ImageSizes(padded: padded, images: [size]))
    }

    /// Finds the objects of a data set.
    ///
    /// - Parameters:
    ///   - images: the images.
    ///   - labels: the class of the data for each class of the network, nil for one that it does not have, whose findings are
    ///     left out.
    ///   - skipBadImages: whether unreadable images are left out instead of stopping.
    ///   - progress: called with the number of images so far.
    /// - Returns: the findings, by the numbers of the data's images and the places of its classes.
    /// - Throws: what reading an image throws, unless such are left out; `TorchError`.
    public func results(
        on images: DetectionDataset, labels: [Int?], skipBadImages: Bool = false, progress: (Int) -> Void = { _ in }
    ) throws -> COCOResults {
        let decoding = ImageDecoding(
            channels: file.card.network.channels == 1 ? .grey : .rgb, orientation: file.card.orientation)
        var findings: [COCOResults.Finding] = []
        for place in 0..<images.count {
            let image: Image
            do { image = try images.image(at: place, decoding: decoding) } catch  where skipBadImages {
                UnreadableImages.shared.note(.init(error, in: images, at: place))
                continue
            }
            let size = ImageSize(height: image.height, width: image.width)
            for object in try self(image) {
                guard let label = labels[object.label] else { continue }
                findings.append(object.finding(image: images.images[place].id, category: label, size: size))
            }
            progress(place + 1)
        }
        return COCOResults(findings)
    }
}
