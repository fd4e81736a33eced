import Architectures
import Foundation
import NN
import Support
import Torch

/// A network in one file, with everything that is needed to use it again, here or from PyTorch: its weights, its
/// description and the preparation of images. The tensors' keys are those of the published networks.
public struct NetworkFile {
    /// The description of a network that its file holds beside the weights.
    public struct Card: Codable, Sendable, Equatable {
        /// The name of the task that the network learned, such as `classification`.
        public var task: String
        /// The description of the network, from which it is built before the weights are loaded.
        public var network: NetworkDescription
        /// The head on the features; nil for a linear layer with the network's `classes`.
        public var head: NetworkHead?
        /// The names of the classes, in the order of the outputs; empty where the outputs are no classes.
        public var classNames: [String]
        /// The size of the images that the network was trained on, in pixels.
        public var imageSize: ImageSize
        /// The means that are subtracted from values in 0...1, one for each channel.
        public var mean: [Double]
        /// The standard deviations by which values are divided after the mean is subtracted, one for each channel.
        public var std: [Double]
        /// The steps that give images their size, in this order; the result of the last has the size `imageSize`.
        public var steps: [ImageStep]
        /// Whether images are first rotated as the EXIF data of their files says.
        public var orientation: ImageOrientation
        /// Where whole images are seen through windows of `imageSize`: the length of their longer side before, in pixels; nil
        /// elsewhere.
        public var base: Int?

        /// Creates a card. It is checked against the network when the file is read.
        ///
        /// - Parameters:
        ///   - task: the name of the task that the network learned.
        ///   - network: the description of the network.
        ///   - head: the head on the features; nil for a linear layer with the network's `classes`.
        ///   - classNames: the names of the classes in the order of the outputs; empty for a task without classes.
        ///   - imageSize: the size of the images, in pixels.
        ///   - mean: the means that are subtracted from values in 0...1, one for each channel.
        ///   - std: the standard deviations by which values are then divided, one for each channel.
        ///   - steps: the steps that give images their size; nil for `ImageStep.middle`.
        ///   - orientation: whether images are rotated as their EXIF data says.
        ///   - base: the longer side of images that are seen through windows, in pixels; nil for others.
        public init(
            task: String = NetworkFile.classification, network: NetworkDescription, head: NetworkHead? = nil,
            classNames: [String], imageSize: ImageSize, mean: [Double], std: [Double], steps: [ImageStep]? = nil,
            orientation: ImageOrientation = .ignore, base: Int? = nil
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
            self.base = base
        }

        /// The cost of the network with its head for one image of the card's size.
        ///
        /// - Throws: `SpaceError` for layers that cannot take such images, or that do not suit the head.
        public func cost() throws -> Cost {
            try network.cost(imageSize: imageSize)
                + (head?.cost(on: network.backbone, channels: network.channels, imageSize: imageSize) ?? Cost())
        }

        /// Reads a card. Cards of earlier versions lack keys: without a task the task is classification, without steps
        /// they are a resize to `resize` or `imageSize` and a centre crop, and without an orientation EXIF is ignored.
        ///
        /// - Throws: `ImageStepError` for steps that do not give `imageSize`; `DecodingError`.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            task = try fields.decodeIfPresent(String.self, forKey: .task) ?? NetworkFile.classification
            network = try fields.decode(NetworkDescription.self, forKey: .network)
            head = try fields.decodeIfPresent(NetworkHead.self, forKey: .head)
            // Where the layers' own map is the output, no linear layer stands on it.
            if let kind = head?.kind, kind == .map || kind == .detector { network.classes = 0 }
            classNames = try fields.decode([String].self, forKey: .classNames)
            imageSize = try fields.decode(ImageSize.self, forKey: .imageSize)
            mean = try fields.decode([Double].self, forKey: .mean)
            std = try fields.decode([Double].self, forKey: .std)
            steps = try ImageStepCoding.steps(of: decoder)
            orientation = try fields.decodeIfPresent(ImageOrientation.self, forKey: .orientation) ?? .ignore
            base = try fields.decodeIfPresent(Int.self, forKey: .base)
        }
    }

    /// The path that the file was read from.
    public let path: String
    /// The card of the file.
    public let card: Card
    /// The network with its weights, on the requested device and in the requested memory format.
    public let network: ImageNetwork

    /// The name of the task classification.
    public static let classification = "classification"
    /// The metadata key of the card of a network.
    public static let cardKey = "supernet.card"
    /// The metadata key under which version 0.8 stored the cards of tasks without classes.
    private static let version08TaskKey = "supernet.task"
    /// The metadata key of the card of a supernet.
    public static let supernetKey = "supernet.supernet-card"

    /// The card of version 0.8 for a task without classes, whose `network` states the number of features as classes.
    private struct Version08TaskCard: Decodable {
        let task: String
        let head: NetworkHead?
        let network: Card
    }

    /// Writes a network; an existing file is replaced once everything is on the disk. Tensors of the head that are used
    /// in training only are left out.
    ///
    /// - Parameters:
    ///   - state: the tensors of the network, which may include others of its head.
    ///   - card: the card of the file.
    ///   - path: the path of the file.
    /// - Throws: `CardError.classNames` if there is not one name for each output; `CheckpointError` for weights that
    ///   are not finite; `FileError`.
    public static func write(_ state: [(key: String, tensor: Tensor)], _ card: Card, to path: String) throws {
        let head = card.head ?? .linear(outputs: card.network.classes)
        try card.checkClasses()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(card), as: UTF8.self)
        try Checkpoint.write(
            state.filter { head.isRead($0.key) }, metadata: [cardKey: text, "format": "pt"], to: path)
    }

    /// Writes a network; an existing file is replaced once everything is on the disk.
    ///
    /// - Throws: `CardError.classNames` if there is not one name for each output; `CheckpointError` for weights that
    ///   are not finite; `FileError`.
    public static func write(_ network: ImageNetwork, _ card: Card, to path: String) throws {
        try write(network.store.state, card, to: path)
    }

    /// Reads a network from its file.
    ///
    /// - Throws: `NetworkFileError` if the file has no card, or one that is invalid or of a network far larger than the
    ///   file; `StateError.inFile` if the tensors do not fit the network; `CheckpointError` for weights that are not
    ///   finite.
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

    /// Reads the card of a file and checks it against the file's tensors.
    private static func card(of checkpoint: Checkpoint, at path: String) throws -> Card {
        if checkpoint.metadata[cardKey] == nil, checkpoint.metadata[version08TaskKey] != nil {
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
        return try card(Card.self, under: cardKey, of: checkpoint, at: path) {
            try $0.checkClasses()
            var counted = $0
            // A head of its own is counted, whatever the description says of classes.
            if let head = $0.head { counted.network.classes = head.linearOutputs }
            return counted
        }
    }

    /// The error for a file that lacks the expected card, which says what the file is instead.
    ///
    /// - Parameters:
    ///   - key: the metadata key of the missing card.
    ///   - checkpoint: the file.
    ///   - path: the path of the file.
    public static func other(than key: String, _ checkpoint: Checkpoint, at path: String) -> NetworkFileError {
        let metadata = checkpoint.metadata
        if metadata[supernetKey] != nil { return .isSupernet(path) }
        return (metadata[Self.cardKey] ?? metadata[version08TaskKey]) != nil ? .isNetwork(path) : .noCard(path)
    }

    /// Reads the card of a file and checks it against the file's tensors.
    ///
    /// - Parameters:
    ///   - type: the type of the card.
    ///   - key: the metadata key of the card.
    ///   - checkpoint: the file.
    ///   - path: the path of the file, for messages.
    ///   - network: a closure that gives the network's card; an error that it throws becomes the reason why the card is
    ///     refused.
    /// - Throws: `NetworkFileError` if there is no card, or one that is invalid or of a network far larger than the
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
            if let base = network.base, !ImageStep.sides.contains(base) { throw CardError.base(base) }
            if let problems = network.head?.detector?.problems, !problems.isEmpty { throw CardError.detector(problems) }
            parameters = try network.cost().parameters
        } catch {
            throw NetworkFileError.badCard(path, NetworkFileError.words(of: error))
        }
        // A card may ask for any amount of memory: what is far larger than the file is not built. What is missing from
        // a network of about the right size is told key by key where the tensors are loaded.
        let values = checkpoint.tensors.reduce(0) { $0 + $1.tensor.elementCount }
        guard parameters / 2 <= values else {
            throw NetworkFileError.badCard(
                path, "the network has \(parameters) parameters, but the file holds only \(values) values")
        }
        return card
    }
}

extension NetworkFile.Card {
    /// Checks the class names against the outputs: classification needs one for each, other tasks may have none.
    ///
    /// - Throws: `CardError.classNames`.
    func checkClasses() throws {
        guard task == NetworkFile.classification || !classNames.isEmpty else { return }
        try CardCheck.classes(classNames, outputs: head?.outputs ?? network.classes)
    }
}

/// An error in reading the file of a network or supernet.
public enum NetworkFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file at this path holds tensors but no card.
    case noCard(String)
    /// The card of the file at this path cannot be decoded or does not fit the file, with the reason.
    case badCard(String, String)
    /// The file at this path is a supernet where a network was expected.
    case isSupernet(String)
    /// The file at this path is a network where something else was expected.
    case isNetwork(String)
    /// The file at this path holds no classifier for this number of features.
    case noProbe(String, features: Int)
    /// The supernet at this path has no classifier.
    case noClassifier(String)

    /// The reason why a card cannot be used, as text; for an error in its JSON, the key and what was expected.
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

    /// A message that names the file, what is wrong with it and the reason.
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
                "\(path) has no `fc.weight` of [classes, \(features)] with its `fc.bias`; name the probe.safetensors "
                + "of the supernet's own study"
        case .noClassifier(let path):
            return "\(path) has no classifier, so that its paths give features and no classes; name a probe's "
                + "(--probe probe.safetensors)"
        }
    }
}
