import Support

/// How a graph computes in integers of eight bits: which range each value has, and what stays in floating point.
///
/// A quantized graph says so by pairs of QuantizeLinear and DequantizeLinear around its operators ("QDQ"), which runtimes
/// replace by operators on integers. Values are unsigned with a zero point of their own, weights are signed and symmetric
/// with a step for each channel that comes out, biases have 32 bits (Krishnamoorthi, "Quantizing deep convolutional
/// networks for efficient inference", 2018; onnxruntime's format).
public struct ONNXQuantization: Sendable, Hashable {
    /// The least and the largest number of each value, by its name in the graph. What lies outside is cut off.
    public var ranges: [String: ClosedRange<Float>]
    /// The names of the convolutions and matrix products that stay in floating point.
    public var floatLayers: Set<String>

    /// A quantization.
    public init(ranges: [String: ClosedRange<Float>], floatLayers: Set<String> = []) {
        self.ranges = ranges
        self.floatLayers = floatLayers
    }
}

/// A layer whose tensors are integers: what its constants follow from.
struct QuantizedLayer: Sendable, Hashable {
    /// What of it a constant holds.
    enum Part: Sendable, Hashable {
        /// The weight, int8, and what one of it means in each channel that comes out.
        case weight, weightSteps
        /// The bias, int32, and what one of it means: the product of the steps of input and weight.
        case bias, biasSteps
    }

    var path: String
    /// The shape of the weight, the channels that come out first.
    var shape: [Int]
    /// Whether the layer has a bias of its own; else it comes of folding alone.
    var hasStoredBias: Bool
    /// The paths of the batch norms that are folded in.
    var norms: [String]
    /// What one of the input means.
    var inputStep: Float

    /// The integers of a weight and a bias, and their steps.
    struct Values {
        var weight: [Int8]
        var bias: [Int32]
        var weightSteps: [Float]
        var biasSteps: [Float]
    }

    /// Quantizes a weight [channels, …] and a bias [channels], both with the batch norms in them.
    func quantized(weight: [Double], bias: [Double]) -> Values {
        let channels = bias.count
        let each = weight.count / channels
        var values = Values(
            weight: [Int8](repeating: 0, count: weight.count), bias: [], weightSteps: [], biasSteps: [])
        for channel in 0..<channels {
            let range = channel * each..<(channel + 1) * each
            let largest = weight[range].reduce(0) { max($0, abs($1)) }
            // A channel of small weights with a large bias takes a coarser step, so that the bias fits its integers.
            let least = abs(bias[channel]) / (Double(inputStep) * Double(1 << 30))
            let step = Float(max(largest / 127, least, Double(Float.leastNormalMagnitude)))
            let biasStep = step * inputStep
            for index in range {
                values.weight[index] = Int8(
                    max(-127, min(127, (weight[index] / Double(step)).rounded(.toNearestOrEven))))
            }
            let whole = (bias[channel] / Double(biasStep)).rounded(.toNearestOrEven)
            values.bias.append(whole.isFinite ? Int32(max(-2_147_483_647, min(2_147_483_647, whole))) : 0)
            values.weightSteps.append(step)
            values.biasSteps.append(biasStep)
        }
        return values
    }
}

/// What the integers of a value mean: `step` times their distance from `zero`.
struct ValueSteps: Sendable, Hashable {
    var step: Float
    var zero: Int

    /// The steps that cover a range with 256 integers, one of which is zero itself: padding is exact.
    init(covering range: ClosedRange<Float>) {
        let (low, high) = (min(range.lowerBound, 0), max(range.upperBound, 0))
        let step = (high - low) / 255
        self.step = step >= Float.leastNormalMagnitude ? step : 1
        zero = step >= Float.leastNormalMagnitude ? Int(max(0, min(255, (-low / step).rounded()))) : 0
    }
}

extension Graph {
    /// Puts QuantizeLinear and DequantizeLinear around all operators that runtimes have on integers.
    ///
    /// Batch norms must have been folded. ReLU and ReLU6 behind an operator are left out: integers that begin at zero,
    /// and end where the range does, cut off the same.
    mutating func quantize(_ plan: ONNXQuantization) {
        mergePadding()
        var pass = QuantizationPass(graph: self, plan: plan)
        pass()
        self = pass.graph
        prune()
    }

    /// Lets convolutions pad by themselves what a layer before them pads with zeros.
    private mutating func mergePadding() {
        let uses = uses()
        var merged: Set<String> = []
        for index in nodes.indices where nodes[index].operation == "Pad" {
            let pad = nodes[index]
            guard let amounts = integers(pad.inputs[1]), amounts.count == 8, uses[pad.outputs[0]] == 1,
                let user = nodes.firstIndex(where: { $0.operation == "Conv" && $0.inputs[0] == pad.outputs[0] }),
                let place = nodes[user].attributes.firstIndex(where: { $0.name == "pads" }),
                case .ints(let own) = nodes[user].attributes[place].value
            else { continue }
            let more = [amounts[2], amounts[3], amounts[6], amounts[7]]
            nodes[user].attributes[place].value = .ints(zip(own, more).map { $0 + Int($1) })
            nodes[user].inputs[0] = pad.inputs[0]
            merged.insert(pad.name)
        }
        nodes.removeAll { merged.contains($0.name) }
    }

    /// The number of operators and outputs that take each value.
    func uses() -> [String: Int] {
        Dictionary((nodes.flatMap(\.inputs) + outputs.map(\.name)).map { ($0, 1) }, uniquingKeysWith: +)
    }

    private func integers(_ name: String) -> [Int64]? {
        guard case .integers(let values) = initializers.first(where: { $0.name == name })?.content else { return nil }
        return values
    }
}

/// One pass over a graph, from its inputs to its outputs.
private struct QuantizationPass {
    var graph: Graph
    let plan: ONNXQuantization
    private let constants: [String: Initializer]
    private let outputs: Set<String>
    /// Values that exist as integers: the name of what is made of them again, and what they mean.
    private var quantized: [String: (name: String, steps: ValueSteps)] = [:]
    /// Those that only exist in floating point, beside their integers: what computes in it takes them as they are.
    private var alsoFloat: Set<String> = []
    private var made: [NodeProto] = []

    /// Operators that exist on integers, with inputs of any steps.
    private static let computed: Set = ["Conv", "Gemm", "Add", "Mul", "Concat", "GlobalAveragePool", "AveragePool"]
    /// Operators that hand integers on, as they are.
    private static let handingOn: Set = ["MaxPool", "Flatten", "Reshape", "Transpose", "Split"]

    init(graph: Graph, plan: ONNXQuantization) {
        (self.graph, self.plan) = (graph, plan)
        constants = Dictionary(graph.initializers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        outputs = Set(graph.outputs.map(\.name))
    }

    mutating func callAsFunction() {
        let uses = graph.uses()
        let users = Dictionary(
            graph.nodes.flatMap { node in node.inputs.map { ($0, node) } }, uniquingKeysWith: { first, _ in first })
        var absorbed: Set<String> = []
        for node in graph.nodes where !absorbed.contains(node.name) {
            if Self.computed.contains(node.operation), let inputs = integerInputs(of: node) {
                var node = node
                node.inputs = inputs
                if let channels = graph.pooledChannels[node.name] { weigh(&node, channels) }
                if uses[node.outputs[0]] == 1, let next = users[node.outputs[0]], cutsOff(next) {
                    node.outputs = next.outputs
                    absorbed.insert(next.name)
                }
                made.append(node)
                if let range = plan.ranges[node.outputs[0]] { note(node.outputs[0], ValueSteps(covering: range)) }
            } else if Self.handingOn.contains(node.operation), let input = quantized[node.inputs[0]],
                !alsoFloat.contains(node.inputs[0])
            {
                var node = node
                node.inputs[0] = input.name
                made.append(node)
                for output in node.outputs { note(output, input.steps) }
            } else {
                var node = node
                node.inputs = node.inputs.map { alsoFloat.contains($0) ? $0 : quantized[$0]?.name ?? $0 }
                made.append(node)
            }
        }
        graph.nodes = made
    }

    /// The inputs of an operator as integers made floating point again; nil where it stays as it is.
    private mutating func integerInputs(of node: NodeProto) -> [String]? {
        let hasWeight = ["Conv", "Gemm"].contains(node.operation)
        if hasWeight, plan.floatLayers.contains(node.name) { return nil }
        // An operator that ends in an output of the graph gives floating point; only those with weights do so on integers.
        guard hasWeight || (!outputs.contains(node.outputs[0]) && plan.ranges[node.outputs[0]] != nil) else {
            return nil
        }
        let data = hasWeight ? [node.inputs[0]] : node.inputs
        guard data.allSatisfy({ constants[$0] == nil && (quantized[$0] != nil || plan.ranges[$0] != nil) }) else {
            return nil
        }
        guard !hasWeight else {
            guard let layer = constants[node.inputs[1]].flatMap({ QuantizedLayer(node, weight: $0, constants) }) else {
                return nil
            }
            let input = integers(of: node.inputs[0])
            return [input.name] + tensors(of: layer, node, inputStep: input.steps.step)
        }
        return data.map { integers(of: $0).name }
    }

    /// A value as integers made floating point again; quantizes it where it is not.
    private mutating func integers(of value: String) -> (name: String, steps: ValueSteps) {
        if let known = quantized[value] { return known }
        // Asked for only where it has a range.
        let steps = ValueSteps(covering: plan.ranges[value] ?? 0...0)
        note(value, steps)
        alsoFloat.insert(value)
        return quantized[value] ?? (value, steps)
    }

    /// Whether an operator only cuts off what the integers of its output cut off as well.
    private func cutsOff(_ node: NodeProto) -> Bool {
        guard let range = plan.ranges[node.outputs[0]], range.lowerBound >= 0, !outputs.contains(node.outputs[0]) else {
            return false
        }
        if node.operation == "Relu" { return true }
        guard node.operation == "Clip", case .float(let low) = constants[node.inputs[1]]?.content,
            case .float(let high) = constants[node.inputs[2]]?.content
        else { return false }
        return low == 0 && range.upperBound <= high
    }

    /// Adds the integers of a value, and what is made of them again.
    private mutating func note(_ value: String, _ steps: ValueSteps) {
        guard !outputs.contains(value) else { return }
        let step = constant(.float(steps.step), value + "/step")
        let zero = constant(.unsigned(UInt8(steps.zero)), value + "/zero")
        let (integers, again) = (graph.unique(value + "/integers"), graph.unique(value + "/again"))
        add("QuantizeLinear", [value, step, zero], integers)
        add("DequantizeLinear", [integers, step, zero], again)
        quantized[value] = (again, steps)
    }

    /// Makes a mean over windows the convolution that it is, of each channel with equal weights: runtimes have fast ones on
    /// integers, and slow means. Where padding does not count, a mean it stays.
    private mutating func weigh(_ node: inout NodeProto, _ channels: Int) {
        func ints(_ name: String) -> [Int]? {
            for case let attribute in node.attributes where attribute.name == name {
                if case .ints(let values) = attribute.value { return values }
                if case .int(let value) = attribute.value { return [value] }
            }
            return nil
        }
        guard let window = ints("kernel_shape"), ints("ceil_mode") == nil,
            ints("count_include_pad") == [1] || ints("pads")?.allSatisfy({ $0 == 0 }) == true
        else { return }
        let weight = constant(.signed(127), node.name + "/weight/integers", [channels, 1] + window)
        let step = constant(.float(1 / Float(127 * window.reduce(1, *))), node.name + "/weight/step")
        let zero = constant(.signed(0), node.name + "/weight/zero")
        let again = graph.unique(node.name + "/weight/again")
        add("DequantizeLinear", [weight, step, zero], again)
        node.operation = "Conv"
        node.inputs.append(again)
        node.attributes.removeAll { $0.name == "count_include_pad" }
        node.attributes.append(AttributeProto(name: "group", value: .int(channels)))
    }

    /// Adds the weight and the bias of a layer as integers.
    private mutating func tensors(of layer: QuantizedLayer, _ node: NodeProto, inputStep: Float) -> [String] {
        var layer = layer
        layer.inputStep = inputStep
        let shape = constants[node.inputs[1]]?.shape ?? []
        let zeros = constant(.signed(0), node.name + "/weight/zeros", [shape[0]])
        let weight = constant(.quantized(layer, .weight), node.name + "/weight/integers", shape)
        let steps = constant(.quantized(layer, .weightSteps), node.name + "/weight/steps", [shape[0]])
        var names = [graph.unique(node.name + "/weight/again")]
        add("DequantizeLinear", [weight, steps, zeros], names[0], axis: 0)
        guard node.inputs.count > 2 else { return names }
        let bias = constant(.quantized(layer, .bias), node.name + "/bias/integers", [shape[0]])
        let biasSteps = constant(.quantized(layer, .biasSteps), node.name + "/bias/steps", [shape[0]])
        names.append(graph.unique(node.name + "/bias/again"))
        add("DequantizeLinear", [bias, biasSteps], names[1], axis: 0)
        return names
    }

    private mutating func constant(_ content: Initializer.Content, _ name: String, _ shape: [Int] = []) -> String {
        let name = graph.unique(name)
        graph.initializers.append(Initializer(name: name, shape: shape, content: content))
        return name
    }

    private mutating func add(_ operation: String, _ inputs: [String], _ output: String, axis: Int? = nil) {
        made.append(
            NodeProto(
                name: graph.unique(output + "/" + operation), operation: operation, inputs: inputs, outputs: [output],
                attributes: axis.map { [AttributeProto(name: "axis", value: .int($0))] } ?? []))
    }
}

extension QuantizedLayer {
    /// The layer of an operator; nil where its constants are no tensors of a network.
    fileprivate init?(_ node: NodeProto, weight: Initializer, _ constants: [String: Initializer]) {
        shape = weight.shape
        switch weight.content {
        case .stored: (path, norms) = (node.layer, [])
        case .weight(let path, let norms): (self.path, self.norms) = (path, norms)
        default: return nil
        }
        switch node.inputs.count > 2 ? constants[node.inputs[2]]?.content : nil {
        case .stored: hasStoredBias = true
        case .bias(_, let stored, _): hasStoredBias = stored
        default: hasStoredBias = false
        }
        inputStep = 1
    }
}
