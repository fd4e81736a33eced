import Foundation
import NN
import Networks
import Torch

/// What the file of a network says whose head is no classifier: an embedding, or several tasks at once. The keys of its
/// tensors are PyTorch's for the backbone; the head's stand under `fc`.
public struct TaskNetworkCard: Codable, Sendable, Equatable {
    /// Whose head it is.
    public var task: TaskKind
    /// The network's shape, without class names; its `classes` are the features that the backbone gives.
    public var network: NetworkFile.Card

    private static let key = "supernet.task"

    /// A card; nothing is checked.
    public init(task: TaskKind, network: NetworkFile.Card) {
        (self.task, self.network) = (task, network)
    }

    /// Writes backbone and head, replacing what is there only once everything is on the disk.
    ///
    /// - Parameters:
    ///   - store: the tensors of both.
    ///   - path: the file.
    /// - Throws: `TorchError` or `FileError` where it cannot be written.
    public func write(_ store: ParameterStore, to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(self), as: UTF8.self)
        try Checkpoint.write(store.state, metadata: [Self.key: text, "format": "pt"], to: path)
    }

    /// Reads a file that `write` wrote: its card, and the backbone with its weights.
    ///
    /// - Throws: `NetworkFileError` if the file has no such card, or one of a network that makes no sense or is far larger
    ///   than the file; `StateError.mismatch` if tensors of the backbone are missing.
    public static func read(_ path: String) throws -> (card: TaskNetworkCard, backbone: Backbone) {
        let checkpoint = try Checkpoint.read(path)
        let card = try NetworkFile.card(Self.self, under: key, of: checkpoint, at: path) { $0.network }
        let description = card.network.network
        let backbone = try Backbone(
            description.backbone, channels: description.channels,
            store: ParameterStore(seed: 0, format: .channelsLast))
        try backbone.store.load(checkpoint.tensors.filter { !$0.key.hasPrefix("fc.") })
        return (card, backbone)
    }
}
