import Architectures
import Foundation
import Networks
import Support
import TensorFiles
import Torch

/// A network as a folder of the kind that model hubs hold: `config.json`, `model.safetensors` and `README.md`, its card.
///
/// A network that timm has is written as timm reads it: `timm.create_model("local-dir:FOLDER", pretrained=True)`. Any other one
/// comes with its code, `model.py` (`PythonNetwork`).
public struct ModelFolder {
    private let network: ImageNetwork
    private let card: NetworkFile.Card
    private let timm: TimmNetwork?
    /// The code of a network that timm has not.
    private let code: PythonNetwork?

    /// A folder of a network.
    ///
    /// - Throws: `SpaceError.layer` as `PythonNetwork`.
    public init(_ network: ImageNetwork, _ card: NetworkFile.Card) throws {
        (self.network, self.card) = (network, card)
        timm = TimmNetwork(card)
        code = try timm == nil ? PythonNetwork(card, head: network.head, name: "model") : nil
    }

    /// The name by which timm knows the network; nil where it does not.
    public var architecture: String? { timm?.architecture }

    /// Writes the folder, whose files are replaced one by one, the weights first.
    ///
    /// - Throws: `FileError`, `TorchError`, `SpaceError`.
    public func write(to folder: String) throws {
        try FilePath.makeFolder(folder)
        func path(_ name: String) -> String { FilePath.join(folder, name) }
        let weights = path("model.safetensors")
        if let timm {
            let renamed = network.store.state.filter { network.head.isRead($0.key) }
                .map { (key: timm.key($0.key), tensor: $0.tensor) }
            try Checkpoint.write(renamed, metadata: ["format": "pt"], to: weights)
        } else {
            try NetworkFile.write(network, card, to: weights)
            if let code { try AtomicFile.write(code.text, to: path("model.py")) }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(
            encoder.encode(Configuration(card, outputs: network.head.outputs, timm)), to: path("config.json"))
        try AtomicFile.write(readme(), to: path("README.md"))
    }

    private func readme() throws -> String {
        let (cost, size) = (try card.cost(), card.imageSize)
        let task = card.classNames.isEmpty ? card.task : "\(card.task) of \(card.classNames.count) classes"
        let use =
            timm == nil
            ? """
            from PIL import Image
            from model import load, prepare

            network = load()
            outputs = network(prepare(Image.open("photo.jpg")))
            """
            : """
            import timm

            network = timm.create_model("local-dir:.", pretrained=True).eval()
            transform = timm.data.create_transform(**timm.data.resolve_model_data_config(network))
            """
        let tag = network.head.kind == .map ? "image-segmentation" : "image-classification"
        return """
            ---
            library_name: \(timm == nil ? "pytorch" : "timm")
            pipeline_tag: \(tag)
            ---

            # A network for \(task)

            - \(network.store.parameterCount) parameters, \(cost.multiplyAdds) multiply-adds
            - images: \(card.network.channels) x \(size.height) x \(size.width)

            ```python
            \(use)
            ```

            The order of the outputs stands under `label_names` in `config.json`. Written by supernet.

            """
    }

    /// What `config.json` holds, under timm's names.
    private struct Configuration: Encodable {
        let card: NetworkFile.Card
        let outputs: Int
        let timm: TimmNetwork?

        init(_ card: NetworkFile.Card, outputs: Int, _ timm: TimmNetwork?) {
            (self.card, self.outputs, self.timm) = (card, outputs, timm)
        }

        private struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(_ name: String) { stringValue = name }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Key.self)
            try fields.encode(timm?.architecture ?? "supernet", forKey: Key("architecture"))
            try fields.encode(outputs, forKey: Key("num_classes"))
            if let timm { try fields.encode(timm.features, forKey: Key("num_features")) }
            if !card.classNames.isEmpty { try fields.encode(card.classNames, forKey: Key("label_names")) }
            try fields.encode(card.task, forKey: Key("task"))
            if timm?.padsAsTensorFlow == true {
                // Every batch norm here adds the same to a variance.
                var own = fields.nestedContainer(keyedBy: Key.self, forKey: Key("model_args"))
                try own.encode("same", forKey: Key("pad_type"))
                try own.encode(1e-5, forKey: Key("bn_eps"))
            }
            var images = fields.nestedContainer(keyedBy: Key.self, forKey: Key("pretrained_cfg"))
            let size = card.imageSize
            try images.encode([card.network.channels, size.height, size.width], forKey: Key("input_size"))
            try images.encode(outputs, forKey: Key("num_classes"))
            try images.encode("bilinear", forKey: Key("interpolation"))
            try images.encode(card.mean, forKey: Key("mean"))
            try images.encode(card.std, forKey: Key("std"))
            if case .resize(let side) = card.steps.first, let cut = size.side {
                try images.encode(Double(cut) / Double(side), forKey: Key("crop_pct"))
                try images.encode("center", forKey: Key("crop_mode"))
            } else {
                try images.encode(1.0, forKey: Key("crop_pct"))
                try images.encode("squash", forKey: Key("crop_mode"))
            }
            if let timm {
                try images.encode(timm.first, forKey: Key("first_conv"))
                try images.encode(timm.classifier, forKey: Key("classifier"))
            }
        }
    }
}
