import Architectures
import NN
import Support
import Torch

/// A proposal with what it is to learn.
struct RegionTarget {
    var box: Box
    /// The object that it is of; nil for the background.
    var object: Int?
}

/// The head that says of what class a proposal is, and where exactly the object is (Girshick, "Fast R-CNN", ICCV 2015). Keys:
/// `box_head.conv1`, …, `box_head.fc1`, …, `box_predictor.cls_score` and `box_predictor.bbox_pred`.
struct BoxHead {
    private let convolutions: [HeadConvolution]
    private let hidden: [Linear]
    private let scores: Linear
    private let deltas: Linear
    private let classes: Int
    private let options: DetectorOptions.Regions
    private let pooling: RegionPooling
    private let coder = BoxCoder(weights: SIMD4(10, 10, 5, 5))
    private static let side = DetectorDescription.boxSide

    init(_ scope: Scope, width: Int, classes: Int, _ options: DetectorOptions) throws {
        let regions = options.regions
        convolutions = try (0..<regions.convolutions).map { number in
            try HeadConvolution(
                scope / "box_head" / "conv\(number + 1)", width, width, kernel: 3, isNormed: options.isNormed,
                relu: true,
                initializer: .kaimingNormal(fan: .output, slope: 0))
        }
        var inputs = width * Self.side * Self.side
        hidden = try (0..<regions.hidden).map { number in
            let layer = try Linear(
                scope / "box_head" / "fc\(number + 1)", inputs, regions.hiddenWidth,
                initializer: .kaimingUniform(fan: .input, slope: 1), biasInitializer: .zeros)
            inputs = regions.hiddenWidth
            return layer
        }
        scores = try Linear(
            scope / "box_predictor" / "cls_score", inputs, classes + 1, initializer: .normal(mean: 0, deviation: 0.01),
            biasInitializer: .zeros)
        // Where the background is the first class, it has a box of its own, which nothing learns.
        deltas = try Linear(
            scope / "box_predictor" / "bbox_pred", inputs, 4 * (classes + (regions.backgroundFirst ? 1 : 0)),
            initializer: .normal(mean: 0, deviation: 0.001), biasInitializer: .zeros)
        (self.classes, self.options) = (classes, regions)
        pooling = RegionPooling(size: Self.side, options: regions)
    }

    /// The place of a class among the outputs; nil for the background.
    private func output(_ label: Int?) -> Int {
        options.backgroundFirst ? label.map { $0 + 1 } ?? 0 : label ?? classes
    }

    /// The logits [boxes, classes + 1] and the deltas [boxes, 4 times the classes with boxes].
    func callAsFunction(_ maps: [Tensor], _ boxes: [[Box]], _ mode: Mode) throws -> (logits: Tensor, deltas: Tensor) {
        var x = try pooling(maps, boxes)
        for convolution in convolutions { x = try convolution(x, mode) }
        x = try x.flattened(from: 1)
        for layer in hidden { x = try layer(x).relu() }
        return (try scores(x).to(.float32), try deltas(x).to(.float32))
    }

    /// The losses of classes and of deltas.
    ///
    /// - Parameters:
    ///   - regions: the proposals of each image with their targets.
    ///   - boxes: the boxes of each image's objects.
    ///   - labels: their classes.
    func losses(
        _ maps: [Tensor], _ regions: [[RegionTarget]], boxes: [[Box]], labels: [[Int]], _ mode: Mode
    ) throws -> (classes: Tensor, deltas: Tensor) {
        var regions = regions
        if regions.allSatisfy(\.isEmpty), !regions.isEmpty {
            // Every tensor of the head still has a gradient, and batch norms have something to normalise: a corner that
            // shows no object.
            regions[0] = [RegionTarget(box: Box(0, 0, 1, 1), object: nil)]
        }
        let answers = try self(maps, regions.map { $0.map(\.box) }, mode)
        var (classes, rows, targets): ([Int64], [Int64], [Float]) = ([], [], [])
        for (image, own) in regions.enumerated() {
            for region in own {
                let label = region.object.map { labels[image][$0] }
                classes.append(Int64(output(label)))
                guard let object = region.object, let label else { continue }
                // A row for each box of each class.
                let columns = self.classes + (options.backgroundFirst ? 1 : 0)
                rows.append(Int64((classes.count - 1) * columns + (options.backgroundFirst ? label + 1 : label)))
                let delta = coder.encoded(boxes[image][object], from: region.box)
                targets += [delta[0], delta[1], delta[2], delta[3]]
            }
        }
        let device = answers.logits.device
        let count = Double(max(classes.count, 1))
        let learned = try answers.deltas.reshaped([-1, 4]).indexed(by: Tensor(rows, shape: [rows.count]).to(device))
        return (
            try answers.logits.crossEntropySum(Tensor(classes, shape: [classes.count]).to(device), ignored: -100)
                * (1 / count),
            try learned.smoothL1Sum(Tensor(targets, shape: [rows.count, 4]).to(device), beta: options.beta)
                * (1 / count)
        )
    }

    /// What is found in each image, the surest first.
    func findings(
        _ maps: [Tensor], _ boxes: [[Box]], _ sizes: [ImageSize], _ mode: Mode
    ) throws -> [[FoundObject]] {
        guard boxes.contains(where: { !$0.isEmpty }) else { return boxes.map { _ in [] } }
        let answers = try self(maps, boxes, mode)
        let probabilities = try answers.logits.softmax(1).array(Float.self)
        let deltas = try answers.deltas.array(Float.self)
        let columns = classes + (options.backgroundFirst ? 1 : 0)
        var row = 0
        return try boxes.enumerated().map { image, own in
            var found: [FoundObject] = []
            for box in own {
                defer { row += 1 }
                for label in 0..<classes {
                    let score = probabilities[row * (classes + 1) + output(label)]
                    guard score > Float(options.leastScore), score.isFinite else { continue }
                    let first = 4 * (row * columns + (options.backgroundFirst ? label + 1 : label))
                    let delta = SIMD4(deltas[first], deltas[first + 1], deltas[first + 2], deltas[first + 3])
                    let place = coder.decoded(delta, on: box).clipped(sizes[image])
                    let least = Float(options.leastSide)
                    guard place.boxWidth >= least, place.boxHeight >= least else { continue }
                    found.append(FoundObject(box: place, label: label, score: score))
                }
            }
            let kept = try Tensor(
                found.flatMap { [$0.box[0], $0.box[1], $0.box[2], $0.box[3]] }, shape: [found.count, 4]
            ).suppressed(
                scores: Tensor(found.map(\.score), shape: [found.count]),
                groups: Tensor(found.map { Int64($0.label) }, shape: [found.count]),
                threshold: options.findingOverlap
            ).array(Int64.self)
            return kept.prefix(options.findings).map { found[Int($0)] }
        }
    }
}
