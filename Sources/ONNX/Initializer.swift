/// A constant of the graph: its name and shape, and how its values follow from the network's tensors.
struct Initializer: Sendable {
    enum Content: Sendable {
        /// The tensor of the same name.
        case stored
        /// The weight of the convolution at `path`, with the batch norms folded in that follow it.
        case weight(path: String, norms: [String])
        /// The bias of the convolution at `path`, as above; without a tensor of its own it starts from 0.
        case bias(path: String, stored: Bool, norms: [String])
        /// The factor of the batch norm at `path`, and the term that it then adds.
        case scale(path: String)
        case shift(path: String)
        /// A constant that is the same for every network of this shape.
        case float(Float)
        case floats([Float])
        case integers([Int64])
        /// The zero point of a quantized value.
        case unsigned(UInt8)
        /// The zero points of a quantized weight, or the equal weights of a mean: one number everywhere.
        case signed(Int8)
        /// A tensor of a layer that computes in integers, or its steps.
        case quantized(QuantizedLayer, QuantizedLayer.Part)
    }

    let name: String
    let shape: [Int]
    var content: Content

    var type: ElementType {
        switch content {
        case .integers: .int64
        case .unsigned: .uint8
        case .signed, .quantized(_, .weight): .int8
        case .quantized(_, .bias): .int32
        default: .float32
        }
    }

    /// The size of the values in bytes.
    var byteCount: Int { shape.reduce(type.byteCount, *) }

    /// The tensors that the values follow from, by key, with the shapes that they must have.
    var sources: [(key: String, shape: [Int])] {
        // The channels that come out lead in weights and stand alone in everything else.
        let channels = shape.first ?? 1
        func statistics(_ norms: [String]) -> [(key: String, shape: [Int])] {
            norms.flatMap { path in NormKey.allCases.map { ($0.key(path), [channels]) } }
        }
        switch content {
        case .stored: return [(name, shape)]
        case .weight(let path, let norms): return [(join(path, "weight"), shape)] + statistics(norms)
        case .bias(let path, let stored, let norms):
            return (stored ? [(join(path, "bias"), shape)] : []) + statistics(norms)
        case .scale(let path), .shift(let path): return statistics([path])
        case .float, .floats, .integers, .unsigned, .signed: return []
        case .quantized(let layer, _):
            // The weight's shape is that of the layer's own tensor, which only the weight itself has.
            return [(join(layer.path, "weight"), layer.shape)]
                + (layer.hasStoredBias ? [(join(layer.path, "bias"), [channels])] : []) + statistics(layer.norms)
        }
    }
}

/// The tensors of a batch norm, in the order in which ONNX's operator takes them.
enum NormKey: String, CaseIterable {
    case weight, bias
    case mean = "running_mean"
    case variance = "running_var"

    /// Added to the variance before its square root is taken, in every network of this project.
    static let epsilon = 1e-5

    func key(_ path: String) -> String { join(path, rawValue) }
}

/// A key within a path; an empty one adds nothing.
func join(_ path: String, _ key: String) -> String {
    path.isEmpty ? key : key.isEmpty ? path : path + "." + key
}

/// Computes the values of initializers from the network's tensors, and collects what is wrong with those.
struct InitializerValues {
    /// Everything found wrong so far, each tensor once.
    private(set) var faults: [ONNXError.TensorFault] = []
    /// The layer in integers that was asked for last.
    private var last: (layer: QuantizedLayer, values: QuantizedLayer.Values)?

    /// Computes the bytes of the values as they stand in the file; nil where a tensor that they need is at fault.
    mutating func bytes(
        of initializer: Initializer, from tensors: (String) throws -> ONNXTensor?
    ) throws -> [UInt8]? {
        var values: [String: [Float]] = [:]
        let sources = initializer.sources
        for (key, shape) in sources { values[key] = try check(tensors(key), key, shape) }
        guard values.count == Set(sources.map(\.key)).count else { return nil }
        switch initializer.content {
        case .integers(let integers): return integers.flatMap { Self.littleEndian($0) }
        case .unsigned(let zero): return [zero]
        case .signed(let number): return [UInt8](repeating: UInt8(bitPattern: number), count: initializer.byteCount)
        case .quantized(let layer, let part):
            let made = integers(of: layer, values)
            switch part {
            case .weight: return made.weight.map { UInt8(bitPattern: $0) }
            case .bias: return made.bias.flatMap { Self.littleEndian($0) }
            case .weightSteps: return Self.bytes(made.weightSteps)
            case .biasSteps: return Self.bytes(made.biasSteps)
            }
        case .float(let number): return Self.bytes([number])
        case .floats(let numbers): return Self.bytes(numbers)
        case .stored: return Self.bytes(values[initializer.name] ?? [])
        case .weight(let path, let norms):
            let weight = values[join(path, "weight")] ?? []
            guard !norms.isEmpty else { return Self.bytes(weight) }
            let scale = Self.affine(norms, channels: initializer.shape[0], values).scale
            let each = weight.count / scale.count
            return Self.bytes(weight.indices.map { Float(Double(weight[$0]) * scale[$0 / each]) })
        case .bias(let path, let stored, let norms):
            let (scale, shift) = Self.affine(norms, channels: initializer.shape[0], values)
            let bias = stored ? values[join(path, "bias")] ?? [] : [Float](repeating: 0, count: scale.count)
            return Self.bytes(bias.indices.map { Float(Double(bias[$0]) * scale[$0] + shift[$0]) })
        case .scale(let path):
            return Self.bytes(Self.affine([path], channels: initializer.shape[0], values).scale.map { Float($0) })
        case .shift(let path):
            return Self.bytes(Self.affine([path], channels: initializer.shape[0], values).shift.map { Float($0) })
        }
    }

    /// The integers of a layer's weight and bias, the batch norms folded in. The four constants of a layer come one after
    /// the other, so that the last layer's are kept.
    private mutating func integers(of layer: QuantizedLayer, _ values: [String: [Float]]) -> QuantizedLayer.Values {
        if let last, last.layer == layer { return last.values }
        let (weight, channels) = (values[join(layer.path, "weight")] ?? [], layer.shape[0])
        let (scale, shift) = Self.affine(layer.norms, channels: channels, values)
        let bias = values[join(layer.path, "bias")] ?? [Float](repeating: 0, count: channels)
        let each = weight.count / channels
        let made = layer.quantized(
            weight: weight.indices.map { Double(weight[$0]) * scale[$0 / each] },
            bias: bias.indices.map { Double(bias[$0]) * scale[$0] + shift[$0] })
        last = (layer, made)
        return made
    }

    private mutating func check(_ tensor: ONNXTensor?, _ key: String, _ shape: [Int]) -> [Float]? {
        let fault: ONNXError.TensorFault
        if let tensor {
            if tensor.shape == shape, tensor.values.count == shape.reduce(1, *) { return tensor.values }
            fault =
                tensor.shape == shape
                ? .count(key: key, shape: shape, found: tensor.values.count)
                : .shape(key: key, expected: shape, found: tensor.shape)
        } else {
            fault = .missing(key: key, shape: shape)
        }
        if !faults.contains(fault) { faults.append(fault) }
        return nil
    }

    /// Composes batch norms one after the other, by their running statistics, into scale * x + shift of each channel
    /// (Ioffe and Szegedy, "Batch Normalization", 2015, algorithm 2).
    private static func affine(
        _ norms: [String], channels: Int, _ values: [String: [Float]]
    ) -> (scale: [Double], shift: [Double]) {
        var scale = [Double](repeating: 1, count: channels)
        var shift = [Double](repeating: 0, count: channels)
        for path in norms {
            func value(_ key: NormKey, _ channel: Int) -> Double { Double(values[key.key(path)]?[channel] ?? 0) }
            for channel in 0..<channels {
                let factor =
                    value(.weight, channel) / (value(.variance, channel) + NormKey.epsilon).squareRoot()
                scale[channel] *= factor
                shift[channel] = (shift[channel] - value(.mean, channel)) * factor + value(.bias, channel)
            }
        }
        return (scale, shift)
    }

    private static func bytes(_ values: [Float]) -> [UInt8] {
        values.map(\.bitPattern.littleEndian).withUnsafeBytes { [UInt8]($0) }
    }

    private static func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
    }
}
