import Datasets
import NN
import Networks
import Torch
import Training

/// The loss of segmentation: the cross-entropy of each labelled pixel, with the logits brought to the size of the label
/// map, and the same of an auxiliary head on an earlier map. The logits themselves are what the layers give.
public struct SegmentationHead: TaskHead {
    /// The map that the auxiliary head learns from.
    public static let auxiliaryMap = "C4"

    /// The weight of the auxiliary head's loss.
    public let auxiliaryWeight: Double
    /// The layers of the auxiliary head, from the map C4 to logits; nil for none.
    public let auxiliary: Backbone?

    /// Creates the head.
    public init(auxiliaryWeight: Double, auxiliary: Backbone?) {
        (self.auxiliaryWeight, self.auxiliary) = (auxiliaryWeight, auxiliary)
    }

    /// The logits [N, K, H', W'], float32.
    public func outputs(_ features: Tensor, _ mode: Mode) throws -> Tensor { try features.to(.float32) }

    /// The logits of the auxiliary head.
    public func auxiliary(_ maps: FeatureMaps, _ mode: Mode) throws -> Tensor? {
        try auxiliary.map { try $0(maps.map(Self.auxiliaryMap), mode) }
    }

    /// The loss without an auxiliary head.
    public func loss(_ features: Tensor, _ targets: Targets, _ mode: Mode, progress: Double) throws -> TaskLoss {
        try loss(features, auxiliary: nil, targets, mode, progress: progress)
    }

    /// The mean of the cross-entropy over labelled pixels, and that of the auxiliary head by its weight; 0 for a batch
    /// without a labelled pixel. The number of correct predictions is that of images, by the share of their pixels.
    ///
    /// - Throws: `TrainingError.badOption` for images without label maps.
    public func loss(
        _ features: Tensor, auxiliary: Tensor?, _ targets: Targets, _ mode: Mode, progress: Double
    ) throws -> TaskLoss {
        guard let maps = targets.maps else {
            throw TrainingError.badOption("task.name", "is for images with label maps, and these have none")
        }
        let outputs = try outputs(features, mode)
        let pixels = try LabelledPixels(maps)
        if targets.smoothing == 0 {
            func part(_ logits: Tensor) throws -> (loss: Tensor, correct: Tensor) {
                let found = try logits.contiguous(.channelsLast).pixelCrossEntropy(maps, ignored: Int(LabelMap.ignored))
                return (try found.sum / pixels.count, found.correct)
            }
            let own = try part(outputs)
            let loss = try auxiliary.map { try own.loss + part($0.to(.float32)).loss * auxiliaryWeight } ?? own.loss
            let correct = try withoutGradients { try own.correct / pixels.count * Double(maps.size(0)) }
            return TaskLoss(loss: loss, outputs: outputs, correct: correct)
        }
        let logits = try PixelLogits(outputs, like: maps)
        var loss = try pixels.crossEntropy(logits, smoothing: targets.smoothing)
        if let auxiliary {
            let other = try PixelLogits(auxiliary.to(.float32), like: maps)
            loss = try loss + pixels.crossEntropy(other, smoothing: targets.smoothing) * auxiliaryWeight
        }
        let correct = try withoutGradients {
            try logits.rows.argmax(1).equals(pixels.labels).to(.float32).sum() / pixels.count * Double(maps.size(0))
        }
        return TaskLoss(loss: loss, outputs: outputs, correct: correct)
    }
}

/// The labels of a batch's pixels, in one row.
struct LabelledPixels {
    /// The label of each pixel, [M], int64, `LabelMap.ignored` where there is none.
    let labels: Tensor
    /// The number of labelled pixels, at least 1, float32.
    let count: Tensor

    /// Takes label maps [N, H, W], uint8.
    init(_ maps: Tensor) throws {
        let labels = try maps.to(.int64).reshaped([-1])
        self.labels = labels
        count = try withoutGradients {
            let ignored = try labels.equals(Tensor(Int64(LabelMap.ignored), device: maps.device))
            return try (ignored.to(.float32) * -1 + 1).sum().clamped(min: 1)
        }
    }

    /// The mean of the cross-entropy over labelled pixels.
    func crossEntropy(_ logits: PixelLogits, smoothing: Double = 0) throws -> Tensor {
        try logits.rows.crossEntropySum(labels, ignored: Int(LabelMap.ignored), smoothing: smoothing) / count
    }
}

/// The logits of pixels, of which each has its classes side by side in memory: that is the order in which softmax is
/// fastest, and in which channels-last maps lie anyway.
struct PixelLogits {
    /// The logits, [M, K].
    let rows: Tensor

    /// Brings maps of logits [N, K, H', W'] to the size of label maps [N, H, W], bilinearly, the centres of the corner
    /// positions staying in the corners.
    init(_ outputs: Tensor, like maps: Tensor) throws {
        let (height, width) = (maps.size(1), maps.size(2))
        let resized =
            outputs.size(2) == height && outputs.size(3) == width
            ? outputs : try outputs.contiguous(.channelsLast).resized(height, width, alignCorners: true)
        rows = try resized.permuted([0, 2, 3, 1]).reshaped([-1, outputs.size(1)])
    }
}
