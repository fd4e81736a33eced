import Architectures

extension GraphBuilder {
    mutating func convolution(_ layer: Layer.Convolution, _ x: Value, _ path: String) throws -> Value {
        let source = tensor(x, path)
        let (kernel, stride, padding, dilation) = (layer.kernel, layer.stride, layer.padding, layer.dilation)
        var inputs = [
            source,
            try stored(join(path, "weight"), [layer.outputs, x.shape.channels / layer.groups, kernel, kernel]),
        ]
        if layer.bias { inputs.append(try stored(join(path, "bias"), [layer.outputs])) }
        let name = apply(
            "Conv", to: inputs, named: path.isEmpty ? "Conv" : path,
            [AttributeProto(name: "group", value: .int(layer.groups))]
                + window(kernel, stride, [padding, padding, padding, padding])
                + (dilation == 1 ? [] : [AttributeProto(name: "dilations", value: .ints([dilation, dilation]))]))
        func side(_ size: Int) -> Int { (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1 }
        return Value(name: name, shape: FeatureShape(layer.outputs, side(x.shape.height), side(x.shape.width)))
    }

    /// Adds a batch norm by the running statistics.
    mutating func batchNorm(_ x: Value, _ path: String) throws -> Value {
        let source = tensor(x, path)
        let tensors = try NormKey.allCases.map { try stored($0.key(path), [x.shape.channels]) }
        let name = apply(
            "BatchNormalization", to: [source] + tensors, named: path.isEmpty ? "BatchNormalization" : path,
            [AttributeProto(name: "epsilon", value: .float(Float(NormKey.epsilon)))])
        return Value(name: name, shape: x.shape)
    }

    mutating func linear(_ outputs: Int, _ x: Value, _ path: String, output: String? = nil) throws -> Value {
        let source = tensor(x, path)
        let weight = try stored(join(path, "weight"), [outputs, x.shape.channels])
        let bias = try stored(join(path, "bias"), [outputs])
        let name = apply(
            "Gemm", to: [source, weight, bias], named: path.isEmpty ? "Gemm" : path,
            [AttributeProto(name: "transB", value: .int(1))], output: output)
        return Value(name: name, shape: FeatureShape(vector: outputs))
    }

    /// Split attention (Zhang et al., "ResNeSt", 2020, figure 2): the splits of a 3x3 convolution, summed with weights
    /// that each image chooses.
    mutating func splitAttention(
        _ radix: Int, _ cardinality: Int, _ dilation: Int, _ x: Value, _ path: String
    ) throws -> Value {
        let width = x.shape.channels
        let reduced = Layer.attentionWidth(width, radix: radix, cardinality: cardinality)
        let conv = try convolution(
            .init(width * radix, kernel: 3, dilation: dilation, groups: cardinality * radix), x, join(path, "conv"))
        let splits = unary("Relu", try batchNorm(conv, join(path, "bn0")), path)

        // The mean of the splits' sum is the sum of their means, which are small.
        let means = unary("GlobalAveragePool", splits, path)
        let pooled = Value(name: total(means.name, radix, path), shape: FeatureShape(width, 1, 1))
        let fc1 = try convolution(.init(reduced, kernel: 1, groups: cardinality, bias: true), pooled, join(path, "fc1"))
        let hidden = unary("Relu", try batchNorm(fc1, join(path, "bn1")), path)
        let fc2 = try convolution(
            .init(width * radix, kernel: 1, groups: cardinality, bias: true), hidden, join(path, "fc2"))

        let weights = attention(fc2.name, width, radix, cardinality, path)
        let weighted = apply("Mul", to: [splits.name, weights], at: path)
        return Value(
            name: total(weighted, radix, path), shape: FeatureShape(width, splits.shape.height, splits.shape.width))
    }

    /// Adds the attention: logits [N, R * C, 1, 1], group after group, to weights, split after split. They sum to one
    /// over the splits; a single split has a gate instead.
    private mutating func attention(
        _ logits: String, _ width: Int, _ radix: Int, _ cardinality: Int, _ path: String
    ) -> String {
        guard radix > 1 else { return apply("Sigmoid", to: [logits], at: path) }
        // A 0 keeps the size of the batch.
        let groups = constant([0, cardinality, radix, width / cardinality], path + "/groups")
        let flat = constant([0, width * radix, 1, 1], path + "/splits")
        let byGroup = apply("Reshape", to: [logits, groups], at: path)
        let bySplit = apply(
            "Transpose", to: [byGroup], at: path, [AttributeProto(name: "perm", value: .ints([0, 2, 1, 3]))])
        let weights = apply("Softmax", to: [bySplit], at: path, [AttributeProto(name: "axis", value: .int(1))])
        return apply("Reshape", to: [weights, flat], at: path)
    }

    /// The sum over splits: [N, R * C, H, W] to [N, C, H, W].
    private mutating func total(_ splits: String, _ radix: Int, _ path: String) -> String {
        guard radix > 1 else { return splits }
        let parts = split(splits, into: radix, at: path)
        return parts.dropFirst().reduce(parts[0]) { apply("Add", to: [$0, $1], at: path) }
    }

    /// Adds bilinear interpolation to other sides.
    mutating func resize(_ height: Int, _ width: Int, _ x: Value, _ path: String) -> Value {
        let source = tensor(x, path)
        // Sizes, not factors, which would be rounded; of all dimensions, and the batch's is known at run time only.
        let batch = apply(
            "Shape", to: [source], at: path,
            [AttributeProto(name: "start", value: .int(0)), AttributeProto(name: "end", value: .int(2))])
        let sides = constant([height, width], join(path, "sides"))
        let sizes = apply("Concat", to: [batch, sides], at: path, [AttributeProto(name: "axis", value: .int(0))])
        // An empty name leaves an input out: the region and the factors.
        let name = apply(
            "Resize", to: [source, "", "", sizes], at: path,
            [
                AttributeProto(name: "coordinate_transformation_mode", value: .text("half_pixel")),
                AttributeProto(name: "mode", value: .text("linear")),
            ])
        return Value(name: name, shape: FeatureShape(x.shape.channels, height, width))
    }

    /// The largest of the logits of each pixel, a map of logits having been brought to the size of the images.
    mutating func classesOfPixels(_ map: Value, _ images: Value, output: String) {
        let path = "pixels"
        let source = tensor(map, "")
        func part(_ value: String, _ start: Int, _ end: Int, _ name: String) -> String {
            apply(
                "Shape", to: [value], at: join(path, name),
                [
                    AttributeProto(name: "start", value: .int(start)), AttributeProto(name: "end", value: .int(end)),
                ])
        }
        let sizes = apply(
            "Concat", to: [part(source, 0, 2, "channels"), part(images.name, 2, 4, "sides")], at: path,
            [AttributeProto(name: "axis", value: .int(0))])
        let resized = apply(
            "Resize", to: [source, "", "", sizes], at: path,
            [
                AttributeProto(name: "coordinate_transformation_mode", value: .text("align_corners")),
                AttributeProto(name: "mode", value: .text("linear")),
            ])
        apply(
            "ArgMax", to: [resized], named: "ArgMax",
            [AttributeProto(name: "axis", value: .int(1)), AttributeProto(name: "keepdims", value: .int(0))],
            output: output)
    }

    /// The attributes of an operator over square windows; `padding` is top, left, bottom, right.
    func window(_ kernel: Int, _ stride: Int, _ padding: [Int]) -> [AttributeProto] {
        [
            AttributeProto(name: "kernel_shape", value: .ints([kernel, kernel])),
            AttributeProto(name: "pads", value: .ints(padding)),
            AttributeProto(name: "strides", value: .ints([stride, stride])),
        ]
    }
}

extension GraphBuilder {
    /// Pooling with PyTorch's sizes and divisors.
    ///
    /// Runtimes differ over windows that are partly outside (`ceil_mode`): whether the last must begin inside, and what
    /// a mean divides by. Where the size of the images is known, the windows are made whole by padding that says the
    /// same to all of them.
    mutating func pool(_ pool: Layer.Pool, _ x: Value, _ path: String) throws -> Value {
        if pool.kernel == 1 && pool.stride == 1 { return x }
        let source = tensor(x, path)
        let shape = FeatureShape(
            x.shape.channels, pool.windows(over: x.shape.height), pool.windows(over: x.shape.width))
        let padding = [pool.padding, pool.padding, pool.padding, pool.padding]
        if pool.kind == .max {
            let name = apply("MaxPool", to: [source], at: path, window(pool.kernel, pool.stride, padding))
            return Value(name: name, shape: shape)
        }
        if anySize, pool.ceil {
            // The last window begins inside, and what is outside counts in neither mean.
            guard pool.padding == 0, pool.stride <= pool.kernel else { throw ONNXError.needsFixedSize(path: path) }
            let ceil = [AttributeProto(name: "ceil_mode", value: .int(1))]
            let name = average(source, pool, padding, counting: false, channels: x.shape.channels, path, ceil)
            return Value(name: name, shape: shape)
        }
        // How far the last windows reach beyond the image and its padding.
        let below = pool.overhang(over: x.shape.height, windows: shape.height)
        let right = pool.overhang(over: x.shape.width, windows: shape.width)
        if below + right > 0, pool.countsPadding, pool.padding > 0 {
            // The padding counts, what lies beyond it does not: zeros first, then windows over them.
            let sides = constant([0, 0] + padding[..<2] + [0, 0] + padding[2...], path + "/pads")
            let padded = apply("Pad", to: [source, sides], at: path)
            let name = average(
                padded, pool, [0, 0, below, right], counting: false, channels: x.shape.channels, path)
            return Value(name: name, shape: shape)
        }
        let name = average(
            source, pool, [pool.padding, pool.padding, pool.padding + below, pool.padding + right],
            counting: pool.countsPadding && pool.padding > 0, channels: x.shape.channels, path)
        return Value(name: name, shape: shape)
    }

    private mutating func average(
        _ source: String, _ pool: Layer.Pool, _ padding: [Int], counting: Bool, channels: Int, _ path: String,
        _ attributes: [AttributeProto] = []
    ) -> String {
        let counts = [AttributeProto(name: "count_include_pad", value: .int(counting ? 1 : 0))]
        let made = apply(
            "AveragePool", to: [source], at: path, attributes + counts + window(pool.kernel, pool.stride, padding))
        graph.nodes.last.map { graph.pooledChannels[$0.name] = channels }
        return made
    }
}

extension Layer.Pool {
    /// The number of windows along a side.
    fileprivate func windows(over size: Int) -> Int {
        let room = size + 2 * padding - kernel
        guard ceil else { return room / stride + 1 }
        // PyTorch's rule: the last window must begin inside the image or its left padding.
        return min((room + stride - 1) / stride + 1, (size + padding + stride - 1) / stride)
    }

    /// The number of pixels by which the last window along a side reaches beyond the padding.
    fileprivate func overhang(over size: Int, windows: Int) -> Int {
        max((windows - 1) * stride + kernel - (size + 2 * padding), 0)
    }
}
