import Architectures
import Foundation
import GoldenCases
import Interchange
import NN
import Networks
import Supernets
import Testing
import Torch

/// One trained network as an elastic supernet.
@Suite struct ElasticNetworkTests {
    /// Networks of every kind that is made elastic, narrow enough for a test.
    enum Kind: String, CaseIterable {
        case mobileNetV2, lite0, lite2, resnest

        func backbone() throws -> Layer {
            switch self {
            case .mobileNetV2: try MobileNetV2(widthMultiplier: 0.25).backbone()
            case .lite0: try EfficientNetLite(widthMultiplier: 0.5, imageSide: 64).backbone()
            case .lite2: try EfficientNetLite(widthMultiplier: 0.5, depthMultiplier: 1.2, imageSide: 64).backbone()
            case .resnest:
                try ResNeStSpace(stem: .deep, planes: [32, 64], depths: [2, 2])
                    .network(code: Architecture([3, 0, 1, 2]), classes: 2).backbone
            }
        }
    }

    /// A network with noise in every tensor, running statistics included.
    private func network(_ kind: Kind) throws -> ImageNetwork {
        let network = try ImageNetwork(
            NetworkDescription(channels: 3, classes: 2, backbone: kind.backbone()),
            store: ParameterStore(seed: 4, format: .channelsLast))
        try withoutGradients {
            let generator = try Generator(seed: 9)
            for entry in network.store.entries where entry.tensor.dtype.isFloatingPoint {
                let isVariance = entry.key.hasSuffix("running_var")
                let noise = try Tensor.normal(entry.tensor.shape, deviation: 0.05, using: generator)
                try entry.tensor.copyInPlace(from: isVariance ? noise.absolute() + 1 : entry.tensor + noise)
            }
        }
        return network
    }

    private func images() throws -> Tensor {
        try .normal([2, 3, 64, 64], using: Generator(seed: 1)).contiguous(.channelsLast)
    }

    /// Its own path computes what the network did, though its channels are in another order.
    @Test(arguments: Kind.allCases) func theOwnPathComputesWhatTheNetworkDid(kind: Kind) throws {
        let network = try network(kind)
        let elastic = try ElasticNetwork(
            kind.backbone(), state: network.store.state, channels: 3, name: kind.rawValue)
        try withoutGradients {
            let expected = try network.features(images(), .evaluation)
            let found = try elastic.supernet.features(images(), elastic.origin, .evaluation)
            #expect(try relativeError(of: found, to: expected) < 1e-5)
        }
        // Sorted: some tensor holds the same values in another order.
        let before = Dictionary(uniqueKeysWithValues: network.store.state.map { ($0.key, $0.tensor) })
        let moved = try elastic.supernet.store.state.filter { key, tensor in
            let old = try #require(before[key])
            return try tensor.dtype.isFloatingPoint && (tensor - old).absolute().max().item() > 0
        }
        #expect(!moved.isEmpty)
    }

    /// Any path is a network of its own, through its file.
    @Test(arguments: Kind.allCases) func aPathReloadsBitByBit(kind: Kind) throws {
        let network = try network(kind)
        let elastic = try ElasticNetwork(
            kind.backbone(), state: network.store.state, channels: 3, name: kind.rawValue)
        let (supernet, description) = (elastic.supernet, elastic.supernet.description)
        let narrow = try CostTable(description, imageSize: 64, classes: 0).cheapest { Double($0.multiplyAdds) }
        let mixed = Architecture(
            description.space.points.indices.map { $0.isMultiple(of: 2) ? narrow[$0] : elastic.origin[$0] })
        let file = NSTemporaryDirectory() + "elastic-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: file) }
        for path in [narrow, mixed] {
            let made = try ImageNetwork(
                NetworkDescription(channels: 3, classes: 2, backbone: description.fixed(to: path)),
                store: ParameterStore(seed: 2, format: .channelsLast))
            try made.store.load(supernet.state(of: path), strict: false)
            try NetworkFile.write(
                made,
                NetworkFile.Card(
                    network: made.description, classNames: ["a", "b"], imageSize: 64, mean: [0, 0, 0], std: [1, 1, 1]),
                to: file)
            let read = try NetworkFile.read(file).network
            try withoutGradients {
                let own = try supernet.features(images(), path, .evaluation)
                #expect(
                    try read.features(images(), .evaluation).contiguous().array(Float.self)
                        == own.contiguous().array(Float.self))
            }
        }
    }

    /// The file of a network is read as an elastic supernet with the network's head.
    @Test func aNetworksFileIsAnElasticSupernet() throws {
        let network = try network(.mobileNetV2)
        let file = NSTemporaryDirectory() + "elastic-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try NetworkFile.write(
            network,
            NetworkFile.Card(
                network: network.description, classNames: ["cat", "dog"], imageSize: 64, mean: [0, 0, 0],
                std: [1, 1, 1]), to: file)
        let read = try SupernetFile.reading(file)
        #expect(read.card.supernet.isElastic && read.card.classNames == ["cat", "dog"])
        #expect(try read.card.supernet.fixed(to: #require(read.card.origin)) == network.description.backbone)
        #expect(read.head?.map(\.key) == ["fc.weight", "fc.bias"])
        try withoutGradients {
            let expected = try network.features(images(), .evaluation)
            let found = try read.supernet().features(images(), #require(read.card.origin), .evaluation)
            #expect(try relativeError(of: found, to: expected) < 1e-5)
        }
        #expect(throws: (any Error).self) { try SupernetFile.reading(file + ".none") }
    }

    /// Nothing is sorted where nothing was learned: the tensors are those of a fresh supernet.
    @Test func anUntrainedNetworkHasTheInitialValuesOfItsSeed() throws {
        let backbone = try ResidualNetwork(channels: 3, widths: [16, 32], depths: [2, 2]).backbone()
        func make(_ seed: UInt64) throws -> ElasticNetwork {
            try ElasticNetwork(untrained: backbone, channels: 3, name: "fresh", seed: seed)
        }
        let made = try make(5)
        let fresh = try Supernet(made.supernet.description, store: ParameterStore(seed: 5, format: .channelsLast))
        let same = Dictionary(uniqueKeysWithValues: fresh.store.state.map { ($0.key, $0.tensor) })
        for (key, tensor) in made.supernet.store.state where tensor.dtype.isFloatingPoint {
            #expect(try same[key].map { try $0.array(Float.self) == tensor.array(Float.self) } == true, "\(key)")
        }
        let other = try make(6).supernet.store["conv1.weight"]?.array(Float.self)
        #expect(try other != same["conv1.weight"]?.array(Float.self))
        #expect(made.origin == Architecture(made.supernet.space.points.map { $0.candidates.count - 1 }))
    }
}
