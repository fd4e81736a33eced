import Architectures

extension GraphBuilder {
    mutating func convolution(_ layer: Layer.Convolution, _ x: Value, _ path: String) throws -> Value {
        let source = tensor(x, path)
        let (kernel, stride, padding) = (layer.kernel, layer.stride, layer.padding)
        var inputs = [
            source,
            try stored(join(path, "weight"), [layer.outputs, x.shape.channels / layer.groups, kernel, kernel]),
        ]
        if layer.bias { inputs.append(try stored(join(path, "bias"), [layer.outputs])) }
        let name = apply(
            "Conv", to: inputs, named: path.isEmpty ? "Conv" : path,
            [AttributeProto(name: "group", value: .int(layer.groups))]
                + window(kernel, stride, [padding, padding, padding, padding]))
        func side(_ size: Int) -> Int { (size + 2 * padding - kernel) / stride + 1 }
        return Value(name: name, shape: FeatureShape(layer.outputs, side(x.shape.height), side(x.shape.width)))
    }

    /// By the running statistics.
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
    mutating func splitAttention(_ radix: Int, _ cardinality: Int, _ x: Value, _ path: String) throws -> Value {
        let width = x.shape.channels
        let reduced = Layer.attentionWidth(width, radix: radix, cardinality: cardinality)
        let conv = try convolution(.init(width * radix, kernel: 3, groups: cardinality * radix), x, join(path, "conv"))
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

    /// [N, R * C, 1, 1], group after group, to weights, split after split: they sum to one over the splits; a single
    /// split has a gate instead.
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

    /// The attributes of an operator over square windows; `padding` is top, left, bottom, right.
    func window(_ kernel: Int, _ stride: Int, _ padding: [Int]) -> [AttributeProto] {
        [
            AttributeProto(name: "kernel_shape", value: .ints([kernel, kernel])),
            AttributeProto(name: "pads", value: .ints(padding)),
            AttributeProto(name: "strides", value: .ints([stride, stride])),
        ]
    }
}
