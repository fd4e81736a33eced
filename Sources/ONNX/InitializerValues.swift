/// Computes the values of initializers from the network's tensors, and collects what is wrong with those.
struct InitializerValues {
    /// Everything found wrong so far, each tensor once.
    private(set) var faults: [ONNXError.TensorFault] = []

    /// As they stand in the file; nil where a tensor that they need is at fault.
    mutating func bytes(
        of initializer: Initializer, from tensors: (String) throws -> ONNXTensor?
    ) throws -> [UInt8]? {
        var values: [String: [Float]] = [:]
        let sources = initializer.sources
        for (key, shape) in sources { values[key] = try check(tensors(key), key, shape) }
        guard values.count == Set(sources.map(\.key)).count else { return nil }
        switch initializer.content {
        case .integers(let integers): return integers.flatMap { Self.littleEndian($0) }
        case .float(let number): return Self.bytes([number])
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

    /// What batch norms one after the other make of x by their running statistics: scale * x + shift, each channel
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

    private static func littleEndian(_ value: Int64) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
    }
}
