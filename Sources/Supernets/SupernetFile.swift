import Architectures
import Foundation
import NN
import Networks
import Torch

/// A trained supernet in one file: the tensors of all candidates, and what is needed to use them again.
public struct SupernetFile {
    /// What a file holds beside the weights.
    public struct Card: Codable, Sendable, Equatable {
        /// The layers and their choices.
        public var supernet: SupernetDescription
        /// How it learned, such as `pi-nas`.
        public var method: String
        /// Length of the embeddings of its neck, `neck.0` and `neck.2`; nil where it has a classifier.
        public var dimension: Int?
        /// Names of the classes of the data that it learned from; those of its classifier `fc`, where it has one.
        public var classNames: [String]
        /// Side of the square images that it learned from, in pixels.
        public var imageSize: Int
        /// Subtracted from values in 0...1, then divided by; one a channel.
        public var mean: [Double]
        /// Values are divided by it after the mean is subtracted; one a channel.
        public var std: [Double]

        /// A card; nothing is checked against tensors until the file is read.
        public init(
            supernet: SupernetDescription, method: String, dimension: Int?, classNames: [String], imageSize: Int,
            mean: [Double], std: [Double]
        ) {
            self.supernet = supernet
            self.method = method
            self.dimension = dimension
            self.classNames = classNames
            self.imageSize = imageSize
            self.mean = mean
            self.std = std
        }
    }

    /// Where it was read from.
    public let path: String
    /// What the file says of the supernet.
    public let card: Card
    /// The tensors by key.
    public let tensors: [(key: String, tensor: Tensor)]

    private static let key = "supernet.supernet-card"

    /// Writes a supernet, replacing what is there only once everything is on the disk.
    public static func write(_ store: ParameterStore, _ card: Card, to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(card), as: UTF8.self)
        try Checkpoint.write(store.state, metadata: [key: text, "format": "pt"], to: path)
    }

    /// Reads a supernet.
    ///
    /// - Throws: `NetworkFileError` for a file that is none of this project's; what reading the file throws.
    public static func read(_ path: String) throws -> SupernetFile {
        let checkpoint = try Checkpoint.read(path)
        guard let text = checkpoint.metadata[key] else { throw NetworkFileError.noCard(path) }
        do {
            let card = try JSONDecoder().decode(Card.self, from: Data(text.utf8))
            // A card that was made up must not have tensors built that the file does not hold.
            let parameters = try CostTable(card.supernet, imageSize: card.imageSize, classes: 0).supernetParameters
            let values = checkpoint.tensors.reduce(0) { $0 + $1.tensor.elementCount }
            guard parameters / 2 <= values else {
                throw NetworkFileError.badCard(
                    path, "the supernet has \(parameters) parameters, but the file holds only \(values) values")
            }
            return SupernetFile(path: path, card: card, tensors: checkpoint.tensors)
        } catch let error as NetworkFileError {
            throw error
        } catch {
            throw NetworkFileError.badCard(path, "\(error)")
        }
    }

    /// The supernet with its weights, without neck or classifier.
    ///
    /// - Parameters:
    ///   - device: where its tensors are to lie.
    ///   - format: the layout of its convolutions' weights.
    /// - Throws: `StateError.mismatch` if the file's tensors are not the description's.
    public func supernet(device: Device = .cpu, format: MemoryFormat = .channelsLast) throws -> Supernet {
        let made = try Supernet(card.supernet, store: ParameterStore(seed: 0, device: device, format: format))
        try made.store.load(tensors.filter { !$0.key.hasPrefix("fc.") && !$0.key.hasPrefix("neck.") })
        return made
    }

    /// Its classifier, `weight` [classes, features] and `bias` [classes]; nil where it has none.
    public var classifier: (weight: Tensor, bias: Tensor)? {
        let found = Dictionary(tensors.map { ($0.key, $0.tensor) }, uniquingKeysWith: { $1 })
        guard let weight = found["fc.weight"], let bias = found["fc.bias"] else { return nil }
        return (weight, bias)
    }
}
