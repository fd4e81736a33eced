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

    /// Version 0.8 kept networks of tasks without classes under a key of their own, in a card within a card that called the
    /// features classes; the head could be missing, to be told by the tensors.
    @Test(arguments: ["linear", "neck"], [true, false])
    func networksOfTasksOfVersion08AreRead(kind: String, isStated: Bool) throws {
        let path = NSTemporaryDirectory() + "supernet-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let layer = try SmallSpace.resnest.description().fixed(to: SmallSpace.resnest.architectures(1)[0])
        let backbone = try Backbone(layer, channels: 3, store: ParameterStore(seed: 1))
        let (features, scope) = (backbone.features, backbone.store.root / "fc")
        let head: NetworkHead = kind == "linear" ? .linear(outputs: 5) : .neck(features: features)
        if kind == "linear" {
            _ = try Linear(scope, features, 5)
        } else {
            _ = try BatchNorm2d(scope / "neck", features)
        }
        try shake(backbone.store)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let shape = String(decoding: try encoder.encode(layer), as: UTF8.self)
        let stated = isStated ? #""head":{"kind":"\#(kind)","outputs":\#(head.outputs)},"# : ""
        let card = """
            {"task":"age",\(stated)
             "network":{"classNames":[],"imageSize":12,"mean":[0.5],"std":[0.25],"orientation":"exif",
                        "steps":[{"stretch":[12,12]}],
                        "network":{"channels":3,"classes":\(features),"backbone":\(shape)}}}
            """
        func write(_ tensors: [(key: String, tensor: Tensor)], _ card: String) throws {
            try Checkpoint.write(tensors, metadata: ["supernet.task": card, "format": "pt"], to: path)
        }
        try write(backbone.store.state, card)
        let file = try NetworkFile.read(path, format: .contiguous)
        #expect(file.card.task == "age" && file.card.head == head && file.network.head == head)
        #expect(file.card.classNames.isEmpty && file.card.imageSize == 12 && file.card.steps == [.stretch(12)])
        #expect(file.card.orientation == .exif && file.card.mean == [0.5] && file.card.std == [0.25])
        #expect(file.card.network == NetworkDescription(channels: 3, classes: head.linearOutputs, backbone: layer))
        #expect(
            try file.card.network.cost(imageSize: 12).parameters + (kind == "neck" ? 2 * features : 0)
                == file.network.store.parameterCount)
        let x = try images(2, 12)
        #expect(try file.network.outputs(x, precision: .float32).shape == [2, head.outputs])
        #expect(try bits(file.network.features(x, .evaluation)) == bits(backbone(x, .evaluation)))
        for (key, tensor) in backbone.store.state {
            #expect(try bits(#require(file.network.store[key])) == bits(tensor), "\(key)")
        }
        // Written again it is a file of now, and the same network.
        try NetworkFile.write(file.network, file.card, to: path)
        #expect(try Checkpoint.metadata(of: path)["supernet.task"] == nil)
        let again = try NetworkFile.read(path, format: .contiguous)
        #expect(again.card == file.card)
        #expect(try bits(again.network(x, .evaluation)) == bits(file.network(x, .evaluation)))
        // Without its head, and with a card that is none.
        try write(backbone.store.state.filter { !$0.key.hasPrefix("fc.") }, card)
        if isStated {
            #expect(throws: StateError.self) { try NetworkFile.read(path) }
        } else {
            let error = #expect(throws: NetworkFileError.self) { try NetworkFile.read(path) }
            #expect(error?.description.contains("its head is missing") == true)
        }
        for text in ["{}", "[]", card.replacingOccurrences(of: #""task""#, with: #""tusk""#)] {
            try write(backbone.store.state, text)
            #expect(throws: NetworkFileError.self, "\(text.prefix(40))") { try NetworkFile.read(path) }
        }
    }

    /// A head of its own is in the card, and what it has for learning alone is not in the file.
    @Test func headsAreKeptWithTheirNetworks() throws {
        let path = NSTemporaryDirectory() + "supernet-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let layer = try SmallSpace.resnest.description().fixed(to: SmallSpace.resnest.architectures(1)[0])
        let features = try Backbone(layer, channels: 3, store: ParameterStore(seed: 1)).features
        let description = NetworkDescription(channels: 3, classes: 0, backbone: layer)
        let network = try ImageNetwork(
            description, head: .neck(features: features), store: ParameterStore(seed: 1))
        try shake(network.store)
        var card = NetworkFile.Card(
            task: "re-identification", network: description, head: network.head, classNames: [], imageSize: 12,
            mean: [0.5], std: [1])
        let extra = try network.store.state + [("fc.classifier.weight", Tensor.zeros([4, features]))]
        try NetworkFile.write(extra, card, to: path)
        let file = try NetworkFile.read(path, format: .contiguous)
        #expect(try file.card == card && !Checkpoint.read(path).tensors.contains { $0.key.contains("classifier") })
        let x = try images(2, 12)
        #expect(try bits(file.network(x, .evaluation)) == bits(network(x, .evaluation)))
        // Names of classes must be those of the outputs, whatever the task.
        card.classNames = ["a", "b"]
        #expect(throws: CardError.classNames(2, outputs: features)) { try NetworkFile.write(extra, card, to: path) }
        (card.task, card.classNames) = (NetworkFile.classification, [])
        #expect(throws: CardError.classNames(0, outputs: features)) { try NetworkFile.write(extra, card, to: path) }
        #expect(throws: SpaceError.self) {
            try ImageNetwork(description, head: .neck(features: features + 1), store: ParameterStore(seed: 1))
        }
        #expect(throws: SpaceError.self) { try ImageNetwork(description, store: ParameterStore(seed: 1)) }
    }

    /// In bfloat16 the backbone and a linear head compute in it; in float32 nothing differs.
    @Test func outputsAreOfTheWholeNetworkInItsPrecision() throws {
        let layer = try SmallSpace.resnest.description().fixed(to: SmallSpace.resnest.architectures(1)[0])
        let network = try ImageNetwork(
            NetworkDescription(channels: 3, classes: 4, backbone: layer), store: ParameterStore(seed: 1))
        try shake(network.store)
        let x = try images(2, 12)
        let plain = try withoutGradients { try network(x, .evaluation) }
        try withoutGradients {
            #expect(try bits(network.outputs(x, precision: .float32)) == bits(plain))
            let outputs = try network.outputs(x, precision: .bfloat16)
            #expect(outputs.dtype == .float32)
            let (weight, bias) = (try #require(network.store["fc.weight"]), try #require(network.store["fc.bias"]))
            let expected = try withPrecision(.bfloat16) {
                try network.features(x, .evaluation).linear(weight, bias: bias).to(.float32)
            }
            #expect(try bits(outputs) == bits(expected))
            #expect(try (outputs - plain).absolute().max().item() > 0)
        }
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
