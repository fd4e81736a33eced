import Architectures
import Foundation
import NN
import Networks
import Support
import TestSpaces
import Testing
import Torch

@Suite struct NetworkFileTests {
    @Test func filesThatAreNoNetworksAreRefused() throws {
        let path = NSTemporaryDirectory() + "supernet-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Checkpoint.write([("x", Tensor.zeros([1]))], to: path)
        #expect(throws: NetworkFileError.noCard(path)) { try NetworkFile.read(path) }
        try Checkpoint.write([("x", Tensor.zeros([1]))], metadata: ["supernet.card": "{}"], to: path)
        let error = #expect(throws: NetworkFileError.self) { try NetworkFile.read(path) }
        #expect(error?.description.contains(path) == true)
        let description = try ResNeStSpace(channels: 1, stem: .small, planes: [16], depths: [1], expansion: 1)
            .network(code: Architecture([0]), classes: 2)
        let network = try ImageNetwork(description, store: ParameterStore(seed: 1))
        let card = NetworkFile.Card(network: description, classNames: ["a", "b"], imageSize: 8, mean: [0], std: [1])
        try NetworkFile.write(network, card, to: path)
        #expect(try NetworkFile.read(path).card == card)
        // One tensor less than the card's network has.
        let checkpoint = try Checkpoint.read(path)
        try Checkpoint.write(
            checkpoint.tensors.filter { $0.key != "fc.weight" }, metadata: checkpoint.metadata, to: path)
        let mismatch = StateError.mismatch(missing: ["fc.weight"], unexpected: [], misshapen: [])
        let unfit = #expect(throws: StateError.inFile(path, mismatch)) { try NetworkFile.read(path) }
        #expect(unfit?.description == "\(path) does not fit the network:\n  missing (1): fc.weight")
    }

    /// Every space's networks come back from a file with their weights.
    @Test(arguments: SmallSpace.allCases) func aFileIsAllThatIsNeeded(kind: SmallSpace) throws {
        let path = NSTemporaryDirectory() + "supernet-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let backbone = try kind.description().fixed(to: kind.architectures(1)[0])
        let network = try ImageNetwork(
            NetworkDescription(channels: 3, classes: 4, backbone: backbone), store: ParameterStore(seed: 1))
        try shake(network.store)
        let card = NetworkFile.Card(
            network: network.description, classNames: ["a", "b", "c", "d"], imageSize: 12, mean: [0.5, 0.4, 0.3],
            std: [1, 2, 3])
        try NetworkFile.write(network, card, to: path)
        let file = try NetworkFile.read(path, format: .contiguous)
        #expect(file.card == card)
        let x = try images(2, 12)
        #expect(try bits(file.network(x, .evaluation)) == bits(network(x, .evaluation)))
    }

    /// A card that contradicts itself is refused with its key, before anything is computed with it.
    @Test func cardsThatContradictThemselvesAreRefused() throws {
        let path = NSTemporaryDirectory() + "supernet-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let backbone = try SmallSpace.resnest.description().fixed(to: SmallSpace.resnest.architectures(1)[0])
        let description = NetworkDescription(channels: 3, classes: 3, backbone: backbone)
        let network = try ImageNetwork(description, store: ParameterStore(seed: 1))
        let card = NetworkFile.Card(
            network: description, classNames: ["a", "b", "c"], imageSize: 12, mean: [0.5], std: [1, 2, 3])
        func reading(_ text: String) throws {
            try Checkpoint.write(network.store.state, metadata: ["supernet.card": text], to: path)
            _ = try NetworkFile.read(path)
        }
        func text(_ change: (inout NetworkFile.Card) -> Void) throws -> String {
            var card = card
            change(&card)
            return String(decoding: try JSONEncoder().encode(card), as: UTF8.self)
        }
        func refusal(_ text: String) -> String {
            let error = #expect(throws: NetworkFileError.self, "\(text.prefix(200))") { try reading(text) }
            #expect(error?.description.hasPrefix(path) == true)
            return error?.description ?? ""
        }
        try reading(try text { _ in })
        for names in [[], ["a", "b"], ["a", "b", "c", "d"]] {
            let told = refusal(try text { $0.classNames = names })
            #expect(told.contains("`classNames` has \(names.count) names, but the last layer has 3 outputs"))
            var wrong = card
            wrong.classNames = names
            #expect(throws: CardError.classNames(names.count, outputs: 3)) {
                try NetworkFile.write(network, wrong, to: path)
            }
        }
        #expect(refusal(try text { $0.mean = [0.1, 0.2] }).contains("`mean` has 2 values, but images have 3 channels"))
        #expect(refusal(try text { $0.std = [] }).contains("`std` has 0 values"))
        for std in [0.0, -1, 1e-60, 1e60] {
            #expect(refusal(try text { $0.std = [std] }).contains("`std` has the value"))
        }
        #expect(refusal(try text { $0.mean = [1e60] }).contains("`mean` has the value 1e+60"))
        for size in [0, -12, 16_385, Int.max] {
            _ = refusal(
                try text {
                    $0.imageSize = ImageSize(size)
                    $0.steps = [.stretch(ImageSize(size))]
                })
        }
        let whole = try text { _ in }
        #expect(
            refusal(whole.replacingOccurrences(of: #""imageSize":12"#, with: #""imageSize":"12""#)).contains(
                "imageSize"))
        #expect(
            refusal(whole.replacingOccurrences(of: #""classNames""#, with: #""names""#)).contains(
                "`classNames` is missing"))
        // More classes than the tensors have.
        let more = try text {
            $0.network.classes = 4
            $0.classNames = ["a", "b", "c", "d"]
        }
        #expect(throws: StateError.self) { try reading(more) }
    }

    @Test func weightsThatAreNoNumbersAreRefused() throws {
        let path = NSTemporaryDirectory() + "supernet-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let backbone = try SmallSpace.resnest.description().fixed(to: SmallSpace.resnest.architectures(1)[0])
        let description = NetworkDescription(channels: 3, classes: 2, backbone: backbone)
        let network = try ImageNetwork(description, store: ParameterStore(seed: 1))
        let card = NetworkFile.Card(network: description, classNames: ["a", "b"], imageSize: 12, mean: [0], std: [1])
        try withoutGradients { try network.store["bn1.running_var"]?.fillInPlace(.infinity) }
        #expect(throws: CheckpointError.write(path: path, notFinite: ["bn1.running_var"])) {
            try NetworkFile.write(network, card, to: path)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    /// A card may describe anything: networks that do not fit together, or that would take all memory to build.
    @Test func cardsOfOtherNetworksAreRefused() throws {
        let path = NSTemporaryDirectory() + "supernet-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        func reading(_ layer: Layer) throws -> NetworkFileError? {
            let network = NetworkDescription(
                channels: 3, classes: 2, backbone: .sequence([.init("a", layer), .init("", .globalPool)]))
            let card = NetworkFile.Card(network: network, classNames: ["a", "b"], imageSize: 8, mean: [0], std: [1])
            let text = String(decoding: try JSONEncoder().encode(card), as: UTF8.self)
            try Checkpoint.write([("x", Tensor.zeros([100]))], metadata: ["supernet.card": text], to: path)
            return #expect(throws: NetworkFileError.self) { try NetworkFile.read(path) }
        }
        let large = try reading(.sequence([.init("0", .convolution(.init(65_536, kernel: 101)))]))
        #expect(large?.description.contains("parameters, but the file holds only 100 values") == true)
        #expect(try reading(.convolution(.init(0, kernel: 1)))?.description.contains("layer 'a': outputs (=0)") == true)
        #expect(try reading(.linear(outputs: 3))?.description.contains("pooled features") == true)
    }
}
