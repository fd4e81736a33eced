import Architectures
import NN
import Networks
import Tasks
import Training

extension Adaptation {
    /// Writes what was learned, for the images of this adaptation.
    func write(
        _ store: ParameterStore, _ backbone: Backbone, _ layer: Layer, _ task: any RecognitionTask, _ file: String
    ) throws {
        try Self.write(
            store, features: backbone.features,
            NetworkDescription(channels: source.card.supernet.channels, classes: 0, backbone: layer), of: task,
            options.data, to: file)
    }

    /// What a file calls the task of a network whose outputs have no names.
    ///
    /// - Throws: `TaskNetworkError.unknownTask` for a task that is no `TaskKind`.
    @discardableResult static func fileKind(of task: any RecognitionTask) throws -> TaskKind {
        let name = type(of: task).name
        guard let kind = TaskKind(rawValue: name) else { throw TaskNetworkError.unknownTask(name) }
        return kind
    }

    /// Writes a network as a file that opens without the code that made it: of a task whose outputs have names one of
    /// classification, otherwise one of the task. `supernet predict` takes both.
    ///
    /// - Parameters:
    ///   - store: the tensors of backbone and head.
    ///   - features: that the backbone gives.
    ///   - network: what the backbone was built from; its `classes` are not read.
    ///   - task: what was learned.
    ///   - data: says how images were prepared.
    ///   - file: where to.
    /// - Throws: `TaskNetworkError.unknownTask` for a task that is no `TaskKind`; `TorchError` or `FileError` where it
    ///   cannot be written.
    static func write(
        _ store: ParameterStore, features: Int, _ network: NetworkDescription, of task: any RecognitionTask,
        _ data: DataConfiguration, to file: String
    ) throws {
        let classes = task.outputNames
        let (mean, std) = data.normalization
        var description = network
        description.classes = classes?.count ?? features
        let card = NetworkFile.Card(
            network: description, classNames: classes ?? [], imageSize: data.imageSize, mean: mean, std: std,
            steps: data.steps, orientation: data.orientation)
        guard classes != nil else {
            return try TaskNetworkCard(
                task: fileKind(of: task), head: task.networkHead(features: features), network: card
            ).write(store, to: file)
        }
        let network = try ClassificationNetwork(
            card.network, store: ParameterStore(seed: 0, device: store.device, format: .channelsLast))
        try network.store.load(store.state, strict: false)
        try NetworkFile.write(network, card, to: file)
    }
}
