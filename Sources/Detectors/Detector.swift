import Architectures
import Datasets
import NN
import Networks
import Support
import Torch

/// Faster R-CNN on a feature pyramid over any backbone, and with masks Mask R-CNN (Ren et al., NIPS 2015; Lin et al., CVPR
/// 2017; He et al., ICCV 2017). Keys are those of Detectron2's networks, but for the backbone's own under
/// `backbone.bottom_up`.
public final class Detector {
    /// The tensors of the network.
    public let store: ParameterStore
    /// The settings.
    public let options: DetectorOptions
    /// The number of classes, without the background.
    public let classes: Int
    private let backbone: Backbone
    private let taps: [String]
    private let pyramid: FeaturePyramid
    private let network: ProposalNetwork
    private let boxHead: BoxHead
    private let maskHead: MaskHead?

    /// What an image is to teach.
    public struct Truth: Sendable {
        /// The objects, in pixels of the image as the network sees it; crowds are passed over.
        public var objects: [AnnotatedBox]

        /// The objects of an image.
        public init(_ objects: [AnnotatedBox]) { self.objects = objects }
    }

    /// The losses of a batch, one element each; the whole loss is their sum.
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

    /// Builds a detector at the root of `store`, from whose seed the initial values follow.
    ///
    /// - Parameters:
    ///   - dense: a backbone that hands out four maps, of 4, 8, 16 and 32 pixels a position (`Layer.dense`).
    ///   - channels: the channels of the images.
    ///   - classes: the number of classes, without the background.
    ///   - hasMasks: whether it finds the pixels of objects as well.
    ///   - options: the settings.
    ///   - store: an empty store.
    /// - Throws: `SpaceError` for a backbone that does not hand out four such maps, or makes no network.
    public init(
        _ dense: DenseLayer, channels: Int = 3, classes: Int, hasMasks: Bool = true,
        _ options: DetectorOptions = DetectorOptions(), store: ParameterStore
    ) throws {
        let wanted = [4, 8, 16, 32]
        let maps = wanted.compactMap { stride in dense.maps.last { $0.stride == stride } }
        guard maps.count == wanted.count, classes > 0 else {
            throw SpaceError.layer(
                path: "backbone",
                "a detector needs \(classes > 0 ? "maps of 4, 8, 16 and 32 pixels a position" : "a class"); there are "
                    + "\(dense.maps.map { "\($0.name) of \($0.stride)" }.joined(separator: ", "))")
        }
        (self.store, self.options, self.classes) = (store, options, classes)
        taps = maps.map(\.name)
        let root = store.root
        backbone = try Backbone(dense.layer, channels: channels, at: root / "backbone" / "bottom_up")
        pyramid = try FeaturePyramid(
            root / "backbone", inputs: maps.map(\.channels), width: options.width, isNormed: options.isNormed)
        network = try ProposalNetwork(
            root / "proposal_generator" / "rpn_head", width: options.width, options.proposals)
        boxHead = try BoxHead(root / "roi_heads", width: options.width, classes: classes, options)
        maskHead =
            hasMasks
            ? try MaskHead(root / "roi_heads" / "mask_head", width: options.width, classes: classes, options) : nil
    }

    private func maps(_ batch: ImageBatch, _ mode: Mode) throws -> [Tensor] {
        let found = try backbone.maps(batch.images, mode)
        return try pyramid(taps.map { try found.map($0) }, mode)
    }

    /// The losses of a batch.
    ///
    /// - Parameters:
    ///   - batch: the images.
    ///   - truths: the objects of each.
    ///   - mode: the mode of the pass.
    ///   - generator: draws the anchors and proposals that are learned.
    /// - Throws: `TorchError` for images that do not fit.
    public func losses(
        _ batch: ImageBatch, _ truths: [Truth], _ mode: Mode, using generator: inout SeededGenerator
    ) throws -> Losses {
        let objects = truths.map { $0.objects.filter { !$0.isCrowd && !$0.box.isEmpty } }
        let boxes = objects.map { $0.map { Box($0.box.x0, $0.box.y0, $0.box.x1, $0.box.y1) } }
        let labels = objects.map { $0.map(\.label) }
        let maps = try maps(batch, mode)
        let answers = try network.answers(maps, batch)
        let anchors = try network.losses(answers, boxes, using: &generator)
        let proposals = try network.proposals(answers, batch.sizes, isTraining: true).map { $0.map(\.box) }
        // The objects themselves are proposals, too.
        let regions = zip(proposals, boxes).map { drawn($0 + $1, $1, using: &generator) }
        let pooled = Array(maps.prefix(taps.count))
        let found = try boxHead.losses(pooled, regions, boxes: boxes, labels: labels, mode)
        let masks = try maskHead.map { head in
            try head.loss(
                pooled, regions.map { $0.filter { $0.object != nil } }, labels: labels,
                masks: objects.map { $0.map { $0.mask ?? .polygons([$0.box.corners]) } }, batch.sizes, mode)
        }
        return Losses(
            anchors: anchors.logits, anchorDeltas: anchors.deltas, classes: found.classes, deltas: found.deltas,
            masks: masks)
    }

    /// Some of the proposals of an image, each with its object.
    private func drawn(
        _ proposals: [Box], _ objects: [Box], using generator: inout SeededGenerator
    ) -> [RegionTarget] {
        let overlap = Float(options.regions.overlap)
        let matches = BoxMatcher(low: overlap, high: overlap, keepsBest: false).matches(proposals, objects)
        let sample = BalancedSample(count: options.regions.samples, objects: options.regions.share)
        let places = sample.draw(matches, using: &generator)
        return places.objects.map { place in
            if case .object(let object) = matches[place] { return RegionTarget(box: proposals[place], object: object) }
            return RegionTarget(box: proposals[place], object: nil)
        } + places.background.map { RegionTarget(box: proposals[$0], object: nil) }
    }

    /// What is found in each image, the surest first, in pixels of the image as the network sees it.
    ///
    /// - Throws: `TorchError` for images that do not fit.
    public func findings(_ batch: ImageBatch, _ mode: Mode = .evaluation) throws -> [[FoundObject]] {
        try withoutGradients {
            let maps = try maps(batch, mode)
            let proposals = try network.proposals(network.answers(maps, batch), batch.sizes, isTraining: false)
            let pooled = Array(maps.prefix(taps.count))
            let found = try boxHead.findings(pooled, proposals.map { $0.map(\.box) }, batch.sizes, mode)
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
