import Foundation
import NN
import Networks
import ONNX
import Torch

/// Writes networks as ONNX files, with what programs need beside them to prepare images and read outputs.
struct ONNXFile {
    /// Size and preparation of the images.
    var card: NetworkFile.Card
    /// Keys and values about the outputs.
    var outputs: [(key: String, value: String)]
    /// What stands on the features.
    var head: NetworkHead
    /// What the file is to be like.
    var options: ONNXExport.Options

    /// Writes the file.
    ///
    /// - Parameters:
    ///   - store: the network's tensors.
    ///   - path: the file.
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
