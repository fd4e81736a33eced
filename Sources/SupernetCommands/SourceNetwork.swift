import Architectures
import Catalogue
import Datasets
import Foundation
import Interchange
import Networks
import Supernets
import Support
import Workflows

/// What `--source` names: a study's folder, a supernet's file, or a network that others trained.
enum SourceNetwork {
    /// The names, for help.
    static var names: String { PretrainedWeights.allCases.map(\.rawValue).joined(separator: ", ") }

    /// The path of the study or file. The weights of a named network are fetched first if need be, and spread over the
    /// supernet of its space; that file is kept in the cache. A folder of the same name is reached as `./NAME`.
    ///
    /// - Throws: `WorkflowError.noSource` where there is nothing of that name; `DatasetError` where the weights cannot be had;
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

    /// What to call a source before people: the name of a network that others trained, otherwise the path.
    static func name(of path: String) -> String {
        PretrainedWeights.allCases.first { path.hasSuffix(fileName($0)) }?.rawValue ?? path
    }

    private static func fileName(_ weights: PretrainedWeights) -> String {
        "supernets/\(weights.rawValue)-\(formatVersion).safetensors"
    }

    /// Of the images, in pixels, where nothing else is said: smaller than those that the network learned from, so that
    /// a processor adapts it in minutes.
    static let usualSize: ImageSize = 96

    /// Raised when the same weights are spread in another way.
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
