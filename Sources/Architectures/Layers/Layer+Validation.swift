extension Layer {
    /// Checks the layer's own numbers and the channels that come in: all that can be said before the size of the images
    /// is known. What lies inside is not looked at.
    ///
    /// - Parameters:
    ///   - inputs: channels or features that come in.
    ///   - path: key of the layer's tensors, for the error.
    /// - Throws: `SpaceError.layer`.
    public func validate(inputs: Int, path: String) throws {
        func refuse(_ reason: String) -> SpaceError { .layer(path: path, reason) }
        try LayerTracer.requirePositive([("the number of channels that come in", inputs)], path)
        switch self {
        case .convolution(let convolution): try convolution.validate(inputs: inputs, path: path)
        case .pool(let pool): try pool.validate(path: path)
        case .linear(let outputs): try LayerTracer.requirePositive([("outputs", outputs)], path)
        case .pad(let before, let after):
            for (name, value) in [("before", before), ("after", after)] where !(0...64).contains(value) {
                throw refuse("\(name) (=\(value)) must be from 0 to 64")
            }
        case .resize(let height, let width):
            try LayerTracer.requirePositive([("height", height), ("width", width)], path)
        case .zero(let stride): try LayerTracer.requirePositive([("stride", stride)], path)
        case .splitAttention(let radix, let cardinality, let dilation):
            try LayerTracer.requirePositive(
                [("radix", radix), ("cardinality", cardinality), ("dilation", dilation)], path)
            guard inputs % cardinality == 0 else {
                throw refuse(
                    "split attention needs channels (\(inputs)) divisible by its cardinality (=\(cardinality))")
            }
            for (key, convolution, channels) in Self.attentionConvolutions(
                inputs, radix, cardinality, dilation)
            {
                try convolution.validate(inputs: channels, path: LayerTracer.join(path, key))
            }
        case .residual(.choice, let shortcut?, _) where !shortcut.layer.choicePoints.isEmpty:
            throw refuse("a shortcut that candidates share cannot hold a choice")
        case .choice(let choice):
            if choice.candidates.isEmpty { throw refuse("it has no candidates") }
        case .cell(let edges): try Self.validate(edges, path)
        case .join(let parts):
            if parts.isEmpty { throw refuse("it joins nothing") }
        case .dropout(let probability, _):
            guard probability >= 0, probability < 1 else {
                throw refuse("its probability (=\(probability)) must be at least 0 and less than 1")
            }
        case .tap(let name):
            if name.isEmpty { throw refuse("what is handed out needs a name") }
        case .batchNorm(let scale):
            // Beyond that, no number of a network stays finite, and the file could not hold it.
            guard abs(scale) <= 1e6 else { throw refuse("its scale (=\(scale)) must be from -1e6 to 1e6") }
        case .relu, .relu6, .hardSwish, .hardSigmoid, .globalPool, .squeeze, .gate, .global, .identity, .sequence,
            .residual:
            return
        }
    }

    /// Every node but the first must have a way in, so that there are no more nodes than edges.
    private static func validate(_ edges: [Edge], _ path: String) throws {
        let reached = Set(edges.map(\.to)).union([0])
        if edges.isEmpty { throw SpaceError.layer(path: path, "a cell needs edges") }
        for edge in edges where edge.from < 0 || edge.from >= edge.to || !reached.contains(edge.from) {
            throw SpaceError.layer(
                path: path,
                "the edge \(edge.from) to \(edge.to) must lead on from node 0 or from a node that an edge leads to")
        }
        guard reached == Set(0..<reached.count) else {
            throw SpaceError.layer(path: path, "its nodes (\(reached.sorted())) must be numbered without gaps")
        }
    }
}

extension Layer.Convolution {
    /// The side of the square that the window reaches over, gaps included.
    var window: Int { dilation * (kernel - 1) + 1 }

    /// The number of weights, without the bias; fits once the convolution is validated.
    func weights(inputs: Int) -> Int { outputs * (inputs / groups) * kernel * kernel }

    fileprivate func validate(inputs: Int, path: String) throws {
        try LayerTracer.requirePositive(
            [
                ("outputs", outputs), ("kernel", kernel), ("stride", stride), ("dilation", dilation),
                ("groups", groups),
            ], path)
        guard (0...window).contains(padding) else {
            throw SpaceError.layer(path: path, "padding (=\(padding)) must be from 0 to the kernel's \(window)")
        }
        guard inputs % groups == 0, outputs % groups == 0 else {
            throw SpaceError.layer(
                path: path, "its channels (\(inputs) in, \(outputs) out) must be divisible by groups (=\(groups))")
        }
        _ = try LayerTracer.product([outputs, inputs / groups, kernel, kernel], path)
    }
}

extension Layer.Pool {
    fileprivate func validate(path: String) throws {
        try LayerTracer.requirePositive([("kernel", kernel), ("stride", stride)], path)
        guard (0...kernel / 2).contains(padding) else {
            throw SpaceError.layer(path: path, "padding (=\(padding)) must be at most half the kernel's \(kernel)")
        }
        if kind == .max, ceil {
            throw SpaceError.layer(path: path, "a maximum over windows that are partly outside is not supported")
        }
    }
}

extension LayerTracer {
    static func requirePositive(_ numbers: [(String, Int)], _ path: String) throws {
        // The upper bound keeps the number of values in an image of features within 64 bits.
        for (name, value) in numbers where !(1...65_536).contains(value) {
            throw SpaceError.layer(path: path, "\(name) (=\(value)) must be from 1 to 65,536")
        }
    }

    /// The product of positive numbers, as far as `Double` holds it exactly.
    static func product(_ factors: [Int], _ path: String) throws -> Int {
        try factors.reduce(1) { product, factor in
            let (next, overflow) = product.multipliedReportingOverflow(by: factor)
            guard !overflow, next <= 1 << 53 else {
                let text = factors.map(String.init).joined(separator: " x ")
                throw SpaceError.layer(path: path, "it is too large: \(text) is beyond 2^53")
            }
            return next
        }
    }
}
