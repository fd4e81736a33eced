import Architectures
import Foundation
import GoldenCases
import NN
import Networks
import Supernets
import Testing
import Torch

@testable import Interchange

/// The published sizes: `python Tests/Goldens/peer-resnest.py --full FOLDER`, then
/// `SUPERNET_PEER_FULL=FOLDER Scripts/test --filter FullSize`. Half a gigabyte, and so not part of every run.
@Suite struct FullSizeTests {
    static let folder = ProcessInfo.processInfo.environment["SUPERNET_PEER_FULL"]

    @Test(.enabled(if: folder != nil))
    func publishedSizesGiveThePeersAnswers() throws {
        let folder = try #require(Self.folder)
        let answers = try Checkpoint.read(folder + "/answers.safetensors")
        let tensors = Dictionary(answers.tensors.map { ($0.key, $0.tensor) }, uniquingKeysWith: { $1 })
        let images = try #require(tensors["images"])
        let description = try ResNeStSpace.resnest50.description()
        func compare(_ name: String, _ found: Tensor) throws {
            let error = try relativeError(of: found, to: #require(tensors[name]))
            print("\(name): relative error \(error)")
            #expect(error < 1e-4)
        }

        let network = try CheckpointImport(ForeignCheckpoint(folder + "/cls.pth.tar")).network(
            ResNeStSpace.classificationCode, of: description)
        #expect(network.report.parameters == 27_046_278)
        try withoutGradients { try compare("logits", network.network(images, .evaluation)) }

        let whole = try CheckpointImport(ForeignCheckpoint(folder + "/supernet.pth.tar")).supernet(description)
        #expect(whole.report.parameters == 91_522_388)
        let supernet = try Supernet(description, store: ParameterStore(seed: 1, format: .channelsLast))
        try supernet.store.load(whole.store.state)
        struct Card: Decodable { let paths: [String: Architecture] }
        let card = try JSONDecoder().decode(Card.self, from: Data((answers.metadata["peer"] ?? "").utf8))
        for (name, path) in card.paths {
            try withoutGradients {
                try compare("path.\(name).features", supernet.features(images, path, .evaluation))
            }
        }
    }
}
