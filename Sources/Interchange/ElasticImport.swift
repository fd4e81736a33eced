import Architectures
import NN
import Networks
import Supernets
import Support
import Torch

/// A trained network as an elastic supernet: its own path has its weights, and every other path takes parts of them.
public struct ElasticNetwork {
    /// The supernet, whose tensors are the network's own with their channels sorted.
    public let supernet: Supernet
    /// The path that is the network itself.
    public let origin: Architecture
    /// What could not be made elastic.
    public let notes: [ElasticLayer.Note]

    /// Makes a network elastic (`Layer.elastic`) and sorts the channels within its blocks (`Supernet.sortChannels`).
    ///
    /// - Parameters:
    ///   - backbone: the layers from [channels, H, W] to [features], without choices.
    ///   - state: the tensors of the backbone by key; a classifier `fc` is ignored.
    ///   - channels: the number of channels of the images.
    ///   - name: the name of the search space.
    ///   - imageSize: the size of the images; needed where it may vary.
    ///   - options: what may vary.
    /// - Throws: `SpaceError` if nothing can vary or settings are out of range; `StateError.mismatch` for tensors that
    ///   are not the backbone's.
    public init(
        _ backbone: Layer, state: [(key: String, tensor: Tensor)], channels: Int, name: String,
        imageSize: ImageSize? = nil, _ options: Elasticity = Elasticity()
    ) throws {
        self = try ElasticNetwork(
            untrained: backbone, channels: channels, name: name, imageSize: imageSize, seed: 0, options)
        try supernet.load(state, into: origin)
        try supernet.sortChannels()
    }

    /// Makes a network elastic that has learned nothing yet.
    ///
    /// - Parameters:
    ///   - backbone: the layers from [channels, H, W] to [features], without choices.
    ///   - channels: the number of channels of the images.
    ///   - name: the name of the search space.
    ///   - imageSize: the size of the images; needed where it may vary.
    ///   - seed: the seed of the initial values.
    ///   - options: what may vary.
    /// - Throws: `SpaceError` if nothing can vary or settings are out of range.
    public init(
        untrained backbone: Layer, channels: Int, name: String, imageSize: ImageSize? = nil, seed: UInt64,
        _ options: Elasticity = Elasticity()
    ) throws {
        let elastic = try backbone.elastic(inputs: channels, imageSize: imageSize, options)
        let description = try SupernetDescription(name, channels: channels, backbone: elastic.layer)
        supernet = try Supernet(description, store: ParameterStore(seed: seed, format: .channelsLast))
        // The whole block is the last candidate of each choice.
        origin = Architecture(description.space.points.map { $0.candidates.count - 1 })
        notes = elastic.notes
    }
}

extension SupernetFile {
    /// Reads a supernet's file, or makes an elastic supernet of the network in a network's file; a linear head of its is
    /// kept beside it.
    ///
    /// - Parameter path: the path of the file.
    /// - Throws: what reading the file throws; `SpaceError` for a network of which nothing can vary.
    public static func reading(_ path: String) throws -> SupernetFile {
        do { return try read(path) } catch NetworkFileError.isNetwork {
            let file = try NetworkFile.read(path)
            let (card, state) = (file.card, file.network.store.state)
            let made = try ElasticNetwork(
                card.network.backbone, state: state, channels: card.network.channels, name: FilePath.name(of: path))
            let head = state.filter { $0.key.hasPrefix(NetworkHead.key + ".") }
            return SupernetFile(
                path: path,
                card: Card(
                    supernet: made.supernet.description, method: "elastic", task: card.task, dimension: nil,
                    classNames: card.classNames, imageSize: card.imageSize, mean: card.mean, std: card.std,
                    steps: card.steps, orientation: card.orientation, origin: made.origin),
                tensors: made.supernet.store.state + head)
        }
    }
}

extension CheckpointImport {
    /// Imports the weights of a network and makes it elastic; its classifier is left out.
    ///
    /// - Parameters:
    ///   - backbone: the layers from [channels, H, W] to [features], without choices.
    ///   - channels: the number of channels of the images.
    ///   - name: the name of the search space.
    ///   - imageSize: the size of the images; needed where it may vary.
    ///   - options: what may vary.
    /// - Returns: the elastic network, and what was taken of the checkpoint.
    /// - Throws: `ImportError`; `SpaceError` if nothing can vary or settings are out of range.
    public func elastic(
        _ backbone: Layer, channels: Int, name: String, imageSize: ImageSize? = nil,
        _ options: Elasticity = Elasticity()
    ) throws -> (network: ElasticNetwork, report: ImportReport) {
        // Before a checkpoint is read: most of what can be wrong is.
        _ = try backbone.elastic(inputs: channels, imageSize: imageSize, options)
        let made = try network(backbone, channels: channels, classNames: ["none"], freshClassifier: true)
        let elastic = try ElasticNetwork(
            backbone, state: made.network.store.state, channels: channels, name: name, imageSize: imageSize, options)
        return (elastic, made.report)
    }
}
