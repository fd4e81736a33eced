import Architectures
import Catalogue
import Datasets
import Foundation
import Interchange
import Networks
import Supernets
import Support
import Workflows

/// The option `--source`: a study's folder, a supernet's file, or the name of a published network.
enum SourceNetwork {
    /// The names of published networks, for help texts.
    static var names: String { known.joined(separator: ", ") }

    private static let known = PretrainedWeights.allCases.map(\.rawValue)

    /// The path of the study or file. The weights of a published network are fetched if needed and made an elastic
    /// supernet, whose file is kept in the cache. A folder of the same name is reached as `./NAME`.
    ///
    /// - Throws: `WorkflowError.noSource` if there is no such source; `DatasetError` if the weights cannot be fetched;
    ///   `ImportError`; `FileError`.
    static func path(of source: String) throws -> String {
        guard let weights = PretrainedWeights(rawValue: source) else {
            guard FileManager.default.fileExists(atPath: source) else {
                throw WorkflowError.noSource(source, known: known)
            }
            return source
        }
        let file = FilePath.join(try DatasetCache.defaultFolder(), fileName(weights))
        guard !FileManager.default.fileExists(atPath: file) else { return file }
        let checkpoint = try weights.obtain { Console.say($0) }
        Console.say("making an elastic supernet of \(weights.rawValue)")
        try FilePath.makeFolder(FilePath.folder(of: file))
        try write(weights, checkpoint, to: file)
        return file
    }

    /// The name of a source in messages: that of a published network, otherwise the path.
    static func name(of path: String) -> String {
        if path.contains("/\(folder)/\(demoName)") { return "an untrained residual network" }
        return PretrainedWeights.allCases.first { path.contains("/\(folder)/\($0.rawValue)-v") }?.rawValue ?? path
    }

    /// The path of the demo's source in the cache, an elastic network that has learned nothing; it is written if needed.
    ///
    /// - Throws: `DatasetError`, `FileError`.
    static func demo() throws -> String {
        let file = FilePath.join(try DatasetCache.defaultFolder(), "\(folder)/\(demoName)-v1.safetensors")
        if !FilePath.exists(file) {
            try FilePath.makeFolder(FilePath.folder(of: file))
            try AdaptationConfiguration.writeDemoSource(to: file)
        }
        return file
    }

    private static let demoName = "demo"

    private static func fileName(_ weights: PretrainedWeights) -> String {
        "\(folder)/\(weights.rawValue)-\(formatVersion).safetensors"
    }

    /// The folder of the files in the cache.
    private static let folder = "supernets"

    /// The default image size for published networks, in pixels; it is smaller than that of their training, so that a
    /// CPU adapts them in minutes.
    static let usualSize: ImageSize = 96

    /// The version of the files, which is raised when what is written changes. Version 1 spread the weights over a space
    /// of candidates with tensors of their own.
    private static let formatVersion = "v2"

    /// A published network without choices, and what images must be like for it.
    struct Published {
        /// The layers from three channels to the features, under the keys of the checkpoint.
        let backbone: Layer
        /// The number that the checkpoint's batch norms add to a variance before its root is taken.
        let normEpsilon: Double
        /// The size of the images that the network learned from.
        let imageSize: ImageSize
        /// The steps that give images this size.
        let steps: [ImageStep]
        /// The means, one for each channel, that are subtracted from values in 0...1.
        let mean: [Double]
        /// The standard deviations, one for each channel, by which values are then divided.
        let std: [Double]
    }

    /// The network that published weights are for.
    static func network(_ weights: PretrainedWeights) throws -> Published {
        let backbone =
            switch weights {
            case .efficientNetLite0: try EfficientNetLite.lite0.backbone()
            // With zeros as for sides that are even before every stride, like those of images that are adapted to.
            case .efficientNetLite2:
                try EfficientNetLite(widthMultiplier: 1.1, depthMultiplier: 1.2, imageSide: 256).backbone()
            case .mobileNetV2: try MobileNetV2().backbone()
            }
        return Published(
            backbone: backbone, normEpsilon: weights.normEpsilon, imageSize: weights.imageSize,
            steps: ImageStep.middle(of: weights.imageSize, resizedTo: weights.resize), mean: weights.mean,
            std: weights.std)
    }

    /// The layers of a published network for images of its own size.
    static func backbone(_ weights: PretrainedWeights) throws -> Layer {
        try weights == .efficientNetLite2 ? EfficientNetLite.lite2.backbone() : network(weights).backbone
    }

    private static func write(_ weights: PretrainedWeights, _ checkpoint: String, to file: String) throws {
        let network = try network(weights)
        var source = CheckpointImport(try ForeignCheckpoint(checkpoint))
        source.normEpsilon = network.normEpsilon
        let made = try source.elastic(network.backbone, channels: 3, name: weights.rawValue).network
        let card = SupernetFile.Card(
            supernet: made.supernet.description, method: "imported", dimension: nil, classNames: [],
            imageSize: network.imageSize, mean: network.mean, std: network.std, steps: network.steps,
            origin: made.origin)
        try SupernetFile.write(made.supernet.store, card, to: file)
    }
}
