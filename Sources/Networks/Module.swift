import Architectures
import NN
import Torch

/// A `Layer` with its tensors. It stores neither mode nor architecture; both are passed to each call.
indirect enum Module {
    case convolution(Conv2d)
    /// Batch norm, fused with a ReLU where one follows.
    case norm(BatchNorm2d, relu: Bool)
    case relu
    case relu6
    case hardSwish
    case hardSigmoid
    case pad(before: Int, after: Int)
    case pool(Layer.Pool)
    case globalPool
    case squeeze
    case gate(Module)
    case resize(height: Int, width: Int)
    /// Of the mean over the image, spread over it in a memory format; with batch norm it cannot learn from a single image.
    case global(Module, MemoryFormat, hasNorm: Bool)
    /// Joined over the channels, in a memory format.
    case join([Module], MemoryFormat)
    case dropout(probability: Double, ofChannels: Bool)
    case tap(String)
    case linear(Linear)
    case splitAttention(SplitAttention)
    case identity
    case zero(stride: Int)
    case sequence([Module])
    case residual(body: Module, shortcut: Module, relu: Bool)
    /// The position of the choice point, and the candidates.
    case choice(Int, [Module])
    /// The position of the choice point, and the candidates, which share the tensors of the largest.
    case sharedChoice(Int, [SharedCandidate])
    /// For each node from 1 on, the incoming edges: the node that each begins at and its layer.
    case cell([[(from: Int, module: Module)]])

    /// The settings of one forward pass.
    struct Pass {
        let mode: Mode
        /// The path that is taken; nil in a network without choices.
        let architecture: Architecture?
        /// A closure that sees intermediate results; nil for none.
        var observer: PassObserver?
        /// A closure that takes what taps hand out; nil for none.
        var receiver: MapReceiver?

        /// The candidate that the architecture takes.
        ///
        /// - Throws: `TorchError` without an architecture that has the choice.
        func choice(at point: Int, of candidates: Int) throws -> Int {
            guard let architecture, architecture.choices.indices.contains(point),
                (0..<candidates).contains(architecture[point])
            else {
                throw TorchError(
                    .invalidArgument, operation: "supernet",
                    message: "choice point \(point) needs one of \(candidates) candidates; the architecture is "
                        + (architecture.map { "`\($0)`" } ?? "missing"))
            }
            return architecture[point]
        }

        /// Shows the result of a ReLU, or of a hard swish, to the observer and returns it.
        func rectified(_ y: Tensor) throws -> Tensor {
            try observer?(.rectified(y))
            return y
        }
    }

    /// The operations that follow a layer, passed to it so that one kernel can do all: the addition of a residual and a
    /// ReLU.
    struct Tail {
        var residual: Tensor?
        var relu = false

        static let none = Tail()

        func finish(_ y: Tensor, _ pass: Pass) throws -> Tensor {
            let sum = try residual.map { try y + $0 } ?? y
            return relu ? try pass.rectified(sum.relu()) : sum
        }
    }

    /// Computes the layer's result, adds `tail.residual` and applies a ReLU where `tail` asks for them.
    func callAsFunction(_ x: Tensor, _ pass: Pass, _ tail: Tail = .none) throws -> Tensor {
        switch self {
        case .convolution(let conv): return try tail.finish(conv(x), pass)
        case .norm(let norm, let relu):
            // Its own ReLU comes before whatever is added.
            guard !relu || tail.residual == nil else {
                return try tail.finish(pass.rectified(norm(x, pass.mode.batchNorm, relu: true)), pass)
            }
            let y = try norm(x, pass.mode.batchNorm, residual: tail.residual, relu: relu || tail.relu)
            return relu || tail.relu ? try pass.rectified(y) : y
        case .relu: return try tail.finish(pass.rectified(x.relu()), pass)
        case .relu6: return try tail.finish(pass.rectified(x.clamped(min: 0, max: 6)), pass)
        case .hardSwish: return try tail.finish(pass.rectified(x.hardSwish()), pass)
        case .hardSigmoid: return try tail.finish(x.hardSigmoid(), pass)
        case .pad(let before, let after):
            return try tail.finish(x.padded([before, after, before, after]), pass)
        case .pool(let pool): return try tail.finish(pool(x), pass)
        case .globalPool:
            try pass.observer?(.pooling(x))
            return try tail.finish(x.splitPooled(radix: 1).flattened(from: 1), pass)
        case .squeeze: return try tail.finish(x.splitPooled(radix: 1), pass)
        case .gate(let body): return try tail.finish(x * body(x, pass), pass)
        case .resize(let height, let width): return try tail.finish(x.resized(height, width), pass)
        case .global(let body, let format, let hasNorm):
            guard !hasNorm || x.size(0) > 1 || !pass.mode.batchNorm.movesStatistics else {
                throw TorchError(
                    .invalidArgument, operation: "global", shapes: [x.shape],
                    message:
                        "batch norm of the mean over the image learns nothing from a single image; the pass needs more")
            }
            let y = try body(x.splitPooled(radix: 1), pass)
            let spread = try y.expanded([y.size(0), y.size(1), x.size(2), x.size(3)]).contiguous(format)
            return try tail.finish(spread, pass)
        case .join(let modules, let format):
            let joined = try Tensor.concatenated(modules.map { try $0(x, pass) }, dimension: 1)
            return try tail.finish(joined.rank == 4 ? joined.contiguous(format) : joined, pass)
        case .dropout(let probability, let ofChannels):
            return try tail.finish(x.dropped(probability, ofChannels: ofChannels, pass.mode), pass)
        case .tap(let name):
            try pass.receiver?(name, x)
            return try tail.finish(x, pass)
        case .linear(let linear): return try tail.finish(linear(x), pass)
        case .splitAttention(let attention):
            let observer = pass.observer.map { show in { (y: Tensor) in try show(.rectified(y)) } }
            return try tail.finish(attention(x, pass.mode, observing: observer), pass)
        case .identity: return try tail.finish(x, pass)
        case .zero(let stride):
            if let residual = tail.residual { return try Tail(relu: tail.relu).finish(residual, pass) }
            return try Self.zeros(like: x, stride: stride)
        case .sequence(let modules):
            guard let last = modules.last else { return try tail.finish(x, pass) }
            return try last(modules.dropLast().reduce(x) { try $1($0, pass) }, pass, tail)
        case .residual(let body, let shortcut, let relu):
            let y = try body(x, pass, Tail(residual: shortcut(x, pass), relu: relu))
            return try tail.finish(y, pass)
        case .choice(let point, let candidates):
            return try candidates[pass.choice(at: point, of: candidates.count)](x, pass, tail)
        case .sharedChoice(let point, let candidates):
            return try candidates[pass.choice(at: point, of: candidates.count)](x, pass, tail)
        case .cell(let nodes):
            var values = [x]
            for incoming in nodes {
                var sum: Tensor?
                for edge in incoming {
                    // The sum so far goes along, so that the layer may add to it in the same kernel.
                    sum = try edge.module(values[edge.from], pass, Tail(residual: sum))
                }
                values.append(try sum ?? Self.zeros(like: x, stride: 1))
            }
            return try tail.finish(values[values.count - 1], pass)
        }
    }

    /// Zeros of the output shape, which let the gradients of other terms through.
    private static func zeros(like x: Tensor, stride: Int) throws -> Tensor {
        try withoutGradients {
            let small = stride == 1 ? x : try x.maxPooled(1, stride: stride)
            return try .zeros(like: small)
        }
    }
}

extension Layer.Pool {
    /// Pools [N, C, H, W] to [N, C, H', W'].
    func callAsFunction(_ x: Tensor) throws -> Tensor {
        if kernel == 1 && stride == 1 { return x }
        switch kind {
        case .max:
            guard !ceil else {
                throw TorchError(
                    .invalidArgument, operation: "pool", shapes: [x.shape],
                    message: "max pooling over windows that are partly outside is not supported")
            }
            return try x.maxPooled(kernel, stride: stride, padding: padding)
        case .average:
            return try x.averagePooled(
                kernel, stride: stride, padding: padding, ceil: ceil, countPadding: countsPadding)
        }
    }
}
