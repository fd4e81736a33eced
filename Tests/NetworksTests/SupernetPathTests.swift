import Architectures
import NN
import Networks
import TestSpaces
import Testing
import Torch

/// A path through a supernet is a network of its own.
@Suite struct SupernetPathTests {
    /// With statistics and weights as after some training.
    private func trained(_ kind: SmallSpace, _ format: MemoryFormat) throws -> Supernet {
        let supernet = try Supernet(kind.description(), store: ParameterStore(seed: 3, format: format))
        try shake(supernet.store)
        try withoutGradients {
            for architecture in try kind.architectures(3) {
                _ = try supernet.features(images(4, 9), architecture, .training(nil))
            }
        }
        return supernet
    }

    /// The stand-alone network of a path, its weights loaded; the classifier keeps its own.
    private func alone(_ supernet: Supernet, _ architecture: Architecture) throws -> ImageNetwork {
        let description = supernet.description
        let network = try ImageNetwork(
            NetworkDescription(
                channels: description.channels, classes: 4, backbone: description.fixed(to: architecture)),
            store: ParameterStore(seed: 8, format: supernet.store.format))
        let classifier = network.store.state.filter { $0.key.hasPrefix("fc.") }
        #expect(classifier.count == 2)
        try network.store.load(supernet.state(of: architecture) + classifier)
        return network
    }

    @Test(arguments: SmallSpace.allCases, [MemoryFormat.contiguous, .channelsLast])
    func aPathComputesWhatItsStandAloneNetworkDoesBitByBit(
        kind: SmallSpace, format: MemoryFormat
    ) throws {
        let supernet = try trained(kind, format)
        for architecture in try kind.architectures(3) {
            let network = try alone(supernet, architecture)
            #expect(supernet.features == network.store["fc.weight"]?.size(1))
            for mode in [Mode.evaluation, Mode(batchNorm: .batch)] {
                let (own, path) = try withoutGradients {
                    (
                        try network.features(images(3, 10), mode),
                        try supernet.features(images(3, 10), architecture, mode)
                    )
                }
                #expect(try bits(path) == bits(own))
            }
        }
    }

    /// The state is the supernet's own tensors under the network's keys, each once.
    @Test(arguments: SmallSpace.allCases.filter { !$0.isShared }) func theStateOfAPathHoldsNoCopies(kind: SmallSpace)
        throws
    {
        let supernet = try Supernet(kind.description(), store: ParameterStore(seed: 3))
        // What else is built in the store is no part of any path.
        _ = try Linear(supernet.store.root / "neck", supernet.features, 2)
        for architecture in try kind.architectures(5) {
            let state = try supernet.state(of: architecture)
            let entries = supernet.entries(on: architecture)
            #expect(state.count == entries.count && Set(state.map(\.key)).count == state.count)
            for (_, tensor) in state { #expect(entries.contains { $0.tensor === tensor }) }
        }
        let shared = Set(supernet.sharedEntries.map(\.key))
        for (point, choices) in supernet.space.points.enumerated() {
            for candidate in choices.candidates.indices {
                let own = supernet.entries(of: CandidateReference(point: point, candidate: candidate)).map(\.key)
                #expect(shared.isDisjoint(with: own))
            }
        }
    }

    /// Choices at the root, beside layers of their own level, and one below another's key.
    @Test func keysMayLieWithinEachOther() throws {
        func conv(_ key: String) -> Layer { .sequence([.init(key, .convolution(.init(6, kernel: 3)))]) }
        func choice(_ point: String) -> Layer {
            .choice(.init(point, [.init("a", conv("w")), .init("b", .identity), .init("c", conv("0"))]))
        }
        let backbone = Layer.sequence([
            .init("stem", .convolution(.init(6, kernel: 1))), .init("", choice("p")),
            .init(
                "block",
                .sequence([
                    .init("", choice("q")), .init("x", choice("r")), .init("norm", .batchNorm(scale: 1)),
                    .init("y", .residual(body: choice("s"), shortcut: .init("down", conv("1")), relu: false)),
                ])), .init("", .globalPool),
        ])
        let description = try SupernetDescription("s", channels: 3, backbone: backbone)
        let supernet = try Supernet(description, store: ParameterStore(seed: 1))
        for choices in [[0, 1, 2, 0], [2, 0, 1, 1], [1, 2, 0, 2], [1, 1, 1, 1]] {
            let architecture = Architecture(choices)
            let network = try alone(supernet, architecture)
            let (own, path) = (
                try network.features(images(2, 5), .evaluation),
                try supernet.features(images(2, 5), architecture, .evaluation)
            )
            #expect(try bits(path) == bits(own))
        }
    }

    @Test func aSharedShortcutIsOneTensorUnderEachCandidatesKey() throws {
        let supernet = try Supernet(SmallSpace.resnest.description(), store: ParameterStore(seed: 3))
        let store = supernet.store
        let shortcuts = supernet.sharedEntries.filter { $0.key.contains("downsample") }
        #expect(shortcuts.count == 2 * 6)
        for entry in shortcuts {
            #expect(entry.key.hasPrefix("layer1.0.0.") || entry.key.hasPrefix("layer2.0.0."))
            let name = entry.key.dropFirst("layer1.0.0.".count)
            for candidate in 0..<4 {
                #expect(store["\(entry.key.prefix(9))\(candidate).\(name)"] === entry.tensor)
            }
        }
        #expect(store.keys.count == store.entries.count + 3 * shortcuts.count)
    }

    @Test func theSameSeedIsTheSameSupernet() throws {
        func features(_ seed: UInt64) throws -> [UInt8] {
            let supernet = try Supernet(SmallSpace.mobile.description(), store: ParameterStore(seed: seed))
            return try bits(supernet.features(images(1, 8), Architecture([0, 1, 2, 3]), .evaluation))
        }
        #expect(try features(1) == features(1))
        #expect(try features(1) != features(2))
    }
}
