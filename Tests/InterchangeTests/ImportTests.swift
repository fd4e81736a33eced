import Architectures
import NN
import Networks
import Supernets
import TensorFiles
import Testing
import Torch

@testable import Interchange

/// Weights of networks that timm built give timm's answers.
@Suite struct ImportTests {
    @Test(arguments: ["network.pth.tar", "network.legacy.pth", "network.safetensors"])
    func logitsAreThePeers(_ file: String) throws {
        let peer = try Peer()
        let made = try Peer.open(file).network(peer.code, of: peer.description)
        #expect(try peer.error("logits") { try made.network($0, .evaluation) } < 1e-5)
        #expect(try peer.error("features") { try made.network.features($0, .evaluation) } < 1e-5)
        #expect(made.classNames == ["0", "1", "2", "3", "4"])
        #expect(made.report.prefix == (file == "network.pth.tar" ? "state_dict.module." : ""))
        #expect(made.report.tensors == made.network.store.keys.count)
    }

    @Test func whatIsLeftOutIsTold() throws {
        let peer = try Peer()
        let nested = try Peer.open("network.pth.tar").network(peer.code, of: peer.description).report
        #expect(nested.leftOut.map(\.group) == ["optimizer.state"])
        #expect(try Peer.open("network.safetensors").network(peer.code, of: peer.description).report.leftOut.isEmpty)
    }

    @Test func featuresWithoutAClassifierNeedAFreshOne() throws {
        let peer = try Peer()
        let source = try Peer.open("backbone.pth")
        #expect(throws: ImportError.noClassifier(path: Peer.path("backbone.pth"))) {
            try source.network(peer.code, of: peer.description)
        }
        let made = try source.network(
            peer.code, of: peer.description, classNames: ["cat", "dog"], freshClassifier: true)
        #expect(made.network.description.classes == 2)
        #expect(try peer.error("features") { try made.network.features($0, .evaluation) } < 1e-5)
    }

    @Test func aFreshClassifierTakesThePlaceOfAnother() throws {
        let peer = try Peer()
        let made = try Peer.open("network.pth.tar").network(
            peer.code, of: peer.description, classNames: ["cat", "dog"], freshClassifier: true)
        #expect(made.network.description.classes == 2)
        #expect(made.report.leftOut.map(\.count).reduce(0, +) > 2)
    }

    @Test func aStudentComesBeforeItsTeacher() throws {
        let peer = try Peer()
        let made = try Peer.open("moco.pth.tar").supernet(peer.description)
        #expect(made.report.prefix == "state_dict.module.encoder_q.0.")
        #expect(made.report.leftOut.map(\.group).contains("state_dict.module.encoder_k"))
        #expect(made.classNames.isEmpty)
        let supernet = try Supernet(peer.description, store: ParameterStore(seed: 1, format: .channelsLast))
        try supernet.store.load(made.store.state, strict: false)
        for name in ["a", "b"] {
            let path = try peer.architecture(name)
            #expect(
                try peer.error("path.\(name).features") { try supernet.features($0, path, .evaluation) } < 1e-5)
        }
    }

    @Test func theTeacherIsTakenWhereItIsAskedFor() throws {
        let peer = try Peer()
        let source = try Peer.open("moco.pth.tar", prefix: "state_dict.module.encoder_k.0.")
        let made = try source.network(
            peer.architecture("a"), of: peer.description, classNames: ["any"], freshClassifier: true)
        #expect(try peer.error("key.a.features") { try made.network.features($0, .evaluation) } < 1e-5)
    }

    /// A file as timm writes it, with the weights and their moving average, whichever stands first.
    @Test(arguments: [["model_ema.module.", "model."], ["state_dict.", "state_dict_ema."], ["teacher.", "student."]])
    func ofPlainAndAveragedWeightsEitherIsTaken(prefixes: [String]) throws {
        let peer = try Peer()
        let plain = try #require(prefixes.first { WeightsKind(prefix: $0) == .plain })
        let average = try #require(prefixes.first { WeightsKind(prefix: $0) == .ema })
        let state = try Checkpoint.read(Peer.path("network.safetensors")).tensors
        let zeros = try state.map { ($0.key, $0.tensor.dtype.isFloatingPoint ? try $0.tensor * 0 : $0.tensor) }
        try withTemporaryFile { path in
            try Checkpoint.write(
                state.map { (plain + $0.key, $0.tensor) }
                    + zeros.filter { !$0.0.hasSuffix("num_batches_tracked") }.map { (average + $0.0, $0.1) }, to: path)
            func made(_ weights: WeightsKind?) throws -> (network: ImageNetwork, report: ImportReport) {
                var source = CheckpointImport(try ForeignCheckpoint(path))
                source.weights = weights
                let made = try source.network(peer.code, of: peer.description)
                return (made.network, made.report)
            }
            for weights in [nil, WeightsKind.plain] {
                let found = try made(weights)
                #expect(found.report.prefix == plain && found.report.alternatives == [average])
                #expect(found.report.weights == .plain)
                #expect(try peer.error("logits") { try found.network($0, .evaluation) } < 1e-5)
            }
            let found = try made(.ema)
            #expect(found.report.prefix == average && found.report.weights == .ema)
            #expect(try found.network.store["fc.weight"]?.absolute().max().item() == 0)
        }
        var source = try Peer.open("network.safetensors")
        source.weights = .ema
        let error = #expect(throws: ImportError.self) { try source.network(peer.code, of: peer.description) }
        #expect(error?.description.contains("has no averaged weights of this network") == true)
    }

    @Test func theNeckComesAlong() throws {
        let peer = try Peer()
        let made = try Peer.open("moco.pth.tar").supernet(peer.description)
        let dimension = try #require(made.dimension)
        #expect(made.store["neck.2.weight"]?.shape.first == dimension)
        let neck = try #require(made.store["neck.0.weight"])
        #expect(try neck.absolute().max().item() > 0)
    }

    @Test func aPathIsCutOutOfASupernet() throws {
        let peer = try Peer()
        for name in ["a", "b"] {
            let made = try Peer.open("moco.pth.tar").network(
                peer.architecture(name), of: peer.description, classNames: ["any"], freshClassifier: true)
            #expect(try peer.error("path.\(name).features") { try made.network.features($0, .evaluation) } < 1e-5)
        }
    }

    @Test func aPathIsPutBackIntoASupernet() throws {
        let peer = try Peer()
        let network = try Peer.open("network.pth.tar").network(peer.code, of: peer.description).network
        let made = try Peer.open("moco.pth.tar").supernet(peer.description)
        try withTemporaryFile { path in
            let card = SupernetFile.Card(
                supernet: peer.description, method: "imported", dimension: made.dimension, classNames: [],
                imageSize: 50, mean: [0, 0, 0], std: [1, 1, 1])
            try SupernetFile.write(made.store, card, to: path)
            let file = try SupernetFile.read(path)
            try SupernetFile.write(file.putting(network.store.state, into: peer.code), card, to: path)
            let again = try SupernetFile.read(path)
            let supernet = try again.supernet()
            #expect(try peer.error("features") { try supernet.features($0, peer.code, .evaluation) } < 1e-5)
            let head = network.store.state.filter { $0.key.hasPrefix("fc.") }
            #expect(head.map(\.key) == ["fc.weight", "fc.bias"])
            let cut = try again.network(peer.code, head: head)
            #expect(try peer.error("logits") { try cut($0, .evaluation) } < 1e-5)
            #expect(again.tensors.contains { $0.key == "neck.2.bias" })
            // What no other path shares has not moved.
            let untouched = try #require(
                supernet.entries(of: CandidateReference(point: 0, candidate: (peer.code[0] + 1) % 4)).first)
            #expect(try untouched.tensor.equals(#require(made.store[untouched.key])).all().integer() == 1)
        }
    }

    @Test func sharedTensorsAreWrittenOnce() throws {
        let peer = try Peer()
        let store = try Peer.open("moco.pth.tar").supernet(peer.description).store
        try withTemporaryFile { path in
            try Checkpoint.write(store.state, to: path)
            let foreign = try ForeignCheckpoint(path)
            #expect(Set(foreign.tensors.map(\.name)) == Set(store.keys.map(\.key)))
            #expect(try SafeTensorsFile(path: path).tensors.count == store.entries.count)
            #expect(store.entries.count < store.keys.count)
            let read = try CheckpointImport(foreign).supernet(peer.description).store
            for (key, tensor) in store.state {
                #expect(try tensor.equals(#require(read[key])).all().integer() == 1, "\(key)")
            }
        }
    }
}
