import Architectures
import Support

// A detector as operators: what DetectorHead does, for one image of the size that the export is for. Its second input, `size`,
// is the height and width of the image without padding, in pixels; nothing is found beyond them.

/// Makes the operators of a detector's head.
struct DetectorGraph {
    /// The path of the head's tensors.
    static let key = "fc"

    private var builder: GraphBuilder
    private let detector: DetectorDescription
    private let imageSize: ImageSize
    /// Width, height, width and height of the image, float32 [4].
    private let limits: String

    private var options: DetectorOptions { detector.options }

    /// What comes out of a detector's graph.
    static func outputs(_ detector: DetectorDescription) -> [ValueInfoProto] {
        let masks = ValueInfoProto(
            name: "masks",
            shape: [.free("D"), .fixed(DetectorDescription.maskSide), .fixed(DetectorDescription.maskSide)])
        return [
            ValueInfoProto(name: "boxes", shape: [.free("D"), .fixed(4)]),
            ValueInfoProto(name: "labels", shape: [.free("D")], element: .int64),
            ValueInfoProto(name: "scores", shape: [.free("D")]),
        ] + (detector.hasMasks ? [masks] : [])
    }

    /// The input beside the images.
    static let size = ValueInfoProto(name: "size", shape: [.fixed(2)])

    /// Adds the head to a graph.
    ///
    /// - Parameters:
    ///   - detector: what the head is.
    ///   - maps: the four maps that it stands on, the finest first.
    ///   - imageSize: the size of the images, in pixels.
    ///   - builder: what the backbone was made by.
    /// - Throws: `ONNXError.repeatedKey`.
    static func add(
        _ detector: DetectorDescription, on maps: [GraphBuilder.Value], imageSize: ImageSize,
        to builder: inout GraphBuilder
    ) throws {
        var own = DetectorGraph(detector, imageSize: imageSize, builder)
        let levels = try own.pyramid(maps)
        let proposals = try own.proposals(levels)
        try own.findings(Array(levels.prefix(maps.count)), proposals)
        builder = own.builder
    }

    private init(_ detector: DetectorDescription, imageSize: ImageSize, _ builder: GraphBuilder) {
        (self.builder, self.detector, self.imageSize) = (builder, detector, imageSize)
        let order = self.builder.constant([1, 0, 1, 0], "size/order")
        limits = self.builder.apply("Gather", to: [Self.size.name, order], at: "size")
    }

    // MARK: - Small operators

    private mutating func apply(
        _ operation: String, _ inputs: [String], _ path: String, _ attributes: [(String, AttributeProto.Value)] = []
    ) -> String {
        builder.apply(
            operation, to: inputs, at: path, attributes.map { AttributeProto(name: $0.0, value: $0.1) })
    }

    private mutating func number(_ value: Double, _ path: String) -> String {
        builder.constant(Float(value), path + "/number")
    }

    private mutating func numbers(_ values: [Int], _ path: String) -> String {
        builder.constant(values, path + "/numbers")
    }

    private mutating func reshaped(_ value: String, _ shape: [Int], _ path: String) -> String {
        apply("Reshape", [value, numbers(shape, path)], path)
    }

    private mutating func transposed(_ value: String, _ order: [Int], _ path: String) -> String {
        apply("Transpose", [value], path, [("perm", .ints(order))])
    }

    private mutating func gathered(_ value: String, _ places: String, _ path: String, axis: Int = 0) -> String {
        apply("Gather", [value, places], path, [("axis", .int(axis))])
    }

    /// The four parts of the last dimension, each of size 1.
    private mutating func quartered(_ value: String, _ path: String) -> [String] {
        builder.split(value, into: 4, at: path, axis: -1)
    }

    /// The places at which a list of truth values is true.
    private mutating func places(_ isTrue: String, _ path: String) -> String {
        reshaped(apply("NonZero", [isTrue], path), [-1], path)
    }

    /// The largest of some values and their places, at most `most` of them.
    private mutating func largest(
        _ values: String, _ most: Int, _ path: String
    ) -> (values: String, places: String) {
        let count = apply("Min", [apply("Shape", [values], path), numbers([most], path)], path)
        return builder.topK(values, count, at: path)
    }

    private mutating func convolution(
        _ x: GraphBuilder.Value, _ outputs: Int, kernel: Int, isNormed: Bool, relu: Bool, _ path: String
    ) throws -> GraphBuilder.Value {
        let layer = Layer.Convolution(outputs, kernel: kernel, bias: !isNormed)
        var y = try builder.convolution(layer, x, path)
        if isNormed { y = try builder.batchNorm(y, join(path, "norm")) }
        return relu ? builder.unary("Relu", y, path) : y
    }

    // MARK: - The parts of the head

    private mutating func pyramid(_ maps: [GraphBuilder.Value]) throws -> [GraphBuilder.Value] {
        let key = join(Self.key, "backbone")
        var above: GraphBuilder.Value?
        var inner: [GraphBuilder.Value] = []
        for level in maps.indices.reversed() {
            let path = join(key, "fpn_lateral\(level + 2)")
            var map = try convolution(
                maps[level], options.width, kernel: 1, isNormed: options.isNormed, relu: false, path)
            if let above {
                let sides = numbers([1, options.width, map.shape.height, map.shape.width], path)
                let larger = apply(
                    "Resize", [above.name, "", "", sides], path,
                    [
                        ("mode", .text("nearest")), ("coordinate_transformation_mode", .text("asymmetric")),
                        ("nearest_mode", .text("floor")),
                    ])
                map = builder.sum(map, GraphBuilder.Value(name: larger, shape: map.shape), path)
            }
            above = map
            inner.insert(map, at: 0)
        }
        var levels: [GraphBuilder.Value] = []
        for (level, map) in inner.enumerated() {
            levels.append(
                try convolution(
                    map, options.width, kernel: 3, isNormed: options.isNormed, relu: false,
                    join(key, "fpn_output\(level + 2)")))
        }
        guard let last = levels.last else { return levels }
        let coarse = apply(
            "MaxPool", [last.name], join(key, "fpn_top"),
            [("kernel_shape", .ints([1, 1])), ("strides", .ints([2, 2]))])
        let shape = FeatureShape(options.width, (last.shape.height + 1) / 2, (last.shape.width + 1) / 2)
        return levels + [GraphBuilder.Value(name: coarse, shape: shape)]
    }

    /// The boxes of proposals, the best first, float32 [P, 4].
    private mutating func proposals(_ levels: [GraphBuilder.Value]) throws -> String {
        let settings = options.proposals
        let key = join(Self.key, "proposal_generator.rpn_head")
        let grid = AnchorGrid(sizes: settings.sizes, ratios: settings.ratios, roundsSides: settings.roundsSides)
        let ratios = settings.ratios.count
        var (boxes, scores): ([String], [String]) = ([], [])
        for (level, map) in levels.enumerated() {
            let path = "proposals/\(level)"
            // One network for all levels: its tensors are claimed once.
            let hidden = try shared(map, options.width, kernel: 3, relu: true, join(key, "conv"), level)
            let logits = try shared(hidden, ratios, kernel: 1, relu: false, join(key, "objectness_logits"), level)
            let deltas = try shared(hidden, 4 * ratios, kernel: 1, relu: false, join(key, "anchor_deltas"), level)
            var values = reshaped(transposed(logits.name, [0, 2, 3, 1], path), [-1], path)
            if settings.ordersBySigmoid { values = apply("Sigmoid", [values], path) }
            let (rows, columns) = (map.shape.height, map.shape.width)
            let own = Double(4 << level)
            let stride =
                settings.followsPadding
                ? (Double(imageSize.height / rows), Double(imageSize.width / columns)) : (own, own)
            let anchors = grid.boxes(level, map: (rows, columns), stride: stride)
            let top = largest(values, min(settings.before[1], anchors.count), path)
            let chosen = gathered(
                reshaped(transposed(deltas.name, [0, 2, 3, 1], path), [-1, 4], path), top.places, path)
            // Centres and sides, so that nothing is left to compute of them.
            let constants = anchors.flatMap { anchor -> [Float] in
                let (width, height) = (anchor[2] - anchor[0], anchor[3] - anchor[1])
                return [anchor[0] + 0.5 * width, anchor[1] + 0.5 * height, width, height]
            }
            let known = builder.constant(constants, shape: [anchors.count, 4], path + "/anchors")
            let parts = quartered(gathered(known, top.places, path), path)
            let decoded = decoded(chosen, parts, weights: nil, path)
            let wide = places(areWide(decoded, settings.leastSide, isKeptAtLeast: settings.leastSide > 0, path), path)
            let (place, score) = (gathered(decoded, wide, path), gathered(top.values, wide, path))
            let kept = suppressed(
                reshaped(place, [1, -1, 4], path), reshaped(score, [1, 1, -1], path), overlap: settings.overlap,
                leastScore: nil, path)
            let which = gathered(kept, numbers([2], path), path, axis: 1)
            let list = reshaped(which, [-1], path)
            boxes.append(gathered(place, list, path))
            scores.append(gathered(score, list, path))
        }
        let path = "proposals"
        let all = apply("Concat", boxes, path, [("axis", .int(0))])
        let best = largest(apply("Concat", scores, path, [("axis", .int(0))]), settings.after[1], path)
        return gathered(all, best.places, path)
    }

    /// A convolution with a bias that stands at every level with the same tensors.
    private mutating func shared(
        _ x: GraphBuilder.Value, _ outputs: Int, kernel: Int, relu: Bool, _ path: String, _ level: Int
    ) throws -> GraphBuilder.Value {
        let layer = Layer.Convolution(outputs, kernel: kernel, bias: true)
        let y =
            level == 0
            ? try builder.convolution(layer, x, path) : builder.repeated(layer, x, path, named: "proposals/\(level)")
        return relu ? builder.unary("Relu", y, "proposals/\(level)") : y
    }

    /// The boxes that deltas [..., 4] make of others, whose centres and sides have a last dimension of 1; within the image.
    private mutating func decoded(
        _ deltas: String, _ anchors: [String], weights: [Float]?, _ path: String
    ) -> String {
        var deltas = deltas
        if let weights {
            deltas = apply("Div", [deltas, builder.constant(weights, shape: [4], path + "/weights")], path)
        }
        let d = quartered(deltas, path)
        let (largest, half) = (number(DetectorDescription.largestLogarithm, path), number(0.5, path))
        var (low, high): ([String], [String]) = ([], [])
        for axis in 0..<2 {
            let centre = apply(
                "Add", [apply("Mul", [d[axis], anchors[axis + 2]], path), anchors[axis]], path)
            let grown = apply("Exp", [apply("Min", [d[axis + 2], largest], path)], path)
            let reach = apply("Mul", [half, apply("Mul", [grown, anchors[axis + 2]], path)], path)
            low.append(apply("Sub", [centre, reach], path))
            high.append(apply("Add", [centre, reach], path))
        }
        let boxes = apply("Concat", low + high, path, [("axis", .int(-1))])
        return apply("Min", [apply("Max", [boxes, number(0, path)], path), limits], path)
    }

    /// Whether each of some boxes [..., 4] has sides above a limit, or of at least the limit.
    private mutating func areWide(
        _ boxes: String, _ least: Double, isKeptAtLeast: Bool, _ path: String
    ) -> String {
        let corners = quartered(boxes, path)
        let limit = number(least, path)
        let sides = (0..<2).map { apply("Sub", [corners[$0 + 2], corners[$0]], path) }
        let wide = sides.map { apply(isKeptAtLeast ? "GreaterOrEqual" : "Greater", [$0, limit], path) }
        return apply("Squeeze", [apply("And", wide, path), numbers([-1], path)], path)
    }

    /// What is left of boxes [B, n, 4] with scores [B, 1, n] when the less sure of two that overlap are dropped: rows of B, 0 and
    /// n, the surest first for each B.
    private mutating func suppressed(
        _ boxes: String, _ scores: String, overlap: Double, leastScore: Double?, _ path: String
    ) -> String {
        let most = numbers([max(options.proposals.before[1], options.proposals.after[1])], path)
        var inputs = [boxes, scores, most, builder.constant([Float(overlap)], shape: [1], path + "/overlap")]
        if let leastScore { inputs.append(builder.constant([Float(leastScore)], shape: [1], path + "/least")) }
        return apply("NonMaxSuppression", inputs, path)
    }

    /// The parts of maps under boxes [n, 4], float32 [n, C, side, side].
    private mutating func pooled(
        _ maps: [GraphBuilder.Value], _ boxes: String, side: Int, _ path: String
    ) -> GraphBuilder.Value {
        let regions = options.regions
        let corners = quartered(boxes, path)
        let sides = (0..<2).map { apply("Sub", [corners[$0 + 2], corners[$0]], path) }
        let area = apply("Max", [apply("Mul", sides, path), number(0, path)], path)
        var size = apply("Div", [apply("Sqrt", [area], path), number(224, path)], path)
        if regions.epsilonWithin { size = apply("Add", [size, number(1e-8, path)], path) }
        // To the base of two.
        var level = apply("Mul", [apply("Log", [size], path), number(1.442_695_040_888_963_4, path)], path)
        level = apply("Add", [level, number(4 + (regions.epsilonWithin ? 0 : 1e-6), path)], path)
        level = apply("Sub", [apply("Floor", [level], path), number(2, path)], path)
        level = apply("Clip", [level, number(0, path), number(Double(maps.count - 1), path)], path)
        level = reshaped(level, [-1], path)
        let shape = apply(
            "Concat",
            [apply("Shape", [level], path), numbers([options.width, side, side], path)], path, [("axis", .int(0))])
        var all = apply("ConstantOfShape", [shape], path)
        for (number, map) in maps.enumerated() {
            let place = "\(path)/\(number)"
            let own = places(apply("Equal", [level, self.number(Double(number), place)], place), place)
            let parts = apply(
                "RoiAlign",
                [
                    map.name, gathered(boxes, own, place),
                    apply("Mul", [own, builder.constant([0], place + "/zero")], place),
                ],
                place,
                [
                    ("output_height", .int(side)), ("output_width", .int(side)),
                    ("sampling_ratio", .int(regions.binSamples)), ("spatial_scale", .float(1 / Float(4 << number))),
                    (
                        "coordinate_transformation_mode",
                        .text(regions.aligned ? "half_pixel" : "output_half_pixel")
                    ),
                ])
            all = apply("ScatterND", [all, reshaped(own, [-1, 1], place), parts], place)
        }
        return GraphBuilder.Value(name: all, shape: FeatureShape(options.width, side, side))
    }

    private mutating func findings(_ maps: [GraphBuilder.Value], _ proposals: String) throws {
        let (regions, classes) = (options.regions, detector.classes)
        let key = join(Self.key, "roi_heads")
        let path = "findings"
        var x = pooled(maps, proposals, side: DetectorDescription.boxSide, path)
        for place in 0..<regions.convolutions {
            x = try convolution(
                x, options.width, kernel: 3, isNormed: options.isNormed, relu: true,
                join(key, "box_head.conv\(place + 1)"))
        }
        let flat = apply("Flatten", [x.name], path, [("axis", .int(1))])
        x = GraphBuilder.Value(
            name: flat,
            shape: FeatureShape(vector: options.width * DetectorDescription.boxSide * DetectorDescription.boxSide))
        for place in 0..<regions.hidden {
            x = builder.unary(
                "Relu", try builder.linear(regions.hiddenWidth, x, join(key, "box_head.fc\(place + 1)")), path)
        }
        let logits = try builder.linear(classes + 1, x, join(key, "box_predictor.cls_score"))
        let columns = classes + (regions.backgroundFirst ? 1 : 0)
        let deltas = try builder.linear(4 * columns, x, join(key, "box_predictor.bbox_pred"))

        // [K, n], without the background.
        let first = regions.backgroundFirst ? 1 : 0
        func own(_ graph: inout DetectorGraph, _ value: String) -> String {
            graph.apply(
                "Slice",
                [
                    value, graph.numbers([first], path), graph.numbers([first + classes], path),
                    graph.numbers([1], path),
                ], path)
        }
        let probabilities = apply("Softmax", [logits.name], path, [("axis", .int(1))])
        var scores = transposed(own(&self, probabilities), [1, 0], path)
        let eachClass = transposed(
            own(&self, reshaped(deltas.name, [-1, columns, 4], path)), [1, 0, 2], path)
        let corners = quartered(proposals, path)
        var around: [String] = []
        let sides = (0..<2).map { apply("Sub", [corners[$0 + 2], corners[$0]], path) }
        for axis in 0..<2 {
            let half = apply("Mul", [number(0.5, path), sides[axis]], path)
            around.append(apply("Add", [corners[axis], half], path))
        }
        let anchors = (around + sides).map { reshaped($0, [1, -1, 1], path) }
        let boxes = decoded(eachClass, anchors, weights: [10, 10, 5, 5], path)
        if regions.leastSide > 0 {
            let wide = areWide(boxes, regions.leastSide, isKeptAtLeast: true, path)
            scores = apply("Where", [wide, scores, number(-1, path)], path)
        }
        let shaped = reshaped(scores, [classes, 1, -1], path)
        let kept = suppressed(
            boxes, shaped, overlap: regions.findingOverlap, leastScore: regions.leastScore, path)
        let pairs = gathered(kept, numbers([0, 2], path), path, axis: 1)
        let best = largest(apply("GatherND", [scores, pairs], path), regions.findings, path)
        let found = gathered(apply("GatherND", [boxes, pairs], path), best.places, path)
        let label = reshaped(gathered(kept, numbers([0], path), path, axis: 1), [-1], path)
        let labels = gathered(label, best.places, path)
        for (value, output) in [(found, "boxes"), (labels, "labels"), (best.values, "scores")] {
            builder.apply("Identity", to: [value], named: output + "/Identity", output: output)
        }
        if detector.hasMasks { try masks(maps, found, labels) }
    }

    private mutating func masks(_ maps: [GraphBuilder.Value], _ boxes: String, _ labels: String) throws {
        let key = join(Self.key, "roi_heads.mask_head")
        let path = "masks"
        let side = DetectorDescription.maskSide
        var x = pooled(maps, boxes, side: side / 2, path)
        for place in 0..<options.maskConvolutions {
            x = try convolution(
                x, options.width, kernel: 3, isNormed: options.isNormed, relu: true, join(key, "mask_fcn\(place + 1)"))
        }
        let weight = try builder.stored(join(key, "deconv.weight"), [options.width, options.width, 2, 2])
        let bias = try builder.stored(join(key, "deconv.bias"), [options.width])
        let larger = apply(
            "ConvTranspose", [x.name, weight, bias], path,
            [("kernel_shape", .ints([2, 2])), ("strides", .ints([2, 2]))])
        x = builder.unary(
            "Relu", GraphBuilder.Value(name: larger, shape: FeatureShape(options.width, side, side)), path)
        let background = options.regions.backgroundFirst ? 1 : 0
        let logits = try convolution(
            x, detector.classes + background, kernel: 1, isNormed: false, relu: false, join(key, "predictor"))
        // Of each object the mask of its class.
        let count = apply("Squeeze", [apply("Shape", [labels], path), numbers([0], path)], path)
        let rows = apply("Range", [builder.scalar(0, path + "/zero"), count, builder.scalar(1, path + "/one")], path)
        let channel = background == 0 ? labels : apply("Add", [labels, numbers([background], path)], path)
        let pairs = apply(
            "Concat", [reshaped(rows, [-1, 1], path), reshaped(channel, [-1, 1], path)], path, [("axis", .int(1))])
        let chosen = apply("GatherND", [logits.name, pairs], path)
        builder.apply("Sigmoid", to: [chosen], named: path + "/Sigmoid", output: "masks")
    }
}

extension GraphBuilder {
    /// A convolution whose tensors are in the graph already.
    fileprivate mutating func repeated(
        _ layer: Layer.Convolution, _ x: Value, _ path: String, named name: String
    ) -> Value {
        let inputs = [tensor(x, path), join(path, "weight"), join(path, "bias")]
        let padding = layer.padding
        let y = apply(
            "Conv", to: inputs, named: name + "/Conv",
            [
                AttributeProto(name: "kernel_shape", value: .ints([layer.kernel, layer.kernel])),
                AttributeProto(name: "pads", value: .ints([padding, padding, padding, padding])),
            ])
        return Value(name: y, shape: FeatureShape(layer.outputs, x.shape.height, x.shape.width))
    }

    /// The largest values of a list, and their places.
    fileprivate mutating func topK(_ values: String, _ count: String, at path: String) -> (
        values: String, places: String
    ) {
        let name = graph.unique(path + "/TopK")
        let outputs = ["values", "places"].map { graph.unique("\(name)/\($0)") }
        graph.nodes.append(NodeProto(name: name, operation: "TopK", inputs: [values, count], outputs: outputs))
        return (outputs[0], outputs[1])
    }

    /// Adds numbers as a constant.
    fileprivate mutating func constant(_ numbers: [Float], shape: [Int], _ name: String) -> String {
        let name = graph.unique(name)
        graph.initializers.append(Initializer(name: name, shape: shape, content: .floats(numbers)))
        return name
    }

    /// Adds a whole number without dimensions.
    fileprivate mutating func scalar(_ number: Int, _ name: String) -> String {
        let name = graph.unique(name)
        graph.initializers.append(Initializer(name: name, shape: [], content: .integers([Int64(number)])))
        return name
    }
}
