import Architectures
import Foundation
import NN
import Networks
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
        let network = try ClassificationNetwork(description, store: ParameterStore(seed: 1))
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
        let network = try ClassificationNetwork(
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
