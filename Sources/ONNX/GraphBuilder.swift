import Architectures
import Support

/// Makes the operators of a network from its layers.
struct GraphBuilder {
    /// A value on its way through the network.
    struct Value {
        var name: String
        /// The shape for images of the size that the export is for.
        var shape: FeatureShape
        /// Set where it stands for zeros: of the shape of what `name` means, each side divided by it and rounded up.
        /// They become operators only where something other than a sum takes them.
        var zeroStride: Int?
    }

    var graph: Graph
    /// The values that layers hand out (`Layer.tap`), by name.
    private var taps: [String: Value] = [:]
    /// Whether only the number of channels is known.
    let anySize: Bool

    /// The graph of a network whose shapes have been checked.
    ///
    /// - Throws: `ONNXError.repeatedKey`, `ONNXError.needsFixedSize`.
    static func graph(
        _ network: NetworkDescription, imageSize: ImageSize, _ head: ONNXExport.Head, _ options: ONNXExport.Options
    ) throws -> Graph {
        let batch: Dimension = options.dynamicBatch ? .free("N") : .fixed(1)
        let sides: [Dimension] =
            options.dynamicImageSize ? [.free("H"), .free("W")] : [.fixed(imageSize.height), .fixed(imageSize.width)]
        let input = ValueInfoProto(name: "images", shape: [batch, .fixed(network.channels)] + sides)
        var inputs = [input]
        let outputs: [ValueInfoProto]
        switch head {
        case .classifier:
            outputs = [
                ValueInfoProto(
                    name: options.softmax ? "probabilities" : "logits", shape: [batch, .fixed(network.classes)])
            ]
        case .norm: outputs = [ValueInfoProto(name: "embedding", shape: [batch])]
        case .map where options.argmax:
            outputs = [ValueInfoProto(name: "classes", shape: [batch] + sides, element: .int64)]
        case .map: outputs = [ValueInfoProto(name: options.softmax ? "probabilities" : "logits", shape: [batch])]
        case .detector(let detector):
            inputs.append(DetectorGraph.size)
            outputs = DetectorGraph.outputs(detector)
        }
        var builder = GraphBuilder(
            graph: Graph(inputs: inputs, outputs: outputs), anySize: options.dynamicImageSize)
        let output = outputs[0]
        let images = Value(name: input.name, shape: FeatureShape(network.channels, imageSize.height, imageSize.width))
        let features = try builder.build(network.backbone, images, "")
        switch head {
        case .classifier: try builder.classifier(network.classes, features, softmax: options.softmax)
        case .norm(let key):
            builder.graph.output.shape.append(.fixed(features.shape.channels))
            try builder.vectorNorm(features, key, output: output.name)
        case .detector(let detector):
            let maps = DetectorDescription.maps.compactMap { builder.taps[$0] }
            try DetectorGraph.add(detector, on: maps, imageSize: imageSize, to: &builder)
        case .map where options.argmax: builder.classesOfPixels(features, images, output: output.name)
        case .map:
            let shape = features.shape
            builder.graph.output.shape.append(.fixed(shape.channels))
            if !shape.isVector {
                builder.graph.output.shape +=
                    options.dynamicImageSize ? [.free("h"), .free("w")] : [.fixed(shape.height), .fixed(shape.width)]
            }
            let source = builder.tensor(features, "")
            if options.softmax {
                let axis = [AttributeProto(name: "axis", value: .int(1))]
                builder.apply("Softmax", to: [source], named: "Softmax", axis, output: output.name)
            } else {
                builder.apply("Identity", to: [source], named: "Identity", output: output.name)
            }
        }
        var graph = builder.graph
        graph.prune()
        if options.foldBatchNorm || options.quantization != nil { graph.foldBatchNorms() }
        if let quantization = options.quantization { graph.quantize(quantization) }
        return graph
    }

    private mutating func classifier(_ classes: Int, _ features: Value, softmax: Bool) throws {
        let output = graph.output.name
        let logits = softmax ? graph.unique("logits") : output
        _ = try linear(classes, features, "fc", output: logits)
        guard softmax else { return }
        apply("Softmax", to: [logits], named: "Softmax", [AttributeProto(name: "axis", value: .int(1))], output: output)
    }

    private mutating func build(_ layer: Layer, _ x: Value, _ path: String) throws -> Value {
        switch layer {
        case .convolution(let shape): return try convolution(shape, x, path)
        case .batchNorm: return try batchNorm(x, path)
        case .relu: return unary("Relu", x, path)
        case .relu6:
            let bounds = [(0, "low"), (6, "high")].map { constant(Float($0), join(path, "clip/\($1)")) }
            return Value(name: apply("Clip", to: [tensor(x, path)] + bounds, at: path), shape: x.shape)
        case .hardSwish: return unary("HardSwish", x, path)
        case .hardSigmoid:
            let slope = [("alpha", 1.0 / 6), ("beta", 0.5)].map { AttributeProto(name: $0, value: .float(Float($1))) }
            return unary("HardSigmoid", x, path, slope)
        case .pad(let before, let after):
            let amounts = constant([0, 0, before, before, 0, 0, after, after], join(path, "pads"))
            let (shape, sides) = (x.shape, before + after)
            return Value(
                name: apply("Pad", to: [tensor(x, path), amounts], at: path),
                shape: FeatureShape(shape.channels, shape.height + sides, shape.width + sides))
        case .pool(let pool): return try self.pool(pool, x, path)
        case .globalPool:
            let pooled = unary("GlobalAveragePool", x, path)
            let flat = unary("Flatten", pooled, path, [AttributeProto(name: "axis", value: .int(1))])
            return Value(name: flat.name, shape: FeatureShape(vector: x.shape.channels))
        case .squeeze:
            let pooled = unary("GlobalAveragePool", x, path)
            return Value(name: pooled.name, shape: FeatureShape(x.shape.channels, 1, 1))
        case .gate(let body):
            let factors = try build(body, x, path)
            return Value(name: apply("Mul", to: [tensor(x, path), tensor(factors, path)], at: path), shape: x.shape)
        case .resize(let height, let width): return resize(height, width, x, path)
        case .linear(let outputs): return try linear(outputs, x, path)
        case .splitAttention(let radix, let cardinality, let dilation):
            return try splitAttention(radix, cardinality, dilation, x, path)
        case .global(let body): return try global(body, x, path)
        case .join(let parts):
            let made = try parts.map { try build($0.layer, x, join(path, $0.key)) }
            let names = made.map { tensor($0, path) }
            var shape = made[0].shape  // Checked with the shapes: there is a part.
            shape.channels = made.reduce(0) { $0 + $1.shape.channels }
            return Value(
                name: apply("Concat", to: names, at: path, [AttributeProto(name: "axis", value: .int(1))]), shape: shape
            )
        case .tap(let name):
            let value = Value(name: tensor(x, path), shape: x.shape)
            taps[name] = value
            return value
        case .dropout, .identity: return x
        case .zero(let stride):
            let shape = x.shape
            let smaller = FeatureShape(
                shape.channels, (shape.height - 1) / stride + 1, (shape.width - 1) / stride + 1)
            return Value(name: x.name, shape: smaller, zeroStride: (x.zeroStride ?? 1) * stride)
        case .sequence(let parts):
            return try parts.reduce(x) { try build($1.layer, $0, join(path, $1.key)) }
        case .residual(let body, let shortcut, let relu):
            let y = try build(body, x, path)
            let added = try shortcut.map { try build($0.layer, x, join(path, $0.key)) } ?? x
            let sum = self.sum(y, added, path)
            return relu ? unary("Relu", sum, path) : sum
        case .choice: throw ONNXError.choices([path])
        case .cell(let edges): return try cell(edges, x, path)
        }
    }

    /// What a layer makes of the mean over the image, spread over it.
    private mutating func global(_ body: Layer, _ x: Value, _ path: String) throws -> Value {
        let source = Value(name: tensor(x, path), shape: x.shape)
        let pooled = unary("GlobalAveragePool", source, path)
        let made = try build(
            body, Value(name: pooled.name, shape: FeatureShape(x.shape.channels, 1, 1)), path)
        let shape = FeatureShape(made.shape.channels, x.shape.height, x.shape.width)
        let sides: String
        if anySize {
            let own = apply(
                "Shape", to: [source.name], at: path, [AttributeProto(name: "start", value: .int(2))])
            let ones = constant([1, 1], join(path, "ones"))
            sides = apply("Concat", to: [ones, own], at: path, [AttributeProto(name: "axis", value: .int(0))])
        } else {
            sides = constant([1, 1, x.shape.height, x.shape.width], join(path, "sides"))
        }
        return Value(name: apply("Expand", to: [tensor(made, path), sides], at: path), shape: shape)
    }

    /// Zeros are not added; so a cell costs nothing for its edges without an operation.
    mutating func sum(_ a: Value, _ b: Value, _ path: String) -> Value {
        if b.zeroStride != nil { return a }
        if a.zeroStride != nil { return b }
        return Value(name: apply("Add", to: [a.name, b.name], at: path), shape: a.shape)
    }

    private mutating func cell(_ edges: [Layer.Edge], _ x: Value, _ path: String) throws -> Value {
        var nodes = [0: x]
        // By target, so that a node is whole before it is used.
        for edge in edges.sorted(by: { ($0.to, $0.from) < ($1.to, $1.from) }) {
            guard let source = nodes[edge.from] else { continue }  // Checked with the shapes: every source was reached.
            let y = try build(edge.part.layer, source, join(path, edge.part.key))
            nodes[edge.to] = nodes[edge.to].map { sum($0, y, path) } ?? y
        }
        return nodes[nodes.count - 1] ?? x
    }
}

extension GraphBuilder {
    /// An operator with one input and no tensors, which keeps the shape.
    mutating func unary(
        _ operation: String, _ x: Value, _ path: String, _ attributes: [AttributeProto] = []
    ) -> Value {
        Value(name: apply(operation, to: [tensor(x, path)], at: path, attributes), shape: x.shape)
    }

    /// Adds an operator of a layer without a key of its own, and names it after where it stands and what it does.
    @discardableResult
    mutating func apply(
        _ operation: String, to inputs: [String], at path: String, _ attributes: [AttributeProto] = []
    ) -> String {
        apply(operation, to: inputs, named: path.isEmpty ? operation : path + "/" + operation, attributes)
    }

    /// Adds an operator with one output.
    ///
    /// - Returns: the name of what it gives: `output`, or else one after the operator's.
    @discardableResult
    mutating func apply(
        _ operation: String, to inputs: [String], named name: String, _ attributes: [AttributeProto] = [],
        output: String? = nil
    ) -> String {
        let name = graph.unique(name)
        let output = output ?? graph.unique(name + "/out")
        graph.nodes.append(
            NodeProto(name: name, operation: operation, inputs: inputs, outputs: [output], attributes: attributes))
        return output
    }

    /// Adds the parts of a value along the channels, or another axis, of equal size.
    mutating func split(_ value: String, into count: Int, at path: String, axis: Int = 1) -> [String] {
        let name = graph.unique(path.isEmpty ? "Split" : path + "/Split")
        let outputs = (0..<count).map { graph.unique("\(name)/out\($0)") }
        graph.nodes.append(
            NodeProto(
                name: name, operation: "Split", inputs: [value], outputs: outputs,
                attributes: [AttributeProto(name: "axis", value: .int(axis))]))
        return outputs
    }

    /// Adds a tensor of the network under its key.
    mutating func stored(_ key: String, _ shape: [Int]) throws -> String {
        let name = try graph.claim(key)
        graph.initializers.append(Initializer(name: name, shape: shape, content: .stored))
        return name
    }

    /// Batch norm of [N, F] by the running statistics, as a product and a sum: not every runtime takes its operator
    /// without positions.
    mutating func vectorNorm(_ x: Value, _ path: String, output: String) throws {
        let shape = [x.shape.channels]
        let (scale, shift) = (graph.unique(path + "/scale"), graph.unique(path + "/shift"))
        graph.initializers += [
            Initializer(name: scale, shape: shape, content: .scale(path: path)),
            Initializer(name: shift, shape: shape, content: .shift(path: path)),
        ]
        let product = apply("Mul", to: [tensor(x, path), scale], at: path)
        apply("Add", to: [product, shift], named: path + "/Add", output: output)
    }

    /// Adds a number as a constant.
    mutating func constant(_ number: Float, _ name: String) -> String {
        let name = graph.unique(name)
        graph.initializers.append(Initializer(name: name, shape: [], content: .float(number)))
        return name
    }

    /// Adds a list of integers.
    mutating func constant(_ integers: [Int], _ name: String) -> String {
        let name = graph.unique(name)
        graph.initializers.append(
            Initializer(name: name, shape: [integers.count], content: .integers(integers.map { Int64($0) })))
        return name
    }

    /// The name of a value; zeros that were only noted so far become operators.
    mutating func tensor(_ x: Value, _ path: String) -> String {
        guard let stride = x.zeroStride else { return x.name }
        let base = path.isEmpty ? "zeros" : path + "/zeros"
        var source = x.name
        if stride > 1 {
            let bounds = [
                ("starts", [0, 0]), ("ends", [Int.max, Int.max]), ("axes", [2, 3]), ("steps", [stride, stride]),
            ]
            let inputs = bounds.map { constant($1, base + "/" + $0) }
            source = apply("Slice", to: [source] + inputs, named: base + "/Slice")
        }
        let zero = constant(Float(0), base + "/zero")
        return apply("Mul", to: [source, zero], named: base + "/Mul")
    }
}
