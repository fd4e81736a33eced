import Architectures

extension GraphBuilder {
    /// Pooling with PyTorch's sizes and divisors.
    ///
    /// Runtimes differ over windows that are partly outside (`ceil_mode`): whether the last must begin inside, and what a
    /// mean divides by. Where the size of the images is known, the windows are made whole by padding that says the same
    /// to all of them.
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
            let name = average(source, pool, padding, counting: false, path, ceil)
            return Value(name: name, shape: shape)
        }
        // How far the last windows reach beyond the image and its padding.
        let below = pool.overhang(over: x.shape.height, windows: shape.height)
        let right = pool.overhang(over: x.shape.width, windows: shape.width)
        if below + right > 0, pool.countsPadding, pool.padding > 0 {
            // The padding counts, what lies beyond it does not: zeros first, then windows over them.
            let sides = constant([0, 0] + padding[..<2] + [0, 0] + padding[2...], path + "/pads")
            let padded = apply("Pad", to: [source, sides], at: path)
            let name = average(padded, pool, [0, 0, below, right], counting: false, path)
            return Value(name: name, shape: shape)
        }
        let name = average(
            source, pool, [pool.padding, pool.padding, pool.padding + below, pool.padding + right],
            counting: pool.countsPadding && pool.padding > 0, path)
        return Value(name: name, shape: shape)
    }

    private mutating func average(
        _ source: String, _ pool: Layer.Pool, _ padding: [Int], counting: Bool, _ path: String,
        _ attributes: [AttributeProto] = []
    ) -> String {
        let counts = [AttributeProto(name: "count_include_pad", value: .int(counting ? 1 : 0))]
        return apply(
            "AveragePool", to: [source], at: path, attributes + counts + window(pool.kernel, pool.stride, padding))
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

    /// How far the last of the windows along a side reaches beyond the padding.
    fileprivate func overhang(over size: Int, windows: Int) -> Int {
        max((windows - 1) * stride + kernel - (size + 2 * padding), 0)
    }
}
