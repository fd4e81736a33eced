import Architectures
import Datasets
import Detectors
import NN
import Networks
import Support
import Torch
import Training

/// The head of a detector in training. It computes in the precision of the maps that it is given.
public struct DetectionHead: TaskHead {
    /// The detector on the maps of a backbone.
    public let detector: DetectorHead

    /// Creates the head.
    public init(_ detector: DetectorHead) { self.detector = detector }

    /// Not of use: a detector stands on several maps.
    ///
    /// - Throws: `TrainingError.badOption`.
    public func outputs(_ features: Tensor, _ mode: Mode) throws -> Tensor { throw Self.needsMaps }

    /// Not of use: a detector stands on several maps.
    ///
    /// - Throws: `TrainingError.badOption`.
    public func loss(_ features: Tensor, _ targets: Targets, _ mode: Mode, progress: Double) throws -> TaskLoss {
        throw Self.needsMaps
    }

    private static var needsMaps: TrainingError {
        .badOption("task.name", "is for networks that hand out maps on the way, and only the last map is there")
    }

    /// What is found in each image, as `FoundObject.packed` has it.
    public func outputs(of maps: FeatureMaps, _ mode: Mode) throws -> Tensor {
        try inPrecision(of: maps) {
            let options = detector.description
            return try FoundObject.packed(
                detector.findings(levels(maps, mode), try sizes(maps), mode), count: options.options.regions.findings,
                hasMasks: options.hasMasks)
        }
    }

    /// The maps of the pyramid, [N, positions, channels]: whoever gives the same maps finds the same objects, and unlike these,
    /// maps tell by how much and in which direction they differ.
    public func answers(of maps: FeatureMaps, _ mode: Mode) throws -> Tensor {
        try Self.answers(inPrecision(of: maps) { try levels(maps, mode) })
    }

    private static func answers(_ levels: [Tensor]) throws -> Tensor {
        try .concatenated(
            levels.map { try $0.permuted([0, 2, 3, 1]).flattened(from: 1, to: 2).to(.float32) }, dimension: 1)
    }

    /// The sum of the detector's losses: of anchors, of proposals, and of masks.
    ///
    /// - Throws: `TrainingError.badOption` for images without boxes.
    public func loss(
        of maps: FeatureMaps, auxiliary: Tensor?, _ targets: Targets, _ mode: Mode, progress: Double
    ) throws -> TaskLoss {
        guard let boxes = targets.boxes else {
            throw TrainingError.badOption("task.name", "is for images with boxes, and these have none")
        }
        var generator = SeededGenerator(seed: targets.seed)
        return try inPrecision(of: maps) {
            let levels = try levels(maps, mode)
            let losses = try detector.losses(levels, sizes(maps), boxes, mode, using: &generator)
            return TaskLoss(loss: try losses.sum(), outputs: try Self.answers(levels))
        }
    }

    /// The mean square of the differences of the pyramids, in parts of that of the teacher's, so that it does not depend on the
    /// scale of features.
    public func distance(_ outputs: Tensor, to teacher: Tensor) throws -> Tensor {
        let difference = try outputs - teacher
        let scale = try withoutGradients { try (teacher * teacher).mean().item() }
        return try (difference * difference).mean() * (1 / max(scale, 1e-12))
    }

    private func levels(_ maps: FeatureMaps, _ mode: Mode) throws -> [Tensor] {
        try detector.pyramid(NetworkHead.detectorMaps.map { try maps.map($0) }, mode)
    }

    private func sizes(_ maps: FeatureMaps) throws -> ImageSizes {
        // Sides of batches are multiples of all strides.
        let finest = try maps.map(NetworkHead.detectorMaps[0])
        let stride = DetectorDescription.strides[0]
        let padded = ImageSize(height: finest.size(2) * stride, width: finest.size(3) * stride)
        let all = [ImageSize](repeating: padded, count: finest.size(0))
        return ImageSizes(padded: padded, images: maps.sizes.isEmpty ? all : maps.sizes)
    }

    private func inPrecision<Result>(of maps: FeatureMaps, _ body: () throws -> Result) throws -> Result {
        try withPrecision(
            maps.output.dtype == .bfloat16 ? .bfloat16 : .float32, on: maps.output.device, body)
    }
}
