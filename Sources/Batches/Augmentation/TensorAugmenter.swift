import Datasets
import Torch

/// Augments batches of images as tensors, on any device, with the random choices that a `BatchLoader` makes.
///
/// Random choices follow from (seed, epoch, sample, view) alone, and `TensorTransformExecutor` says how near the values
/// come to the loader's, so training does not depend on which of the two augments. For that, give it what the loader
/// sees: images decoded to the channels of its options and to the augmentation's `minimumShortSide`.
///
/// It is for accelerators that would wait for the loader. On the CPU use the loader: it passes over memory fewer times
/// and resizes with the few weights that are not 0, and so is some twenty times as fast.
public struct TensorAugmenter: Sendable {
    /// What is done to the images.
    public let augmentation: Augmentation
    /// Where all random choices come from.
    public let seed: UInt64
    /// Where the images are augmented.
    public var device: Device { executor.device }

    private let executor: TensorTransformExecutor

    /// - Throws: `TorchError` where the device does not exist.
    public init(_ augmentation: Augmentation, seed: UInt64, device: Device = .cpu) throws {
        self.augmentation = augmentation
        self.seed = seed
        executor = try TensorTransformExecutor(device: device)
    }

    /// One view of each image: [N, C, H, W] float32 on `device`.
    ///
    /// - Parameters:
    ///   - images: of any sizes, as long as the augmentation ends with one.
    ///   - epoch: changes all choices.
    ///   - indices: the position of each image in its data set, as `Batch.indices`.
    ///   - view: which of the independent views of the images.
    /// - Throws: `AugmentationError` when the images are none, do not fit the augmentation, end with different sizes,
    ///   or are not as many as the indices; `TorchError` when the device has no memory.
    public func callAsFunction(_ images: [Image], epoch: Int, indices: [Int], view: Int = 0) throws -> Tensor {
        guard images.count == indices.count else {
            throw AugmentationError(problems: [
                "\(images.count) images are to be augmented with \(indices.count) indices; give one for each image"
            ])
        }
        try TensorTransformExecutor.check(images)
        let transforms = zip(images, indices).map { image, index in
            augmentation.sample(
                width: image.width, height: image.height, seed: seed, epoch: epoch, index: index, view: view)
        }
        return try executor.apply(transforms, to: images)
    }
}
