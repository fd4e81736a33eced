import Architectures
import NN
import Networks
import TestSpaces
import Testing
import Torch

/// Descriptions that make no network are refused with an error, and not by a trap.
@Suite struct BuildingTests {
    private static let most = 65_536
    private static let numbers = [Int.min, -1, 0, 65_537, Int.max]

    private static let layers: [Layer] =
        numbers.flatMap { number -> [Layer] in
            [
                .convolution(.init(number, kernel: 3)), .convolution(.init(8, kernel: number, padding: 0)),
                .convolution(.init(8, kernel: 3, stride: number)), .convolution(.init(8, kernel: 3, groups: number)),
                .convolution(.init(8, kernel: 3, padding: number == 0 ? 4 : number)), .linear(outputs: number),
                .pool(.init(.max, kernel: number, stride: 1)), .pool(.init(.average, kernel: 1, stride: number)),
                .splitAttention(radix: number, cardinality: 1), .splitAttention(radix: 1, cardinality: number),
                .zero(stride: number), .resize(height: number, width: 1), .resize(height: 1, width: number),
                .gate(.zero(stride: number)), .cell([.init(from: 0, to: number, .init("", .relu))]),
                .cell([.init(from: number == 0 ? 2 : number, to: 1, .init("", .relu))]),
            ]
        } + [
            .splitAttention(radix: most, cardinality: 1),
            .splitAttention(radix: 1, cardinality: 4), .convolution(.init(8, kernel: 3, groups: 2)), .cell([]),
            .cell([.init(from: 0, to: 2, .init("", .relu))]), .pool(.init(.max, kernel: 2, stride: 2, ceil: true)),
        ]

    @Test func whatMakesNoNetworkIsRefusedBeforeAnythingIsRegistered() throws {
        for layer in Self.layers {
            let backbone = Layer.sequence([.init("a", layer), .init("", .globalPool)])
            let store = try ParameterStore(seed: 1)
            #expect(throws: SpaceError.self, "\(layer)") {
                try ImageNetwork(NetworkDescription(channels: 3, classes: 2, backbone: backbone), store: store)
            }
            #expect(store.entries.isEmpty)
            let description = try SupernetDescription(
                "s", channels: 3, backbone: .choice(.init("p", [.init("x", backbone)])))
            #expect(throws: SpaceError.self, "\(layer)") { try Supernet(description, store: store) }
            #expect(store.entries.isEmpty)
        }
    }

    /// Each number is allowed; together they are beyond what an integer, or else any memory, holds.
    @Test(arguments: [3, most]) func soIsWhatIsTooLarge(channels: Int) throws {
        let network = NetworkDescription(
            channels: channels, classes: 2, backbone: .convolution(.init(Self.most, kernel: Self.most)))
        let store = try ParameterStore(seed: 1)
        let error = #expect(throws: (any Error).self) { try ImageNetwork(network, store: store) }
        #expect(channels == 3 ? (error as? TorchError)?.kind == .outOfMemory : error is SpaceError)
        #expect(store.entries.isEmpty)
    }

    @Test(arguments: numbers) func soAreChannelsAndClassesThatCannotBe(number: Int) throws {
        let conv = Layer.sequence([.init("conv", .convolution(.init(2, kernel: 1))), .init("", .globalPool)])
        for (channels, classes) in [(number, 2), (3, number)] {
            let store = try ParameterStore(seed: 1)
            let network = NetworkDescription(channels: channels, classes: classes, backbone: conv)
            #expect(throws: SpaceError.self) { try ImageNetwork(network, store: store) }
            #expect(store.entries.isEmpty)
        }
        let description = try SupernetDescription(
            "s", channels: number, backbone: .choice(.init("p", [.init("x", conv)])))
        #expect(throws: SpaceError.self) { try Supernet(description, store: ParameterStore(seed: 1)) }
    }

    /// Planes that a candidate's factor leaves no channel of, or whose channels its groups do not divide.
    @Test(arguments: [(1, 2), (8, 3)]) func planesTooFewForACandidate(planes: Int, candidate: Int) throws {
        let network = try ResNeStSpace(stem: .small, planes: [planes], depths: [1])
            .network(code: Architecture([candidate]), classes: 2)
        let error = try #require(throws: SpaceError.self) {
            try ImageNetwork(network, store: ParameterStore(seed: 0))
        }
        #expect(error.description.contains("'layer1.0."))
    }

    @Test func choicesMustStandWhereTheyCanBeMade() throws {
        let conv = Layer.convolution(.init(2, kernel: 1))
        let choice = Layer.choice(.init("p", [.init("x", .identity), .init("y", conv)]))
        let store = try ParameterStore(seed: 1)
        #expect(throws: SpaceError.self) {
            try ImageNetwork(NetworkDescription(channels: 2, classes: 2, backbone: choice), store: store)
        }
        for backbone in [
            Layer.choice(.init("q", [.init("z", choice)])),
            .residual(body: choice, shortcut: .init("s", .choice(.init("q", [.init("z", .relu)]))), relu: false),
        ] {
            let description = try SupernetDescription("s", channels: 2, backbone: backbone)
            #expect(throws: SpaceError.self) { try Supernet(description, store: ParameterStore(seed: 1)) }
        }
    }

    @Test func channelsThatCannotBeAddedAreRefused() throws {
        let conv = Layer.convolution(.init(5, kernel: 1))
        for layer in [
            Layer.residual(body: conv, shortcut: nil, relu: true),
            .residual(body: .relu, shortcut: .init("s", conv), relu: true),
            .cell([.init(from: 0, to: 1, .init("a", conv)), .init(from: 0, to: 1, .init("b", .relu))]),
        ] {
            #expect(throws: SpaceError.self) {
                try ImageNetwork(
                    NetworkDescription(channels: 3, classes: 2, backbone: layer), store: ParameterStore(seed: 1))
            }
        }
        let description = try SupernetDescription(
            "s", channels: 3, backbone: .choice(.init("p", [.init("x", conv), .init("y", .relu)])))
        #expect(throws: SpaceError.self) { try Supernet(description, store: ParameterStore(seed: 1)) }
    }

    @Test func theNodesOfACellMayHaveChannelsOfTheirOwn() throws {
        let cell = Layer.cell([
            .init(from: 1, to: 2, .init("b", .convolution(.init(5, kernel: 3, stride: 2)))),
            .init(from: 0, to: 1, .init("a", .convolution(.init(6, kernel: 3)))),
        ])
        let network = try ImageNetwork(
            NetworkDescription(
                channels: 3, classes: 2,
                backbone: .sequence([.init("cell", cell), .init("norm", .batchNorm(scale: 1)), .init("", .globalPool)])),
            store: ParameterStore(seed: 1))
        #expect(network.store["cell.b.weight"]?.shape == [5, 6, 3, 3])
        #expect(network.store["norm.weight"]?.shape == [5])
        #expect(try network(images(2, 8), .evaluation).shape == [2, 2])
    }

    @Test func aStoreHoldsOneSupernet() throws {
        let store = try ParameterStore(seed: 1)
        _ = try Supernet(SmallSpace.mobile.description(), store: store)
        #expect(throws: StateError.duplicateKey("stem.conv.weight")) {
            try Supernet(SmallSpace.mobile.description(), store: store)
        }
    }
}
