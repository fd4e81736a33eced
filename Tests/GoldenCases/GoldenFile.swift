import Foundation
import Torch

/// The files of `Tests/Goldens`, whose format `golden.py` there describes.
public enum GoldenFile {
    /// The folder of the goldens.
    public static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Goldens").standardizedFileURL

    /// All cases of `Tests/Goldens/<name>.safetensors`.
    public static func cases(_ name: String) throws -> [GoldenCase] {
        let checkpoint = try Checkpoint.read(folder.appendingPathComponent(name + ".safetensors").path)
        guard let json = checkpoint.metadata["cases"] else {
            throw GoldenError("\(checkpoint.path) has no list of cases in its metadata")
        }
        return try JSONDecoder().decode([Header].self, from: Data(json.utf8)).map { header in
            let tensors = Dictionary(checkpoint.tensors(under: header.name + "/"), uniquingKeysWith: { $1 })
            let golden = GoldenCase(
                name: header.name, kind: header.kind, lists: header.lists, zeros: header.zeros, config: header.config,
                tensors: tensors)
            guard Set(header.lists.values.joined()) == Set(tensors.keys) else {
                throw GoldenError(golden, "lists other tensors than \(checkpoint.path) holds for it")
            }
            return golden
        }
    }

    /// The cases of a file for the arguments of a test. There are none where the file cannot be read: a test of their
    /// number says why.
    public static func arguments(_ name: String) -> [GoldenCase] { (try? cases(name)) ?? [] }

    private struct Header: Decodable {
        let name: String
        let kind: String
        let config: [String: GoldenCase.Setting]
        let inputs, parameters, buffers, upstreams, outputs, gradients, after, states, lrs, values, zeros: [String]

        var lists: [String: [String]] {
            [
                "inputs": inputs, "parameters": parameters, "buffers": buffers, "upstreams": upstreams,
                "outputs": outputs, "gradients": gradients, "after": after, "states": states, "lrs": lrs,
                "values": values,
            ]
        }
    }
}
