import Datasets
import Torch

/// Applies sampled transforms to batches of images, as tensors on any device.
///
/// Each image has its own list of transforms. Images that wait for the same kind of step are processed together, each
/// with its own parameters, so the number of tensor operations grows with the kinds of steps and not with the images.
///
/// Results are those of `TransformExecutor` within 1e-5. Steps that make a jump (`posterize`, `equalize`, `solarize`,
/// nearest-neighbour `affine`) give the same values for the same input; behind steps that leave the two executors
/// different roundings, single pixels may fall on the other side of a jump.
public struct TensorTransformExecutor: Sendable {
    /// Where the images are processed.
    public let device: Device

    /// - Throws: `TorchError` where the device does not exist.
    public init(device: Device = .cpu) throws {
        try device.validate()
        self.device = device
    }

    /// Applies to each image its list of transforms.
    ///
    /// - Parameters:
    ///   - transforms: one list for each image.
    ///   - images: of any sizes; their bytes become 0...1. Of an image that is cropped first, only the part that is
    ///     needed goes to the device.
    /// - Returns: [N, C, H, W] float32 on `device`.
    /// - Throws: `AugmentationError` when a step does not fit its image, or the images are none or end with different
    ///   shapes; `TorchError` when the device has no memory.
    public func apply(_ transforms: [[AppliedTransform]], to images: [Image]) throws -> Tensor {
        try Self.check(images)
        try Self.check(transforms, count: images.count)
        return try apart {
            var queue = StepQueue(transforms, device: device)
            try queue.load(images)
            return try queue.finish()
        }
    }

    /// Applies to each image its list of transforms.
    ///
    /// - Parameters:
    ///   - transforms: one list for each image.
    ///   - images: [N, C, H, W] float32, of 1 or 3 channels, on any device. They stay as they are, and without any
    ///     step they are the result.
    /// - Returns: [N, C, H, W] float32 on `device`.
    /// - Throws: `AugmentationError` when a step does not fit the images, or the images end with different shapes;
    ///   `TorchError` when `images` is not of that form, or the device has no memory.
    public func apply(_ transforms: [[AppliedTransform]], to images: Tensor) throws -> Tensor {
        let shape = images.shape
        guard images.dtype == .float32, shape.count == 4, shape[1] == 1 || shape[1] == 3, shape.allSatisfy({ $0 > 0 })
        else {
            throw TorchError(
                .invalidArgument, operation: "apply transforms", shapes: [shape],
                message: "needs images [N, C, H, W] of float32 with 1 or 3 channels, none of them empty, not "
                    + "\(images.dtype)")
        }
        try Self.check(transforms, count: shape[0])
        return try apart {
            var queue = StepQueue(transforms, device: device)
            try queue.load(images.to(device))
            return try queue.finish()
        }
    }

    /// Keeps a training step's modes out: augmentation is not recorded, and bfloat16 would change the pixels.
    private func apart(_ body: () throws -> Tensor) throws -> Tensor {
        try withoutGradients { try withPrecision(.float32, on: device, body) }
    }

    /// The largest side of an image that is read, as in `TransformExecutor`.
    private static let sourceLimit = 1 << 24

    /// - Throws: `AugmentationError` with every image that has no pixels, or not as many as its size says.
    static func check(_ images: [Image]) throws {
        guard !images.isEmpty else { throw AugmentationError(problems: ["there are no images to augment"]) }
        let sides = 1...sourceLimit
        let problems = images.enumerated().compactMap { index, image -> String? in
            guard sides.contains(image.width), sides.contains(image.height) else {
                return "image \(index) has \(image.width)x\(image.height) pixels: each side must be in \(sides)"
            }
            guard image.pixels.count == image.width * image.height * image.channels else {
                return "image \(index) of \(image.width)x\(image.height)x\(image.channels) has \(image.pixels.count) "
                    + "values"
            }
            return nil
        }
        guard problems.isEmpty else { throw AugmentationError(problems: problems) }
    }

    private static func check(_ transforms: [[AppliedTransform]], count: Int) throws {
        guard transforms.count == count else {
            throw AugmentationError(problems: [
                "\(count) images are given \(transforms.count) lists of transforms; give one for each image"
            ])
        }
    }
}
