import Architectures
import NN
import Torch

/// A `Layer` with its tensors: what a network computes with. It stores neither mode nor architecture; both are passed.
indirect enum Module {
    case convolution(Conv2d)
    /// Batch norm, and ReLU where one follows: one kernel.
    case norm(BatchNorm2d, relu: Bool)
    case relu
    case pool(Layer.Pool)
    case globalPool
    case linear(Linear)
    case splitAttention(SplitAttention)
    case identity
    case zero(stride: Int)
    case sequence([Module])
    case residual(body: Module, shortcut: Module, relu: Bool)
    /// The position of the choice point, and the candidates.
    case choice(Int, [Module])
    /// For each node from 1 on, the nodes that lead to it and the layers on the way.
    case cell([[(from: Int, module: Module)]])

    /// What one pass goes by.
    struct Pass {
        let mode: Mode
        /// Nil in a network without choices.
        let architecture: Architecture?
    }

    /// What is still to be done to a layer's result, handed to the layer so that a kernel can do it at once.
    struct Tail {
        var residual: Tensor?
        var relu = false

        static let none = Tail()

        func finish(_ y: Tensor) throws -> Tensor {
            let sum = try residual.map { try y + $0 } ?? y
            return relu ? try sum.relu() : sum
        }
    }

    /// tail.relu?(layer(x) + tail.residual?).
    func callAsFunction(_ x: Tensor, _ pass: Pass, _ tail: Tail = .none) throws -> Tensor {
        switch self {
        case .convolution(let conv): return try tail.finish(conv(x))
        case .norm(let norm, let relu):
            // Its own ReLU comes before whatever is added.
            guard !relu || tail.residual == nil else {
                return try tail.finish(norm(x, pass.mode.batchNorm, relu: true))
            }
            return try norm(x, pass.mode.batchNorm, residual: tail.residual, relu: relu || tail.relu)
        case .relu: return try tail.finish(x.relu())
        case .pool(let pool): return try tail.finish(pool(x))
        case .globalPool: return try tail.finish(x.splitPooled(radix: 1).flattened(from: 1))
        case .linear(let linear): return try tail.finish(linear(x))
        case .splitAttention(let attention): return try tail.finish(attention(x, pass.mode))
        case .identity: return try tail.finish(x)
        case .zero(let stride):
            if let residual = tail.residual { return try Tail(relu: tail.relu).finish(residual) }
            return try Self.zeros(like: x, stride: stride)
        case .sequence(let modules):
            guard let last = modules.last else { return try tail.finish(x) }
            return try last(modules.dropLast().reduce(x) { try $1($0, pass) }, pass, tail)
        case .residual(let body, let shortcut, let relu):
            let y = try body(x, pass, Tail(residual: shortcut(x, pass), relu: relu))
            return try tail.finish(y)
        case .choice(let point, let candidates):
            guard let architecture = pass.architecture, architecture.choices.indices.contains(point),
                candidates.indices.contains(architecture[point])
            else {
                throw TorchError(
                    .invalidArgument, operation: "supernet",
                    message: "choice point \(point) needs one of \(candidates.count) candidates; the architecture is "
                        + (pass.architecture.map { "`\($0)`" } ?? "missing"))
            }
            return try candidates[architecture[point]](x, pass, tail)
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
            return try tail.finish(values[values.count - 1])
        }
    }

    /// Zeros that still let gradients of the other terms through.
    private static func zeros(like x: Tensor, stride: Int) throws -> Tensor {
        try withoutGradients {
            let small = stride == 1 ? x : try x.maxPooled(1, stride: stride)
            return try .zeros(like: small)
        }
    }
}

extension Layer.Pool {
    /// [N, C, H, W] to [N, C, H', W'].
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
