import NN
import Networks
import Torch

/// A network of a task in one file, whole: backbone, head, and how images must be prepared for it.
public struct TaskNetworkFile {
    /// What the file says of the network.
    public let card: TaskNetworkCard
    /// What stands on the features.
    public let head: TaskNetworkHead
    /// The tensors of both, on the device that was asked for.
    public var store: ParameterStore { backbone.store }
    private let backbone: Backbone
    private let applyHead: (Tensor) throws -> Tensor

    /// Whether the file says that it is a network of a task; nothing else of it is read.
    ///
    /// - Throws: `TensorFileError` for a file that is damaged or of another kind.
    public static func isOne(_ path: String) throws -> Bool {
        try Checkpoint.metadata(of: path)[NetworkFile.taskKey] != nil
    }

    /// Reads a file that `TaskNetworkCard.write` wrote.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - device: where the tensors are to lie.
    /// - Throws: `NetworkFileError` if the file has no such card, or one of a network or a head that makes no sense or is
    ///   far larger than the file; `StateError.inFile` if tensors are missing; `CheckpointError` for weights that are no
    ///   numbers.
    public static func read(_ path: String, device: Device = .cpu) throws -> TaskNetworkFile {
        let checkpoint = try Checkpoint.readWeights(path)
        let card = try NetworkFile.card(TaskNetworkCard.self, under: NetworkFile.taskKey, of: checkpoint, at: path) {
            // What the head adds is counted as that of a classifier.
            var network = $0.network
            let head = try head(of: $0, checkpoint)
            network.network.classes = head.kind == .linear ? head.outputs : 1
            return network
        }
        let description = card.network.network
        do {
            let head = try head(of: card, checkpoint)
            let backbone = try Backbone(
                description.backbone, channels: description.channels,
                store: ParameterStore(seed: 0, device: device, format: .channelsLast))
            let made = try head.make(features: backbone.features, backbone.store)
            try StateError.naming(path) {
                try backbone.store.load(checkpoint.tensors.filter { head.isRead($0.key) })
            }
            return TaskNetworkFile(card: card, head: head, backbone: backbone, applyHead: made)
        } catch let error as TaskNetworkError {
            throw NetworkFileError.badCard(path, "\(error)")
        }
    }

    private static func head(of card: TaskNetworkCard, _ checkpoint: Checkpoint) throws -> TaskNetworkHead {
        guard let head = card.head ?? TaskNetworkHead(of: checkpoint.tensors) else { throw TaskNetworkError.noHead }
        var fewest = 1
        if case .readings(let reader) = card.task.outputs { fewest = reader.fewestOutputs }
        guard (fewest...65_536).contains(head.outputs) else {
            throw TaskNetworkError.outputs(card.task, head.outputs)
        }
        return head
    }

    /// What the head makes of images, with running statistics.
    ///
    /// - Parameters:
    ///   - images: [N, C, H, W], prepared as the card says.
    ///   - precision: what the backbone computes in.
    /// - Returns: [N, K], float32.
    public func outputs(_ images: Tensor, precision: Precision = .float32) throws -> Tensor {
        let features = try withPrecision(precision, on: store.device) { try backbone(images, .evaluation) }
        return try applyHead(features.to(.float32))
    }
}
