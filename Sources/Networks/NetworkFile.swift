import Architectures
import Foundation
import NN
import Support
import Torch

/// A network in one file: its weights, its description, and how images must be prepared for it. Everything that is
/// needed to use it again, here or from PyTorch: the tensors' keys are those of the published networks.
public struct NetworkFile {
    /// What a file holds beside the weights.
    public struct Card: Codable, Sendable, Equatable {
        /// The name of the task that the network learned, such as `classification`.
        public var task: String
        /// The network's shape: all that is needed to build it before the weights are loaded.
        public var network: NetworkDescription
        /// What stands on the features; nil for a matrix product with the network's `classes`.
        public var head: NetworkHead?
        /// The names of the classes, in the order of the outputs; empty where the outputs are no classes.
        public var classNames: [String]
        /// The size of the images that the network was trained on, in pixels.
        public var imageSize: ImageSize
        /// Subtracted from values in 0...1, then divided by; one a channel.
        public var mean: [Double]
        /// Values are divided by it after the mean is subtracted; one a channel.
        public var std: [Double]
        /// What gives images their size, in this order; the last leaves `imageSize`.
        public var steps: [ImageStep]
        /// Whether images are turned as the EXIF of their files says before anything else is done to them.
        public var orientation: ImageOrientation

        /// A card; nothing is checked against a network until the file is read.
        ///
        /// - Parameters:
        ///   - task: the name of the task that the network learned.
        ///   - network: its shape.
        ///   - head: what stands on the features; nil for a matrix product with the network's `classes`.
        ///   - classNames: the names of the classes in the order of the outputs; empty for a task without classes.
        ///   - imageSize: of its images, in pixels.
        ///   - mean: subtracted from values in 0...1.
        ///   - std: what values are divided by then.
        ///   - steps: what gives images their size; nil for `ImageStep.middle`.
        ///   - orientation: whether images are turned as their EXIF says.
        public init(
            task: String = NetworkFile.classification, network: NetworkDescription, head: NetworkHead? = nil,
            classNames: [String], imageSize: ImageSize, mean: [Double], std: [Double], steps: [ImageStep]? = nil,
            orientation: ImageOrientation = .ignore
        ) {
            self.task = task
            self.network = network
            self.head = head
            self.classNames = classNames
            self.imageSize = imageSize
            self.mean = mean
            self.std = std
            self.steps = steps ?? ImageStep.middle(of: imageSize)
            self.orientation = orientation
        }

        /// Reads a card. An earlier one that states no task is of classification; without steps it means its `resize`, or
        /// `imageSize`, and the middle; without an orientation it ignores EXIF.
        ///
        /// - Throws: `ImageStepError` for steps that do not give `imageSize`; `DecodingError`.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            task = try fields.decodeIfPresent(String.self, forKey: .task) ?? NetworkFile.classification
            network = try fields.decode(NetworkDescription.self, forKey: .network)
            head = try fields.decodeIfPresent(NetworkHead.self, forKey: .head)
            classNames = try fields.decode([String].self, forKey: .classNames)
            imageSize = try fields.decode(ImageSize.self, forKey: .imageSize)
            mean = try fields.decode([Double].self, forKey: .mean)
            std = try fields.decode([Double].self, forKey: .std)
            steps = try ImageStepCoding.steps(of: decoder)
            orientation = try fields.decodeIfPresent(ImageOrientation.self, forKey: .orientation) ?? .ignore
        }
    }

    /// The path that the file was read from.
    public let path: String
    /// What the file says of the network.
    public let card: Card
    /// The network with its weights, on the device and in the memory format that were asked for.
    public let network: ImageNetwork

    /// The name of the task of networks that name classes.
    public static let classification = "classification"
    private static let key = "supernet.card"
    /// The key of the metadata of version 0.8, under which networks of tasks without classes had their card.
    private static let version08TaskKey = "supernet.task"
    /// The key of the metadata of files of whole supernets.
    public static let supernetKey = "supernet.supernet-card"

    /// The card of version 0.8 for a task without classes: its `network` states the features as classes.
    private struct Version08TaskCard: Decodable {
        let task: String
        let head: NetworkHead?
        let network: Card
    }

    /// Writes a network, replacing what is there only once everything is on the disk. What its head has for learning alone
    /// is left out.
    ///
    /// - Parameters:
    ///   - state: the tensors of the network, and perhaps others of its head.
    ///   - card: what the file is to say of it.
    ///   - path: the file.
    /// - Throws: `CardError.classNames` for more or fewer names than outputs; `CheckpointError` for weights that are no
    ///   numbers; `FileError`.
    public static func write(_ state: [(key: String, tensor: Tensor)], _ card: Card, to path: String) throws {
        let head = card.head ?? .linear(outputs: card.network.classes)
        try card.checkClasses()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(card), as: UTF8.self)
        try Checkpoint.write(
            state.filter { head.isRead($0.key) }, metadata: [key: text, "format": "pt"], to: path)
    }

    /// Writes a network, replacing what is there only once everything is on the disk.
    ///
    /// - Throws: as ``write(_:_:to:)-(_,_,_)``.
    public static func write(_ network: ImageNetwork, _ card: Card, to path: String) throws {
        try write(network.store.state, card, to: path)
    }

    /// Reads a network.
    ///
    /// - Throws: `NetworkFileError` if the file holds tensors but no card, or one of a network that makes no sense,
    ///   contradicts itself or is far larger than the file; `StateError.inFile` if the tensors do not fit it;
    ///   `CheckpointError` for weights that are no numbers.
    public static func read(
        _ path: String, device: Device = .cpu, format: MemoryFormat = .channelsLast
    ) throws -> NetworkFile {
        let checkpoint = try Checkpoint.readWeights(path)
        let card = try card(of: checkpoint, at: path)
        let head = card.head ?? .linear(outputs: card.network.classes)
        let network: ImageNetwork
        do {
            network = try ImageNetwork(
                card.network, head: head, store: ParameterStore(seed: 0, device: device, format: format))
        } catch let error as SpaceError {
            throw NetworkFileError.badCard(path, "\(error)")
        }
        try StateError.naming(path) { try network.store.load(checkpoint.tensors.filter { head.isRead($0.key) }) }
        return NetworkFile(path: path, card: card, network: network)
    }

    /// What a file says of its network, held against the tensors that it has.
    private static func card(of checkpoint: Checkpoint, at path: String) throws -> Card {
        if checkpoint.metadata[key] == nil, checkpoint.metadata[version08TaskKey] != nil {
            var stored: Card?
            _ = try card(Version08TaskCard.self, under: version08TaskKey, of: checkpoint, at: path) { old in
                guard let head = old.head ?? NetworkHead(of: checkpoint.tensors) else { throw CardError.noHead }
                var card = old.network
                (card.task, card.head, card.classNames) = (old.task, head, [])
                card.network.classes = head.linearOutputs
                stored = card
                try card.checkClasses()
                return card
            }
            if let stored { return stored }
        }
        return try card(Card.self, under: key, of: checkpoint, at: path) {
            try $0.checkClasses()
            var counted = $0
            // A head of its own is counted, whatever the description says of classes.
            if let head = $0.head { counted.network.classes = head.linearOutputs }
            return counted
        }
    }

    /// What a file without the card that was wanted is instead.
    ///
    /// - Parameters:
    ///   - key: of the metadata, under which the card is missing.
    ///   - checkpoint: the file.
    ///   - path: the file's.
    public static func other(than key: String, _ checkpoint: Checkpoint, at path: String) -> NetworkFileError {
        let metadata = checkpoint.metadata
        if metadata[supernetKey] != nil { return .isSupernet(path) }
        return (metadata[Self.key] ?? metadata[version08TaskKey]) != nil ? .isNetwork(path) : .noCard(path)
    }

    /// What a file says of its network, held against the tensors that it has.
    ///
    /// - Parameters:
    ///   - type: of the card.
    ///   - key: of the metadata under which it stands as JSON.
    ///   - checkpoint: the file.
    ///   - path: the file's, for messages.
    ///   - network: the network that the card tells of; what it throws is a reason to refuse the card.
    /// - Throws: `NetworkFileError` if there is no card, or one of a network that makes no sense or is far larger than the
    ///   file.
    public static func card<Value: Decodable>(
        _ type: Value.Type, under key: String, of checkpoint: Checkpoint, at path: String,
        network: (Value) throws -> Card
    ) throws -> Value {
        guard let text = checkpoint.metadata[key] else { throw other(than: key, checkpoint, at: path) }
        let card: Value
        let parameters: Int
        do {
            card = try JSONDecoder().decode(type, from: Data(text.utf8))
            let network = try network(card)
            try CardCheck.images(
                channels: network.network.channels, imageSize: network.imageSize, mean: network.mean, std: network.std)
            parameters = try network.network.cost(imageSize: network.imageSize).parameters
        } catch {
            throw NetworkFileError.badCard(path, NetworkFileError.words(of: error))
        }
        // A card may ask for any amount of memory: what is far larger than the file is not built. What is missing from a
        // network of about the right size is told key by key where the tensors are loaded.
        let values = checkpoint.tensors.reduce(0) { $0 + $1.tensor.elementCount }
        guard parameters / 2 <= values else {
            throw NetworkFileError.badCard(
                path, "the network has \(parameters) parameters, but the file holds only \(values) values")
        }
        return card
    }
}

extension NetworkFile.Card {
    /// Holds the names of classes against the outputs: a network of classification has one for each, one of another task
    /// may have none.
    ///
    /// - Throws: `CardError.classNames`.
    func checkClasses() throws {
        guard task == NetworkFile.classification || !classNames.isEmpty else { return }
        try CardCheck.classes(classNames, outputs: head?.outputs ?? network.classes)
    }
}

/// A file that is no network of this project's.
public enum NetworkFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file at this path holds tensors, but nothing that says of which network.
    case noCard(String)
    /// The file at this path has a card that cannot be decoded or describes no network of the file's size, and why.
    case badCard(String, String)
    /// The file at this path is a supernet, where one network was wanted.
    case isSupernet(String)
    /// The file at this path is one network, where something else was wanted.
    case isNetwork(String)
    /// The file at this path holds no classifier on so many features.
    case noProbe(String, features: Int)
    /// The supernet at this path has no classifier.
    case noClassifier(String)

    /// Why a card cannot be used, for people: of an error in its JSON, the key and what was expected.
    public static func words(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .keyNotFound(let key, let context):
            return "`\(path(context.codingPath + [key]))` is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            let place = path(context.codingPath)
            return (place.isEmpty ? "" : "`\(place)`: ") + context.debugDescription
        @unknown default: return "\(error)"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }

    /// The file, what is wrong with it, and where there is one, the reason.
    public var description: String {
        switch self {
        case .noCard(let path):
            return "\(path) holds tensors but does not say of which network; only files that `supernet` wrote can be "
                + "opened by themselves"
        case .badCard(let path, let reason):
            return "\(path): its description of the network cannot be used: \(reason)"
        case .isSupernet(let path):
            return
                "\(path) is a supernet, which holds many networks: `supernet search` finds a good one, and `supernet "
                + "export --path` cuts any out"
        case .isNetwork(let path):
            return "\(path) is a single network, which is not what is wanted here"
        case .noProbe(let path, let features):
            return
                "\(path) has no `fc.weight` of [classes, \(features)] with its `fc.bias`; name the probe.safetensors of "
                + "the supernet's own study"
        case .noClassifier(let path):
            return "\(path) has no classifier, so that its paths give features and no classes; name a probe's "
                + "(--probe probe.safetensors)"
        }
    }
}
