import Architectures
import Foundation
import GoldenCases
import NN
import Networks
import Supernets
import Testing
import Torch

@testable import Interchange

/// Weights of an EfficientNet-Lite of another program (Tests/Goldens/peer-efficientnet-lite.py) give its answers, and spread
/// over the space that the network is a path of.
@Suite struct EfficientNetLiteTests {
    private static let whole = Architecture([Int](repeating: 0, count: 15))

    private func description() throws -> SupernetDescription {
        try EfficientNetLiteSpace(stemWidth: 4, widths: [2, 4, 6, 10, 14, 24, 40], headWidth: 160).description()
    }

    private func checkpoint() throws -> CheckpointImport {
        var source = try Peer.open("lite.pth")
        source.normEpsilon = 1e-3
        return source
    }

    private func answer(_ name: String) throws -> Tensor {
        try #require(try Checkpoint.read(Peer.path("lite-answers.safetensors")).tensors.first { $0.key == name }).tensor
    }

    @Test func logitsAreThePeers() throws {
        let made = try checkpoint().network(Self.whole, of: description())
        let logits = try withoutGradients { try made.network(answer("images"), .evaluation) }
        #expect(try relativeError(of: logits, to: answer("logits")) < 1e-5)
        let features = try withoutGradients { try made.network.features(answer("images"), .evaluation) }
        #expect(try relativeError(of: features, to: answer("features")) < 1e-5)
        #expect(made.report.leftOut.isEmpty)
    }

    @Test func whatNormsAddToVariancesCounts() throws {
        let made = try Peer.open("lite.pth").network(Self.whole, of: description())
        let logits = try withoutGradients { try made.network(answer("images"), .evaluation) }
        #expect(try relativeError(of: logits, to: answer("logits")) > 1e-3)
    }

    @Test func theOriginIsWholeInTheSupernet() throws {
        let made = try checkpoint().spread(Self.whole, over: description())
        let supernet = try Supernet(description(), store: ParameterStore(seed: 1, format: .channelsLast))
        try supernet.store.load(made.store.state)
        let features = try withoutGradients { try supernet.features(answer("images"), Self.whole, .evaluation) }
        #expect(try relativeError(of: features, to: answer("features")) < 1e-5)
    }

    /// Half a block has those inner channels whose weights into the projection are the largest in sum, in their old order, in
    /// every one of its tensors.
    @Test func halfABlockIsTheHeavierHalf() throws {
        let made = try checkpoint().spread(Self.whole, over: description())
        let tensors = Dictionary(made.store.state.map { ($0.key, $0.tensor) }, uniquingKeysWith: { $1 })
        func tensor(_ key: String) throws -> Tensor { try #require(tensors[key], "\(key)") }
        for (block, inner) in [(1, 12), (4, 36), (15, 144)] {
            let (whole, half) = ("_blocks.\(block).0.", "_blocks.\(block).1.")
            let sums = try tensor(whole + "_project_conv.weight").absolute().sum([0, 2, 3]).array(Float.self)
            let kept = Set(sums.indices.sorted { sums[$0] > sums[$1] }.prefix(inner / 2)).sorted().map(Int64.init)
            #expect(sums.count == inner && kept != (0..<Int64(inner / 2)).map { $0 }, "block \(block)")
            for (key, dimension) in [
                ("_expand_conv.weight", 0), ("_bn0.weight", 0), ("_bn0.running_mean", 0), ("_bn0.running_var", 0),
                ("_depthwise_conv.weight", 0), ("_bn1.bias", 0), ("_project_conv.weight", 1),
            ] {
                let expected = try tensor(whole + key).indexed(by: Tensor(kept), dimension: dimension)
                let found = try tensor(half + key)
                #expect(found.shape == expected.shape, "\(half + key)")
                #expect(try (found - expected).absolute().max().item() == 0, "\(half + key)")
            }
            #expect(
                try (tensor(half + "_bn2.weight") - tensor(whole + "_bn2.weight")).absolute().max().item() == 0)
        }
    }

    @Test func whatIsNoPartIsRefused() throws {
        let description = try SupernetDescription(
            "two", channels: 3,
            backbone: .sequence([
                .init(
                    "block",
                    .choice(
                        .init(
                            "first",
                            [
                                .init("small", .sequence([.init("a", .convolution(.init(4, kernel: 3)))])),
                                .init("large", .sequence([.init("a", .convolution(.init(4, kernel: 5)))])),
                                .init("other", .sequence([.init("b", .convolution(.init(4, kernel: 3)))])),
                            ]))), .init("", .globalPool),
            ]))
        let supernet = try Supernet(description, store: ParameterStore(seed: 0))
        #expect(throws: ImportError.notAPart(point: "first", candidate: "large", key: "block.a.weight")) {
            try supernet.spread(from: Architecture([0]))
        }
    }
}

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
