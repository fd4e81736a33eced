import Torch

/// An intermediate result of a forward pass, as an observer sees it in the order of the computation.
public enum PassEvent {
    /// The result of a ReLU, [N, C, H, W] or [N, features], including those within split attention. Where the ReLU is
    /// fused into a kernel, it is that kernel's result.
    case rectified(Tensor)
    /// The input of a global pooling, [N, C, H, W].
    case pooling(Tensor)
}

/// A closure that sees the intermediate results of one forward pass. It is passed to the pass and not stored; the
/// tensors are the network's own and must not be changed.
public typealias PassObserver = (PassEvent) throws -> Void
