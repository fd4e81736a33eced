import Architectures
import Support

/// A network as an ONNX file (opset 17), for any runtime that reads those: no libtorch, no Swift.
///
/// Takes `images`, float32 [N, channels, H, W], prepared as in training, and gives `logits`, float32 [N, classes], or
/// with another head `embedding`, float32 [N, features], or a map of `logits`. Operators are named after the layers and constants after the
/// tensors, by the keys of PyTorch's `state_dict`. The size of the file follows from the description, so it is known
/// before a tensor is read; tensors are asked for one at a time.
public struct ONNXExport: Sendable {
    /// The choices in exporting a network.
    public struct Options: Sendable, Hashable {
        /// Whether batch norms become part of the convolutions before them, or else a product and a sum, computed in
        /// double precision. The results are the same but for rounding, and slow runtimes become faster.
        public var foldBatchNorm: Bool
        /// Whether any number of images may come in at once; without it, one.
        public var dynamicBatch: Bool
        /// Whether images of any size may come in that all layers can take, H and W; without it, the export's own size.
        public var dynamicImageSize: Bool
        /// Whether `probabilities`, which sum to one, come out in place of `logits`.
        public var softmax: Bool
        /// Whether a map of logits is brought to the size of the image, bilinearly with the corners in place, and the
        /// `classes` of pixels, int64 [N, H, W], come out.
        public var argmax: Bool

        /// How the graph computes in integers; nil for floating point. Folds batch norms in any case.
        public var quantization: ONNXQuantization?

        /// Options; unless told otherwise, any number of images of one size to logits.
        public init(
            foldBatchNorm: Bool = false, dynamicBatch: Bool = true, dynamicImageSize: Bool = false,
            softmax: Bool = false, argmax: Bool = false, quantization: ONNXQuantization? = nil
        ) {
            self.foldBatchNorm = foldBatchNorm
            self.dynamicBatch = dynamicBatch
            self.dynamicImageSize = dynamicImageSize
            self.softmax = softmax
            self.argmax = argmax
            self.quantization = quantization
        }
    }

    /// The head on the features.
    public enum Head: Sendable, Hashable {
        /// The classifier `fc`, a matrix product with a bias, which gives `logits`.
        case classifier
        /// The batch norm under this key, by its running statistics: `embedding`.
        case norm(String)
        /// None: what the layers of a network without classes give, as `logits`, float32 [N, channels, H', W'], or
        /// [N, channels] where they pool.
        case map
        /// That of a detector on the maps that the layers hand out, for one image at a time, padded to the export's size. A
        /// second input, `size`, float32 [2], is the height and width of the image without padding. Out come `boxes`, float32
        /// [D, 4], as x0, y0, x1 and y1 in pixels, `labels`, int64 [D], `scores`, float32 [D], the surest first, and where there
        /// are masks `masks`, float32 [D, 28, 28], the probability of each part of a box.
        case detector(DetectorDescription)
    }

    /// The size of the file in bytes.
    public let byteCount: Int
    private let pieces: [ModelProto.Piece]
    private let graph: Graph

    /// Lays out the file of a network.
    ///
    /// - Parameters:
    ///   - network: without choices; its `classes` are those of the head that is a classifier.
    ///   - imageSize: the size of the images, in pixels.
    ///   - metadata: keys and values that travel in the file, as the names of the classes; in their order.
    ///   - head: the head on the features; without a classifier there are no probabilities.
    ///   - options: the choices in exporting.
    /// - Throws: `ONNXError` if choices are left, two tensors have one key, or the file would be beyond protobuf's 2
    ///   GiB; `SpaceError.layer` if the layers do not fit each other or the images.
    public init(
        _ network: NetworkDescription, imageSize: ImageSize, metadata: [(key: String, value: String)] = [],
        head: Head = .classifier, options: Options = Options()
    ) throws {
        let choices = network.backbone.choicePaths("")
        guard choices.isEmpty else { throw ONNXError.choices(choices) }
        _ = try network.trace(imageSize: imageSize)
        if head == .classifier, network.classes == 0 {
            throw SpaceError.layer(path: "fc", "a classifier needs outputs; the network has none")
        }
        if head == .map, network.classes != 0 {
            throw SpaceError.layer(path: "fc", "a network whose output is a map has no classifier")
        }
        if options.argmax, head != .map || options.softmax {
            throw SpaceError.layer(path: "network", "only a map of logits has classes of pixels")
        }
        var options = options
        if case .detector(let detector) = head {
            guard !options.dynamicImageSize, !options.softmax else {
                throw SpaceError.layer(
                    path: "network", "a detector takes images of one size, and gives probabilities by itself")
            }
            let shapes = try network.backbone.mapShapes(channels: network.channels, imageSize: imageSize)
            for (name, stride) in zip(DetectorDescription.maps, DetectorDescription.strides) {
                guard let shape = shapes[name], shape.height * stride == imageSize.height,
                    shape.width * stride == imageSize.width, detector.problems.isEmpty
                else {
                    throw SpaceError.layer(
                        path: "backbone",
                        "a detector needs a map \(name) of \(stride) pixels a position at \(imageSize)")
                }
            }
            options.dynamicBatch = false
        }
        graph = try GraphBuilder.graph(network, imageSize: imageSize, head, options)
        pieces = try ModelProto(graph: graph, metadata: metadata).pieces()
        byteCount = pieces.reduce(0) { $0 + $1.count }
    }

    /// The tensors that the export will ask for, by key, each once, in the order in which the file needs them. Those of
    /// layers that the result does not depend on are not among them.
    public var tensors: [(key: String, shape: [Int])] {
        var seen: Set<String> = []
        return pieces.flatMap(\.sources).filter { seen.insert($0.key).inserted }
    }

    /// The operators of the file, each after those whose outputs it takes.
    public var operators: [NodeProto] { graph.nodes }

    /// The names of what goes in, the images first.
    public var inputs: [String] { graph.inputs.map(\.name) }

    /// The names of what comes out.
    public var outputs: [String] { graph.outputs.map(\.name) }

    /// Computes the constants of the graph one by one, for programs that run it.
    ///
    /// - Parameters:
    ///   - tensors: gives the tensor of a key, as for `model`.
    ///   - body: takes a constant: its name, its shape, the type of its elements, and their bytes in little-endian order.
    /// - Throws: `ONNXError.tensors`; what `tensors` and `body` throw.
    public func constants(
        tensors: (String) throws -> ONNXTensor?,
        _ body: (_ name: String, _ shape: [Int], _ type: ElementType, _ bytes: [UInt8]) throws -> Void
    ) throws {
        var values = InitializerValues()
        for initializer in graph.initializers {
            if let bytes = try values.bytes(of: initializer, from: tensors), values.faults.isEmpty {
                try body(initializer.name, initializer.shape, initializer.type, bytes)
            }
        }
        guard values.faults.isEmpty else { throw ONNXError.tensors(values.faults) }
    }

    /// Makes the contents of the file.
    ///
    /// - Parameter tensors: gives the tensor of a key, nil if there is none; a key may be asked for more than once.
    /// - Throws: `ONNXError.tensors` with everything that is missing or has another shape; what `tensors` throws.
    public func model(tensors: (String) throws -> ONNXTensor?) throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount)
        try stream(tensors) { bytes += $0 }
        return bytes
    }

    /// Writes the file, replacing what is there only once all of it is on the disk. Holds one tensor at a time.
    ///
    /// - Parameters:
    ///   - path: the path of the file.
    ///   - tensors: gives the tensor of a key, as for `model`.
    /// - Throws: `FileError`, and what `model` throws.
    public func write(to path: String, tensors: (String) throws -> ONNXTensor?) throws {
        try AtomicFile.write(to: path) { file in try stream(tensors) { try file.write($0) } }
    }

    /// Hands out the file's bytes in their order. From the first tensor at fault on nothing is handed out any more; the
    /// others are only checked, so that the error tells of all.
    private func stream(_ tensors: (String) throws -> ONNXTensor?, _ sink: ([UInt8]) throws -> Void) throws {
        var values = InitializerValues()
        for piece in pieces {
            let bytes: [UInt8]?
            switch piece {
            case .bytes(let given): bytes = given
            case .values(let initializer): bytes = try values.bytes(of: initializer, from: tensors)
            }
            if let bytes, values.faults.isEmpty { try sink(bytes) }
        }
        guard values.faults.isEmpty else { throw ONNXError.tensors(values.faults) }
    }
}

extension Layer {
    /// The paths of all choices.
    fileprivate func choicePaths(_ path: String) -> [String] {
        func inside(_ part: Part) -> [String] { part.layer.choicePaths(ONNX.join(path, part.key)) }
        switch self {
        case .choice: return [path]
        case .sequence(let parts), .join(let parts): return parts.flatMap(inside)
        case .residual(let body, let shortcut, _): return body.choicePaths(path) + (shortcut.map(inside) ?? [])
        case .gate(let body), .global(let body): return body.choicePaths(path)
        case .cell(let edges): return edges.flatMap { inside($0.part) }
        case .convolution, .batchNorm, .relu, .relu6, .hardSwish, .hardSigmoid, .pad, .pool, .globalPool, .squeeze,
            .resize, .dropout, .tap, .linear, .splitAttention, .identity, .zero:
            return []
        }
    }
}

/// A tensor of a network, for an export.
public struct ONNXTensor: Sendable, Equatable {
    /// The size of each dimension.
    public var shape: [Int]
    /// The values in row-major order, the last dimension fastest.
    public var values: [Float]

    /// A tensor; the export checks that the values fill the shape.
    public init(shape: [Int], values: [Float]) {
        self.shape = shape
        self.values = values
    }
}
