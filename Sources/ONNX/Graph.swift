/// A network as ONNX's operators, before its tensors are read.
struct Graph: Sendable {
    /// Each after those whose outputs it takes.
    var nodes: [NodeProto]
    /// The constants of the graph.
    var initializers: [Initializer]
    /// What goes in, the images first.
    var inputs: [ValueInfoProto]
    /// What comes out, at least one.
    var outputs: [ValueInfoProto]
    /// The number of channels that each mean over windows has, by the name of its operator.
    var pooledChannels: [String: Int] = [:]
    private var names: Set<String>

    /// What comes out first.
    var output: ValueInfoProto {
        get { outputs[0] }
        set { outputs[0] = newValue }
    }

    /// Creates a graph without operators.
    init(inputs: [ValueInfoProto], outputs: [ValueInfoProto]) {
        (nodes, initializers) = ([], [])
        (self.inputs, self.outputs) = (inputs, outputs)
        names = Set((inputs + outputs).map(\.name))
    }

    /// Makes a name for a node, a value or a constant: `name`, or with a number after it where it is taken.
    mutating func unique(_ name: String) -> String {
        var candidate = name
        var number = 1
        while !names.insert(candidate).inserted {
            candidate = "\(name)_\(number)"
            number += 1
        }
        return candidate
    }

    /// The key of a tensor as the name of an initializer.
    ///
    /// - Throws: `ONNXError.repeatedKey`.
    mutating func claim(_ key: String) throws -> String {
        guard names.insert(key).inserted else { throw ONNXError.repeatedKey(key) }
        return key
    }
}

extension NodeProto {
    /// The path of a layer with a weight, which is its operator's second input.
    var layer: String { inputs[1] == "weight" ? "" : String(inputs[1].dropLast(".weight".count)) }
}

extension Graph {
    /// Takes out what no output depends on, such as edges into a node of a cell from which none leads on.
    mutating func prune() {
        var needed = Set(outputs.map(\.name))
        var kept: [NodeProto] = []
        for node in nodes.reversed() where node.outputs.contains(where: needed.contains) {
            needed.formUnion(node.inputs)
            kept.append(node)
        }
        nodes = kept.reversed()
        initializers.removeAll { !needed.contains($0.name) }
    }

    /// Takes every batch norm out: into the convolution before it where nothing else takes what that gives, or else as
    /// a product and a sum.
    mutating func foldBatchNorms() {
        let uses = Dictionary(nodes.flatMap(\.inputs).map { ($0, 1) }, uniquingKeysWith: +)
        var folded: [NodeProto] = []
        /// Positions in `folded` of convolutions, by what they give.
        var convolutions: [String: Int] = [:]
        /// Paths of the batch norms that each of them has taken in.
        var norms: [Int: [String]] = [:]
        var affine: [Initializer] = []
        for node in nodes {
            if node.operation == "Conv" { convolutions[node.outputs[0]] = folded.count }
            guard node.operation == "BatchNormalization" else {
                folded.append(node)
                continue
            }
            let (source, path) = (node.inputs[0], node.layer)
            if let position = convolutions[source], uses[source] == 1 {
                norms[position, default: []].append(path)
                folded[position].outputs = node.outputs
                convolutions[node.outputs[0]] = position
            } else {
                let shape = initializers.first { $0.name == node.inputs[1] }.map { $0.shape + [1, 1] } ?? []
                let scale = Initializer(name: unique(node.name + "/scale"), shape: shape, content: .scale(path: path))
                let shift = Initializer(name: unique(node.name + "/shift"), shape: shape, content: .shift(path: path))
                affine += [scale, shift]
                let product = unique(node.name + "/product")
                folded += [
                    NodeProto(
                        name: unique(node.name + "/Mul"), operation: "Mul", inputs: [source, scale.name],
                        outputs: [product]),
                    NodeProto(
                        name: unique(node.name + "/Add"), operation: "Add", inputs: [product, shift.name],
                        outputs: node.outputs),
                ]
            }
        }
        initializers += affine
        for (position, norms) in norms.sorted(by: { $0.key < $1.key }) { fold(norms, into: &folded[position]) }
        nodes = folded
        prune()
    }

    private mutating func fold(_ norms: [String], into convolution: inout NodeProto) {
        let path = convolution.layer
        guard let weight = initializers.firstIndex(where: { $0.name == convolution.inputs[1] }) else { return }
        initializers[weight].content = .weight(path: path, norms: norms)
        if convolution.inputs.count > 2 {
            guard let bias = initializers.firstIndex(where: { $0.name == convolution.inputs[2] }) else { return }
            initializers[bias].content = .bias(path: path, stored: true, norms: norms)
        } else {
            let bias = Initializer(
                name: join(path, "bias"), shape: [initializers[weight].shape[0]],
                content: .bias(path: path, stored: false, norms: norms))
            initializers.insert(bias, at: weight + 1)
            convolution.inputs.append(bias.name)
        }
    }
}
