import Architectures
import Datasets
import NN
import Support
import Torch

/// The part of Faster R-CNN on a feature pyramid, and with masks of Mask R-CNN, that stands on the maps of any backbone (Ren et
/// al., NIPS 2015; Lin et al., CVPR 2017; He et al., ICCV 2017). Keys are those of Detectron2's networks.
public final class DetectorHead {
    /// What the head is.
    public let description: DetectorDescription
    private let features: FeaturePyramid
    private let network: ProposalNetwork
    private let boxHead: BoxHead
    private let maskHead: MaskHead?

    /// The losses of a batch, one element each, float32; the whole loss is their sum.
    public struct Losses {
        /// Of the logits and the deltas of anchors.
        public let anchors, anchorDeltas: Tensor
        /// Of the classes and the deltas of proposals.
        public let classes, deltas: Tensor
        /// Of the pixels; nil without masks.
        public let masks: Tensor?

        /// The sum of all.
        public func sum() throws -> Tensor {
            let boxes = try anchors + anchorDeltas + classes + deltas
            return try masks.map { try boxes + $0 } ?? boxes
        }
    }

    /// Registers the head's tensors.
    ///
    /// - Parameters:
    ///   - description: what the head is.
    ///   - channels: the channels of the four maps, the finest first.
    ///   - scope: the place of the tensors in their store.
    /// - Throws: `StateError.duplicateKey` if the scope is taken; `TorchError` for channels or classes that are none.
    public init(_ description: DetectorDescription, channels: [Int], _ scope: Scope) throws {
        guard channels.count == DetectorDescription.strides.count, description.classes > 0 else {
            throw TorchError(
                .invalidArgument, operation: "DetectorHead",
                message: "needs four maps and a class, there are \(channels.count) and \(description.classes)")
        }
        self.description = description
        let (options, classes) = (description.options, description.classes)
        features = try FeaturePyramid(
            scope / "backbone", inputs: channels, width: options.width, isNormed: options.isNormed)
        network = try ProposalNetwork(
            scope / "proposal_generator" / "rpn_head", width: options.width, options.proposals)
        boxHead = try BoxHead(scope / "roi_heads", width: options.width, classes: classes, options)
        maskHead =
            description.hasMasks
            ? try MaskHead(scope / "roi_heads" / "mask_head", width: options.width, classes: classes, options) : nil
    }

    /// The maps of the pyramid, of 4, 8, 16, 32 and 64 pixels a position.
    ///
    /// - Parameters:
    ///   - maps: the four maps [N, C, H, W] of a backbone, the finest first.
    ///   - mode: the mode of the pass.
    /// - Throws: `TorchError` for maps that do not fit.
    public func pyramid(_ maps: [Tensor], _ mode: Mode) throws -> [Tensor] { try features(maps, mode) }

    /// The losses of a batch.
    ///
    /// - Parameters:
    ///   - levels: the maps of the pyramid.
    ///   - sizes: the sizes of the images.
    ///   - truths: the objects in each image, in pixels of the image as the network sees it; crowds are passed over.
    ///   - mode: the mode of the pass.
    ///   - generator: draws the anchors and proposals that are learned.
    /// - Throws: `TorchError` for images that do not fit.
    public func losses(
        _ levels: [Tensor], _ sizes: ImageSizes, _ truths: [[AnnotatedBox]], _ mode: Mode,
        using generator: inout SeededGenerator
    ) throws -> Losses {
        let objects = truths.map { $0.filter { !$0.isCrowd && !$0.box.isEmpty } }
        let boxes = objects.map { $0.map { Box($0.box.x0, $0.box.y0, $0.box.x1, $0.box.y1) } }
        let labels = objects.map { $0.map(\.label) }
        let answers = try network.answers(levels, padded: sizes.padded)
        let anchors = try network.losses(answers, boxes, using: &generator)
        let proposals = try network.proposals(answers, sizes.images, isTraining: true).map { $0.map(\.box) }
        // The objects themselves are proposals, too.
        let regions = zip(proposals, boxes).map { drawn($0 + $1, $1, using: &generator) }
        let pooled = Array(levels.prefix(DetectorDescription.strides.count))
        let found = try boxHead.losses(pooled, regions, boxes: boxes, labels: labels, mode)
        let masks = try maskHead.map { head in
            try head.loss(
                pooled, regions.map { $0.filter { $0.object != nil } }, labels: labels,
                masks: objects.map { $0.map { $0.mask ?? .polygons([$0.box.corners]) } }, sizes.images, mode)
        }
        return Losses(
            anchors: anchors.logits, anchorDeltas: anchors.deltas, classes: found.classes, deltas: found.deltas,
            masks: masks)
    }

    /// Some of the proposals of an image, each with its object.
    private func drawn(
        _ proposals: [Box], _ objects: [Box], using generator: inout SeededGenerator
    ) -> [RegionTarget] {
        let regions = description.options.regions
        let overlap = Float(regions.overlap)
        let matches = BoxMatcher(low: overlap, high: overlap, keepsBest: false).matches(proposals, objects)
        let places = BalancedSample(count: regions.samples, objects: regions.share).draw(matches, using: &generator)
        return places.objects.map { place in
            if case .object(let object) = matches[place] { return RegionTarget(box: proposals[place], object: object) }
            return RegionTarget(box: proposals[place], object: nil)
        } + places.background.map { RegionTarget(box: proposals[$0], object: nil) }
    }

    /// What is found in each image, the surest first, in pixels of the image as the network sees it.
    ///
    /// - Parameters:
    ///   - levels: the maps of the pyramid.
    ///   - sizes: the sizes of the images.
    ///   - mode: the mode of the pass.
    /// - Throws: `TorchError` for images that do not fit.
    public func findings(
        _ levels: [Tensor], _ sizes: ImageSizes, _ mode: Mode = .evaluation
    ) throws -> [[FoundObject]] {
        try withoutGradients {
            let proposals = try network.proposals(
                network.answers(levels, padded: sizes.padded), sizes.images, isTraining: false)
            let pooled = Array(levels.prefix(DetectorDescription.strides.count))
            let found = try boxHead.findings(pooled, proposals.map { $0.map(\.box) }, sizes.images, mode)
            return try maskHead.map { try $0.masked(found, pooled, mode) } ?? found
        }
    }
}

extension BoundingBox {
    /// The corners, as a polygon.
    var corners: Mask.Polygon {
        let (x0, y0, x1, y1) = (Double(x0), Double(y0), Double(x1), Double(y1))
        return [SIMD2(x0, y0), SIMD2(x1, y0), SIMD2(x1, y1), SIMD2(x0, y1)]
    }
}
