import Architectures
import Foundation
import GoldenCases
import Interchange
import NN
import Networks
import Torch

/// The peer-* files of Tests/Goldens: checkpoints of networks that timm built, and their answers.
struct Peer {
    let description: SupernetDescription
    let code: Architecture
    let paths: [String: Architecture]
    private let answers: [String: Tensor]

    private struct Card: Decodable {
        let code: Architecture
        let paths: [String: Architecture]
        let planes: [Int]
        let depths: [Int]
        let stemWidth: Int
    }

    static func path(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../Goldens/peer-\(name)")
            .standardizedFileURL.path
    }

    init() throws {
        let file = try Checkpoint.read(Self.path("answers.safetensors"))
        let card = try JSONDecoder().decode(Card.self, from: Data((file.metadata["peer"] ?? "").utf8))
        description = try ResNeStSpace(
            stem: .deep, stemWidth: card.stemWidth, planes: card.planes, depths: card.depths
        ).description()
        (code, paths) = (card.code, card.paths)
        answers = Dictionary(file.tensors.map { ($0.key, $0.tensor) }, uniquingKeysWith: { $1 })
    }

    struct Missing: Error { let name: String }

    func answer(_ name: String) throws -> Tensor {
        guard let tensor = answers[name] else { throw Missing(name: name) }
        return tensor
    }

    func architecture(_ name: String) throws -> Architecture {
        guard let found = paths[name] else { throw Missing(name: name) }
        return found
    }

    /// Of a result against an answer, over the answer's largest magnitude.
    func error(_ name: String, _ actual: (Tensor) throws -> Tensor) throws -> Double {
        let found = try withoutGradients { try actual(answer("images")) }
        return try relativeError(of: found.to(.float32), to: answer(name))
    }

    static func open(_ name: String, prefix: String? = nil) throws -> CheckpointImport {
        CheckpointImport(try ForeignCheckpoint(path(name)), prefix: prefix)
    }
}

/// A path for a file, which is removed afterwards.
func withTemporaryFile<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = NSTemporaryDirectory() + "supernet-\(UUID().uuidString).safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}
