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
    static var names: String { PretrainedWeights.allCases.map(\.rawValue).joined(separator: ", ") }

    /// The path of the study or file. The weights of a published network are fetched if needed and spread over the
    /// supernet of its space, whose file is kept in the cache. A folder of the same name is reached as `./NAME`.
    ///
    /// - Throws: `WorkflowError.noSource` if there is no such source; `DatasetError` if the weights cannot be fetched;
    ///   `ImportError`; `FileError`.
    static func path(of source: String) throws -> String {
        guard let weights = PretrainedWeights(rawValue: source) else {
            guard FileManager.default.fileExists(atPath: source) else {
                throw WorkflowError.noSource(source, known: PretrainedWeights.allCases.map(\.rawValue))
            }
            return source
        }
        let file = FilePath.join(try DatasetCache.defaultFolder(), fileName(weights))
        guard !FileManager.default.fileExists(atPath: file) else { return file }
        let checkpoint = try weights.obtain { Console.say($0) }
        Console.say("spreading \(weights.rawValue) over its space")
        try FilePath.makeFolder(FilePath.folder(of: file))
        try write(weights, checkpoint, to: file)
        return file
    }

    /// The name of a source in messages: that of a published network, otherwise the path.
    static func name(of path: String) -> String {
        PretrainedWeights.allCases.first { path.hasSuffix(fileName($0)) }?.rawValue ?? path
    }

    private static func fileName(_ weights: PretrainedWeights) -> String {
        "supernets/\(weights.rawValue)-\(formatVersion).safetensors"
    }

    /// The default image size for published networks, in pixels; it is smaller than that of their training, so that a
    /// CPU adapts them in minutes.
    static let usualSize: ImageSize = 96

    /// The version of the spreading, which is raised when it changes.
    private static let formatVersion = "v1"

    private static func write(_ weights: PretrainedWeights, _ checkpoint: String, to file: String) throws {
        switch weights {
        case .efficientNetLite0:
            let description = try EfficientNetLiteSpace().description()
            let origin = Architecture([Int](repeating: 0, count: description.space.points.count))
            var source = CheckpointImport(try ForeignCheckpoint(checkpoint))
            source.normEpsilon = 1e-3
            let store = try source.spread(origin, over: description).store
            let card = SupernetFile.Card(
                supernet: description, method: "imported", dimension: nil, classNames: [], imageSize: 224,
                mean: Augmentation.imageNetMean, std: Augmentation.imageNetStd,
                steps: ImageStep.middle(of: 224, resizedTo: 256), origin: origin)
            try SupernetFile.write(store, card, to: file)
        }
    }
}
