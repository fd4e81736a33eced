import Architectures
import Foundation
import NN
import Networks
import Testing
import Torch

@testable import Interchange

/// Detectors under the keys of Detectron2, as Pi-NAS's were published.
@Suite struct DetectorImportTests {
    private static func backbone() throws -> Layer {
        try ResNeStSpace(
            channels: 3, stem: .deep, stemWidth: 4, planes: [4, 4, 8, 8], depths: [1, 2, 1, 1], expansion: 2
        ).network(code: Architecture([0, 1, 0, 1, 0]), classes: 1).backbone
    }

    private static func description(hasMasks: Bool, isNormed: Bool) -> DetectorDescription {
        var description = DetectorDescription(classes: 3, hasMasks: hasMasks)
        (description.options.width, description.options.isNormed) = (8, isNormed)
        (description.options.regions.convolutions, description.options.regions.hiddenWidth) = (2, 12)
        description.options.maskConvolutions = hasMasks ? 3 : 0
        return description
    }

    /// Where Detectron2 has a tensor of the network, worked out the other way round.
    private static func foreign(_ key: String) -> String {
        if key.hasPrefix("fc.") { return String(key.dropFirst(3)) }
        var name = key
        for (own, other) in [
            ("conv1.0.", "stem.conv1.0."), ("conv1.1.", "stem.conv1.0.norm."), ("conv1.3.", "stem.conv1.1."),
            ("conv1.4.", "stem.conv1.1.norm."), ("conv1.6.", "stem.conv1.2."), ("bn1.", "stem.conv1.2.norm."),
        ] where key.hasPrefix(own) { name = other + key.dropFirst(own.count) }
        if key.hasPrefix("layer"), let stage = Int(String(key.dropFirst(5).prefix(1))) {
            var parts = key.split(separator: ".").map(String.init)
            parts[0] = "res\(stage + 1)"
            switch parts[2] {
            case "bn1", "bn3": parts.replaceSubrange(2...2, with: ["conv" + parts[2].dropFirst(2), "norm"])
            case "downsample":
                parts.replaceSubrange(2...3, with: parts[3] == "1" ? ["shortcut"] : ["shortcut", "norm"])
            default: break
            }
            name = parts.joined(separator: ".")
        }
        return "backbone.bottom_up." + name
    }

    private func withCheckpoint(
        hasMasks: Bool = true, isNormed: Bool = true,
        _ change: (inout [(key: String, tensor: Tensor)]) throws -> Void = { _ in },
        _ body: (_ original: ImageNetwork, _ checkpoint: CheckpointImport) throws -> Void
    ) throws {
        let description = Self.description(hasMasks: hasMasks, isNormed: isNormed)
        let network = try ImageNetwork(
            NetworkDescription(
                channels: 3, classes: 0, backbone: Self.backbone().dense(inputs: 3, outputStride: 32).layer),
            head: .detector(description), store: ParameterStore(seed: 5, format: .channelsLast))
        var tensors = network.store.state.map { (key: "model." + Self.foreign($0.key), tensor: $0.tensor) }
        tensors.append(("model.pixel_mean", try .zeros([3, 1, 1])))
        tensors.append(("model.proposal_generator.anchor_generator.cell_anchors.0", try .zeros([3, 4])))
        tensors.append(("iteration", try .zeros([1])))
        try change(&tensors)
        let path = NSTemporaryDirectory() + "supernet-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Checkpoint.write(tensors, metadata: ["format": "pt"], to: path)
        try body(network, CheckpointImport(ForeignCheckpoint(path)))
    }

    @Test(arguments: [true, false], [true, false]) func itIsTheSameNetwork(_ hasMasks: Bool, _ isNormed: Bool) throws {
        try withCheckpoint(hasMasks: hasMasks, isNormed: isNormed) { original, checkpoint in
            #expect(checkpoint.isDetector)
            let made = try checkpoint.detector(Self.backbone(), channels: 3, classNames: ["a", "b", "c"])
            #expect(made.network.head == original.head && made.classNames == ["a", "b", "c"])
            #expect(made.report.prefix == "model.")
            #expect(Set(made.report.leftOut.map(\.group)).contains("iteration"))
            let images = try Tensor((0..<3 * 64 * 64).map { Float($0 % 17) / 17 }, shape: [1, 3, 64, 64])
            try withoutGradients {
                let found = try made.network(images, .evaluation).array(Float.self)
                #expect(try found == original(images, .evaluation).array(Float.self))
            }
        }
    }

    @Test func whatDoesNotFitIsTold() throws {
        try withCheckpoint { _, checkpoint in
            #expect(throws: ImportError.self) {
                try checkpoint.detector(Self.backbone(), channels: 3, classNames: ["a"])
            }
            // Another backbone.
            let other = try ResNeStSpace(
                channels: 3, stem: .deep, stemWidth: 4, planes: [4, 4, 8, 8], depths: [1, 1, 1, 1], expansion: 2
            ).network(code: Architecture([0, 0, 0, 0]), classes: 1).backbone
            #expect(throws: ImportError.self) { try checkpoint.detector(other, channels: 3) }
        }
        try withCheckpoint { tensors in
            tensors.removeAll { $0.key.hasSuffix("deconv.bias") }
        } _: { _, checkpoint in
            let error = #expect(throws: ImportError.self) { try checkpoint.detector(Self.backbone(), channels: 3) }
            #expect(error.map { "\($0)".contains("deconv.bias") } ?? false)
        }
        // A head of no classes at all.
        try withCheckpoint { tensors in
            for (place, entry) in tensors.enumerated() where entry.key.contains("cls_score") {
                tensors[place].tensor = try .zeros(entry.key.hasSuffix("weight") ? [1, 12] : [1])
            }
        } _: { _, checkpoint in
            #expect(throws: SpaceError.self) { try checkpoint.detector(Self.backbone(), channels: 3) }
        }
    }
}
