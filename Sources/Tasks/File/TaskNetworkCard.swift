import Foundation
import NN
import Networks
import Torch

/// What the file of a network says whose head is no classifier: an embedding, or a distribution over ages. The keys of its
/// tensors are PyTorch's for the backbone; the head's stand under `fc`.
public struct TaskNetworkCard: Codable, Sendable, Equatable {
    /// Whose head it is.
    public var task: TaskKind
    /// What stands on the features; nil in files of before, whose tensors tell.
    public var head: TaskNetworkHead?
    /// The network's shape and its images, without class names; its `classes` are the features that the backbone gives.
    public var network: NetworkFile.Card

    /// A card; nothing is checked until the file is read.
    ///
    /// - Parameters:
    ///   - task: whose head it is.
    ///   - head: what stands on the features.
    ///   - network: its shape and its images.
    public init(task: TaskKind, head: TaskNetworkHead, network: NetworkFile.Card) {
        (self.task, self.head, self.network) = (task, head, network)
    }

    /// Reads a card.
    ///
    /// - Throws: `TaskNetworkError` for a task that is not known or has networks of classes; `DecodingError`.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let name = try fields.decode(String.self, forKey: .task)
        guard let task = TaskKind(rawValue: name) else { throw TaskNetworkError.unknownTask(name) }
        if case .classes = task.outputs { throw TaskNetworkError.classes(task) }
        self.task = task
        head = try fields.decodeIfPresent(TaskNetworkHead.self, forKey: .head)
        network = try fields.decode(NetworkFile.Card.self, forKey: .network)
    }

    /// Writes backbone and head, replacing what is there only once everything is on the disk. What the head has for
    /// learning alone, such as a classifier of the training identities, is left out.
    ///
    /// - Parameters:
    ///   - store: the tensors of both.
    ///   - path: the file.
    /// - Throws: `TorchError` or `FileError` where it cannot be written.
    public func write(_ store: ParameterStore, to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(self), as: UTF8.self)
        try Checkpoint.write(
            store.state.filter { head?.isRead($0.key) ?? true },
            metadata: [NetworkFile.taskKey: text, "format": "pt"], to: path)
    }
}

/// A network of a task that cannot be used.
public enum TaskNetworkError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A task of this name is not known.
    case unknownTask(String)
    /// Networks of this task have classes, and files without a task.
    case classes(TaskKind)
    /// There is no tensor of a head.
    case noHead
    /// A head with more or fewer outputs than can be.
    case outputs(TaskKind, Int)
    /// A batch norm over another number of values than there are features.
    case neck(Int, features: Int)

    /// What is wrong, and what there is instead.
    public var description: String {
        switch self {
        case .unknownTask(let name):
            let known = TaskKind.allCases.filter { if case .classes = $0.outputs { false } else { true } }
            return "its task `\(name)` is not known; known are "
                + known.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        case .classes(let task):
            return "networks of the task `\(task.rawValue)` have classes, and are files without a task"
        case .noHead:
            return "its head is missing: neither `fc.weight` nor `fc.neck.weight` is among its tensors"
        case .outputs(let task, let outputs):
            return "a head with \(outputs) outputs cannot be one of the task `\(task.rawValue)`"
        case .neck(let outputs, let features):
            return "its head normalises \(outputs) values, but the backbone gives \(features) features"
        }
    }
}
