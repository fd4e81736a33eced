import ONNX
import Torch

/// Runs the graph of an export with libtorch, operator by operator, as ONNX defines them (opset 17).
///
/// What it gives is what a runtime gives up to rounding, for graphs in floating point and for quantized ones, so that ranges of
/// values can be seen and the loss of a quantization measured without a runtime. It knows the operators of networks for whole
/// images and maps; those of a detector's head it refuses.
public struct GraphRunner {
    private let nodes: [NodeProto]
    private let constants: [String: Tensor]
    private let input: String
    private let outputs: [String]
    /// The values that are no longer needed once a node, by its place, is done.
    private let finished: [[String]]

    /// Creates a runner.
    ///
    /// - Parameters:
    ///   - export: the graph.
    ///   - tensors: gives the tensor of a key of the network, as for `ONNXExport.model`.
    /// - Throws: `ONNXError.tensors`; `QuantizationError.unknownOperator`; what `tensors` throws.
    public init(_ export: ONNXExport, tensors: (String) throws -> ONNXTensor?) throws {
        nodes = export.operators
        for node in nodes where !Self.known.contains(node.operation) {
            throw QuantizationError.unknownOperator(node.operation)
        }
        input = export.inputs[0]
        outputs = export.outputs
        var constants: [String: Tensor] = [:]
        try export.constants(tensors: tensors) { name, shape, type, bytes in
            let made = try Tensor.empty(shape, dtype: type.dtype)
            try made.withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
            // Integers of eight bits are counted in floating point, which holds them exactly.
            constants[name] = type == .int64 || type == .float32 ? made : try made.to(.float32)
        }
        self.constants = constants
        var last: [String: Int] = [:]
        for (place, node) in nodes.enumerated() {
            for name in node.inputs + node.outputs { last[name] = place }
        }
        for name in export.outputs { last[name] = nil }
        var finished = [[String]](repeating: [], count: nodes.count)
        for (name, place) in last where constants[name] == nil { finished[place].append(name) }
        self.finished = finished
    }

    /// Runs the graph on images, float32 [N, C, H, W].
    ///
    /// - Parameters:
    ///   - images: prepared as in training.
    ///   - observe: is called with the name of each value and the value, as soon as it is there, the images first.
    /// - Returns: what comes out.
    /// - Throws: `TorchError` for images that do not fit; what `observe` throws.
    public func callAsFunction(
        _ images: Tensor, observe: (_ name: String, _ value: Tensor) throws -> Void = { _, _ in }
    ) throws -> [Tensor] {
        try withoutGradients {
            var values = [input: images]
            try observe(input, images)
            for (place, node) in nodes.enumerated() {
                let inputs = node.inputs.map { name in constants[name] ?? values[name] }
                let made = try Operation(node: node, inputs: inputs)()
                for (name, value) in zip(node.outputs, made) {
                    values[name] = value
                    try observe(name, value)
                }
                for name in finished[place] { values[name] = nil }
            }
            return outputs.compactMap { values[$0] ?? constants[$0] }
        }
    }

    /// The operators that it knows.
    static let known: Set = [
        "Add", "ArgMax", "AveragePool", "BatchNormalization", "Clip", "Concat", "Conv", "DequantizeLinear", "Expand",
        "Flatten", "Gemm",
        "GlobalAveragePool", "HardSigmoid", "HardSwish", "Identity", "MaxPool", "Mul", "Pad", "QuantizeLinear", "Relu",
        "Reshape", "Resize", "Shape", "Sigmoid", "Slice", "Softmax", "Split", "Transpose",
    ]
}

extension ElementType {
    fileprivate var dtype: DType {
        switch self {
        case .float32: .float32
        case .uint8: .uint8
        case .int8: .int8
        case .int32: .int32
        case .int64: .int64
        }
    }
}

/// One operator with what goes in.
private struct Operation {
    let node: NodeProto
    let inputs: [Tensor?]

    func callAsFunction() throws -> [Tensor] {
        let x = try input(0)
        switch node.operation {
        case "Conv": return [try convolution(x)]
        case "Gemm":
            return [try Self.linear(.tensor(x), .tensor(input(1)), .optional(optional(2)))]
        case "BatchNormalization":
            return [
                try x.batchNormalized(
                    weight: input(1), bias: input(2), runningMean: input(3), runningVariance: input(4), training: false)
            ]
        case "Add": return [try x + input(1)]
        case "Mul": return [try x * input(1)]
        case "Relu": return [try x.relu()]
        case "Clip": return [try x.clamped(min: input(1).item(), max: input(2).item())]
        case "HardSwish": return [try x.hardSwish()]
        case "HardSigmoid": return [try x.hardSigmoid()]
        case "Sigmoid": return [try x.sigmoid()]
        case "Softmax": return [try x.softmax(int("axis") ?? -1)]
        case "Identity": return [x]
        case "Pad": return [try padded(x, by: input(1).array(Int.self))]
        case "MaxPool": return [try maxPooled(x)]
        case "AveragePool": return [try averagePooled(x)]
        case "GlobalAveragePool": return [try x.mean([2, 3], keep: true)]
        case "Flatten": return [try x.flattened(from: int("axis") ?? 1)]
        case "Reshape":
            let sizes = try input(1).array(Int.self)
            return [try x.reshaped(sizes.enumerated().map { $1 == 0 ? x.size($0) : $1 })]
        case "Transpose": return [try x.permuted(ints("perm") ?? [])]
        case "Concat": return [try Tensor.concatenated(inputs.compactMap { $0 }, dimension: int("axis") ?? 0)]
        case "Split":
            let axis = int("axis") ?? 0
            let size = x.size(axis) / node.outputs.count
            return try x.split([Int](repeating: size, count: node.outputs.count), dimension: axis)
        case "Slice":
            let (starts, ends) = (try input(1).array(Int.self), try input(2).array(Int.self))
            let (axes, steps) = (try input(3).array(Int.self), try input(4).array(Int.self))
            return [
                try axes.indices.reduce(x) { value, place in
                    let size = value.size(axes[place])
                    return try value.slice(
                        min(starts[place], size)..<min(ends[place], size), dimension: axes[place], step: steps[place])
                }
            ]
        case "Expand":
            let sizes = try input(1).array(Int.self)
            return [try x.expanded(zip(sizes, x.shape).map { max($0, $1) })]
        case "Shape": return [try Tensor(Array(x.shape[(int("start") ?? 0)..<(int("end") ?? x.rank)]))]
        case "Resize":
            let sizes = try input(3).array(Int.self)
            return [
                try x.resized(
                    sizes[2], sizes[3], alignCorners: text("coordinate_transformation_mode") == "align_corners")
            ]
        case "ArgMax": return [try x.argmax(int("axis") ?? 0, keep: int("keepdims") != 0)]
        case "QuantizeLinear": return [try quantized(x)]
        case "DequantizeLinear": return [try dequantized(x)]
        case let operation: throw QuantizationError.unknownOperator(operation)
        }
    }

    private func convolution(_ x: Tensor) throws -> Tensor {
        let (stride, dilation) = (ints("strides") ?? [1, 1], ints("dilations") ?? [1, 1])
        var (x, pads) = (x, ints("pads") ?? [0, 0, 0, 0])
        if pads[0] != pads[2] || pads[1] != pads[3] {
            x = try x.padded([pads[1], pads[3], pads[0], pads[2]])
            pads = [0, 0, 0, 0]
        }
        return try x.convolved(
            input(1), bias: optional(2), stride: (stride[0], stride[1]), padding: (pads[0], pads[1]),
            dilation: (dilation[0], dilation[1]), groups: int("group") ?? 1)
    }

    private func padded(_ x: Tensor, by amounts: [Int]) throws -> Tensor {
        try x.padded([amounts[3], amounts[7], amounts[2], amounts[6]])
    }

    private func maxPooled(_ x: Tensor) throws -> Tensor {
        let (kernel, stride, pads) = windows()
        let room = try x.padded([pads[1], pads[3], pads[0], pads[2]], value: -.infinity)
        return try room.maxPooled(kernel, stride: stride)
    }

    /// The mean of each window, of what is inside only unless padding counts.
    private func averagePooled(_ x: Tensor) throws -> Tensor {
        let (kernel, stride, pads) = windows()
        let amounts = [pads[1], pads[3], pads[0], pads[2]]
        let mean = try x.padded(amounts).averagePooled(kernel, stride: stride)
        guard int("count_include_pad") != 1, pads != [0, 0, 0, 0] else { return mean }
        let inside = try Tensor.ones([1, 1] + x.shape.suffix(2)).padded(amounts)
        return try mean / inside.averagePooled(kernel, stride: stride)
    }

    private func windows() -> (kernel: Int, stride: Int, pads: [Int]) {
        (ints("kernel_shape")?[0] ?? 1, ints("strides")?[0] ?? 1, ints("pads") ?? [0, 0, 0, 0])
    }

    /// Counts a value in steps, rounded to even, from 0 to 255.
    private func quantized(_ x: Tensor) throws -> Tensor {
        try ((x / input(1)).rounded() + input(2).item()).clamped(min: 0, max: 255)
    }

    private func dequantized(_ x: Tensor) throws -> Tensor {
        var steps = try input(1)
        let counted = try optional(2).map { steps.rank == 0 ? try x - $0.item() : x } ?? x
        if steps.rank == 1 { steps = try steps.reshaped([steps.size(0)] + Array(repeating: 1, count: x.rank - 1)) }
        return try counted * steps
    }

    private static let linear = Operator("aten::linear")

    private func input(_ place: Int) throws -> Tensor {
        guard let tensor = optional(place) else { throw QuantizationError.missingInput(node.name, place) }
        return tensor
    }

    private func optional(_ place: Int) -> Tensor? { place < inputs.count ? inputs[place] : nil }

    private func attribute(_ name: String) -> AttributeProto.Value? {
        node.attributes.first { $0.name == name }?.value
    }

    private func int(_ name: String) -> Int? {
        if case .int(let value) = attribute(name) { value } else { nil }
    }

    private func ints(_ name: String) -> [Int]? {
        if case .ints(let values) = attribute(name) { values } else { nil }
    }

    private func text(_ name: String) -> String? {
        if case .text(let value) = attribute(name) { value } else { nil }
    }
}
