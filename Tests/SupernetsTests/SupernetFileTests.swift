import Architectures
import Foundation
import NN
import Networks
import Supernets
import Testing
import Torch

@Suite struct SupernetFileTests {
    private static let cardKey = "supernet.supernet-card"

    private func card(_ description: SupernetDescription) -> SupernetFile.Card {
        SupernetFile.Card(
            supernet: description, method: "pi-nas", dimension: 8, classNames: ["a", "b"], imageSize: 8,
            mean: [0.1, 0.2, 1.0 / 3], std: [0.9, 1, 1.1])
    }

    /// Every tensor comes back under its keys, shared ones included, and so does what they compute.
    @Test(arguments: SmallSpace.allCases, [MemoryFormat.contiguous, .channelsLast])
    func aFileIsAllThatIsNeeded(kind: SmallSpace, format: MemoryFormat) throws {
        try withTemporaryFile { path in
            let supernet = try kind.supernet()
            let card = try card(kind.description())
            try SupernetFile.write(supernet.store, card, to: path)
            let file = try SupernetFile.read(path)
            #expect(file.card == card && file.path == path)
            #expect(file.head == nil)
            let read = try file.supernet(format: format)
            #expect(read.store.format == format)
            #expect(read.store.keys.map(\.key) == supernet.store.keys.map(\.key))
            #expect(try bits(read.store) == bits(supernet.store))
            let same = try file.supernet()
            let x = try images(2)
            for architecture in try kind.architectures(1) {
                let found = try withoutGradients { try bits(same.features(x, architecture, .evaluation)) }
                #expect(try withoutGradients { try bits(supernet.features(x, architecture, .evaluation)) } == found)
            }
        }
    }

    /// What stands behind the features is in the file, but not part of the supernet.
    @Test func classifierAndNeckAreKeptApart() throws {
        try withTemporaryFile { path in
            let supernet = try SmallSpace.resnest.supernet()
            let keys = supernet.store.keys.map(\.key)
            let fc = try Linear(supernet.store.root / "fc", supernet.features, 2)
            _ = try Linear(supernet.store.root / "neck" / 0, supernet.features, 4)
            try SupernetFile.write(supernet.store, card(supernet.description), to: path)
            let file = try SupernetFile.read(path)
            #expect(try file.supernet().store.keys.map(\.key) == keys)
            let head = try #require(file.head)
            #expect(head.map(\.key).sorted() == ["fc.bias", "fc.weight"])
            for (key, tensor) in [("fc.weight", fc.weight), ("fc.bias", try #require(fc.bias))] {
                #expect(try bits(#require(head.first { $0.key == key }).tensor) == bits(tensor))
            }
            #expect(file.tensors.contains { $0.key == "neck.0.weight" })
        }
    }

    /// A head of another kind is the network's, without what it has for learning alone; a probe's stands in for none.
    @Test func pathsTakeTheHeadThatIsThere() throws {
        try withTemporaryFile { path in
            let (supernet, bare) = (try SmallSpace.resnest.supernet(), try SmallSpace.resnest.supernet())
            var card = card(supernet.description)
            (card.dimension, card.task, card.classNames) = (nil, "re-identification", [])
            let architecture = try SmallSpace.resnest.architectures(1)[0]
            try SupernetFile.write(bare.store, card, to: path)
            #expect(throws: NetworkFileError.noClassifier(path)) { try SupernetFile.read(path).network(architecture) }
            let neck = try BatchNorm2d(supernet.store.root / "fc" / "neck", supernet.features)
            _ = try Linear(supernet.store.root / "fc" / "classifier", supernet.features, 5, bias: false)
            let x = try images(2)
            let expected = try withoutGradients {
                for _ in 0..<2 {
                    _ = try neck(supernet.features(x, architecture, .evaluation), Mode.training(nil).batchNorm)
                }
                return try bits(neck(supernet.features(x, architecture, .evaluation), Mode.evaluation.batchNorm))
            }
            func outputs(_ network: ImageNetwork) throws -> [Data] {
                try withoutGradients { [try bits(network(x, .evaluation))] }
            }
            try withTemporaryFile { probe in
                let head = supernet.store.state.filter { $0.key.hasPrefix("fc.") }
                try Checkpoint.write(head, to: probe)
                let file = try SupernetFile.read(path)
                let network = try file.network(architecture, head: file.head(probe: probe))
                #expect(network.head == .neck(features: supernet.features))
                #expect(try outputs(network) == [expected])
            }
            try SupernetFile.write(supernet.store, card, to: path)
            let network = try SupernetFile.read(path).network(architecture)
            #expect(network.head == .neck(features: supernet.features))
            #expect(try outputs(network) == [expected])
            #expect(!network.store.keys.contains { $0.key.hasPrefix("fc.classifier") })
        }
    }

    /// The preparation of images travels along; a file of before has `resize` or nothing.
    @Test func stepsAreKeptAndThoseOfBeforeAreUnderstood() throws {
        try withTemporaryFile { path in
            let supernet = try SmallSpace.mobile.supernet()
            var card = card(supernet.description)
            card.steps = [.stretch(4), .stretch(8)]
            card.orientation = .exif
            try SupernetFile.write(supernet.store, card, to: path)
            #expect(try SupernetFile.read(path).card == card)
            let steps = #""steps":[{"stretch":4},{"stretch":8}]"#
            let state = supernet.store.state
            func read(_ replacement: String) throws -> [ImageStep] {
                let text = String(decoding: try JSONEncoder().encode(card), as: UTF8.self)
                try #require(text.contains(steps))
                let changed = text.replacingOccurrences(of: steps, with: replacement)
                try Checkpoint.write(state, metadata: [Self.cardKey: changed], to: path)
                return try SupernetFile.read(path).card.steps
            }
            #expect(try read(#""resize":9"#) == [.resize(9), .centerCrop(8)])
            let older = String(decoding: try JSONEncoder().encode(card), as: UTF8.self)
                .replacingOccurrences(of: #""orientation":"exif""#, with: #""older":0"#)
            try Checkpoint.write(state, metadata: [Self.cardKey: older], to: path)
            #expect(try SupernetFile.read(path).card.orientation == .ignore)
            #expect(try read(#""older":0"#) == [.resize(8), .centerCrop(8)])
            let error = #expect(throws: NetworkFileError.self) { _ = try read(#""steps":[{"stretch":9}]"#) }
            #expect(error?.description.contains("8 x 8") == true)
        }
    }

    /// What stands behind the features must be what the card says, and numbers must be numbers.
    @Test func cardsThatContradictTheTensorsAreRefused() throws {
        try withTemporaryFile { path in
            let supernet = try SmallSpace.resnest.supernet()
            _ = try Linear(supernet.store.root / "fc", supernet.features, 2)
            _ = try Linear(supernet.store.root / "neck" / 2, supernet.features, 8)
            func refusal(
                _ state: [(key: String, tensor: Tensor)]? = nil, _ change: (inout SupernetFile.Card) throws -> Void
            ) throws -> String {
                var card = card(supernet.description)
                try change(&card)
                try SupernetFile.write(state ?? supernet.store.state, card, to: path)
                do { _ = try SupernetFile.read(path) } catch { return "\(error)" }
                return "accepted"
            }
            #expect(try refusal { _ in } == "accepted")
            #expect(
                try refusal { $0.classNames = ["a"] }.hasPrefix(
                    "\(path): its description of the network cannot be used: `classNames` has 1 names, but the last layer "
                        + "has 2 outputs"))
            #expect(try refusal { $0.dimension = 9 }.contains("`neck.2.weight` has the shape"))
            #expect(try refusal { $0.dimension = .max }.contains("`dimension` is"))
            #expect(try refusal { $0.mean = [0, 0] }.contains("`mean` has 2 values"))
            #expect(try refusal { $0.origin = Architecture([0, 0, 99]) }.contains("0 0 99"))
            let scalar = try supernet.store.state.map {
                ($0.key, $0.key == "fc.bias" ? try Tensor.zeros([]) : $0.tensor)
            }
            #expect(try refusal(scalar) { _ in }.contains("`fc.bias` has the shape [] instead of [2]"))
            try SupernetFile.write(supernet.store, card(supernet.description), to: path)
            let file = try SupernetFile.read(path)
            for probe in [
                [("fc.weight", try Tensor.zeros([3, 5])), ("fc.bias", try Tensor.zeros([3]))],
                [("fc.weight", try Tensor.zeros([3, supernet.features])), ("fc.bias", try Tensor.zeros([]))],
                [("fc.weight", try Tensor.zeros([])), ("fc.bias", try Tensor.zeros([3]))], [],
            ] {
                try withTemporaryFile { other in
                    try Checkpoint.write(probe, to: other)
                    #expect(throws: NetworkFileError.noProbe(other, features: supernet.features)) {
                        try file.head(probe: other)
                    }
                }
            }
            try withoutGradients { try supernet.store["bn1.weight"]?.fillInPlace(.nan) }
            #expect(throws: CheckpointError.write(path: path, notFinite: ["bn1.weight"])) {
                try SupernetFile.write(supernet.store, card(supernet.description), to: path)
            }
        }
    }

    /// Writing again replaces the file as a whole.
    @Test func theLastWriteCounts() throws {
        try withTemporaryFile { path in
            let (first, second) = try (SmallSpace.mobile.supernet(), SmallSpace.resnest.supernet())
            try SupernetFile.write(first.store, card(first.description), to: path)
            try SupernetFile.write(second.store, card(second.description), to: path)
            #expect(try bits(SupernetFile.read(path).supernet().store) == bits(second.store))
        }
    }

    @Test func filesWithoutACardAreRefused() throws {
        try withTemporaryFile { path in
            try Checkpoint.write([("x", Tensor.zeros([1]))], to: path)
            #expect(throws: NetworkFileError.noCard(path)) { try SupernetFile.read(path) }
            // A stand-alone network is no supernet, nor the other way round.
            let network = try ImageNetwork(
                NetworkDescription(
                    channels: 3, classes: 2,
                    backbone: SmallSpace.resnest.description().fixed(to: Architecture([0, 0, 0]))),
                store: ParameterStore(seed: 1))
            try NetworkFile.write(
                network,
                .init(network: network.description, classNames: ["a", "b"], imageSize: 8, mean: [0], std: [1]), to: path
            )
            #expect(throws: NetworkFileError.isNetwork(path)) { try SupernetFile.read(path) }
            // Version 0.8 had another key for networks of tasks without classes.
            try Checkpoint.write(network.store.state, metadata: ["supernet.task": "{}"], to: path)
            #expect(throws: NetworkFileError.isNetwork(path)) { try SupernetFile.read(path) }
            let supernet = try SmallSpace.resnest.supernet()
            try SupernetFile.write(supernet.store, card(supernet.description), to: path)
            #expect(throws: NetworkFileError.isSupernet(path)) { try NetworkFile.read(path) }
        }
    }

    @Test(arguments: ["", "{}", "[]", "null", "{\"method\": 3", "{\"supernet\": {\"name\": \"x\"}}"])
    func cardsThatCannotBeReadAreRefused(text: String) throws {
        try withTemporaryFile { path in
            try Checkpoint.write([("x", Tensor.zeros([1]))], metadata: [Self.cardKey: text], to: path)
            let error = #expect(throws: NetworkFileError.self) { try SupernetFile.read(path) }
            #expect(error?.description.contains(path) == true)
        }
    }

    /// A card may describe anything: layers that do not fit together, or that would take all memory to build.
    @Test(arguments: [
        Layer.convolution(.init(4096, kernel: 31)), .convolution(.init(0, kernel: 1)), .linear(outputs: 3),
        .convolution(.init(4, kernel: 1, stride: 0)), .splitAttention(radix: 0, cardinality: 1),
    ]) func cardsOfHostileSupernetsAreRefused(layer: Layer) throws {
        try withTemporaryFile { path in
            let hostile = try SupernetDescription(
                "hostile", channels: 3,
                backbone: .sequence([
                    .init("a", .choice(.init("a", [.init("one", layer), .init("two", layer)]))), .init("", .globalPool),
                ]))
            let text = String(decoding: try JSONEncoder().encode(card(hostile)), as: UTF8.self)
            try Checkpoint.write([("x", Tensor.zeros([100]))], metadata: [Self.cardKey: text], to: path)
            let error = #expect(throws: NetworkFileError.self) { _ = try SupernetFile.read(path).supernet() }
            #expect(error?.description.contains(path) == true)
        }
    }

    /// Tensors that are not the description's are told key by key.
    @Test func missingAndForeignTensorsAreNamed() throws {
        try withTemporaryFile { path in
            let supernet = try SmallSpace.resnest.supernet()
            let text = String(decoding: try JSONEncoder().encode(card(supernet.description)), as: UTF8.self)
            func refusal(_ state: [(key: String, tensor: Tensor)]) throws -> StateError? {
                try Checkpoint.write(state, metadata: [Self.cardKey: text], to: path)
                return #expect(throws: StateError.self) { try SupernetFile.read(path).supernet() }
            }
            let state = supernet.store.state
            #expect(
                try refusal(state.filter { $0.key != "conv1.weight" })
                    == .inFile(path, .mismatch(missing: ["conv1.weight"], unexpected: [], misshapen: [])))
            #expect(
                try refusal(state + [("odd.weight", .zeros([1]))])
                    == .inFile(path, .mismatch(missing: [], unexpected: ["odd.weight"], misshapen: [])))
            let narrow = try state.map { ($0.key, $0.key == "bn1.bias" ? try Tensor.zeros([3]) : $0.tensor) }
            let misshapen = [StateError.Misshapen(key: "bn1.bias", expected: [16], found: [3])]
            #expect(
                try refusal(narrow) == .inFile(path, .mismatch(missing: [], unexpected: [], misshapen: misshapen)))
        }
    }

    @Test func aDamagedFileIsRefused() throws {
        try withTemporaryFile { path in
            let supernet = try SmallSpace.resnest.supernet()
            try SupernetFile.write(supernet.store, card(supernet.description), to: path)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            for count in [0, 7, 100, bytes.count / 2, bytes.count - 1] {
                try bytes.prefix(count).write(to: URL(fileURLWithPath: path))
                #expect(throws: (any Error).self) { try SupernetFile.read(path) }
            }
        }
    }
}
