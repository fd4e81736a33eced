import Architectures
import Foundation
import NN
import Networks
import Support
import Testing
import Torch

@testable import Interchange

/// Networks as folders of model hubs and as code. What both compute is tested from Python.
@Suite struct ModelFolderTests {
    private static func card(_ network: NetworkDescription, size: ImageSize = 224) -> NetworkFile.Card {
        NetworkFile.Card(
            network: network, classNames: (0..<network.classes).map { "class \($0)" }, imageSize: size, mean: [0.5],
            std: [0.25])
    }

    private static func network(_ backbone: Layer) -> NetworkDescription {
        NetworkDescription(channels: 3, classes: 7, backbone: backbone)
    }

    @Test func networksThatTimmHasAreKnownByTheirLayers() throws {
        let code = Architecture([Int](repeating: 1, count: 16))
        let known: [(String, NetworkDescription, ImageSize)] = [
            ("mobilenetv2_100", Self.network(try MobileNetV2().backbone()), 96),
            ("efficientnet_lite0", Self.network(try EfficientNetLite.lite0.backbone()), 224),
            ("efficientnet_lite2", Self.network(try EfficientNetLite.lite2.backbone()), 260),
            ("resnest50d", try ResNeStSpace.resnest50.network(code: code, classes: 7), 224),
        ]
        for (name, network, size) in known {
            let found = try #require(TimmNetwork(Self.card(network, size: size)), "\(name)")
            #expect(found.architecture == name)
        }
        // Narrower, or with other blocks, timm has none of them.
        #expect(TimmNetwork(Self.card(Self.network(try MobileNetV2(widthMultiplier: 0.5).backbone()))) == nil)
        let own = try ResNeStSpace.resnest50.network(code: ResNeStSpace.classificationCode, classes: 7)
        #expect(TimmNetwork(Self.card(own)) == nil)
        // timm puts zeros by the size of the image, which these have by another one.
        #expect(TimmNetwork(Self.card(Self.network(try EfficientNetLite.lite2.backbone()), size: 256)) == nil)
        // Without a classifier it is not timm's either.
        var card = Self.card(Self.network(try MobileNetV2().backbone()))
        card.head = .neck(features: 1280)
        #expect(TimmNetwork(card) == nil)
    }

    @Test func tensorsAreRenamedInTheirOrder() throws {
        let timm = try #require(TimmNetwork(Self.card(Self.network(try MobileNetV2().backbone()))))
        let names = [
            "features.0.0.weight": "conv_stem.weight", "features.0.1.running_var": "bn1.running_var",
            "features.1.conv.0.0.weight": "blocks.0.0.conv_dw.weight",
            "features.1.conv.1.weight": "blocks.0.0.conv_pw.weight",
            "features.4.conv.2.weight": "blocks.2.0.conv_pwl.weight", "features.4.conv.3.bias": "blocks.2.0.bn3.bias",
            "features.17.conv.1.0.weight": "blocks.6.0.conv_dw.weight", "features.18.0.weight": "conv_head.weight",
            "fc.bias": "classifier.bias",
        ]
        for (own, wanted) in names { #expect(timm.key(own) == wanted) }
        let network = try ImageNetwork(Self.network(try MobileNetV2().backbone()), store: ParameterStore(seed: 0))
        let keys = network.store.state.map { timm.key($0.key) }
        #expect(Set(keys).count == keys.count && keys.allSatisfy { !$0.hasPrefix("features") })
    }

    @Test func keysThatModulesCannotHaveAreRefused() throws {
        for keys in [["a", "a"], ["a", "a.b"], ["a\")", "b"], ["a..b", "c"]] {
            let parts = keys.map { Layer.Part($0, .convolution(.init(3, kernel: 1))) }
            let card = Self.card(Self.network(.sequence(parts + [.init("", .globalPool)])), size: 8)
            #expect(throws: SpaceError.self) { try PythonNetwork(card, head: .linear(outputs: 7), name: "x") }
        }
    }

    @Test func classesAreTextsOfPython() throws {
        var card = Self.card(
            Self.network(.sequence([.init("a", .convolution(.init(3, kernel: 1))), .init("", .globalPool)])))
        card.classNames = ["\"\"\"", "\n", "\\", "é", "x", "y", "z"]
        let text = try PythonNetwork(card, head: .linear(outputs: 7), name: "x").text
        #expect(text.contains(#"CLASSES = ["\"\"\"","\n","\\","é","x","y","z"]"#))
    }
}
