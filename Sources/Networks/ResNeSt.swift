import NN
import Torch

/// The four block shapes of Pi-NAS's search space, by radix, cardinality and base width (Peng et al., "Pi-NAS", ICCV
/// 2021, section 4.1).
public struct SplitAttentionChoice: Sendable, Hashable {
    /// The number of splits that attention weighs against each other.
    public let radix: Int
    /// The number of groups of channels that do not mix.
    public let cardinality: Int
    /// Channels of one group where a block has 64 planes.
    public let baseWidth: Int

    /// A block shape of any numbers; the search space has only those of `all`.
    public init(radix: Int, cardinality: Int, baseWidth: Int) {
        self.radix = radix
        self.cardinality = cardinality
        self.baseWidth = baseWidth
    }

    /// Codes 0 to 3.
    public static let all = [
        SplitAttentionChoice(radix: 1, cardinality: 1, baseWidth: 64),
        SplitAttentionChoice(radix: 2, cardinality: 1, baseWidth: 64),
        SplitAttentionChoice(radix: 1, cardinality: 2, baseWidth: 42),
        SplitAttentionChoice(radix: 2, cardinality: 2, baseWidth: 40),
    ]

    /// The channels between a block's 1x1 convolutions.
    public func innerWidth(planes: Int) -> Int {
        // Integer arithmetic as in the published networks: 42 of 64 planes is 42, of 128 planes 84.
        planes * baseWidth / 64 * cardinality
    }
}

/// A ResNeSt: a residual network of split-attention bottlenecks (Zhang et al., 2020) whose blocks are chosen one by
/// one.
public struct ResNeStDescription: Sendable, Hashable, Codable {
    /// How the image enters.
    public enum Stem: String, Sendable, Codable, CaseIterable {
        /// Three 3x3 convolutions, the first of stride 2, and max-pooling of stride 2: for 224 pixels.
        case deep
        /// One 3x3 convolution of stride 1: for 28 to 64 pixels.
        case small
    }

    /// Channels of the image.
    public var channels: Int
    /// Outputs of the last layer.
    public var classes: Int
    /// How the image enters, which depends on its size.
    public var stem: Stem
    /// Channels of the stem's first convolution: the deep stem ends with twice as many, the small one with as many.
    /// Nil: 32 in the deep stem, the first stage's planes in the small one.
    public var stemWidth: Int?
    /// Width of each stage's 3x3 convolutions, before the candidate's own factor.
    public var planes: [Int]
    /// Blocks a stage.
    public var depths: [Int]
    /// Output channels of a block: expansion * planes.
    public var expansion: Int
    /// The candidate of each block, 0 to 3, stage after stage.
    public var code: [Int]
    /// Where the scale of each block's last batch norm starts.
    public var lastScale: Double

    /// A network of these sizes, unchecked; see `validate()`.
    public init(
        channels: Int = 3, classes: Int, stem: Stem, stemWidth: Int? = nil, planes: [Int], depths: [Int],
        expansion: Int = 4, code: [Int], lastScale: Double = 1
    ) {
        self.channels = channels
        self.classes = classes
        self.stem = stem
        self.stemWidth = stemWidth
        self.planes = planes
        self.depths = depths
        self.expansion = expansion
        self.code = code
        self.lastScale = lastScale
    }

    /// ResNeSt-50 with Pi-NAS's code `cls`, found for classification: 27,046,278 parameters for 1000 classes.
    public static func resnest50(
        classes: Int = 1000, channels: Int = 3, code: [Int] = [3, 0, 1, 3, 2, 3, 1, 2, 0, 3, 2, 1, 3, 0, 3, 2]
    ) -> ResNeStDescription {
        ResNeStDescription(
            channels: channels, classes: classes, stem: .deep, planes: [64, 128, 256, 512], depths: [3, 4, 6, 3],
            code: code)
    }

    /// Channels of the stem's first convolution.
    var firstChannels: Int { stemWidth ?? (stem == .deep ? 32 : planes[0]) }

    /// Channels after the stem.
    var stemChannels: Int { stem == .deep ? 2 * firstChannels : firstChannels }

    /// - Throws: `TorchError` that names the field.
    public func validate() throws {
        func refuse(_ message: String) -> TorchError {
            TorchError(.invalidArgument, operation: "ResNeSt", message: message)
        }
        guard !planes.isEmpty, planes.count == depths.count else {
            throw refuse(
                "planes (\(planes)) and depths (\(depths)) must have one entry a stage, and there must be a stage")
        }
        let sizes = planes + depths + [channels, classes, expansion, firstChannels]
        guard sizes.allSatisfy({ (1...65_536).contains($0) }) else {
            throw refuse(
                "planes (\(planes)), depths (\(depths)), channels (\(channels)), classes (\(classes)), expansion "
                    + "(\(expansion)) and stemWidth (\(firstChannels)) must be from 1 to 65,536")
        }
        guard code.count == depths.reduce(0, +) else {
            throw refuse(
                "code has \(code.count) entries, but there are \(depths.reduce(0, +)) blocks (depths \(depths))")
        }
        let known = SplitAttentionChoice.all.indices
        guard let bad = code.firstIndex(where: { !known.contains($0) }) else { return }
        throw refuse("code[\(bad)] is \(code[bad]); candidates are numbered 0 to \(known.upperBound - 1)")
    }
}

/// A stand-alone ResNeSt. Keys are those of the published Pi-NAS networks: `conv1`, `bn1`, `layerL.i.…`, `fc`.
public final class ResNeSt: Network {
    /// Its tensors; those of its device and memory format.
    public let store: ParameterStore
    /// What it was built from.
    public let description: ResNeStDescription
    let stem: Stem
    let stages: [[SplitAttentionBottleneck]]
    let fc: Linear

    /// Builds the network at the root of `store`, from whose seed the initial values follow.
    ///
    /// - Throws: `TorchError` if the description is not valid; `StateError.duplicateKey` if the store has such keys.
    public init(_ description: ResNeStDescription, store: ParameterStore) throws {
        try description.validate()
        self.description = description
        self.store = store
        let root = store.root
        stem = try Stem(root, description)
        var inputs = description.stemChannels
        var code = description.code[...]
        var stages: [[SplitAttentionBottleneck]] = []
        for (stage, (planes, depth)) in zip(description.planes, description.depths).enumerated() {
            var blocks: [SplitAttentionBottleneck] = []
            for index in 0..<depth {
                let scope = root / "layer\(stage + 1)" / index
                let outputs = planes * description.expansion
                let stride = index == 0 && stage > 0 ? 2 : 1
                // The first block of a stage always projects its shortcut, as in the published networks.
                let shortcut = index == 0 ? try Shortcut(scope / "downsample", inputs, outputs, stride: stride) : nil
                blocks.append(
                    try SplitAttentionBottleneck(
                        scope, inputs, outputs, planes: planes, stride: stride,
                        choice: SplitAttentionChoice.all[code.removeFirst()], shortcut: shortcut,
                        lastScale: description.lastScale))
                inputs = outputs
            }
            stages.append(blocks)
        }
        self.stages = stages
        fc = try Linear(root / "fc", inputs, description.classes)
    }

    /// Pooled features: [N, C, H, W] to [N, expansion * planes.last].
    public func features(_ images: Tensor, _ mode: Mode) throws -> Tensor {
        var x = try stem(images.contiguous(store.format), mode)
        for block in stages.joined() { x = try block(x, mode) }
        return try x.splitPooled(radix: 1).flattened(from: 1)
    }

    /// [N, C, H, W] to logits [N, classes], float32.
    public func callAsFunction(_ images: Tensor, _ mode: Mode) throws -> Tensor {
        try fc(features(images, mode)).to(.float32)
    }
}
