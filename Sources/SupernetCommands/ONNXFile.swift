import Foundation
import NN
import Networks
import ONNX
import Torch

/// Writes a network as an ONNX file, with metadata that programs need to prepare images and read outputs.
struct ONNXFile {
    /// The card of the network, which gives the size and preparation of images.
    var card: NetworkFile.Card
    /// The metadata about the outputs.
    var outputs: [(key: String, value: String)]
    /// The head on the features.
    var head: NetworkHead
    /// The options of the export.
    var options: ONNXExport.Options

    /// Writes the ONNX file.
    ///
    /// - Parameters:
    ///   - store: the network's tensors.
    ///   - path: the path of the file.
    /// - Throws: `ONNXError`, `FileError`.
    func write(_ store: ParameterStore, to path: String) throws {
        var metadata = outputs
        metadata += [
            ("mean", try JSONText.of(card.mean)), ("std", try JSONText.of(card.std)),
            ("size", try JSONText.of(card.imageSize)),
        ]
        // Said apart, too, where it is all that there is to say.
        if card.steps.count == 2, case .resize(let side) = card.steps[0], case .centerCrop = card.steps[1] {
            metadata.append(("resize", "\(side)"))
        }
        metadata.append(("steps", try JSONText.of(card.steps)))
        let kind: ONNXExport.Head =
            switch head.kind {
            case .linear: .classifier
            case .neck: .norm(NetworkHead.neckKey)
            }
        var network = card.network
        network.classes = head.outputs
        let export = try ONNXExport(
            network, imageSize: card.imageSize, metadata: metadata, head: kind, options: options)
        try export.write(to: path) { key in
            try store[key].map { tensor in
                ONNXTensor(
                    shape: tensor.shape, values: try tensor.detached().to(.float32).contiguous().array(Float.self))
            }
        }
    }
}
