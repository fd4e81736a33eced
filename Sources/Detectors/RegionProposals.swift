import Architectures
import NN
import Support
import Torch

/// The sizes of the images of a batch, which are padded to one.
public struct ImageSizes: Sendable, Hashable {
    /// The size of the batch.
    public let padded: ImageSize
    /// The size of each image without padding, which lies below and to the right of it.
    public let images: [ImageSize]

    /// The sizes of a batch.
    public init(padded: ImageSize, images: [ImageSize]) { (self.padded, self.images) = (padded, images) }
}

/// The network that proposes where objects may be (Ren et al., "Faster R-CNN", NIPS 2015). Keys: `conv`, `objectness_logits`,
/// `anchor_deltas`.
public struct ProposalNetwork {
    /// What the network says of the anchors of a batch.
    struct Answers {
        /// The anchors of one image, level by level.
        let anchors: [[Box]]
        /// For each level the logits, [N, anchors].
        let logits: [Tensor]
        /// For each level the deltas, [N, anchors, 4].
        let deltas: [Tensor]
    }

    /// A proposal.
    public struct Proposal: Sendable, Hashable {
        /// The box, within its image.
        public var box: Box
        /// What orders proposals.
        public var score: Float
    }

    private let convolution: Conv2d
    private let logits: Conv2d
    private let deltas: Conv2d
    private let options: DetectorOptions.Proposals
    private let grid: AnchorGrid
    private let coder = BoxCoder(weights: SIMD4(1, 1, 1, 1))

    /// Registers the network's tensors.
    ///
    /// - Parameters:
    ///   - scope: the place of the tensors in the store.
    ///   - width: the channels of the pyramid.
    ///   - options: the settings.
    /// - Throws: `TorchError` for channels that are none.
    public init(_ scope: Scope, width: Int, _ options: DetectorOptions.Proposals) throws {
        let start = Initializer.normal(mean: 0, deviation: 0.01)
        func layer(_ name: String, _ outputs: Int, kernel: Int) throws -> Conv2d {
            try Conv2d(
                scope / name, width, outputs, kernel: kernel, padding: kernel / 2, initializer: start,
                biasInitializer: .zeros)
        }
        convolution = try layer("conv", width, kernel: 3)
        logits = try layer("objectness_logits", options.ratios.count, kernel: 1)
        deltas = try layer("anchor_deltas", 4 * options.ratios.count, kernel: 1)
        self.options = options
        grid = AnchorGrid(sizes: options.sizes, ratios: options.ratios, roundsSides: options.roundsSides)
    }

    /// What the network says of the maps of a pyramid.
    func answers(_ maps: [Tensor], padded: ImageSize) throws -> Answers {
        var (anchors, logits, deltas): ([[Box]], [Tensor], [Tensor]) = ([], [], [])
        let (height, width) = (padded.height, padded.width)
        for (level, map) in maps.enumerated() {
            let (images, rows, columns) = (map.shape[0], map.shape[2], map.shape[3])
            let hidden = try convolution(map).relu()
            // Position by position, at each the anchors in the order of their ratios.
            logits.append(try self.logits(hidden).permuted([0, 2, 3, 1]).reshaped([images, -1]).to(.float32))
            deltas.append(try self.deltas(hidden).permuted([0, 2, 3, 1]).reshaped([images, -1, 4]).to(.float32))
            let own = Double(4 << level)
            let stride = options.followsPadding ? (Double(height / rows), Double(width / columns)) : (own, own)
            anchors.append(grid.boxes(level, map: (rows, columns), stride: stride))
        }
        return Answers(anchors: anchors, logits: logits, deltas: deltas)
    }

    /// The losses of logits and of deltas.
    ///
    /// - Parameters:
    ///   - answers: what the network says.
    ///   - objects: the boxes of each image's objects.
    ///   - generator: draws the anchors that are learned.
    func losses(
        _ answers: Answers, _ objects: [[Box]], using generator: inout SeededGenerator
    ) throws -> (logits: Tensor, deltas: Tensor) {
        let anchors = answers.anchors.flatMap(\.self)
        let matcher = BoxMatcher(low: Float(options.low), high: Float(options.high), keepsBest: true)
        let sample = BalancedSample(count: options.samples, objects: options.share)
        var (drawn, labels): ([Int64], [Float]) = ([], [])
        var (positive, targets): ([Int64], [Float]) = ([], [])
        for (image, boxes) in objects.enumerated() {
            let matches = matcher.matches(anchors, boxes)
            let found = sample.draw(matches, using: &generator)
            let first = image * anchors.count
            for place in found.objects {
                guard case .object(let object) = matches[place] else { continue }
                drawn.append(Int64(first + place))
                labels.append(1)
                positive.append(Int64(first + place))
                let delta = coder.encoded(boxes[object], from: anchors[place])
                targets += [delta[0], delta[1], delta[2], delta[3]]
            }
            drawn += found.background.map { Int64(first + $0) }
            labels += found.background.map { _ in 0 }
        }
        let divisor = Double(options.dividesByDrawn ? max(drawn.count, 1) : options.samples * objects.count)
        let logits = try Tensor.concatenated(answers.logits, dimension: 1).reshaped([-1])
        let deltas = try Tensor.concatenated(answers.deltas, dimension: 1).reshaped([-1, 4])
        let device = logits.device
        let chosen = try logits.indexed(by: Tensor(drawn, shape: [drawn.count]).to(device))
        let learned = try deltas.indexed(by: Tensor(positive, shape: [positive.count]).to(device))
        return (
            try chosen.binaryCrossEntropySum(Tensor(labels, shape: [labels.count]).to(device)) * (1 / divisor),
            try learned.smoothL1Sum(Tensor(targets, shape: [positive.count, 4]).to(device), beta: options.beta)
                * (1 / divisor)
        )
    }

    /// The proposals of each image, the best first. No gradient flows through them.
    func proposals(_ answers: Answers, _ sizes: [ImageSize], isTraining: Bool) throws -> [[Proposal]] {
        let (before, after) = (options.before[isTraining ? 0 : 1], options.after[isTraining ? 0 : 1])
        return try withoutGradients {
            try sizes.enumerated().map { image, size in
                var (boxes, scores, levels): ([Box], [Float], [Int64]) = ([], [], [])
                for (level, anchors) in answers.anchors.enumerated() {
                    var values = try answers.logits[level][image]
                    if options.ordersBySigmoid { values = try values.sigmoid() }
                    let top = try values.topK(min(before, anchors.count))
                    let places = try top.positions.array(Int64.self)
                    let deltas = try answers.deltas[level][image].indexed(by: top.positions).array(Float.self)
                    let own = try top.values.array(Float.self)
                    for (rank, place) in places.enumerated() {
                        let delta = SIMD4(
                            deltas[4 * rank], deltas[4 * rank + 1], deltas[4 * rank + 2], deltas[4 * rank + 3])
                        let box = coder.decoded(delta, on: anchors[Int(place)]).clipped(size)
                        // Also false for what is not a number.
                        let least = Float(options.leastSide)
                        let isWide = least > 0 ? box.boxWidth >= least : box.boxWidth > 0
                        let isHigh = least > 0 ? box.boxHeight >= least : box.boxHeight > 0
                        guard isWide, isHigh, own[rank].isFinite else { continue }
                        boxes.append(box)
                        scores.append(own[rank])
                        levels.append(Int64(level))
                    }
                }
                let kept = try Tensor(boxes.flatMap { [$0[0], $0[1], $0[2], $0[3]] }, shape: [boxes.count, 4])
                    .suppressed(
                        scores: Tensor(scores, shape: [scores.count]), groups: Tensor(levels, shape: [levels.count]),
                        threshold: options.overlap
                    ).array(Int64.self)
                return kept.prefix(after).map { Proposal(box: boxes[Int($0)], score: scores[Int($0)]) }
            }
        }
    }
}
