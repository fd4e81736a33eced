import Architectures
import Foundation
import NN
import Networks
import Support
import Torch

/// A trained supernet in one file: the tensors of all candidates, and the card that is needed to use them again.
public struct SupernetFile {
    /// The description of a supernet that its file holds beside the weights.
    public struct Card: Codable, Sendable, Equatable {
        /// The layers and their choices.
        public var supernet: SupernetDescription
        /// The name of the training method, such as `pi-nas`.
        public var method: String
        /// The name of the task that it learned, or for training without labels, the task of its data.
        public var task: String
        /// The length of the embeddings of its neck, `neck.0` and `neck.2`; nil where it has a classifier.
        public var dimension: Int?
        /// The names of the classes of the training data, which are those of its classifier `fc` where it has one.
        public var classNames: [String]
        /// The size of the images that it was trained on, in pixels.
        public var imageSize: ImageSize
        /// The means that are subtracted from values in 0...1, one for each channel.
        public var mean: [Double]
        /// The standard deviations by which values are divided after the mean is subtracted, one for each channel.
        public var std: [Double]
        /// The steps that give images their size, in this order; the result of the last has the size `imageSize`.
        public var steps: [ImageStep]
        /// Whether images are first rotated as the EXIF data of their files says.
        public var orientation: ImageOrientation
        /// The path of the trained network whose weights were spread over the supernet; nil where paths were trained
        /// together.
        public var origin: Architecture?

        /// Creates a card. It is checked against the tensors when the file is read.
        ///
        /// - Parameters:
        ///   - supernet: the layers and their choices.
        ///   - method: the name of the training method.
        ///   - task: the name of the task that it learned.
        ///   - dimension: the length of its neck's embeddings; nil where it has a classifier.
        ///   - classNames: the names of the classes of the training data.
        ///   - imageSize: the size of the images, in pixels.
        ///   - mean: the means that are subtracted from values in 0...1, one for each channel.
        ///   - std: the standard deviations by which values are then divided, one for each channel.
        ///   - steps: the steps that give images their size; nil for `ImageStep.middle`.
        ///   - orientation: whether images are rotated as their EXIF data says.
        ///   - origin: the path of the trained network whose weights were spread over the supernet; nil where paths
        ///     were trained together.
        public init(
            supernet: SupernetDescription, method: String, task: String = NetworkFile.classification, dimension: Int?,
            classNames: [String], imageSize: ImageSize,
            mean: [Double], std: [Double], steps: [ImageStep]? = nil, orientation: ImageOrientation = .ignore,
            origin: Architecture? = nil
        ) {
            self.supernet = supernet
            self.method = method
            self.task = task
            self.dimension = dimension
            self.classNames = classNames
            self.imageSize = imageSize
            self.mean = mean
            self.std = std
            self.steps = steps ?? ImageStep.middle(of: imageSize)
            self.orientation = orientation
            self.origin = origin
        }

        /// Reads a card. Cards of earlier versions lack keys: without steps they are a resize to `resize` or
        /// `imageSize` and a centre crop, and without an orientation EXIF is ignored.
        ///
        /// - Throws: `ImageStepError` for steps that do not give `imageSize`; `DecodingError`.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            supernet = try fields.decode(SupernetDescription.self, forKey: .supernet)
            method = try fields.decode(String.self, forKey: .method)
            task = try fields.decodeIfPresent(String.self, forKey: .task) ?? NetworkFile.classification
            dimension = try fields.decodeIfPresent(Int.self, forKey: .dimension)
            classNames = try fields.decode([String].self, forKey: .classNames)
            imageSize = try fields.decode(ImageSize.self, forKey: .imageSize)
            mean = try fields.decode([Double].self, forKey: .mean)
            std = try fields.decode([Double].self, forKey: .std)
            steps = try ImageStepCoding.steps(of: decoder)
            orientation = try fields.decodeIfPresent(ImageOrientation.self, forKey: .orientation) ?? .ignore
            origin = try fields.decodeIfPresent(Architecture.self, forKey: .origin)
        }
    }

    /// The path that the file was read from.
    public let path: String
    /// The card of the file.
    public let card: Card
    /// The tensors by key.
    public let tensors: [(key: String, tensor: Tensor)]

    private static let key = NetworkFile.supernetKey

    /// Creates what reading a file gives, of a supernet that was made of something else.
    ///
    /// - Parameters:
    ///   - path: the path of the file that it was made of.
    ///   - card: the card.
    ///   - tensors: the tensors by key.
    public init(path: String, card: Card, tensors: [(key: String, tensor: Tensor)]) {
        (self.path, self.card, self.tensors) = (path, card, tensors)
    }

    /// Writes a supernet; an existing file is replaced once everything is on the disk.
    public static func write(_ store: ParameterStore, _ card: Card, to path: String) throws {
        try write(store.state, card, to: path)
    }

    /// Writes a supernet of these tensors; an existing file is replaced once everything is on the disk.
    public static func write(_ state: [(key: String, tensor: Tensor)], _ card: Card, to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(card), as: UTF8.self)
        try Checkpoint.write(state, metadata: [key: text, "format": "pt"], to: path)
    }

    /// Reads a supernet from its file.
    ///
    /// - Throws: `NetworkFileError` for a file without a card, or whose card is invalid or does not fit the tensors;
    ///   `CheckpointError` for weights that are not finite; what reading the file throws.
    public static func read(_ path: String) throws -> SupernetFile {
        let checkpoint = try Checkpoint.readWeights(path)
        guard let text = checkpoint.metadata[key] else { throw NetworkFile.other(than: key, checkpoint, at: path) }
        do {
            let card = try JSONDecoder().decode(Card.self, from: Data(text.utf8))
            try CardCheck.images(
                channels: card.supernet.channels, imageSize: card.imageSize, mean: card.mean, std: card.std)
            // A card that was made up must not have tensors built that the file does not hold.
            let parameters = try CostTable(card.supernet, imageSize: card.imageSize, classes: 0).supernetParameters
            let values = checkpoint.tensors.reduce(0) { $0 + $1.tensor.elementCount }
            if let origin = card.origin { try card.supernet.space.validate(origin) }
            guard parameters / 2 <= values else {
                throw NetworkFileError.badCard(
                    path, "the supernet has \(parameters) parameters, but the file holds only \(values) values")
            }
            try check(card, checkpoint.tensors)
            return SupernetFile(path: path, card: card, tensors: checkpoint.tensors)
        } catch let error as NetworkFileError {
            throw error
        } catch {
            throw NetworkFileError.badCard(path, NetworkFileError.words(of: error))
        }
    }

    /// Checks the card's classifier and neck against their tensors. The layers of the supernet are checked when they
    /// are loaded.
    private static func check(_ card: Card, _ tensors: [(key: String, tensor: Tensor)]) throws {
        let shapes = Dictionary(tensors.map { ($0.key, $0.tensor.shape) }, uniquingKeysWith: { $1 })
        func require(_ key: String, _ expected: [Int]) throws {
            guard let shape = shapes[key] else { return }
            guard shape.count == expected.count, zip(shape, expected).allSatisfy({ $1 < 0 || $0 == $1 }) else {
                throw CardError.shape(key: key, shape, expected: expected)
            }
        }
        let features = try card.supernet.features(imageSize: card.imageSize)
        try require("fc.weight", [-1, features])
        if let outputs = shapes["fc.weight"]?[0], shapes["fc.bias"] != nil {
            if card.task == NetworkFile.classification { try CardCheck.classes(card.classNames, outputs: outputs) }
            try require("fc.bias", [outputs])
        }
        try require("neck.0.weight", [-1, features])
        if let dimension = card.dimension {
            guard (1...65_536).contains(dimension) else { throw CardError.dimension(dimension) }
            try require("neck.2.weight", [dimension, -1])
            try require("neck.2.bias", [dimension])
        }
    }

    /// The supernet with its weights, without neck or classifier.
    ///
    /// - Parameters:
    ///   - device: the device of the tensors.
    ///   - format: the layout of its convolutions' weights.
    /// - Throws: `StateError.inFile` if the file's tensors are not the description's.
    public func supernet(device: Device = .cpu, format: MemoryFormat = .channelsLast) throws -> Supernet {
        let made = try Supernet(card.supernet, store: ParameterStore(seed: 0, device: device, format: format))
        try StateError.naming(path) {
            try made.store.load(tensors.filter { !$0.key.hasPrefix("fc.") && !$0.key.hasPrefix("neck.") })
        }
        return made
    }

    /// The tensors of its head, under `fc`; nil where it has none.
    public var head: [(key: String, tensor: Tensor)]? {
        let found = tensors.filter { $0.key.hasPrefix(NetworkHead.key + ".") }
        return found.isEmpty ? nil : found
    }

    /// Reads a head from the file of a linear probe.
    ///
    /// - Parameter probe: the path of the probe's file.
    /// - Throws: `NetworkFileError.noProbe` for a file without such tensors, or with those of another supernet; what
    ///   reading the file throws.
    public func head(probe: String) throws -> [(key: String, tensor: Tensor)] {
        let found = try Checkpoint.readWeights(probe).tensors.filter { $0.key.hasPrefix(NetworkHead.key + ".") }
        let features = try card.supernet.features(imageSize: card.imageSize)
        let shapes = Dictionary(found.map { ($0.key, $0.tensor.shape) }, uniquingKeysWith: { $1 })
        if let weight = shapes["fc.weight"] {
            guard weight.count == 2, weight[0] > 0, weight[1] == features, shapes["fc.bias"] == [weight[0]] else {
                throw NetworkFileError.noProbe(probe, features: features)
            }
        } else {
            guard shapes["fc.neck.weight"] == [features] else {
                throw NetworkFileError.noProbe(probe, features: features)
            }
        }
        return found
    }

    /// Builds one path as a stand-alone network, with the running statistics of the file and a head.
    ///
    /// - Parameters:
    ///   - architecture: an architecture of the supernet's space.
    ///   - head: the tensors of a head under `fc`, for a supernet without one; nil for the supernet's own.
    /// - Throws: `SpaceError.notInSpace`; `NetworkFileError.noClassifier` where there is no head.
    public func network(
        _ architecture: Architecture, head: [(key: String, tensor: Tensor)]? = nil
    ) throws -> ImageNetwork {
        guard let given = head ?? self.head, let kind = NetworkHead(of: given) else {
            throw NetworkFileError.noClassifier(path)
        }
        let network = try ImageNetwork(
            NetworkDescription(
                channels: card.supernet.channels, classes: kind.linearOutputs,
                backbone: try card.supernet.fixed(to: architecture)),
            head: kind, store: ParameterStore(seed: 0, format: .channelsLast))
        let state = try supernet().state(of: architecture) + given.filter { kind.isRead($0.key) }
        // Where another file's head does not fit, it is not this file's fault.
        guard head == nil else {
            try network.store.load(state)
            return network
        }
        try StateError.naming(path) { try network.store.load(state) }
        return network
    }

    /// The tensors of the file with those of a path replaced; tensors that it shares with other paths are replaced for
    /// all of them.
    ///
    /// - Parameters:
    ///   - state: the tensors of the stand-alone network; its classifier `fc` is ignored.
    ///   - architecture: the path.
    /// - Throws: `StateError.mismatch` with all keys that do not fit; `SpaceError.notInSpace`.
    public func putting(
        _ state: [(key: String, tensor: Tensor)], into architecture: Architecture
    ) throws -> [(key: String, tensor: Tensor)] {
        let made = try supernet()
        try made.load(state, into: architecture)
        let beside = tensors.filter { $0.key.hasPrefix("fc.") || $0.key.hasPrefix("neck.") }
        return made.store.state + beside
    }
}
