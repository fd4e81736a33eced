import Architectures
import NN
import Networks
import TensorFiles

extension CheckpointImport {
    /// The key by which a detector is known.
    private static let mark = "roi_heads.box_predictor.cls_score.weight"

    /// Whether the checkpoint is of a detector under the keys of Detectron2.
    public var isDetector: Bool { checkpoint.tensors.contains { $0.name.hasSuffix(Self.mark) } }

    /// Imports a detector under the keys of Detectron2, such as Pi-NAS's on COCO: a ResNeSt or any backbone under its own keys
    /// behind `backbone.bottom_up.`, and a feature pyramid with the heads of Faster or Mask R-CNN. What the head is follows
    /// from its tensors: all else is as in Pi-NAS's configurations.
    ///
    /// - Parameters:
    ///   - backbone: the layers of the backbone without choices, which may end in pooled features.
    ///   - channels: the number of channels of the images.
    ///   - classNames: the names of the classes in the order of the outputs; nil numbers them.
    /// - Returns: the network, the names of its classes, and what was taken.
    /// - Throws: `ImportError`; `SpaceError` for a backbone without the maps of a detector, or numbers out of range.
    public func detector(
        _ backbone: Layer, channels: Int, classNames: [String]? = nil
    ) throws -> (network: ImageNetwork, classNames: [String], report: ImportReport) {
        let marked = checkpoint.tensors.first { $0.name.hasSuffix(Self.mark) }?.name ?? Self.mark
        let prefix = prefix ?? String(marked.dropLast(Self.mark.count))
        let stored = checkpoint.tensors(behind: prefix)
        let description = Self.describing(stored)
        let names = classNames ?? (0..<description.classes).map { "\($0)" }
        guard names.count == description.classes else {
            throw ImportError.classCount(
                path: checkpoint.path, key: prefix + Self.mark, outputs: description.classes, names: names.count)
        }
        let dense = backbone.taps.isEmpty ? try backbone.dense(inputs: channels, outputStride: 32).layer : backbone
        let network = try ImageNetwork(
            NetworkDescription(channels: channels, classes: 0, backbone: dense), head: .detector(description),
            store: ParameterStore(seed: 0, format: .channelsLast))
        let keys = network.store.keys.map(\.key)
        let wanted = Set(keys)
        // What is no tensor of the network: how pixels are prepared, and anchors, which follow from the settings.
        let tensors = stored.filter { !$0.key.hasPrefix("pixel_") && !$0.key.contains("anchor_generator") }
        let renamed = Dictionary(
            tensors.map { (Self.ownKey(of: $0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
        let part = ForeignCheckpoint.Part(
            prefix: prefix, tensors: renamed, found: renamed.keys.count(where: wanted.contains), alternatives: [])
        let taken = try load(part, into: network.store, keys: keys)
        return (
            network, names, ImportReport(checkpoint, part, taken: taken, parameters: network.store.parameterCount)
        )
    }

    /// What the head of a checkpoint is.
    private static func describing(_ stored: [String: StoredTensor]) -> DetectorDescription {
        func size(_ key: String) -> Int { stored[key]?.shape.first ?? 0 }
        func count(_ name: (Int) -> String) -> Int {
            var number = 0
            while stored[name(number + 1)] != nil { number += 1 }
            return number
        }
        var options = DetectorOptions()
        options.width = size("backbone.fpn_output2.weight")
        options.isNormed = stored["backbone.fpn_output2.norm.weight"] != nil
        options.regions.convolutions = count { "roi_heads.box_head.conv\($0).weight" }
        options.regions.hidden = count { "roi_heads.box_head.fc\($0).weight" }
        if options.regions.hidden > 0 { options.regions.hiddenWidth = size("roi_heads.box_head.fc1.weight") }
        options.maskConvolutions = count { "roi_heads.mask_head.mask_fcn\($0).weight" }
        return DetectorDescription(
            classes: size(mark) - 1, hasMasks: stored["roi_heads.mask_head.predictor.weight"] != nil, options: options)
    }

    /// The key of a tensor here.
    static func ownKey(of key: String) -> String {
        let bottom = "backbone.bottom_up."
        guard key.hasPrefix(bottom) else { return "\(NetworkHead.key).\(key)" }
        let parts = key.dropFirst(bottom.count).split(separator: ".").map(String.init)
        func joined(_ start: [String], _ from: Int) -> String { (start + parts.dropFirst(from)).joined(separator: ".") }
        // The three convolutions of a ResNeSt's stem, each with its norm.
        if parts.count > 3, parts[0] == "stem", parts[1] == "conv1", let number = Int(parts[2]),
            (0...2).contains(number)
        {
            guard parts[3] == "norm" else { return joined(["conv1", "\(3 * number)"], 3) }
            return joined(number == 2 ? ["bn1"] : ["conv1", "\(3 * number + 1)"], 4)
        }
        if parts.count > 3, parts[0].hasPrefix("res"), let stage = Int(parts[0].dropFirst(3)), (2...9).contains(stage) {
            let block = ["layer\(stage - 1)", parts[1]]
            switch (parts[2], parts[3]) {
            case ("conv1", "norm"): return joined(block + ["bn1"], 4)
            case ("conv3", "norm"): return joined(block + ["bn3"], 4)
            case ("shortcut", "norm"): return joined(block + ["downsample", "2"], 4)
            case ("shortcut", _): return joined(block + ["downsample", "1"], 3)
            default: return joined(block, 2)
            }
        }
        return parts.joined(separator: ".")
    }
}
